//! History of commands that gives secrets away.

use super::suspects;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::secret_words::{MYSQL_CLIENTS, is_placeholder, redacted, url_password};
use crate::facts::survey::Candidate;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Histories of shells and of clients of databases that others may read; and, where this user may
    /// read them, histories with a password on the command line (mysql -pSECRET, curl -u USER:SECRET,
    /// sshpass -p SECRET, a URL with a password, PGPASSWORD=SECRET).
    ///
    /// # Why it matters
    /// A history tells an intruder which hosts to go to next, and often with which password.
    ///
    /// # Example
    /// `mysql -u root -phunter22 shop` in /root/.bash_history
    ///
    /// # Instead
    /// Remove the line, change the password, `chmod 600 FILE`; give passwords by a file or a prompt.
    id: "secret-shell-history",
    surface: Secrets,
    title: "History of commands that gives secrets away",
    severity: Medium,
    references: [Cwe "CWE-532", Attack "T1552.003", Man "bash(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let suspects = suspects(cx, Candidate::History, |_, _| true)?;
    for suspect in suspects {
        let found = (1..)
            .zip(suspect.text.lines())
            .find_map(|(number, line)| Some((number, password(line)?)));
        let open = suspect.seen.readable_by_all();
        let shown = suspect.path.display();
        let (title, severity) = match (&found, open) {
            (Some(_), true) => ("holds a password and anybody can read it", Severity::High),
            (Some(_), false) => ("holds a password", Severity::Low),
            (None, true) => ("can be read by anybody", Severity::Medium),
            (None, false) => continue,
        };
        let mut hit = Hit::new(format!("The history `{shown}` {title}"))
            .path(&suspect.path)
            .severity(severity)
            .evidence("mode", suspect.seen.metadata.mode_text());
        if let Some((line, (program, secret))) = found {
            let value = format!("{program} {}", redacted(secret));
            hit = hit.evidence_at("password", value, &suspect.path, Some(line));
        }
        cx.hit(hit);
    }
    Ok(())
}

/// The program and the password that stand in a command.
fn password(line: &str) -> Option<(&'static str, &str)> {
    let words: Vec<&str> = line.split_whitespace().take(100).collect();
    let calls = |name: &str| {
        words
            .iter()
            .any(|word| word.rsplit('/').next() == Some(name))
    };
    let after = |option: &str| {
        let position = words.iter().position(|word| *word == option)?;
        words.get(position + 1).copied()
    };
    let glued = |option: &str| words.iter().find_map(|word| word.strip_prefix(option));
    let user_and_password = |word: &str| word.split_once(':').map(|(user, _)| user.len() + 1);
    let mut found: Vec<(&'static str, Option<&str>)> = Vec::new();
    for client in MYSQL_CLIENTS {
        if calls(client) {
            // A word that begins with -p is the password, unless it is --port or the like.
            found.push((client, glued("-p").or_else(|| glued("--password="))));
        }
    }
    if calls("curl") {
        let word = after("-u").or_else(|| after("--user"));
        let secret = word.and_then(|word| word.get(user_and_password(word)?..));
        found.push(("curl", secret));
    }
    if calls("sshpass") {
        found.push((
            "sshpass",
            after("-p").or_else(|| glued("-p").filter(|rest| !rest.is_empty())),
        ));
    }
    found.push(("PGPASSWORD", glued("PGPASSWORD=")));
    found.push((
        "URL",
        words.iter().find_map(|word| Some(url_password(word)?.1)),
    ));
    let real = |secret: &&str| !is_placeholder(secret.trim_matches(['"', '\'']));
    found
        .into_iter()
        .find_map(|(program, secret)| Some((program, secret.filter(|s| real(s))?)))
}
