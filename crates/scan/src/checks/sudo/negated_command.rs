//! Rules that allow everything but some commands.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// No rule takes commands away with `!` after `ALL` or a whole folder was allowed.
    ///
    /// # Why it matters
    /// Whoever may run everything but `/bin/sh` copies the shell to another name and runs that, or
    /// starts it from an editor. Excluded commands keep honest people from mistakes and nobody else.
    ///
    /// # Example
    /// `ann ALL=(ALL) ALL, !/usr/bin/su, !/bin/bash`
    ///
    /// # Instead
    /// List the commands that are allowed: `ann ALL=(root) /usr/bin/apt update, /usr/bin/apt upgrade`.
    id: "sudo-negated-command",
    surface: Sudo,
    title: "Excluded commands can be reached another way",
    severity: Medium,
    references: [Cwe "CWE-184", Attack "T1548.003", Man "sudoers(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    for rule in sudoers.rules_of_others() {
        let mut broad = false;
        let mut excluded = Vec::new();
        for command in sudoers.commands(rule) {
            if !command.negated {
                broad |= command.text == "ALL"
                    || command.program().ends_with('/')
                    || command.program().ends_with("/*");
            } else if broad {
                excluded.push(command.text);
            }
        }
        if excluded.is_empty() {
            continue;
        }
        let hit = Hit::new(format!("`{}` may run all but some commands", rule.who()))
            .path(&rule.path)
            .line(rule.line)
            .subject(rule.who())
            .evidence("excluded", excluded.join(", "));
        cx.hit(hit);
    }
    Ok(())
}
