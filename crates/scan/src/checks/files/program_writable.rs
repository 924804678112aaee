//! Program of the system that others may change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{entries, limit_refused};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Executable files below /usr, /bin, /sbin, /lib and /boot must belong to root and must not be
    /// writable by others or by a group other than root's. A group without members counts less.
    ///
    /// # Why it matters
    /// Root and every service run these files. Whoever changes one runs as all of them.
    ///
    /// # Example
    /// `-rwxrwxr-x root developers /usr/local/bin/deploy`
    ///
    /// # Instead
    /// `chown root:root FILE && chmod go-w FILE`.
    id: "file-program-writable",
    surface: Files,
    title: "Program of the system that others may change",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1574.010", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for (path, seen) in entries(&survey.loose_programs) {
        let shown = path.display();
        let metadata = &seen.metadata;
        let (who, severity) = if metadata.world_writable() {
            ("anybody".to_owned(), Severity::Critical)
        } else if metadata.uid != 0 {
            (survey.accounts.user_text(metadata.uid), Severity::High)
        } else {
            let members = survey.accounts.is_shared(metadata.gid);
            let group = format!("group {}", survey.accounts.group_text(metadata.gid));
            (
                group,
                if members {
                    Severity::High
                } else {
                    Severity::Low
                },
            )
        };
        let hit = Hit::new(format!("`{shown}` may be changed by {who}"))
            .path(path)
            .severity(severity)
            .evidence("mode", metadata.mode_text())
            .evidence("owner", survey.accounts.user_text(metadata.uid))
            .evidence("group", survey.accounts.group_text(metadata.gid))
            .instead(format!("chown root:root '{shown}' && chmod go-w '{shown}'"));
        cx.hit(hit);
    }
    survey.limits(cx, super::SYSTEM);
    limit_refused(cx, &survey.loose_programs);
    Ok(())
}
