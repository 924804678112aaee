//! Whether the SSH server writes down who came.

use super::hit_of;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// `LogLevel` is `INFO` or more, and no `DEBUG` level, for all connections and in Match blocks.
    ///
    /// # Why it matters
    /// Below `INFO` logins and failures are not written, so that nobody sees the guessing. `DEBUG`
    /// writes private matters of users and fills disks.
    ///
    /// # Example
    /// `LogLevel QUIET` in `/etc/ssh/sshd_config`
    ///
    /// # Instead
    /// `LogLevel VERBOSE` also writes the fingerprint of the key that was used.
    id: "ssh-log-level",
    surface: Ssh,
    title: "SSH server does not log logins",
    severity: Medium,
    references: [Cwe "CWE-778", Cis "Debian 12 5.1.14", Attack "T1562.006", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    for value in sshd.values("loglevel") {
        let level = value.word();
        if matches!(level.as_str(), "quiet" | "fatal" | "error") {
            cx.hit(hit_of(
                &value,
                "LogLevel",
                "SSH server does not log logins",
                "LogLevel VERBOSE",
            ));
        } else if level.starts_with("debug") {
            let hit = hit_of(
                &value,
                "LogLevel",
                "SSH server logs private matters",
                "LogLevel VERBOSE",
            );
            cx.hit(hit.severity(casemate_schema::Severity::Low));
        }
    }
    Ok(())
}
