//! Programs that run from folders where everybody may write.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust::in_temporary_folder;
use casemate_schema::Severity;
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// No program runs from a file in `/tmp`, `/var/tmp`, `/dev/shm`, `/run/user` or another folder
    /// for temporary files. Only the program's own file counts: arguments that name such a folder
    /// are normal. Deleted files are left to `proc-deleted-exe`.
    ///
    /// # Why it matters
    /// These are the folders into which an attacker can always write first. Installed software does
    /// not run from there.
    ///
    /// # Example
    /// `/proc/4711/exe -> /dev/shm/.cache/sshd`
    ///
    /// # Instead
    /// Find out who started it. Install what is wanted under `/usr/local` or `/opt`, and mount the
    /// folders with `noexec,nosuid,nodev`.
    id: "proc-exe-in-temporary-folder",
    surface: Processes,
    title: "Program runs from a folder for temporary files",
    severity: Medium,
    references: [Attack "T1036.005", Cwe "CWE-379"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.executable_limits);
    let mut found = BTreeMap::new();
    for process in &all.list {
        let file = process.executable.as_ref().filter(|file| !file.deleted);
        if let Some(file) = file.filter(|file| in_temporary_folder(&file.path)) {
            found.entry((&file.path, process.uid)).or_insert(process);
        }
    }
    let accounts = cx.facts.accounts()?;
    for ((path, uid), process) in found {
        let user = accounts.user(uid);
        let severity = if uid == 0 && !process.contained {
            Severity::High
        } else {
            Severity::Medium
        };
        let hit = Hit::new(format!("{user} runs `{}`", path.display()))
            .path(path)
            .subject(&user)
            .severity(severity)
            .evidence("user", &user)
            .evidence("name", &process.name);
        cx.hit(hit);
    }
    Ok(())
}
