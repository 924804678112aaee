//! Rules of sudo that ask for no password.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sudoers::{Command, Rule, Sudoers};
use casemate_schema::Severity;

/// Later rules that are looked at for each rule.
const LATER_MAX: usize = 200;

check! {
    /// # What it checks
    /// No rule lets somebody other than root run a command with `NOPASSWD`. Tags carry over to the
    /// commands after them, aliases and included files are resolved, and a rule does not count when
    /// a later one for the same users asks for the password again: the last match wins.
    ///
    /// # Why it matters
    /// Without the password, whoever takes over the session, or one process of the user, runs the
    /// command as root at once and unseen. With `ALL` that is the whole host.
    ///
    /// # Example
    /// `deploy ALL=(ALL) NOPASSWD: ALL` in `/etc/sudoers.d/90-deploy`
    ///
    /// # Instead
    /// Delete `NOPASSWD:` with `visudo -f FILE`. For automation name the exact commands with their
    /// arguments: `deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart app.service`.
    id: "sudo-nopasswd",
    surface: Sudo,
    title: "Command as root without a password",
    severity: Medium,
    references: [Cwe "CWE-306", Cis "Debian 12 5.2.4", Attack "T1548.003", Man "sudoers(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    for (place, rule) in sudoers.rules.iter().enumerate() {
        if !sudoers.is_for_others(rule) {
            continue;
        }
        let free: Vec<Command> = sudoers
            .commands(rule)
            .into_iter()
            .filter(|command| !command.negated && command.tags.nopasswd == Some(true))
            .filter(|command| !asked_later(sudoers, place, rule, command))
            .collect();
        if free.is_empty() {
            continue;
        }
        let mut texts: Vec<&str> = free.iter().map(|command| command.text.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        let all = free
            .iter()
            .any(|command| command.text == "ALL" && sudoers.as_root(command));
        let severity = if all {
            Severity::High
        } else {
            Severity::Medium
        };
        let what = if texts.contains(&"ALL") {
            "every command"
        } else {
            "commands"
        };
        let hit = Hit::new(format!("`{}` may run {what} without a password", rule.who()))
            .path(&rule.path)
            .line(rule.line)
            .subject(rule.who())
            .key(texts.join("\n"))
            .severity(severity)
            .evidence("commands", texts.join(", "))
            .instead(format!(
                "Delete `NOPASSWD:` from the rule with `visudo -f {}`, or name exact commands with their arguments.",
                rule.path.display()
            ));
        cx.hit(hit);
    }
    Ok(())
}

/// Whether a later rule for the same users and hosts asks for a password for the command.
pub(crate) fn asked_later(sudoers: &Sudoers, place: usize, rule: &Rule, command: &Command) -> bool {
    sudoers
        .rules
        .iter()
        .skip(place + 1)
        .take(LATER_MAX)
        .any(|later| {
            let same = sudoers.users(later) == sudoers.users(rule)
                && (later.hosts == rule.hosts || later.hosts.iter().all(|host| host.text == "ALL"));
            same && sudoers.commands(later).iter().any(|other| {
                let covers = other.text == "ALL" || other.text == command.text;
                let runas = other.runas == command.runas
                    || other
                        .runas
                        .as_ref()
                        .is_some_and(|runas| runas.users.iter().any(|u| u.text == "ALL"));
                covers && runas && !other.negated && other.tags.nopasswd != Some(true)
            })
        })
}
