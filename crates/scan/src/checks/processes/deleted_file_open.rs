//! Files that were deleted and are still held open.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust::in_temporary_folder;
use casemate_schema::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

check! {
    /// # What it checks
    /// Files that a program holds open after somebody deleted them: one finding a program and user.
    /// Temporary files that programs unlink on purpose (in temporary folders, without a name, shared
    /// memory, memory files) are left out. A deleted log is low, the rest is for information.
    ///
    /// # Why it matters
    /// The space is not free until the program ends, and what it writes is lost: after a careless
    /// rotation, or after somebody removed a log to cover traces, the daemon logs into nowhere.
    ///
    /// # Example
    /// `/proc/4711/fd/7 -> /var/log/app/access.log (deleted)`
    ///
    /// # Instead
    /// Restart or reload the program so that it opens the file anew: `systemctl reload UNIT`. The
    /// content can be saved before: `cp /proc/PID/fd/N /root/saved`.
    id: "proc-deleted-file-open",
    surface: Processes,
    title: "Program holds a deleted file open",
    severity: Info,
    references: [Attack "T1070.002", Cwe "CWE-404", Url "https://cisofy.com/lynis/controls/LOGG-2190/"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.descriptor_limits);
    let accounts = cx.facts.accounts()?;
    let mut found: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for process in &all.list {
        let own = process.executable.as_ref().map(|file| file.path.as_path());
        for path in process.deleted_files.iter().filter(|path| is_lost(path)) {
            if Some(path.as_path()) != own {
                let key = (process.program(), process.uid);
                found
                    .entry(key)
                    .or_default()
                    .insert(crate::run::path_text(path).0);
            }
        }
    }
    for ((program, uid), files) in found {
        let user = accounts.user(uid);
        let log = files.iter().any(|path| path.starts_with("/var/log/"));
        let severity = if log { Severity::Low } else { Severity::Info };
        let what = if log {
            "a deleted log"
        } else {
            "a deleted file"
        };
        let files: Vec<String> = files.into_iter().take(20).collect();
        let hit = Hit::new(format!("{program} of {user} holds {what} open"))
            .subject(&program)
            .key(&user)
            .severity(severity)
            .evidence("files", files.join(", "))
            .evidence("user", user);
        cx.hit(hit);
    }
    Ok(())
}

fn is_lost(path: &Path) -> bool {
    let other = [
        "/memfd:",
        "/SYSV",
        "/dev/",
        "/[",
        "/anon_hugepage",
        "/i915",
        "/drm",
        "/proc/",
        "/run/",
    ];
    let text = path.to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !in_temporary_folder(path)
        && !name.starts_with('#')
        && !other.iter().any(|start| text.starts_with(start))
        && text.starts_with('/')
}
