//! Unit files, drop-ins and their folders that others can change.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// Unit files, drop-ins, the folders that hold them and the links that enable units may be
    /// changed by root alone: the file, each folder above it, and what a link leads to. Masked units
    /// count as well, because whoever may write to the place can undo the mask.
    ///
    /// # Why it matters
    /// A unit file says which program systemd starts as root. Whoever can write to it, or add a
    /// drop-in beside it, is root after the next `daemon-reload` or boot.
    ///
    /// # Example
    /// `/etc/systemd/system/agent.service` with mode 0666, or owned by the user `deploy`.
    ///
    /// # Instead
    /// `chown root:root FILE` and `chmod 644 FILE`; for folders `chmod 755`.
    id: "unit-file-writable",
    surface: Units,
    title: "Unit file can be changed by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1543.002", Man "systemd.unit(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    let mut places: BTreeMap<PathBuf, String> = BTreeMap::new();
    for folder in &all.folders {
        places.insert(folder.clone(), "all units".to_owned());
    }
    for entry in &all.list {
        let unit = &entry.unit;
        let links = unit.enabled_by.iter().map(|one| one.path.as_path());
        let files =
            std::iter::once(unit.path.as_path()).chain(unit.drop_ins.iter().map(AsRef::as_ref));
        for path in files.chain(links.filter_map(Path::parent)) {
            let name = unit.name.as_str().to_owned();
            places.entry(path.to_path_buf()).or_insert(name);
        }
    }
    let mut seen = BTreeSet::new();
    for (path, name) in places {
        // A mask is a link to a device, which is open to all by design.
        if cx
            .facts
            .tree()
            .read_link(&path)
            .is_ok_and(|target| target == Path::new("/dev/null"))
        {
            continue;
        }
        let Some(weak) = trust::weak(cx, &path, &[]) else {
            continue;
        };
        if seen.insert(weak.path.clone()) {
            cx.hit(hit(&weak, &path, &name));
        }
    }
    for path in drop_in_folders(cx, &all.folders) {
        if let Some(weak) = trust::weak(cx, &path, &[])
            && seen.insert(weak.path.clone())
        {
            let name = path.file_stem().unwrap_or_default();
            cx.hit(hit(&weak, &path, &name.to_string_lossy()));
        }
    }
    Ok(())
}

fn hit(weak: &trust::Weak, path: &Path, name: &str) -> Hit {
    let severity = if weak.metadata.world_writable() {
        Severity::Critical
    } else {
        Severity::High
    };
    Hit::new(format!(
        "`{}` decides what systemd starts and can be changed by {}",
        weak.path.display(),
        weak.who
    ))
    .path(&weak.path)
    .severity(severity)
    .evidence("mode", weak.metadata.mode_text())
    .evidence("writable_by", &weak.who)
    .evidence_at("unit", name, path, None)
    .instead(format!(
        "Run `chown root:root {0}` and `chmod go-w {0}`, after you have read what the unit starts now.",
        weak.path.display()
    ))
}

/// The folders of drop-ins, also empty ones: a drop-in may be added there.
fn drop_in_folders(cx: &mut Cx<'_>, folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        match crate::tree::list(cx.facts.tree(), folder) {
            Ok(names) => {
                let names = names.into_iter().map(|name| folder.join(name));
                found.extend(names.filter(|path| path.extension().is_some_and(|end| end == "d")));
            }
            Err(error) => cx.limit(Limit::from_error(&error)),
        }
    }
    found
}
