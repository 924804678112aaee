//! Allowed commands that somebody can replace.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// Each program that a rule allows as root, and each folder above it, is writable by root alone.
    /// Links are followed. A program that is missing counts when somebody may put it there.
    ///
    /// # Why it matters
    /// Whoever can replace the program decides what sudo runs as root.
    ///
    /// # Example
    /// `ann ALL=(root) /home/ann/bin/deploy`
    ///
    /// # Instead
    /// Move the program to a folder of root: `install -o root -g root -m 755 deploy /usr/local/sbin/`
    /// and allow it there.
    id: "sudo-writable-command",
    surface: Sudo,
    title: "Allowed command can be replaced",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1574.010", Man "sudoers(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    for rule in sudoers.rules_of_others() {
        for command in sudoers.commands(rule) {
            let program = command.program();
            if command.negated || !program.starts_with('/') || program.contains(['*', '?', '[']) {
                continue;
            }
            if sudoers.as_root(&command) {
                look(cx, rule, program);
            }
        }
    }
    Ok(())
}

fn look(cx: &mut Cx<'_>, rule: &crate::facts::sudoers::Rule, program: &str) {
    let path = Path::new(program);
    let Some(weak) = trust::weak_or_missing(cx, path, &[]) else {
        return;
    };
    let state = if cx.facts.exists(path) {
        "replaced"
    } else {
        "put in place"
    };
    let hit = Hit::new(format!(
        "{program}, allowed by sudo, can be {state} by {}",
        weak.who
    ))
    .path(program)
    .severity(if weak.anybody() {
        Severity::Critical
    } else {
        Severity::High
    })
    .evidence("writable", weak.path.display().to_string())
    .evidence("mode", weak.metadata.mode_text())
    .evidence_at("rule of", rule.who(), &rule.path, Some(rule.line));
    cx.hit(hit);
}
