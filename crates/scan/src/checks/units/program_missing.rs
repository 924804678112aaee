//! Started units whose program does not exist.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::units::{self, Entry};
use crate::facts::{Facts, trust};
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// The programs of the units that something starts exist. Commands with the prefix `-`, programs
    /// without a path, units with a root folder of their own, and units whose conditions on paths
    /// (`ConditionPathExists=`, `ConditionFileIsExecutable=` and the like) do not hold or cannot be
    /// decided from files are no hit. It is high when anybody may create the missing file.
    ///
    /// # Why it matters
    /// A unit without its program fails at each boot, so the protection or service that it stands
    /// for is missing. When the folder is open to others, one of them can supply the program.
    ///
    /// # Example
    /// `ExecStart=/var/tmp/agent/run` after the folder was deleted.
    ///
    /// # Instead
    /// Install the program again, or take the unit away: `systemctl disable --now UNIT`.
    id: "unit-program-missing",
    surface: Units,
    title: "Program of a started unit is missing",
    severity: Low,
    references: [Cwe "CWE-427", Attack "T1543.002", Man "systemd.service(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    let started = all.running().filter(|entry| entry.started);
    for entry in started.filter(|entry| !entry.has_own_root() && conditions_hold(cx.facts, entry)) {
        let mut seen = BTreeSet::new();
        for (command, setting) in entry.commands() {
            let Some(program) = units::programs(&command).into_iter().next() else {
                continue;
            };
            if command.ignores_failure || !seen.insert(program.clone()) {
                continue;
            }
            match cx.facts.tree().metadata(&program) {
                Err(error) if error.is_not_found() => {}
                Err(error) => {
                    cx.limit(crate::check::Limit::from_error(&error));
                    continue;
                }
                Ok(_) => continue,
            }
            let name = entry.unit.name.as_str();
            let mut hit = Hit::new(format!("`{}` of `{name}` is missing", program.display()))
                .path(&program)
                .subject(name)
                .evidence_at(
                    &setting.key,
                    &setting.value,
                    &setting.file,
                    Some(u64::from(setting.line)),
                );
            if let Some(weak) = trust::weak_or_missing(cx, &program, &[]) {
                hit = hit
                    .severity(Severity::High)
                    .evidence("can_be_created_by", &weak.who)
                    .evidence("folder", weak.shown(cx.facts));
            }
            cx.hit(hit);
        }
    }
    Ok(())
}

/// Conditions that a look at the tree decides.
const CONDITIONS: [&str; 6] = [
    "PathExists",
    "PathIsDirectory",
    "PathIsSymbolicLink",
    "FileIsExecutable",
    "FileNotEmpty",
    "DirectoryNotEmpty",
];

/// Whether no condition on a path keeps the unit from starting. Those with `|` are alternatives
/// and count as fulfilled; those that name what only the running host knows (`%v`) do not.
fn conditions_hold(facts: &Facts<'_>, entry: &Entry) -> bool {
    let holds = |value: &str| {
        let (negated, path) = match value.strip_prefix('!') {
            Some(path) => (true, path),
            None => (false, value),
        };
        let path = entry.unit.expand(path.trim());
        path.is_ok_and(|path| !path.starts_with('/') || facts.exists(Path::new(&path)) != negated)
    };
    CONDITIONS.iter().all(|name| {
        ["Condition", "Assert"].iter().all(|kind| {
            let key = format!("{kind}{name}");
            let list = entry.unit.list("Unit", &key);
            list.iter().all(|setting| holds(&setting.value))
        })
    })
}
