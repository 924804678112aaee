//! Modules that do not come from the system's folders, or can be replaced.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// Modules with a full path lie in a `security` folder under `/lib`, `/usr/lib` or their like, and
    /// every module that is used, with the folders above it, is writable by root alone.
    ///
    /// # Why it matters
    /// A module is code inside `sshd`, `sudo` and `login`, run as root with the password in its hands.
    /// A foreign module is the usual way to catch passwords on a host that was broken into.
    ///
    /// # Example
    /// `auth sufficient /tmp/.x/pam_unix.so`
    ///
    /// # Instead
    /// Find out who put the line there; `dpkg -S` or `rpm -qf` tell whether a package owns the file.
    /// Otherwise delete the line, and count all passwords as known.
    id: "pam-module-place",
    surface: Pam,
    title: "Module of PAM is out of place",
    severity: High,
    references: [Cwe "CWE-426", Attack "T1556.003", Man "pam.d(5)"],
}

const FOLDERS: [&str; 9] = [
    "/lib/security",
    "/lib64/security",
    "/usr/lib/security",
    "/usr/lib64/security",
    "/lib/x86_64-linux-gnu/security",
    "/usr/lib/x86_64-linux-gnu/security",
    "/lib/aarch64-linux-gnu/security",
    "/usr/lib/aarch64-linux-gnu/security",
    "/usr/lib/pam",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let mut seen = BTreeSet::new();
    for entry in pam.entries() {
        let written = Path::new(&entry.module);
        let candidates: Vec<PathBuf> = if written.is_absolute() {
            vec![written.to_path_buf()]
        } else {
            FOLDERS
                .iter()
                .map(|folder| Path::new(folder).join(written))
                .collect()
        };
        let Some(path) = candidates
            .into_iter()
            .find(|path| written.is_absolute() || cx.facts.exists(path))
        else {
            continue;
        };
        if !seen.insert(path.clone()) {
            continue;
        }
        let shown = path.display();
        let foreign = !FOLDERS.iter().any(|folder| path.starts_with(folder));
        let weak = trust::weak(cx, &path, &[]);
        let (title, severity) = match (&weak, foreign) {
            (Some(weak), _) => (
                format!("Module {shown} of PAM can be replaced by {}", weak.who),
                Severity::Critical,
            ),
            (None, true) => (
                format!("Module {shown} of PAM is outside the system's folders"),
                Severity::High,
            ),
            (None, false) => continue,
        };
        let mut hit = Hit::new(title).path(&path).severity(severity).evidence_at(
            "line",
            format!("{} {}", entry.control_text, entry.module),
            &entry.path,
            Some(entry.line),
        );
        if let Some(weak) = weak {
            hit = hit
                .evidence("writable", weak.path.display().to_string())
                .evidence("mode", weak.metadata.mode_text());
        }
        cx.hit(hit);
    }
    Ok(())
}
