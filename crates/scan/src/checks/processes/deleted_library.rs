//! Programs that still run the code of libraries that were replaced or removed.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust::in_temporary_folder;
use casemate_schema::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// No program has executable code mapped from a file that was unlinked: one finding a program and
    /// user, with the libraries. Code from a temporary folder is medium, except for the closures of
    /// libffi. Memory files without a name on the disk are left out: compilers at run time use them.
    ///
    /// # Why it matters
    /// After a security update of a library, programs that were not restarted still run the weak code.
    /// Code of a removed file in a temporary folder is how injected libraries hide.
    ///
    /// # Example
    /// `7f12... r-xp ... /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)` in the maps of `nginx`.
    ///
    /// # Instead
    /// Restart the service: `systemctl restart UNIT` (all of them: `needrestart -r a`).
    id: "proc-deleted-library",
    surface: Processes,
    title: "Program runs code of a deleted library",
    severity: Low,
    references: [Cwe "CWE-672", Attack "T1574", Man "proc(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.map_limits);
    let accounts = cx.facts.accounts()?;
    let mut found: BTreeMap<_, (BTreeSet<&PathBuf>, Option<&String>)> = BTreeMap::new();
    for process in &all.list {
        for path in process
            .deleted_libraries
            .iter()
            .filter(|path| is_library(path))
        {
            let key = (process.program(), process.uid, in_temporary_folder(path));
            let entry = found.entry(key).or_default();
            entry.0.insert(path);
            entry.1 = entry.1.or(process.unit.as_ref());
        }
    }
    for ((program, uid, temporary), (libraries, unit)) in found {
        let user = accounts.user(uid);
        let names: Vec<String> = libraries
            .iter()
            .map(|path| crate::run::path_text(path).0)
            .collect();
        let (title, severity) = if temporary {
            let title = format!("{program} of {user} runs code of a deleted temporary file");
            (title, Severity::Medium)
        } else {
            let title = format!("{program} of {user} still runs replaced libraries");
            (title, Severity::Low)
        };
        let mut hit = Hit::new(title)
            .subject(&program)
            .key(&user)
            .key([u8::from(temporary)])
            .severity(severity)
            .evidence("libraries", names.join(", "))
            .evidence("user", user);
        if let Some(unit) = unit {
            hit = hit
                .evidence("unit", unit)
                .instead(format!("`systemctl restart {unit}`"));
        }
        cx.hit(hit);
    }
    Ok(())
}

fn is_library(path: &Path) -> bool {
    let memory = [
        "/memfd:",
        "/SYSV",
        "/dev/zero",
        "/[",
        "/anon_hugepage",
        "/i915",
        "/drm",
    ];
    let text = path.to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // libffi makes its closures in an unlinked file `ffi` and six letters.
    let closure = name.starts_with("ffi") && name.len() == 9 && in_temporary_folder(path);
    !closure && !memory.iter().any(|start| text.starts_with(start))
}
