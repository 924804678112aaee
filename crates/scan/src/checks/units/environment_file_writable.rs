//! Environment files of units that others can change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{trust, units};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The files that `EnvironmentFile=` names may be changed by root and the unit's own user alone:
    /// the file, each folder above it, and each link on the way. A missing file is no hit.
    ///
    /// # Why it matters
    /// Every variable of the file goes into the service, `LD_PRELOAD` and `PATH` among them. Whoever
    /// can write the file loads code into the service, mostly as root.
    ///
    /// # Example
    /// `EnvironmentFile=-/srv/app/app.env` where `/srv/app` belongs to the user `deploy`.
    ///
    /// # Instead
    /// Keep the file in `/etc/default` or `/etc/sysconfig`: `chown root:root FILE`, `chmod 640 FILE`.
    id: "unit-environment-file-writable",
    surface: Units,
    title: "Environment file of a unit can be changed by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1574.006", Man "systemd.exec(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.running() {
        let user = entry.user();
        for (path, setting) in entry.environment_files() {
            // The manager itself reads the file, as root and outside of any root folder of the unit.
            let owners = units::owners(cx.facts, user.as_deref());
            let Some(weak) = trust::weak(cx, &path, &owners) else {
                continue;
            };
            let severity = if user.is_none() {
                Severity::High
            } else {
                Severity::Medium
            };
            let unit = entry.unit.name.as_str();
            let title = format!(
                "`{}` of `{unit}` can be changed by {}",
                path.display(),
                weak.who
            );
            let hit = Hit::new(title)
                .path(&weak.path)
                .subject(unit)
                .severity(severity)
                .evidence("mode", weak.metadata.mode_text())
                .evidence("writable_by", &weak.who)
                .evidence("runs_as", units::user_text(user.as_deref()))
                .evidence_at(
                    "EnvironmentFile",
                    &setting.value,
                    &setting.file,
                    Some(u64::from(setting.line)),
                );
            cx.hit(hit);
        }
    }
    Ok(())
}
