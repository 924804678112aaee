//! Programs that get capabilities from their file.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::survey::entries;
use casemate_schema::Severity;
use std::os::unix::ffi::OsStrExt;

/// Number, name, and whether it is as good as root (source: capabilities(7); for "as good",
/// "False Boundaries and Arbitrary Code Execution", Spengler, 2011).
const NAMES: &[(u32, &str, bool)] = &[
    (0, "cap_chown", true),
    (1, "cap_dac_override", true),
    (2, "cap_dac_read_search", true),
    (3, "cap_fowner", true),
    (4, "cap_fsetid", false),
    (5, "cap_kill", false),
    (6, "cap_setgid", true),
    (7, "cap_setuid", true),
    (8, "cap_setpcap", true),
    (9, "cap_linux_immutable", false),
    (10, "cap_net_bind_service", false),
    (11, "cap_net_broadcast", false),
    (12, "cap_net_admin", false),
    (13, "cap_net_raw", false),
    (14, "cap_ipc_lock", false),
    (15, "cap_ipc_owner", false),
    (16, "cap_sys_module", true),
    (17, "cap_sys_rawio", true),
    (18, "cap_sys_chroot", true),
    (19, "cap_sys_ptrace", true),
    (20, "cap_sys_pacct", false),
    (21, "cap_sys_admin", true),
    (22, "cap_sys_boot", true),
    (23, "cap_sys_nice", false),
    (24, "cap_sys_resource", false),
    (25, "cap_sys_time", false),
    (26, "cap_sys_tty_config", false),
    (27, "cap_mknod", true),
    (28, "cap_lease", false),
    (29, "cap_audit_write", false),
    (30, "cap_audit_control", false),
    (31, "cap_setfcap", true),
    (32, "cap_mac_override", true),
    (33, "cap_mac_admin", false),
    (34, "cap_syslog", false),
    (35, "cap_wake_alarm", false),
    (36, "cap_block_suspend", false),
    (37, "cap_audit_read", false),
    (38, "cap_perfmon", false),
    (39, "cap_bpf", true),
    (40, "cap_checkpoint_restore", true),
];

/// Programs that distributions install with these very capabilities (paths without `/usr`).
const EXPECTED: &[(&str, &[u32])] = &[
    ("/bin/newuidmap", &[7]),
    ("/bin/newgidmap", &[6]),
    ("/bin/snap-confine", &[]),
    ("/sbin/suexec", &[6, 7]),
    ("/bin/dumpcap", &[12, 13]),
    ("/lib/snapd/snap-confine", &[0, 1, 2, 3, 6, 7, 18, 19, 21]),
    ("/libexec/sssd/krb5_child", &[2, 6, 7]),
    ("/libexec/sssd/ldap_child", &[2]),
    ("/libexec/sssd/selinux_child", &[6, 7]),
];

check! {
    /// # What it checks
    /// Executable files with capabilities (`security.capability`, record versions 1 to 3) must not
    /// hold one that is as good as root, such as cap_setuid, cap_dac_override, cap_sys_admin or
    /// cap_sys_ptrace, unless the distribution installs the program with it.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// Such a capability on an interpreter or a tool is a set-user-id bit that `ls` does not show:
    /// `python3 -c 'import os; os.setuid(0); os.system("sh")'`.
    ///
    /// # Example
    /// `/usr/bin/python3.11 cap_setuid=ep`
    ///
    /// # Instead
    /// `setcap -r FILE`, or give only what it needs, for example
    /// `setcap cap_net_bind_service=ep FILE`.
    id: "suid-capabilities",
    surface: Suid,
    title: "Program has capabilities that are as good as root",
    severity: High,
    references: [Cwe "CWE-250", Attack "T1548.001", Man "capabilities(7)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for (path, (seen, record)) in entries(&survey.capabilities) {
        let Some(held) = permitted(record) else {
            let reason = format!(
                "`{}` has a capability record of an unknown form",
                path.display()
            );
            cx.limit(Limit {
                reason,
                privileges: false,
            });
            continue;
        };
        let short = path.as_os_str().as_bytes();
        let short = short.strip_prefix(b"/usr").unwrap_or(short);
        let expected = EXPECTED.iter().find(|(known, _)| known.as_bytes() == short);
        let expected = expected.map_or(&[][..], |(_, numbers)| numbers);
        let names = |strong: bool| -> Vec<&str> {
            let held = NAMES.iter().filter(|(number, _, good)| {
                held >> number & 1 == 1 && (!strong || *good && !expected.contains(number))
            });
            held.map(|(_, name, _)| *name).collect()
        };
        let strong = names(true);
        if strong.is_empty() {
            continue;
        }
        let shown = path.display();
        let open = seen.open && seen.metadata.mode & 0o001 != 0;
        let severity = if open {
            Severity::High
        } else {
            Severity::Medium
        };
        let hit = Hit::new(format!(
            "`{shown}` has {}, as good as root",
            strong.join(", ")
        ))
        .path(path)
        .severity(severity)
        .evidence("capabilities", names(false).join(","))
        .evidence("mode", seen.metadata.mode_text())
        .instead(format!(
            "setcap -r '{shown}', or leave it only what it needs."
        ));
        cx.hit(hit);
    }
    survey.limits(cx, &["/"]);
    survey.capability_limits(cx);
    Ok(())
}

/// The permitted set of a `struct vfs_cap_data` (linux/capability.h): magic, then pairs of
/// permitted and inheritable words, all little-endian; version 3 has the root user's id at the end.
pub(crate) fn permitted(record: &[u8]) -> Option<u64> {
    let word = |position: usize| -> Option<u64> {
        let bytes = record.get(position * 4..)?.first_chunk()?;
        Some(u64::from(u32::from_le_bytes(*bytes)))
    };
    match (word(0)? >> 24, record.len()) {
        (1, 12) => word(1),
        (2, 20) | (3, 24) => Some(word(1)? | word(3)? << 32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::permitted;
    use proptest::prelude::*;

    #[test]
    fn records_of_all_versions_are_read() {
        let two = [
            1, 0, 0, 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0,
        ];
        assert_eq!(permitted(&two), Some(0x80_0000_0080));
        let mut three = two.to_vec();
        three[3] = 3;
        three.extend([0, 0, 0, 0]);
        assert_eq!(permitted(&three), Some(0x80_0000_0080));
        assert_eq!(permitted(&three[..20]), None);
        assert_eq!(permitted(&[]), None);
    }

    proptest! {
        #[test]
        fn no_record_makes_it_fail(record: Vec<u8>) {
            let _held = permitted(&record);
        }
    }
}
