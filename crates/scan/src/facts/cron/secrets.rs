//! Passwords and tokens written into commands: finds them, and shows commands without them.
//!
//! A value counts only when it stands there in plain: a variable, a substitution or a file name
//! behind `@` is none.

use super::shell::{self, Stage, Word};
use crate::facts::secret_words::{HIDDEN, MYSQL_CLIENTS, is_name, is_plain, url_password};

/// Longest command that a report shows.
const SHOWN_LETTERS_MAX: usize = 240;

/// A secret in a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Secret {
    /// How it is written: an option, a variable, or part of an address.
    pub(crate) kind: String,
    /// The secret itself: never shown.
    value: String,
}

/// The secrets of a command, sorted.
pub(crate) fn find(command: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    for call in shell::pipelines(command).iter().flatten() {
        for (name, value) in &call.assigned {
            if is_name(name) {
                push(&mut found, format!("variable `{name}`"), value);
            }
        }
        for word in &call.words {
            in_word(word, &mut found);
        }
        for stage in shell::stages(call) {
            in_options(stage, &mut found);
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The command as a report shows it: without its secrets, on one line, not too long.
pub(crate) fn shown(command: &str) -> String {
    let mut text = command.to_owned();
    for secret in find(command) {
        if !text.contains(&secret.value) {
            // Written with quotes inside: nothing of the command is safe to show.
            return format!("{HIDDEN} (a command that holds a secret)");
        }
        text = text.replace(&secret.value, HIDDEN);
    }
    let text = text.replace(['\n', '\t'], " ");
    if text.chars().count() <= SHOWN_LETTERS_MAX {
        return text;
    }
    let mut short: String = text.chars().take(SHOWN_LETTERS_MAX).collect();
    short.push_str("...");
    short
}

fn push(found: &mut Vec<Secret>, kind: String, value: &str) {
    if is_plain(value) {
        let value = value.to_owned();
        found.push(Secret { kind, value });
    }
}

/// Secrets that any word may hold.
fn in_word(word: &Word, found: &mut Vec<Secret>) {
    let text = word.text.as_str();
    if let Some((option, value)) = text.split_once('=') {
        let name = option.trim_start_matches('-').replace('-', "_");
        if is_name(&name) && !name.contains(['/', '?', ':', ' ', '\'', '"']) {
            let kind = if option.starts_with('-') {
                "option"
            } else {
                "assignment"
            };
            push(found, format!("{kind} `{option}`"), value);
        }
    }
    if let Some((scheme, password)) = url_password(text) {
        push(found, format!("password in a `{scheme}` address"), password);
    }
    for mark in [
        "Authorization: Bearer ",
        "Authorization: Basic ",
        "Authorization: token ",
    ] {
        if let Some(value) = text.strip_prefix(mark) {
            push(found, "header `Authorization`".to_owned(), value);
        }
    }
    for (position, _) in text.match_indices("AKIA") {
        let key = text.get(position..position + 20).unwrap_or_default();
        let letters = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
        if key.len() == 20 && key.chars().all(letters) {
            push(found, "AWS access key".to_owned(), key);
        }
    }
}

/// Secrets behind options of known programs.
fn in_options(stage: Stage<'_>, found: &mut Vec<Secret>) {
    const LONG: [&str; 8] = [
        "--password",
        "--passwd",
        "--pass",
        "--token",
        "--api-key",
        "--secret",
        "--http-password",
        "--passphrase",
    ];
    let mysql = stage.is(&MYSQL_CLIENTS);
    let spaced: &[&str] = match stage.program.base() {
        "sshpass" | "mongodump" | "mongo" | "mongosh" | "ldapsearch" | "ldapmodify" => {
            &["-p", "-w"]
        }
        "smbclient" | "curl" => &["-U", "-u", "--user"],
        "redis-cli" => &["-a"],
        "7z" | "zip" => &["-P"],
        _ => &[],
    };
    let mut arguments = stage.arguments.iter().peekable();
    while let Some(argument) = arguments.next() {
        let text = argument.text.as_str();
        let glued = text.strip_prefix("-p").filter(|rest| !rest.is_empty());
        if let Some(value) = glued.filter(|_| mysql || stage.is(&["sshpass", "7z"])) {
            push(
                found,
                format!("option `-p` of {}", stage.program.base()),
                value,
            );
        }
        if !LONG.contains(&text) && !spaced.contains(&text) {
            continue;
        }
        let Some(next) = arguments.peek() else {
            continue;
        };
        let value = next.text.as_str();
        let user_and_password = matches!(text, "-u" | "-U" | "--user");
        let separator = if stage.is(&["smbclient"]) { '%' } else { ':' };
        let value = match value.split_once(separator) {
            Some((_, password)) if user_and_password => password,
            _ if user_and_password || value.starts_with('-') => continue,
            _ => value,
        };
        push(
            found,
            format!("option `{text}` of {}", stage.program.base()),
            value,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(command: &str, expected: &str) {
        assert_eq!(shown(command), expected);
    }

    #[test]
    fn secrets_are_hidden() {
        check(
            "mysqldump -uroot -phunter22 db",
            "mysqldump -uroot -p[redacted] db",
        );
        check(
            "PGPASSWORD='s3cret' pg_dump x",
            "PGPASSWORD='[redacted]' pg_dump x",
        );
        check(
            "curl -u bob:pa55 https://h/",
            "curl -u bob:[redacted] https://h/",
        );
        check("wget ftp://bob:pa55@h/x", "wget ftp://bob:[redacted]@h/x");
        check(
            "sh -c 'job --api-key=abcdef'",
            "sh -c 'job --api-key=[redacted]'",
        );
        check("sshpass -p geheim ssh h", "sshpass -p [redacted] ssh h");
        check(
            "job --token 'a\"b'\\''c'",
            "[redacted] (a command that holds a secret)",
        );
    }

    #[test]
    fn what_is_no_secret_stays() {
        for command in [
            "mysqldump -p$PASS db",
            "curl -u bob http://h/",
            "curl --user $(cat /etc/x) http://h/a:b@c",
            "job --password-file=/etc/p",
            "ssh -p 2222 h",
            "rsync --password-file /etc/p a b",
            "PWD=/srv/www job",
            "BYPASS=yes OLDPWD=abc job --compass=north",
            "mkdir -p /srv/x",
        ] {
            assert_eq!(find(command), Vec::new(), "{command}");
        }
    }

    proptest! {
        #[test]
        fn a_shown_command_holds_no_secret(value in "[a-zA-Z0-9]{12,16}", head in "[a-z ]{0,8}") {
            let command = format!("{head}; A_TOKEN={value} job --password {value} 'x'{value}");
            prop_assert!(!shown(&command).contains(&value));
        }
    }
}
