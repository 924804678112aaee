//! Whether anything records log messages.

use super::{WRITER_PROGRAMS, WRITERS, services};
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// A log daemon must run: systemd-journald, rsyslog, syslog-ng or another syslogd. In a tree without running programs one
    /// must be enabled. Containers are left out.
    ///
    /// # Why it matters
    /// Without it nobody can tell afterwards who logged in, what failed and what an intruder did.
    ///
    /// # Example
    /// `/dev/log` has no reader: no process is named `systemd-journald`, `rsyslogd` or `syslog-ng`.
    ///
    /// # Instead
    /// `apt install rsyslog && systemctl enable --now rsyslog`, or with systemd `systemctl unmask --now systemd-journald`.
    id: "log-no-syslog",
    surface: Logging,
    title: "No system log daemon runs",
    severity: Medium,
    references: [Cwe "CWE-778", Attack "T1562.001", Man "systemd-journald(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let services = services(cx)?;
    let mut names = vec!["systemd-journald"];
    names.extend(WRITERS);
    let mut programs = vec!["systemd-journald"];
    programs.extend(WRITER_PROGRAMS);
    if services.active(&names, &programs)? {
        return Ok(());
    }
    let enabled = services.enabled(&names);
    let hit = match enabled {
        Ok(Some(place)) => Hit::new("No system log daemon runs, though one is enabled")
            .evidence("enabled", place.to_string_lossy()),
        Ok(None) => Hit::new("No system log daemon is enabled"),
        Err(_) => Hit::new("No system log daemon runs"),
    };
    cx.hit(hit.subject("syslog"));
    Ok(())
}
