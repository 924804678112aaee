//! Module files that others than root can change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::Facts;
use crate::facts::trust::{self, Weak};
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// Every file of `modules.dep` and every folder above it: owned by root, and not writable by
    /// others or by a group in which somebody else is.
    ///
    /// # Why it matters
    /// Whoever replaces a module's file has code in the kernel at the next boot, or as soon as the
    /// device is plugged in.
    ///
    /// # Example
    /// `/lib/modules/6.1.0-18-amd64/updates/dkms/driver.ko` with mode 0666.
    ///
    /// # Instead
    /// `chown root:root FILE` and `chmod 0644 FILE` (folders 0755), then verify the package.
    id: "module-file-writable",
    surface: Modules,
    title: "Kernel module file can be replaced",
    severity: Critical,
    references: [Cwe "CWE-732", Attack "T1547.006"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let modules = cx.facts.modules()?;
    cx.limits(&modules.limits);
    if modules.files.is_empty() && modules.limits.is_empty() {
        return Err(Skip::not_applicable("there are no module files"));
    }
    const TOP: &str = "/lib/modules";
    if let Some(weak) = trust::weak(cx, Path::new(TOP), &[]) {
        cx.hit(hit(cx.facts, &weak));
    }
    // Thousands of files share their folders: each is looked at once.
    let mut paths: BTreeSet<&Path> = BTreeSet::new();
    for path in modules.files.values() {
        let below = |path: &&Path| path.starts_with(TOP) && *path != Path::new(TOP);
        paths.extend(path.ancestors().take_while(below));
    }
    for path in paths {
        if let Some(weak) = trust::stat(cx, path)
            .and_then(|metadata| trust::weak_file(cx.facts, path, metadata, &[]))
        {
            cx.hit(hit(cx.facts, &weak));
        }
    }
    Ok(())
}

fn hit(facts: &Facts<'_>, weak: &Weak) -> Hit {
    let severity = if weak.anybody() {
        Severity::Critical
    } else {
        Severity::High
    };
    Hit::new(format!(
        "Kernel module path `{}` can be replaced by {}",
        weak.path.display(),
        weak.who
    ))
    .path(&weak.path)
    .severity(severity)
    .evidence("mode", weak.mode_text(facts))
}
