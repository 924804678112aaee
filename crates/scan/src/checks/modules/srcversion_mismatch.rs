//! Loaded modules that are others than their files.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::{modinfo, modules};
use casemate_schema::Severity;
use std::path::PathBuf;

check! {
    /// # What it checks
    /// `srcversion`, a digest of a module's source: `/sys/module/NAME/srcversion` of the loaded module
    /// against the section `.modinfo` of its file. Only modules that have both are compared. If all
    /// of several differ, the files come from another build and one finding says so.
    ///
    /// # Why it matters
    /// The kernel runs other code than the file on disk that package tools verify: the file was
    /// replaced after loading, or the loaded module was put in its place.
    ///
    /// # Example
    /// `/sys/module/e1000/srcversion` is `A1B2...`, the file `e1000.ko` says `FFEE...`.
    ///
    /// # Instead
    /// After an update of the kernel: reboot. Otherwise verify the file (`dpkg -V linux-image-...`,
    /// `rpm -V kernel-core`), find out who loaded the module, and if nobody can say, treat the host
    /// as taken over.
    id: "module-srcversion-mismatch",
    surface: Modules,
    title: "Loaded kernel module is another one than its file",
    severity: High,
    references: [Attack "T1547.006", Cwe "CWE-354", Man "modinfo(8)"],
}

/// From this many modules on, a difference of all of them is an update and no replacement.
const UPDATE_MIN: usize = 3;

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let loaded = modules::loaded(cx.facts)?;
    let files = cx.facts.modules()?;
    cx.limits(&files.limits);
    let mut compared = 0;
    let mut differing: Vec<(String, PathBuf, String, String)> = Vec::new();
    for name in loaded.keys() {
        let live_path = format!("/sys/module/{name}/srcversion");
        let (Some(path), Some(live)) =
            (files.files.get(name), cx.facts.value_if_there(&live_path)?)
        else {
            continue;
        };
        if !cx.facts.exists(path) {
            continue;
        }
        let bytes = match modules::module_bytes(cx.facts, path) {
            Ok(bytes) => bytes,
            Err(limit) => {
                cx.limit(limit);
                continue;
            }
        };
        let Some(file) = modinfo::value(&bytes, "srcversion") else {
            cx.limit(Limit {
                reason: format!("`{}` tells no srcversion", path.display()),
                privileges: false,
            });
            continue;
        };
        compared += 1;
        if file != live {
            differing.push((name.clone(), path.clone(), live, file));
        }
    }
    if differing.len() >= UPDATE_MIN && differing.len() == compared {
        let names: Vec<&str> = differing.iter().map(|(name, ..)| name.as_str()).collect();
        let hit = Hit::new("All loaded kernel modules differ from their files: reboot is due")
            .path(&files.folder)
            .severity(Severity::Medium)
            .evidence("modules", names.join(" "));
        cx.hit(hit);
        return Ok(());
    }
    for (name, path, live, file) in differing {
        let hit = Hit::new(format!(
            "Loaded kernel module `{name}` is another one than its file"
        ))
        .path(&path)
        .evidence_at(
            "loaded",
            live,
            format!("/sys/module/{name}/srcversion"),
            Some(1),
        )
        .evidence("file", file);
        cx.hit(hit);
    }
    Ok(())
}
