//! Whether the clock is kept right.

use super::services;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// A daemon that keeps the clock must run: systemd-timesyncd, chrony, ntpd, ntpsec or openntpd. In a tree without running
    /// programs one must be enabled. Containers are left out.
    ///
    /// # Why it matters
    /// Log lines of several hosts can only be put in order by their times; certificates, Kerberos tickets and one-time codes fail when the clock is wrong.
    ///
    /// # Example
    /// `systemd-timesyncd.service` is masked and no other daemon is installed.
    ///
    /// # Instead
    /// `apt install chrony && systemctl enable --now chrony`, or `timedatectl set-ntp true`.
    id: "log-no-time-sync",
    surface: Logging,
    title: "Nothing keeps the clock right",
    severity: Low,
    references: [Cwe "CWE-778", Attack "T1070.006", Man "timedatectl(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const UNITS: [&str; 9] = [
        "systemd-timesyncd",
        "chrony",
        "chronyd",
        "ntp",
        "ntpd",
        "ntpsec",
        "openntpd",
        "ntpdate",
        "timemaster",
    ];
    const PROGRAMS: [&str; 6] = [
        "systemd-timesyncd",
        "chronyd",
        "ntpd",
        "openntpd",
        "timemaster",
        "phc2sys",
    ];
    let services = services(cx)?;
    if services.active(&UNITS, &PROGRAMS)? {
        return Ok(());
    }
    let hit = match services.enabled(&UNITS) {
        Ok(Some(place)) => {
            Hit::new("Nothing keeps the clock right, though a service for it is enabled")
                .evidence("enabled", place.to_string_lossy())
        }
        Ok(None) => Hit::new("Nothing keeps the clock right").evidence("enabled", "none"),
        Err(_) => Hit::new("Nothing keeps the clock right"),
    };
    cx.hit(hit.subject("clock"));
    Ok(())
}
