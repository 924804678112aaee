//! Programs that PAM runs.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use std::path::Path;

check! {
    /// # What it checks
    /// The program on each line of `pam_exec.so` is writable by root alone: the file, and each folder
    /// above it.
    ///
    /// # Why it matters
    /// It runs at every login, mostly as root, and with `expose_authtok` it reads every password.
    /// Whoever can replace it has both.
    ///
    /// # Example
    /// `auth optional pam_exec.so expose_authtok /home/ann/notify.sh`
    ///
    /// # Instead
    /// Move it to a folder of root (`install -m 755 notify.sh /usr/local/sbin/`) and name it there.
    id: "pam-exec-writable",
    surface: Pam,
    title: "Program that runs at each login can be replaced",
    severity: Critical,
    references: [Cwe "CWE-732", Attack "T1556.003", Man "pam_exec(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    for entry in pam.entries().filter(|entry| entry.name() == "pam_exec") {
        // Options come first; the first path is the program (`log=/var/log/x` is none).
        let Some(program) = entry.arguments.iter().find(|word| word.starts_with('/')) else {
            continue;
        };
        let Some(weak) = trust::weak(cx, Path::new(program), &[]) else {
            continue;
        };
        let hit = Hit::new(format!(
            "{program}, run at each login, can be replaced by {}",
            weak.who
        ))
        .path(program)
        .evidence("writable", weak.path.display().to_string())
        .evidence("mode", weak.metadata.mode_text())
        .evidence(
            "reads passwords",
            if entry.has("expose_authtok") {
                "yes"
            } else {
                "no"
            },
        )
        .evidence_at(
            "line",
            format!("{} {}", entry.module, entry.arguments.join(" ")),
            &entry.path,
            Some(entry.line),
        );
        cx.hit(hit);
    }
    Ok(())
}
