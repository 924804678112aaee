//! Program in a temporary folder.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::TEMPORARY;
use crate::facts::survey::{entries, limit_refused};
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

check! {
    /// # What it checks
    /// Executable regular files below /tmp, /var/tmp and /dev/shm. Programs in one folder there are
    /// one finding, which names the first.
    ///
    /// # Why it matters
    /// What intruders bring is started from there, since everybody may write and nothing is kept. A
    /// hidden name or shared memory as the place makes it more likely.
    ///
    /// # Example
    /// `-rwxr-xr-x www-data /dev/shm/.k/kworker`
    ///
    /// # Instead
    /// Find out who started it, remove it, and mount the folder with `noexec`.
    id: "file-temporary-program",
    surface: Files,
    title: "Program in a temporary folder",
    severity: Low,
    references: [Cwe "CWE-379", Attack "T1036.005", Man "mount(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    let mut by_top: BTreeMap<&Path, _> = BTreeMap::new();
    for (path, seen) in entries(&survey.temporary_programs) {
        by_top.entry(top(path)).or_insert((path, seen));
    }
    for (top, (path, seen)) in by_top {
        let shown = top.display();
        let hidden = path
            .components()
            .any(|part| part.as_os_str().as_bytes().starts_with(b"."));
        let severity = match (hidden, path.starts_with("/dev/shm")) {
            (true, true) => Severity::High,
            (true, false) | (false, true) => Severity::Medium,
            (false, false) => Severity::Low,
        };
        let title = if top == path {
            format!("`{shown}` is a program in a temporary folder")
        } else {
            format!("`{shown}` holds programs in a temporary folder")
        };
        let hit = Hit::new(title)
            .path(top)
            .severity(severity)
            .evidence("program", path.display().to_string())
            .evidence("mode", seen.metadata.mode_text())
            .evidence("owner", survey.accounts.user_text(seen.metadata.uid));
        cx.hit(hit);
    }
    survey.limits(cx, TEMPORARY);
    limit_refused(cx, &survey.temporary_programs);
    Ok(())
}

/// The entry of the temporary folder itself that a path belongs to.
fn top(path: &Path) -> &Path {
    let is_temporary = |folder: &Path| TEMPORARY.iter().any(|known| folder == Path::new(known));
    path.ancestors()
        .find(|place| place.parent().is_some_and(is_temporary))
        .unwrap_or(path)
}
