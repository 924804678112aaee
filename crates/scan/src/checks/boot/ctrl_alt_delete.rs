//! What Ctrl+Alt+Delete does at the console.

use super::unit;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::conf_dirs;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `kernel.ctrl-alt-del` of the running kernel: 1 reboots at once. With 0 systemd starts
    /// `ctrl-alt-del.target`, which reboots unless it is masked.
    ///
    /// # Why it matters
    /// Whoever reaches a keyboard or the console of a virtual machine restarts the host without
    /// logging in: an outage, and a way to the boot menu. With 1 even unsaved data is lost.
    ///
    /// # Example
    /// `kernel.ctrl-alt-del = 1`
    ///
    /// # Instead
    /// `sysctl -w kernel.ctrl-alt-del=0` (and in `/etc/sysctl.d`), `systemctl mask ctrl-alt-del.target`.
    id: "boot-ctrl-alt-delete",
    surface: Boot,
    title: "Ctrl+Alt+Delete restarts the host",
    severity: Info,
    references: [Cwe "CWE-306", Attack "T1529", Man "systemd.special(7)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const SETTING: &str = "/proc/sys/kernel/ctrl-alt-del";
    const TARGET: &str = "ctrl-alt-del.target";
    let live = cx.facts.value_if_there(SETTING)?;
    if live.as_deref() == Some("1") {
        let hit = Hit::new("Ctrl+Alt+Delete restarts the host at once, without saving anything")
            .subject("kernel.ctrl-alt-del")
            .severity(Severity::Low)
            .evidence_at("ctrl-alt-del", "1", SETTING, Some(1));
        cx.hit(hit);
        return Ok(());
    }
    let Some(path) = unit::path(cx.facts, TARGET) else {
        return Err(Skip::not_applicable("systemd is not installed"));
    };
    if !conf_dirs::is_masked(cx.facts, &path) {
        let hit = Hit::new("Ctrl+Alt+Delete at the console restarts the host")
            .subject(TARGET)
            .evidence("unit", path.display().to_string());
        cx.hit(hit);
    }
    Ok(())
}
