//! Whether a diff would carry a secret into the report: its lines, and those around them, come from
//! the host's files.

/// Words before `=` or `:` whose value is a secret.
const NAMES: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "credentials",
    "psk",
];
/// Files whose lines are secrets.
const FILES: [&str; 4] = ["/etc/shadow", "/etc/gshadow", "/etc/passwd", "/etc/group"];

/// Whether the diff of a file holds a secret.
pub(crate) fn in_diff(path: &str, diff: &str) -> bool {
    let is_rule = path.starts_with("/etc/sudoers");
    FILES.iter().any(|file| path.trim_end_matches('-') == *file)
        || diff.lines().any(|line| {
            // Tags of rules look like names of secrets.
            if is_rule {
                in_line(&line.replace("NOPASSWD:", "").replace("PASSWD:", ""))
            } else {
                in_line(line)
            }
        })
}

fn in_line(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    NAMES.iter().any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let rest = lower.get(at + name.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches(['"', '\'']);
            let value = rest
                .trim_start()
                .strip_prefix(['=', ':'])
                .unwrap_or_default();
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let word: &str = value
                .split([' ', ',', '"', '\'', '\t'])
                .next()
                .unwrap_or_default();
            // A path or a switch is no secret.
            let is_plain = [
                "yes",
                "no",
                "true",
                "false",
                "required",
                "sufficient",
                "none",
            ];
            !word.is_empty() && !word.starts_with(['/', '$', '%', '[']) && !is_plain.contains(&word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secrets_are_seen_and_settings_are_not() {
        for line in [
            "//h/x /m cifs user=a,password=hunter2 0 0",
            " \"token\": \"abc\"",
            "+DB_PASSWORD=x",
        ] {
            assert!(in_diff("/etc/x", line), "{line}");
        }
        for line in [
            "-PasswordAuthentication yes",
            " password required pam_unix.so",
            " //h/x /m cifs credentials=/root/.cifs 0 0",
            "+password=no",
        ] {
            assert!(!in_diff("/etc/x", line), "{line}");
        }
        assert!(in_diff("/etc/shadow", ""));
    }
}
