//! Programs of units that others can replace.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{trust, units};
use casemate_schema::Severity;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// The program of every command of a unit (`ExecStart=`, `ExecStartPre=`, `ExecStop=`,
    /// `ExecReload=` and the others), and the script that a shell or interpreter in it runs, may be
    /// changed by root and the service's own user alone: the file, each folder above it, and each
    /// link on the way. Prefixes (`-`, `@`, `:`, `+`, `!`) are understood; a `+` runs as root whatever
    /// `User=` says. Masked units and templates without instance are left out.
    ///
    /// # Why it matters
    /// Whoever can replace the program has it run with the rights of the unit, mostly root, at the
    /// next start of the unit or of the host.
    ///
    /// # Example
    /// `ExecStart=-/opt/agent/run` where `/opt/agent` has mode 0777.
    ///
    /// # Instead
    /// Give file and folders to root, closed to others: `chown root:root /opt/agent /opt/agent/run`,
    /// `chmod go-w /opt/agent /opt/agent/run`.
    id: "unit-program-writable",
    surface: Units,
    title: "Program of a unit can be replaced",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1574.010", Man "systemd.service(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.running().filter(|entry| !entry.has_own_root()) {
        let mut seen = BTreeSet::new();
        for (command, setting) in entry.commands() {
            let user = entry.user_of(&command);
            for program in units::programs(&command) {
                if !seen.insert((program.clone(), user.is_none())) {
                    continue;
                }
                let owners = units::owners(cx.facts, user.as_deref());
                let Some(weak) = trust::weak(cx, &program, &owners) else {
                    continue;
                };
                let name = entry.unit.name.as_str();
                let runs_as = units::user_text(user.as_deref());
                let severity = match (
                    user.is_none(),
                    weak.metadata.world_writable(),
                    entry.started,
                ) {
                    (true, true, true) => Severity::Critical,
                    (true, _, _) => Severity::High,
                    (false, _, _) => Severity::Medium,
                };
                let fix = format!(
                    "Run `chown root:root {0}` and `chmod go-w {0}`, after you have seen that nobody \
                     changed `{1}` already.",
                    weak.path.display(),
                    program.display()
                );
                let title = format!(
                    "`{}` of `{name}` can be replaced by {}",
                    program.display(),
                    weak.who
                );
                let hit = Hit::new(title)
                    .path(&weak.path)
                    .subject(name)
                    .key(program.as_os_str().as_encoded_bytes())
                    .severity(severity)
                    .evidence("writable_by", &weak.who)
                    .evidence("mode", weak.metadata.mode_text())
                    .evidence("runs_as", runs_as)
                    .evidence_at(
                        &setting.key,
                        &setting.value,
                        &setting.file,
                        Some(u64::from(setting.line)),
                    )
                    .instead(fix);
                cx.hit(hit);
            }
        }
    }
    Ok(())
}
