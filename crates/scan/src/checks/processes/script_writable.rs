//! Scripts that root's interpreters run and others can change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::scripts;
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::PathBuf;

check! {
    /// # What it checks
    /// For each interpreter that runs as root (shells, Python, Perl, Ruby, Node.js, PHP, Java), the
    /// script in its arguments and every folder above it can be changed by root alone. Code given in
    /// the arguments (`-c`, `-e`) and modules (`-m`) have no file and are left out, and so is a
    /// relative path, whose folder of that time is unknown.
    ///
    /// # Why it matters
    /// The interpreter is safe, the script is not: who edits it runs commands as root at its next
    /// start, and with shells often at once, because they read the file line by line.
    ///
    /// # Example
    /// root runs `/usr/bin/python3 /srv/backup/run.py`, and `run.py` has mode 0666.
    ///
    /// # Instead
    /// `chown root:root /srv/backup/run.py && chmod 755 /srv/backup/run.py`, the same for the folder.
    id: "proc-script-writable",
    surface: Processes,
    title: "Script run by root can be changed by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1574", Attack "T1059"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.executable_limits);
    cx.limits(&all.contained_limits);
    let own = all.list.iter();
    let own = own.filter(|process| process.uid == 0 && !process.contained);
    let scripts: BTreeSet<PathBuf> = own.filter_map(scripts::of_process).collect();
    for path in scripts {
        if cx.facts.tree().metadata(&path).is_err() {
            continue;
        }
        let Some(weak) = trust::weak(cx, &path, &[]) else {
            continue;
        };
        let severity = if weak.anybody() {
            Severity::Critical
        } else {
            Severity::High
        };
        let place = weak.path.display().to_string();
        let title = format!(
            "Script `{}`, run by root, can be changed by {}",
            path.display(),
            weak.who
        );
        let hit = Hit::new(title)
            .path(&path)
            .severity(severity)
            .evidence("writable", weak.shown(cx.facts))
            .instead(format!("`chown root: '{place}' && chmod go-w '{place}'`"));
        cx.hit(hit);
    }
    Ok(())
}
