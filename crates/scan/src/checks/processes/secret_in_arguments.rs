//! Passwords and tokens on command lines.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::processes;
use crate::facts::secret_words::{HIDDEN, MYSQL_CLIENTS, is_name, is_value, url_password};
use casemate_schema::Severity;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// No running program was given a password, token or key in its arguments: `--password=...`,
    /// `--token ...`, `mysql -p...`, `sshpass -p ...`, `curl -u user:password`, or a URL with a
    /// password. Names of files (`--password-file`), variables, and values that the program itself
    /// masked are no hit. The value is never written to the report.
    ///
    /// # Why it matters
    /// Arguments are readable for every user of the host (`ps aux`), stay in shell histories and
    /// process accounting, and are collected by monitoring.
    ///
    /// # Example
    /// `backup --host db1 --password=hunter2`
    ///
    /// # Instead
    /// Give secrets in a file that only the service can read (`--password-file`, systemd
    /// `LoadCredential=`). Hide arguments from other users by mounting `/proc` with `hidepid=invisible`.
    id: "proc-secret-in-arguments",
    surface: Processes,
    title: "Secret in the arguments of a program",
    severity: Medium,
    references: [Cwe "CWE-214", Attack "T1552", Man "proc(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    let accounts = cx.facts.accounts()?;
    let hidden = processes::hides_processes(cx.facts);
    let mut found = BTreeSet::new();
    for process in &all.list {
        let words = process.arguments.iter().take(4096);
        let words: Vec<_> = words.map(|word| String::from_utf8_lossy(word)).collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        for option in secrets(&words) {
            found.insert((process.program(), option, process.uid));
        }
    }
    for (program, option, uid) in found {
        let user = accounts.user(uid);
        let severity = if hidden {
            Severity::Low
        } else {
            Severity::Medium
        };
        let hit = Hit::new(format!(
            "{program} of {user} has a secret in its arguments: {option}"
        ))
        .subject(&program)
        .key(&option)
        .key(&user)
        .severity(severity)
        .evidence("argument", format!("{option} {HIDDEN}"))
        .evidence("user", user);
        cx.hit(hit);
    }
    Ok(())
}

/// The options that carry a secret, without their values.
fn secrets(words: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let program = words
        .first()
        .and_then(|word| word.rsplit('/').next())
        .unwrap_or_default();
    for (position, word) in words.iter().enumerate().skip(1) {
        let next = words.get(position + 1).copied().unwrap_or_default();
        if let Some((name, value)) = word.split_once('=') {
            if is_name(name) && is_value(value) {
                found.insert(format!("{name}="));
            }
        } else if word.starts_with("--")
            && is_name(word)
            && !next.starts_with('-')
            && is_value(next)
        {
            found.insert((*word).to_owned());
        }
        if url_password(word).is_some_and(|(_, value)| is_value(value)) {
            found.insert("a URL with a password".to_owned());
        }
        let attached = word.strip_prefix("-p").unwrap_or_default();
        let short = match program {
            client if MYSQL_CLIENTS.contains(&client) => is_value(attached),
            "sshpass" if *word == "-p" => is_value(next),
            "sshpass" => is_value(attached),
            "curl" if matches!(*word, "-u" | "--user") => next
                .split_once(':')
                .is_some_and(|(_, value)| is_value(value)),
            _ => false,
        };
        if short {
            let name: String = word.chars().take(2).collect();
            found.insert(format!("{program} {name}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(line: &str, expected: &[&str]) {
        let words: Vec<&str> = line.split(' ').collect();
        let found: Vec<String> = secrets(&words).into_iter().collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn a_secret_is_told_from_a_file_a_switch_and_a_mask() {
        check("x --password=hunter2", &["--password="]);
        check("x --db-password hunter2", &["--db-password"]);
        check("x --password-file=/etc/x --token-path /y", &[]);
        check("x --password=$PW --token=/run/token --secret file:/x", &[]);
        check("mysql -uroot -pxxxxxxx", &[]);
        check("mysql -uroot -phunter2", &["mysql -p"]);
        check("ssh -p 2222 host", &[]);
        check("curl -u ann:hunter2 http://h/", &["curl -u"]);
        check("app postgres://u:hunter2@db/x", &["a URL with a password"]);
        check("app https://user@host/a:b@c", &[]);
        check(
            "env AWS_SECRET_ACCESS_KEY=abcdef run",
            &["AWS_SECRET_ACCESS_KEY="],
        );
        check("x --compass=north --token", &[]);
    }

    proptest! {
        #[test]
        fn hostile_arguments_never_panic(words: Vec<String>) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            secrets(&words);
        }
    }
}
