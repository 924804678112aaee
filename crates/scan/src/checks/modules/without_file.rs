//! Loaded modules that have no file.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::modules;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// Each line of `/proc/modules` must have a file below `/lib/modules/RELEASE`: one that
    /// `modules.dep` lists, or one found by looking through the folder.
    ///
    /// # Why it matters
    /// Modules come from the kernel's package or from DKMS, and their files stay. One without a file
    /// was loaded from elsewhere (a temporary folder, memory) and its file was removed: that is how
    /// a rootkit is loaded by hand.
    ///
    /// # Example
    /// `/proc/modules` lists `hideproc`, and no `hideproc.ko` is below `/lib/modules/6.1.0-18-amd64`.
    ///
    /// # Instead
    /// Find out who loaded it (`journalctl -k | grep NAME`, audit records of `init_module`). If
    /// nobody can say, treat the host as taken over. A driver that is meant to be there gets
    /// installed with `modules_install` or DKMS.
    id: "module-without-file",
    surface: Modules,
    title: "Loaded kernel module has no file",
    severity: High,
    references: [Attack "T1547.006", Attack "T1014", Man "modules.dep(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let loaded = modules::loaded(cx.facts)?;
    let files = cx.facts.modules()?;
    cx.limits(&files.limits);
    if loaded.is_empty() {
        return Ok(());
    }
    if !cx.facts.exists(&files.folder) {
        let reason = format!("`{}` is not there", files.folder.display());
        return Err(Skip::not_assessed(reason));
    }
    let mut missing: BTreeSet<String> = loaded
        .keys()
        .filter(|name| {
            !files
                .files
                .get(*name)
                .is_some_and(|path| cx.facts.exists(path))
        })
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (found, hidden) = modules::search(cx.facts, &files.folder, &missing);
    missing.retain(|name| !found.contains(name));
    if !hidden.is_empty() {
        // The file may be where this user cannot look.
        cx.limits(&hidden);
        return Ok(());
    }
    for name in missing {
        let taint = loaded.get(&name).cloned().unwrap_or_default();
        let taint = if taint.is_empty() {
            "none".to_owned()
        } else {
            taint
        };
        let hit = Hit::new(format!("Loaded kernel module `{name}` has no file"))
            .subject(&name)
            .evidence("looked_in", files.folder.display().to_string())
            .evidence("taint", taint);
        cx.hit(hit);
    }
    Ok(())
}
