//! Search paths in the environment of units that lead through folders of others.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{trust, units};
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// Variables in `Environment=` that say where code is loaded from (`PATH`, `LD_LIBRARY_PATH`,
    /// `LD_PRELOAD`, `LD_AUDIT`, `PYTHONPATH`, `PERL5LIB`, `RUBYLIB`, `NODE_PATH`, `CLASSPATH`) name
    /// absolute paths that root and the unit's user alone can change or create. The last assignment
    /// wins and an empty `Environment=` takes all back, as in systemd.
    ///
    /// # Why it matters
    /// A program or library is taken from the first folder that has it. Whoever can put a file into
    /// such a folder runs code with the rights of the unit.
    ///
    /// # Example
    /// `Environment="LD_LIBRARY_PATH=/opt/app/lib:/tmp/lib"`
    ///
    /// # Instead
    /// Name only folders of root, by absolute path: `Environment=PATH=/usr/local/bin:/usr/bin:/bin`.
    id: "unit-environment-path",
    surface: Units,
    title: "Unit loads code from a folder of others",
    severity: High,
    references: [Cwe "CWE-426", Cwe "CWE-427", Attack "T1574.006", Attack "T1574.007", Man "systemd.exec(5)"],
}

const NAMES: [&str; 9] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LD_AUDIT",
    "PYTHONPATH",
    "PERL5LIB",
    "RUBYLIB",
    "NODE_PATH",
    "CLASSPATH",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.running().filter(|entry| !entry.has_own_root()) {
        let user = entry.user();
        let trusted = units::owners(cx.facts, user.as_deref());
        let variables = entry.environment();
        let unit = entry.unit.name.as_str();
        let mut done = BTreeSet::new();
        // The last assignment of a variable is the one in force.
        for (name, value, setting) in variables.iter().rev() {
            if !NAMES.contains(&name.as_str()) || !done.insert(name) {
                continue;
            }
            for part in parts(name, value) {
                let problem = if part.starts_with('/') {
                    let path = Path::new(part);
                    match trust::weak_or_missing(cx, path, &trusted) {
                        Some(weak) => format!("{} may change {}", weak.who, weak.path.display()),
                        None => continue,
                    }
                } else {
                    "is relative to the working folder".to_owned()
                };
                let severity = match (user.is_none(), part.starts_with('/')) {
                    (true, true) => Severity::High,
                    (false, true) => Severity::Medium,
                    (_, false) => Severity::Low,
                };
                let hit = Hit::new(format!("`{unit}` loads code from `{part}` by {name}"))
                    .subject(unit)
                    .key(name)
                    .key(part)
                    .severity(severity)
                    .evidence_at(name, value, &setting.file, Some(u64::from(setting.line)))
                    .evidence("problem", problem)
                    .evidence("runs_as", units::user_text(user.as_deref()));
                cx.hit(hit);
            }
        }
    }
    Ok(())
}

/// The entries of a search path; LD_PRELOAD also separates by blanks and takes plain library names.
fn parts<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    let preload = matches!(name, "LD_PRELOAD" | "LD_AUDIT");
    let mut found: Vec<&str> = value
        .split(|letter| letter == ':' || (preload && letter == ' '))
        .map(|part| if part.is_empty() { "." } else { part })
        .filter(|part| !part.contains(['$', '%']))
        .filter(|part| !preload || part.contains('/'))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
