//! Whether rescue and emergency mode ask for root's password.

use super::unit;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// `rescue.service` and `emergency.service` with their drop-ins: the last `ExecStart=` must run
    /// sulogin (`systemd-sulogin-shell` or `sulogin`), and no `Environment=SYSTEMD_SULOGIN_FORCE=1` may
    /// open it while root's password is locked. An empty `ExecStart=` takes earlier ones back; a
    /// masked unit cannot be started.
    ///
    /// # Why it matters
    /// Whoever chooses rescue mode at the console, or makes the boot fail, gets a shell of root.
    ///
    /// # Example
    /// `/etc/systemd/system/rescue.service.d/shell.conf` with `ExecStart=` and
    /// `ExecStart=-/bin/bash`.
    ///
    /// # Instead
    /// Remove the drop-in (`systemctl revert rescue.service emergency.service`) and give root a
    /// password, or mask the units.
    id: "boot-single-user",
    surface: Boot,
    title: "Rescue mode opens a shell of root without a password",
    severity: Medium,
    references: [Cwe "CWE-306", Attack "T1548", Man "sulogin(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut limits = Vec::new();
    let mut seen = false;
    for name in ["rescue.service", "emergency.service"] {
        let Some(lines) = unit::lines(cx.facts, name, &mut limits) else {
            seen |= unit::path(cx.facts, name).is_some();
            continue;
        };
        seen = true;
        let is_start = |line: &&unit::Line| line.key == "ExecStart";
        let last = lines.iter().rev().find(is_start);
        if let Some(start) = last
            && !start.value.is_empty()
            && !start.value.contains("sulogin")
        {
            let hit = Hit::new(format!("`{name}` opens a shell without a password"))
                .path(&start.path)
                .line(start.line)
                .subject(name)
                .evidence_at("ExecStart", &start.value, &start.path, Some(start.line));
            cx.hit(hit);
        }
        let forced = lines.iter().rev().find(|line| {
            line.key == "Environment" && line.value.contains("SYSTEMD_SULOGIN_FORCE=1")
        });
        if let Some(line) = forced {
            let hit = Hit::new(format!(
                "`{name}` opens a shell while root's password is locked"
            ))
            .path(&line.path)
            .line(line.line)
            .subject(name)
            .key("force")
            .evidence_at("Environment", &line.value, &line.path, Some(line.line));
            cx.hit(hit);
        }
    }
    cx.limits(&limits);
    if !seen {
        return Err(Skip::not_applicable("systemd is not installed"));
    }
    Ok(())
}
