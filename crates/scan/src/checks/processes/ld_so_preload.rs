//! Libraries that every program of the host loads.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust::{in_temporary_folder, weak_or_missing};
use casemate_schema::Severity;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

check! {
    /// # What it checks
    /// `/etc/ld.so.preload` is missing or empty, and only root can write it. Every library in it is
    /// reported; words after `#` are no entries.
    ///
    /// # Why it matters
    /// The loader puts these libraries into every program, set-user-id programs included. Rootkits
    /// (Jynx, Azazel, Symbiote) hide processes, files and connections in exactly this way.
    ///
    /// # Example
    /// `/etc/ld.so.preload` with the line `/lib/libselinux_x.so`.
    ///
    /// # Instead
    /// Find the package that put it there: `dpkg -S LIBRARY` or `rpm -qf LIBRARY`. If none did, keep
    /// a copy, and look at the host from a rescue system: its own tools cannot be trusted.
    id: "proc-ld-so-preload",
    surface: Processes,
    title: "Every program loads a further library",
    severity: High,
    references: [Attack "T1574.006", Attack "T1014", Man "ld.so(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const FILE: &str = "/etc/ld.so.preload";
    let Some(bytes) = cx.facts.read_if_there(FILE)? else {
        return Ok(());
    };
    if let Some(weak) = weak_or_missing(cx, Path::new(FILE), &[]) {
        let hit = Hit::new(format!("`{FILE}` can be changed by {}", weak.who))
            .path(FILE)
            .severity(Severity::Critical)
            .evidence("writable", weak.shown(cx.facts))
            .instead(format!("`chown root:root {FILE} && chmod 644 {FILE}`"));
        cx.hit(hit);
    }
    for (number, line) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
        let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b':' | b'\r' | 0);
        for entry in line.split(between).filter(|entry| !entry.is_empty()) {
            library(cx, FILE, number, Path::new(OsStr::from_bytes(entry)));
        }
    }
    Ok(())
}

fn library(cx: &mut Cx<'_>, file: &str, line: u64, path: &Path) {
    let weak = weak_or_missing(cx, path, &[]).map(|weak| weak.shown(cx.facts));
    let anywhere = in_temporary_folder(path) || weak.is_some();
    let severity = if anywhere {
        Severity::Critical
    } else {
        Severity::High
    };
    let shown = crate::run::path_text(path).0;
    let mut hit = Hit::new(format!("Every program loads `{shown}`"))
        .path(path)
        .severity(severity)
        .evidence_at("entry", shown, file, Some(line));
    if let Some(weak) = weak {
        hit = hit.evidence("writable", weak);
    }
    if path.is_absolute() && !cx.facts.exists(path) {
        hit = hit.evidence("state", "missing, or hidden from this scan");
    }
    cx.hit(hit);
}
