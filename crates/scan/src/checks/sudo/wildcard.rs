//! Wildcards in commands that sudo allows.

use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// Commands allowed as root hold no `*` in their arguments or folders. A `*` that was escaped is
    /// a letter; a single character class such as `[0-9]` is fine.
    ///
    /// # Why it matters
    /// A `*` in arguments also matches blanks and slashes: `/bin/cat /var/log/*` allows
    /// `/bin/cat /var/log/x /etc/shadow`, and `/bin/cat /var/log/../../etc/shadow`.
    ///
    /// # Example
    /// `ann ALL=(root) /bin/cat /var/log/*`
    ///
    /// # Instead
    /// Write the files out, or use a regular expression without blanks and dots (sudo 1.9.10):
    /// `/bin/cat ^/var/log/[a-z]+\\.log$`.
    id: "sudo-wildcard-argument",
    surface: Sudo,
    title: "Wildcard allows more than it seems",
    severity: Medium,
    references: [Cwe "CWE-155", Attack "T1548.003", Man "sudoers(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    for rule in sudoers.rules_of_others() {
        let mut wild = Vec::new();
        for command in sudoers.commands(rule) {
            let arguments = command.arguments().unwrap_or_default();
            // A bare `*` says "any arguments", which is what no arguments say too.
            let in_arguments =
                arguments.contains('*') && arguments != "*" && !arguments.starts_with('^');
            let in_path = command.program().contains('*') && !command.program().starts_with('^');
            if !command.negated && sudoers.as_root(&command) && (in_arguments || in_path) {
                wild.push(command.text);
            }
        }
        super::report_commands(cx, rule, wild, |command| {
            format!(
                "`{}` may run `{command}` with more than it seems",
                rule.who()
            )
        });
    }
    Ok(())
}
