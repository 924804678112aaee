//! Programs with set-id bits that others may change.

use super::programs;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// No file with a set-id bit may be writable by anybody, or by a group other than root's.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// Whoever writes into the file chooses what runs with its owner's rights. The kernel drops the
    /// bit on a write by an ordinary user, but not on every file system, and not on a write by a
    /// process with CAP_FSETID.
    ///
    /// # Example
    /// `-rwsrwxrwx root root /usr/local/bin/tool`
    ///
    /// # Instead
    /// `chmod go-w FILE`, then compare the file with its package (`dpkg -V`, `rpm -V`).
    id: "suid-writable",
    surface: Suid,
    title: "Program with set-id bits can be changed by others",
    severity: Critical,
    references: [Cwe "CWE-732", Attack "T1548.001", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for program in programs(survey) {
        let metadata = &program.seen.metadata;
        let group = metadata.group_writable() && metadata.gid != 0;
        if !metadata.world_writable() && !group {
            continue;
        }
        let who = if metadata.world_writable() {
            "anybody".to_owned()
        } else {
            format!("group {}", survey.accounts.group_text(metadata.gid))
        };
        let path = program.path.display();
        let title = format!("`{path}` can be changed by {who} and runs with others' rights");
        let mut hit = super::hit(title, &program, survey);
        if !metadata.world_writable() {
            hit = hit.severity(casemate_schema::Severity::High);
        }
        cx.hit(hit.instead(format!(
            "chmod go-w '{path}', then compare it with its package."
        )));
    }
    super::limits(cx, survey);
    Ok(())
}
