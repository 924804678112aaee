//! Whether processes are accounted for.

use super::services;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Process accounting (`acct`, `psacct`) or sysstat should be enabled. Not a concern where auditd runs, which records more.
    ///
    /// # Why it matters
    /// They tell afterwards which commands an account ran, and when load or traffic rose. They cost little.
    ///
    /// # Example
    /// Neither the package `acct` nor `sysstat` is installed.
    ///
    /// # Instead
    /// `apt install acct sysstat && systemctl enable --now acct sysstat` (Red Hat: `psacct`).
    id: "log-process-accounting",
    surface: Logging,
    title: "Processes are not accounted for",
    severity: Info,
    references: [Cwe "CWE-778", Man "accton(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let services = services(cx)?;
    if services.active(&["auditd"], &["auditd"])? {
        return Err(Skip::not_applicable(
            "auditd records more than accounting does",
        ));
    }
    if services
        .enabled(&["acct", "psacct", "sysstat", "sysstat-collect.timer"])?
        .is_none()
    {
        let hit = Hit::new("Processes are not accounted for")
            .subject("process accounting")
            .evidence("enabled", "none of acct, psacct, sysstat");
        cx.hit(hit);
    }
    Ok(())
}
