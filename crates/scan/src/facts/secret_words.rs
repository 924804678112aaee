//! Which names promise a secret, which values can be one, and how a report speaks of it.
//!
//! A secret itself never leaves a check. Names are compared without regard to case; `-` and `_`
//! are alike. A value that only leads to a secret (a path, a variable, a mask) is none.

/// What stands in place of a secret.
pub(crate) const HIDDEN: &str = "[redacted]";

/// Programs that take a password glued to `-p`.
pub(crate) const MYSQL_CLIENTS: [&str; 6] = [
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqlcheck",
    "mariadb",
    "mariadb-dump",
];

/// Whether an option or variable of this name holds a secret. `--password-file` does not.
pub(crate) fn is_name(name: &str) -> bool {
    // Also behind any letter, as in PGPASSWORD.
    const ENDS: [&str; 12] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "api_key",
        "access_key",
        "secret_key",
        "private_key",
        "encryption_key",
        "credentials",
    ];
    // Alone or behind a mark, for there are words such as `compass`.
    const WORDS: [&str; 2] = ["pass", "pwd"];
    let bare = name.trim_start_matches('-').to_ascii_lowercase();
    let bare = bare.replace('-', "_");
    let folder_of_shell = matches!(bare.as_str(), "pwd" | "oldpwd") && !name.starts_with('-');
    let word = |word: &&str| {
        let start = bare.strip_suffix(*word);
        start.is_some_and(|start| start.is_empty() || start.ends_with(['_', '.', ':']))
    };
    !folder_of_shell && (WORDS.iter().any(word) || ENDS.iter().any(|end| bare.ends_with(end)))
}

/// Whether a value of a command line or variable is meant to be secret: no path, reference, switch
/// or mask.
pub(crate) fn is_value(value: &str) -> bool {
    const SWITCHES: [&str; 11] = [
        "true", "false", "yes", "no", "none", "null", "stdin", "prompt", "env", "auto", "ask",
    ];
    const SCHEMES: [&str; 6] = ["file:", "env:", "fd:", "./", "vault:", "arn:"];
    let value = value.trim().trim_matches(['"', '\'']);
    value.chars().count() >= 3
        && !value.starts_with(['/', '$', '<', '{', '@', '%', '~'])
        && !SCHEMES.iter().any(|scheme| value.starts_with(scheme))
        && !SWITCHES.contains(&value.to_ascii_lowercase().as_str())
        && !is_mask(value)
}

/// Whether a word of a shell command stands there in plain. Takes more for a secret than
/// [`is_value`], because what it takes is hidden.
pub(crate) fn is_plain(value: &str) -> bool {
    value.len() >= 3
        && !value.contains(['$', '<', '\u{fffd}'])
        && !value.starts_with(['@', '/', '%'])
        && !is_mask(value)
}

fn is_mask(value: &str) -> bool {
    let masked = |letter| matches!(letter, '*' | 'x' | 'X' | '.');
    value.chars().all(masked)
}

/// Whether a value in a file only stands for one: empty, a variable, a path, a word in brackets,
/// one repeated letter, or a word of examples.
pub(crate) fn is_placeholder(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "change",
        "example",
        "password",
        "passwd",
        "secret",
        "placeholder",
        "your",
        "dummy",
        "none",
        "null",
        "true",
        "false",
        "todo",
        "redacted",
        "insert",
        "replace",
    ];
    let value = value.trim().trim_matches(['"', '\'']).trim();
    let lower = value.to_ascii_lowercase();
    let first = lower.chars().next();
    // Keys in base64 may begin with a slash too; they have capitals.
    let path = value.starts_with('/')
        && !value.contains(['+', '='])
        && !value.bytes().any(|byte| byte.is_ascii_uppercase());
    value.chars().count() < 4
        || value.starts_with(['$', '<', '{', '%', '*'])
        || value.starts_with("/run/secrets")
        || path
        || lower.chars().all(|letter| Some(letter) == first)
        || WORDS.iter().any(|word| lower.starts_with(word))
}

/// Scheme and password of `scheme://user:password@host`.
pub(crate) fn url_password(word: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = word.split_once("://")?;
    let scheme = scheme.rsplit(['\'', '"', '=', ' ']).next()?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user_info, _) = authority.rsplit_once('@')?;
    let (_, password) = user_info.split_once(':')?;
    let last = scheme.bytes().last()?;
    last.is_ascii_alphanumeric().then_some((scheme, password))
}

/// A secret of a file as a report may show it: at most a third of it, and at most four characters.
pub(crate) fn redacted(secret: &str) -> String {
    let length = secret.chars().count();
    let shown: String = secret.chars().take(4.min(length / 3)).collect();
    format!("{shown}... ({length} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_promise_a_secret() {
        for name in [
            "--db-password",
            "DB_PASSWORD",
            "PGPASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "api.pass",
            "--pwd",
            "DB_PWD",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "PWD",
            "OLDPWD",
            "COMPASS",
            "BYPASS",
            "--password-file",
            "--token-path",
            "",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_secret_is_told_from_a_path_a_switch_and_a_mask() {
        for value in ["hunter2", "\"abc123\""] {
            assert!(is_value(value), "{value}");
        }
        for value in [
            "", "/run/x", "$TOKEN", "*****", "true", "file:/x", "ab", "'xxxx'",
        ] {
            assert!(!is_value(value), "{value}");
        }
        let url = url_password("x='postgres://u:hunter2@db/x@y");
        assert_eq!(url, Some(("postgres", "hunter2")));
        assert_eq!(url_password("http://u@h/a:b@c"), None);
    }

    #[test]
    fn placeholders_are_no_secrets_and_secrets_are_never_shown_whole() {
        for value in [
            "",
            "changeme",
            "${DB}",
            "<password>",
            "xxxxxxxx",
            "'your-key'",
            "%(pw)s",
            "{{ pw }}",
            "/etc/app/key.json",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        assert!(!is_placeholder("'hunter2!x'"));
        assert!(!is_placeholder("/9j4AAQSkZJRgABAQEAYABgAAD"));
        assert_eq!(redacted("hunter2hunter2"), "hunt... (14 characters)");
        assert_eq!(redacted("ab"), "... (2 characters)");
        assert_eq!(redacted("größeä"), "gr... (6 characters)");
    }

    proptest! {
        #[test]
        fn any_text_is_judged_and_never_shown_whole(text: String) {
            is_name(&text);
            is_plain(&text);
            is_placeholder(&text);
            if let Some((_, password)) = url_password(&text) {
                prop_assert!(text.contains(password));
            }
            if text.chars().count() > 2 && is_value(&text) {
                prop_assert!(!redacted(&text).starts_with(&text));
            }
        }
    }
}
