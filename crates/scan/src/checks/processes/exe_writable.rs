//! Running programs that somebody else can replace.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// The file of each running program, and every folder above it, can be changed by nobody but
    /// root and the user that runs it. A group counts if it has a member other than these; a sticky
    /// folder protects what others put there.
    ///
    /// # Why it matters
    /// Whoever replaces the file runs code as that user at the next start. If root runs it and
    /// anybody may write, then everybody on the host is root at the next reboot.
    ///
    /// # Example
    /// root runs `/opt/agent/bin/agent`, and `/opt/agent` has mode 0777.
    ///
    /// # Instead
    /// `chown -R root:root /opt/agent && chmod -R go-w /opt/agent`
    id: "proc-exe-writable-by-others",
    surface: Processes,
    title: "Running program can be replaced by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1574.010"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.executable_limits);
    cx.limits(&all.contained_limits);
    let accounts = cx.facts.accounts()?;
    let mut pairs = BTreeSet::new();
    for process in all.list.iter().filter(|process| !process.contained) {
        if let Some(file) = process.executable.as_ref().filter(|file| !file.deleted) {
            pairs.insert((&file.path, process.uid));
        }
    }
    for (path, uid) in pairs {
        let Some(weak) = trust::weak(cx, path, &[uid]) else {
            continue;
        };
        let user = accounts.user(uid);
        let severity = match (uid, weak.anybody()) {
            (0, true) => Severity::Critical,
            _ => Severity::High,
        };
        let place = weak.path.display().to_string();
        let title = format!(
            "`{}`, run by {user}, can be replaced by {}",
            path.display(),
            weak.who
        );
        let hit = Hit::new(title)
            .path(path)
            .subject(&user)
            .severity(severity)
            .evidence("writable", weak.shown(cx.facts))
            .evidence("user", &user)
            .instead(format!("`chown {user} '{place}' && chmod go-w '{place}'`"));
        cx.hit(hit);
    }
    Ok(())
}
