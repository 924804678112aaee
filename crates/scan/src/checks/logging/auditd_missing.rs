//! Whether the audit daemon runs.

use super::services;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// The audit daemon must run; in a tree without running programs it must be enabled. Containers are left out.
    ///
    /// # Why it matters
    /// The system log holds what programs choose to tell. The kernel's audit trail records what was really done: programs started, files of
    /// accounts changed, modules loaded, and by which login.
    ///
    /// # Example
    /// The package `auditd` is not installed.
    ///
    /// # Instead
    /// `apt install auditd audispd-plugins && systemctl enable --now auditd` (Red Hat: `dnf install audit`).
    id: "log-auditd-missing",
    surface: Logging,
    title: "The audit daemon does not run",
    severity: Low,
    references: [Cwe "CWE-778", Attack "T1562.012", Man "auditd(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let services = services(cx)?;
    if services.active(&["auditd", "laurel"], &["auditd", "go-audit", "auditbeat"])? {
        return Ok(());
    }
    let installed = cx.facts.exists("/usr/sbin/auditd") || cx.facts.exists("/sbin/auditd");
    let state = match (services.enabled(&["auditd"]), installed) {
        (Ok(Some(_)), _) => "enabled, but not running",
        (Ok(None), true) => "installed, but not enabled",
        (Err(_), true) => "installed, but not running",
        (_, false) => "not installed",
    };
    cx.hit(
        Hit::new("The audit daemon does not run")
            .subject("auditd")
            .evidence("auditd", state),
    );
    Ok(())
}
