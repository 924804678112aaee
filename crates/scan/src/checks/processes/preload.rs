//! Libraries that the environment of a process tells the loader to load.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust::{in_temporary_folder, weak_or_missing};
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

check! {
    /// # What it checks
    /// `LD_PRELOAD`, `LD_AUDIT` and `LD_LIBRARY_PATH` in the environment of running programs name no
    /// file or folder in a temporary folder, none that others than root and the program's user can
    /// change, and no relative one. Libraries of packages (`/usr/lib/.../libjemalloc.so`) are fine.
    ///
    /// # Why it matters
    /// The loader runs that code inside the program before `main`. An attacker uses it to steal
    /// passwords from a daemon, or to hide files and connections from every tool of that session.
    ///
    /// # Example
    /// `LD_PRELOAD=/dev/shm/libhide.so` in the environment of `sshd`.
    ///
    /// # Instead
    /// Remove the variable from the unit or profile that sets it (`grep -r LD_ /etc/systemd/system
    /// /etc/environment /etc/profile.d`), and keep libraries in folders of root.
    id: "proc-preload",
    surface: Processes,
    title: "Program loads a library that others can change",
    severity: High,
    references: [Attack "T1574.006", Cwe "CWE-426", Man "ld.so(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.environment_limits);
    cx.limits(&all.contained_limits);
    let accounts = cx.facts.accounts()?;
    let mut found = BTreeMap::new();
    for process in all.list.iter().filter(|process| !process.contained) {
        for (name, value) in &process.loader {
            for entry in entries(name, value) {
                let key = (process.program(), name.clone(), entry.to_vec(), process.uid);
                found.entry(key).or_insert(());
            }
        }
    }
    for ((program, name, entry, uid), ()) in found {
        let path = Path::new(OsStr::from_bytes(&entry));
        let Some((why, anybody)) = wrong(cx, &name, path, uid) else {
            continue;
        };
        let severity = match (uid, anybody) {
            (0, true) => Severity::Critical,
            (0, false) => Severity::High,
            _ => Severity::Medium,
        };
        let user = accounts.user(uid);
        let shown = match crate::run::path_text(path).0 {
            empty if empty.is_empty() => "(empty entry)".to_owned(),
            text => text,
        };
        let hit = Hit::new(format!(
            "{program} of {user} loads `{shown}` by {name}: {why}"
        ))
        .subject(&program)
        .key(&name)
        .key(&entry)
        .key(&user)
        .severity(severity)
        .evidence(&name, shown)
        .evidence("user", user);
        cx.hit(hit);
    }
    Ok(())
}

/// Entries of a variable; an empty entry of a search path means the working folder.
fn entries<'a>(name: &str, value: &'a [u8]) -> Vec<&'a [u8]> {
    let path = name == "LD_LIBRARY_PATH";
    let between = |byte: &u8| *byte == b':' || (path && *byte == b';') || (!path && *byte == b' ');
    value
        .split(between)
        .filter(|entry| path || !entry.is_empty())
        .take(64)
        .collect()
}

/// What is wrong with an entry, and whether anybody can use it.
fn wrong(cx: &mut Cx<'_>, name: &str, path: &Path, uid: u32) -> Option<(String, bool)> {
    let search = name == "LD_LIBRARY_PATH";
    if !path.is_absolute() {
        // A bare file name is looked for in the folders of the system.
        let relative = search || path.components().count() > 1;
        let why = "it is relative to the working folder".to_owned();
        return relative.then_some((why, false));
    }
    if let Some(weak) = weak_or_missing(cx, path, &[uid]) {
        let why = format!("{} can change `{}`", weak.who, weak.path.display());
        return Some((why, weak.anybody()));
    }
    in_temporary_folder(path).then(|| ("it is in a folder for temporary files".to_owned(), false))
}
