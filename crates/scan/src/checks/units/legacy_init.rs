//! Start scripts of System V that others can change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::PathBuf;

check! {
    /// # What it checks
    /// The scripts in `/etc/init.d`, `/etc/rc.d` and the folders of the run levels, and `/etc/rc.local`,
    /// may be changed by root alone: the file, the folders above it, and what a link leads to. A
    /// `rc.local` that is not executable is left alone at boot and counts as medium.
    ///
    /// # Why it matters
    /// systemd still runs these scripts as root at boot (systemd-sysv-generator,
    /// systemd-rc-local-generator), and packages run them at upgrades.
    ///
    /// # Example
    /// `/etc/init.d/agent` with mode 0775 and the group `staff` that has members.
    ///
    /// # Instead
    /// `chown root:root /etc/init.d/agent` and `chmod 755 /etc/init.d/agent`.
    id: "unit-legacy-init",
    surface: Units,
    title: "Start script can be changed by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1037.004", Man "systemd-sysv-generator(8)"],
}

const FOLDERS: [&str; 10] = [
    "/etc/init.d",
    "/etc/rc.d",
    "/etc/rc.d/init.d",
    "/etc/rcS.d",
    "/etc/rc1.d",
    "/etc/rc2.d",
    "/etc/rc3.d",
    "/etc/rc4.d",
    "/etc/rc5.d",
    "/etc/rc.local.d",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut scripts: Vec<PathBuf> = vec![
        PathBuf::from("/etc/rc.local"),
        PathBuf::from("/etc/rc.d/rc.local"),
    ];
    for folder in FOLDERS {
        let names = trust::names(cx, folder.as_ref());
        scripts.extend(
            names
                .into_iter()
                .map(|name| PathBuf::from(folder).join(name)),
        );
    }
    scripts.retain(|path| cx.facts.exists(path));
    if scripts.is_empty() {
        return Err(Skip::not_applicable(
            "there are no start scripts of System V",
        ));
    }
    let mut seen = BTreeSet::new();
    for script in scripts {
        let Some(weak) = trust::weak(cx, &script, &[]) else {
            continue;
        };
        if !seen.insert(weak.path.clone()) {
            continue;
        }
        let runs = trust::stat(cx, &script).is_some_and(|metadata| metadata.mode & 0o111 != 0);
        let severity = match (runs, weak.metadata.world_writable()) {
            (true, true) => Severity::Critical,
            (true, false) => Severity::High,
            (false, _) => Severity::Medium,
        };
        let hit = Hit::new(format!(
            "`{}` can be changed by {}",
            weak.path.display(),
            weak.who
        ))
        .path(&weak.path)
        .severity(severity)
        .evidence("mode", weak.metadata.mode_text())
        .evidence("writable_by", &weak.who)
        .evidence_at(
            "script",
            if runs { "executable" } else { "not executable" },
            &script,
            None,
        )
        .instead(format!(
            "Run `chown root:root {0}` and `chmod go-w {0}`, after you have read the script.",
            weak.path.display()
        ));
        cx.hit(hit);
    }
    Ok(())
}
