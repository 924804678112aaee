//! How long and how often somebody may try.

use super::hit_of;
use crate::check::{Cx, Skip, check};
use crate::facts::sshd::seconds;

check! {
    /// # What it checks
    /// `MaxAuthTries` at most 4, `LoginGraceTime` between 1 and 60 seconds, `MaxSessions` at most 10,
    /// and `ClientAliveInterval` with `ClientAliveCountMax` both above 0, so that dead sessions end.
    ///
    /// # Why it matters
    /// Fewer tries for each connection slow guessing down and fill the log sooner; a short time to
    /// log in frees places that silent connections hold (and limits CVE-2024-6387); dead sessions
    /// that stay can be taken over.
    ///
    /// # Example
    /// `MaxAuthTries 10`, `LoginGraceTime 0`
    ///
    /// # Instead
    /// `MaxAuthTries 4`, `LoginGraceTime 60`, `MaxSessions 10`, `ClientAliveInterval 15`,
    /// `ClientAliveCountMax 3`
    id: "ssh-session-limits",
    surface: Ssh,
    title: "SSH server gives much time and many tries",
    severity: Info,
    references: [Cwe "CWE-307", Cis "Debian 12 5.1.16", Cis "Debian 12 5.1.13", Attack "T1110", Man "sshd_config(5)"],
}

/// Keyword, what a bad value gives, whether a value is fine, and what to write.
type Rule<'a> = (&'a str, &'a str, &'a dyn Fn(&str) -> bool, &'a str);

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    use casemate_schema::Severity;
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let alive = |text: &str| {
        text.trim_start_matches('-')
            .parse::<u64>()
            .is_ok_and(|n| n > 0)
    };
    let rules: [Rule<'_>; 5] = [
        (
            "MaxAuthTries",
            "many tries a connection",
            &|text| text.parse::<u64>().is_ok_and(|n| n <= 4),
            "4",
        ),
        (
            "LoginGraceTime",
            "much time to log in",
            &|text| seconds(text).is_some_and(|n| (1..=60).contains(&n)),
            "60",
        ),
        (
            "MaxSessions",
            "many sessions a connection",
            &|text| text.parse::<u64>().is_ok_and(|n| n <= 10),
            "10",
        ),
        (
            "ClientAliveInterval",
            "dead sessions without end",
            &|text| seconds(text).is_some_and(|n| n > 0),
            "15",
        ),
        (
            "ClientAliveCountMax",
            "dead sessions without end",
            &alive,
            "3",
        ),
    ];
    for (keyword, gives, fine, wanted) in rules {
        for value in sshd.values(&keyword.to_ascii_lowercase()) {
            if fine(&value.text) {
                continue;
            }
            let severity = if value.place.is_some() {
                Severity::Low
            } else {
                Severity::Info
            };
            let problem = format!("SSH server gives {gives} ({keyword} {})", value.text);
            cx.hit(
                hit_of(&value, keyword, &problem, &format!("{keyword} {wanted}"))
                    .severity(severity),
            );
        }
    }
    Ok(())
}
