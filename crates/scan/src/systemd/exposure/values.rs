//! The values that single settings accept in systemd 252: word lists and small formats.

use crate::systemd::words::trim;

/// The yes/no settings of the score.
pub(super) const FLAGS: [&str; 19] = [
    "DynamicUser",
    "LockPersonality",
    "MemoryDenyWriteExecute",
    "NoNewPrivileges",
    "PrivateDevices",
    "PrivateMounts",
    "PrivateNetwork",
    "PrivateTmp",
    "PrivateUsers",
    "ProtectClock",
    "ProtectControlGroups",
    "ProtectHostname",
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "RemoveIPC",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "RemainAfterExit",
];

/// The settings that take one word of a list; those marked also take a yes/no word.
pub(super) const CHOICES: [(&str, bool, &[&str]); 8] = [
    ("ProtectHome", true, &["read-only", "tmpfs"]),
    ("ProtectSystem", true, &["full", "strict"]),
    ("KeyringMode", false, &["inherit", "private", "shared"]),
    (
        "ProtectProc",
        false,
        &["noaccess", "invisible", "ptraceable", "default"],
    ),
    ("ProcSubset", false, &["all", "pid"]),
    ("NotifyAccess", false, &["none", "main", "exec", "all"]),
    ("DevicePolicy", false, &["auto", "closed", "strict"]),
    ("Type", false, SERVICE_TYPES),
];

/// The types of a service in systemd 252.
const SERVICE_TYPES: &[&str] = &[
    "simple", "exec", "forking", "oneshot", "dbus", "notify", "idle",
];

/// The namespaces that `RestrictNamespaces=` knows.
pub(super) const NAMESPACES: [&str; 8] =
    ["cgroup", "ipc", "net", "mnt", "pid", "user", "uts", "time"];

/// The architectures that `SystemCallArchitectures=` knows.
pub(super) const ARCHITECTURES: [&str; 20] = [
    "native",
    "x86",
    "x86-64",
    "x32",
    "arm",
    "arm64",
    "mips",
    "mips64",
    "mips64-n32",
    "mips-le",
    "mips64-le",
    "mips64-le-n32",
    "parisc",
    "parisc64",
    "ppc",
    "ppc64",
    "ppc64-le",
    "riscv64",
    "s390",
    "s390x",
];

/// File mode bits that `UMask=` may hold.
const MODE_MAX: u32 = 0o7777;
/// `UMask=` of a unit that sets none.
pub(super) const UMASK_DEFAULT: u32 = 0o022;

/// A file mode.
pub(super) fn octal(value: &str) -> Option<u32> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    u32::from_str_radix(value, 8)
        .ok()
        .filter(|mode| digits && *mode <= MODE_MAX)
}

/// A user or group name in the generous sense, or a number that can be an id.
pub(super) fn is_account(name: &str) -> bool {
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if numeric(name) {
        let plain = name == "0" || !name.starts_with('0');
        return plain
            && name
                .parse::<u32>()
                .is_ok_and(|id| !matches!(id, 0xFFFF | u32::MAX));
    }
    let trimmed = trim(name);
    trimmed.len() == name.len()
        && !matches!(name, "." | "..")
        && !name.contains(|c: char| c.is_control() || matches!(c, ':' | '/'))
        && !name.strip_prefix('-').is_some_and(numeric)
}

/// Base64 with padding; blanks do not count.
pub(super) fn is_base64(text: &str) -> bool {
    let text: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = text.len().saturating_sub(padding);
    text.len().is_multiple_of(4)
        && padding <= 2
        && text
            .iter()
            .take(body)
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// The name of a credential: a plain file name.
pub(super) fn is_credential(name: &str) -> bool {
    let printable = name.bytes().all(|byte| (32..127).contains(&byte));
    printable && !matches!(name, "" | "." | "..") && !name.contains(['/', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts() {
        for good in ["root", "0", "65534", "a b", "_apt", "a.b@c", "-x"] {
            assert!(is_account(good), "{good}");
        }
        for bad in [
            "",
            "65535",
            "4294967295",
            "99999999999",
            "01",
            "-1",
            "a:b",
            "a/b",
            ".",
            " a",
        ] {
            assert!(!is_account(bad), "{bad}");
        }
    }

    #[test]
    fn modes_and_base64() {
        assert_eq!(octal("0077"), Some(0o77));
        assert_eq!(
            octal("0o77")
                .or(octal("10000"))
                .or(octal(""))
                .or(octal("+7")),
            None
        );
        assert!(is_base64("aGVs bG8=") && is_base64("") && !is_base64("aGVsbG8"));
    }
}
