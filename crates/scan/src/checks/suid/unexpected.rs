//! Programs with set-id bits that no distribution installs.

use super::expected::is_expected;
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use std::os::unix::ffi::OsStrExt;

check! {
    /// # What it checks
    /// Every file with the set-user-id or set-group-id bit must be one that a distribution
    /// installs with it, and a set-user-id program must belong to root. One inode with several
    /// names is one finding.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// Such a program runs with its owner's rights whoever starts it. A forgotten tool or a planted
    /// copy of a shell is the shortest way from any account to root.
    ///
    /// # Example
    /// `-rwsr-xr-x root root /usr/local/bin/backup`
    ///
    /// # Instead
    /// Take the bit away: `chmod u-s,g-s FILE`. Where a user must run it as root, allow that one
    /// command in sudoers, or give it the one capability that it needs (`setcap`).
    id: "suid-unexpected",
    surface: Suid,
    title: "Unexpected program with set-id bits",
    severity: Medium,
    references: [Cwe "CWE-250", Attack "T1548.001", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for program in super::programs(survey) {
        if super::in_temporary::name_in_user_folder(&program).is_some() {
            continue; // Its own check says so.
        }
        let metadata = &program.seen.metadata;
        let known = is_expected(program.path.as_os_str().as_bytes());
        let user = metadata.mode & 0o4000 != 0;
        // A set-group-id bit without the right to execute asks for locks, not for rights.
        if metadata.mode & 0o111 == 0 || known && (!user || metadata.uid == 0) {
            continue;
        }
        let path = program.path.display();
        let root = user && metadata.uid == 0;
        let (what, severity) = match (known, root) {
            (true, _) => ("belongs to another user than root", Severity::High),
            (false, true) => ("runs as root for anybody who starts it", Severity::High),
            (false, false) => ("runs with others' rights", Severity::Medium),
        };
        let mode = metadata.mode & 0o111;
        let severity = if mode & 0o001 == 0 || !program.seen.open {
            Severity::Medium
        } else {
            severity
        };
        let hit: Hit = super::hit(format!("`{path}` {what}"), &program, survey)
            .severity(severity)
            .instead(format!(
                "chmod u-s,g-s '{path}', unless its package needs the bit."
            ));
        cx.hit(hit);
    }
    super::limits(cx, survey);
    Ok(())
}
