//! Whether log files are rotated.

use super::{WRITERS, services};
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Where a syslog daemon writes files, logrotate must be installed, configured, and started by its timer or from `/etc/cron.daily`.
    ///
    /// # Why it matters
    /// Logs grow until the disk is full: services stop, and nothing more is recorded. Anybody who can cause log messages can hasten that.
    ///
    /// # Example
    /// rsyslog is enabled, `/usr/sbin/logrotate` is missing.
    ///
    /// # Instead
    /// `apt install logrotate && systemctl enable --now logrotate.timer`
    id: "log-logrotate-missing",
    surface: Logging,
    title: "Log files are not rotated",
    severity: Low,
    references: [Cwe "CWE-400", Man "logrotate(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let services = services(cx)?;
    if services.enabled(&WRITERS)?.is_none() {
        return Err(Skip::not_applicable("no syslog daemon writes log files"));
    }
    let facts = cx.facts;
    let installed = facts.exists("/usr/sbin/logrotate") || facts.exists("/usr/bin/logrotate");
    let by_cron = [
        "/etc/cron.daily/logrotate",
        "/etc/cron.hourly/logrotate",
        "/etc/periodic/daily/logrotate",
    ];
    let by_cron = by_cron.iter().any(|path| facts.exists(path));
    let state = if !installed {
        "logrotate is not installed"
    } else if !facts.exists("/etc/logrotate.conf") {
        "`/etc/logrotate.conf` is missing"
    } else if !by_cron && services.enabled(&["logrotate.timer"])?.is_none() {
        "neither `logrotate.timer` nor `/etc/cron.daily/logrotate` starts it"
    } else {
        return Ok(());
    };
    cx.hit(
        Hit::new("Log files are not rotated")
            .subject("logrotate")
            .evidence("state", state),
    );
    Ok(())
}
