//! Module files that others than root can change.

use crate::check::{Cx, Hit, Limit, Skip, check};
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// Every file of `modules.dep` and every folder above it up to `/lib/modules`: owned by root, and
    /// not writable by group (unless that is root's) or others.
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
    let mut paths: BTreeSet<&Path> = BTreeSet::new();
    for path in modules.files.values() {
        let inside = |path: &&Path| path.starts_with("/lib/modules");
        paths.extend(path.ancestors().take_while(inside));
    }
    for path in paths {
        let metadata = match cx.facts.tree().metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.is_not_found() => continue,
            Err(error) => {
                cx.limit(Limit::from_error(&error));
                continue;
            }
        };
        let severity = if metadata.world_writable() {
            Severity::Critical
        } else if metadata.uid != 0 || (metadata.group_writable() && metadata.gid != 0) {
            Severity::High
        } else {
            continue;
        };
        let hit = Hit::new(format!(
            "Kernel module path `{}` can be replaced",
            path.display()
        ))
        .path(path)
        .severity(severity)
        .evidence("mode", metadata.mode_text())
        .evidence("owner", metadata.uid.to_string())
        .evidence("group", metadata.gid.to_string());
        cx.hit(hit);
    }
    Ok(())
}
