//! A shell of root on the ninth console, without a password.

use super::unit;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::conf_dirs;

check! {
    /// # What it checks
    /// Whether `debug-shell.service` is enabled: a link in a `.wants` or `.requires` folder, and the unit
    /// is not masked.
    ///
    /// # Why it matters
    /// From early boot on, everybody who presses Ctrl+Alt+F9 at the console has a shell of root
    /// without a password.
    ///
    /// # Example
    /// `/etc/systemd/system/sysinit.target.wants/debug-shell.service`
    ///
    /// # Instead
    /// `systemctl disable --now debug-shell.service`, `systemctl mask debug-shell.service`
    id: "boot-debug-shell",
    surface: Boot,
    title: "A shell of root without a password is started at boot",
    severity: High,
    references: [Cwe "CWE-306", Cwe "CWE-489", Attack "T1543.002", Man "systemd-debug-generator(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const NAME: &str = "debug-shell.service";
    let Some(path) = unit::path(cx.facts, NAME) else {
        return Err(Skip::not_applicable("there is no debug-shell.service"));
    };
    if conf_dirs::is_masked(cx.facts, &path) {
        return Ok(());
    }
    for link in unit::wanted_by(cx.facts, NAME)? {
        let hit = Hit::new("A shell of root without a password is started on console 9")
            .path(&link)
            .subject(NAME)
            .evidence("unit", path.display().to_string());
        cx.hit(hit);
    }
    Ok(())
}
