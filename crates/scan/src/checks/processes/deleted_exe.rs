//! Programs whose file was unlinked while they run.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust::in_temporary_folder;
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

check! {
    /// # What it checks
    /// No program runs from a file that was removed. A file that was replaced at the same path (an
    /// upgrade) is low: the old code still runs. Programs in memory have a check of their own
    /// (`proc-memfd-exe`).
    ///
    /// # Why it matters
    /// Malware removes its own file after the start, so that no scanner and no administrator finds
    /// it on the disk. After an upgrade, the process still runs the code with the old weakness.
    ///
    /// # Example
    /// `/proc/4711/exe -> /tmp/.x/miner (deleted)`
    ///
    /// # Instead
    /// After an upgrade, restart the service: `systemctl restart UNIT`. Otherwise keep a copy before
    /// you stop it (`cp /proc/PID/exe /root/evidence`), find out who started it, then end it.
    id: "proc-deleted-exe",
    surface: Processes,
    title: "Program runs from a deleted file",
    severity: High,
    references: [Attack "T1070.004", Cwe "CWE-672", Man "proc(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.executable_limits);
    let mut found = BTreeMap::new();
    for process in &all.list {
        let Some(file) = process.executable.as_ref().filter(|file| file.deleted) else {
            continue;
        };
        if !is_memory(&file.path) {
            found.entry(&file.path).or_insert(process);
        }
    }
    let accounts = cx.facts.accounts()?;
    for (path, process) in found {
        let replaced = !process.contained && cx.facts.exists(path);
        let shown = path.display();
        let (title, severity) = if replaced {
            let title = format!("`{shown}` was replaced, but the old file still runs");
            (title, Severity::Low)
        } else {
            let title = format!("`{shown}` was deleted, but still runs");
            (title, severity_of(path, process.contained))
        };
        let mut hit = Hit::new(title)
            .path(path)
            .severity(severity)
            .evidence("user", accounts.user(process.uid))
            .evidence("name", &process.name);
        if let Some(unit) = &process.unit {
            hit = hit.evidence("unit", unit);
            if replaced {
                hit = hit.instead(format!("Restart it: `systemctl restart {unit}`."));
            }
        }
        cx.hit(hit);
    }
    Ok(())
}

/// Memory files look like files of the root folder; the runtime's own mount shows as `/`.
fn is_memory(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    bytes == b"/" || bytes.starts_with(b"/memfd:")
}

fn severity_of(path: &Path, contained: bool) -> Severity {
    let of_packages = ["/usr", "/opt", "/snap", "/bin", "/sbin", "/lib", "/nix"];
    if in_temporary_folder(path) {
        Severity::High
    } else if contained || of_packages.iter().any(|folder| path.starts_with(folder)) {
        Severity::Low
    } else {
        Severity::Medium
    }
}
