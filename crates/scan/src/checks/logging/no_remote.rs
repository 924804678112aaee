//! Whether log messages leave the host.

use super::{WRITER_PROGRAMS, WRITERS, forwards, services};
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// rsyslog, syslog-ng or systemd-journal-upload should send log messages to another host. Not applicable where no log
    /// daemon is enabled or runs: that is `log-no-syslog`.
    ///
    /// # Why it matters
    /// Who becomes root can rewrite every log on the host. Only copies elsewhere still tell what happened.
    ///
    /// # Example
    /// `/etc/rsyslog.conf` with rules for files alone.
    ///
    /// # Instead
    /// In `/etc/rsyslog.d/90-remote.conf`: `action(type="omfwd" target="log.example.org" port="6514" protocol="tcp"
    /// StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name")`; then `systemctl restart rsyslog`.
    id: "log-no-remote",
    surface: Logging,
    title: "Log messages stay on this host",
    severity: Info,
    references: [Cwe "CWE-778", Attack "T1070.002", Man "rsyslog.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let services = services(cx)?;
    let mut daemons = WRITERS.to_vec();
    daemons.push("systemd-journald");
    let Some(daemon) = services.enabled(&daemons)? else {
        return Err(Skip::not_applicable("no log daemon is enabled"));
    };
    let mut programs = vec!["systemd-journald"];
    programs.extend(WRITER_PROGRAMS);
    if services.running(&programs) == Some(false) {
        return Err(Skip::not_applicable("no log daemon runs"));
    }
    let (forwards, limits) = forwards::read(cx.facts)?;
    if forwards.is_empty() {
        if !limits.is_empty() {
            cx.limits(&limits);
            return Ok(());
        }
        let hit = Hit::new("Log messages are not sent to another host")
            .subject("remote log")
            .evidence("daemon", daemon.to_string_lossy());
        cx.hit(hit);
    }
    Ok(())
}
