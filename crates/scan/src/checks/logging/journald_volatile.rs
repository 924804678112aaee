//! Whether the journal outlives a restart.

use super::{WRITERS, services};
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// `Storage=` of journald (main file and drop-ins, in systemd's order) must not be `volatile` or `none`; with `auto`, the
    /// default, the folder `/var/log/journal` must exist. Not a concern where rsyslog or syslog-ng writes files.
    ///
    /// # Why it matters
    /// The journal then lies in memory: a restart, which an intruder can cause, wipes it.
    ///
    /// # Example
    /// `/etc/systemd/journald.conf.d/50-small.conf` with `Storage=volatile`.
    ///
    /// # Instead
    /// `mkdir -p /etc/systemd/journald.conf.d`, write `[Journal]` and `Storage=persistent` to
    /// `/etc/systemd/journald.conf.d/99-persistent.conf`, then `systemctl restart systemd-journald`.
    id: "log-journald-volatile",
    surface: Logging,
    title: "The journal is lost at each restart",
    severity: Low,
    references: [Cwe "CWE-778", Attack "T1070.002", Man "journald.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let services = services(cx)?;
    if services.enabled(&["systemd-journald"])?.is_none() {
        return Err(Skip::not_applicable("journald is not enabled"));
    }
    let conf = cx.facts.journald()?;
    cx.limits(&conf.limits);
    if services.enabled(&WRITERS)?.is_some() {
        return Err(Skip::not_applicable(
            "another daemon writes the log to files",
        ));
    }
    let setting = conf.setting("Journal", "Storage");
    let storage = setting.map_or_else(
        || "auto".to_owned(),
        |setting| setting.value.to_ascii_lowercase(),
    );
    let kept = match storage.as_str() {
        "volatile" | "none" => false,
        "persistent" => true,
        _ => cx.facts.exists("/var/log/journal"),
    };
    if kept {
        return Ok(());
    }
    let title = if storage == "none" {
        "journald keeps nothing"
    } else {
        "The journal is lost at each restart"
    };
    let hit = Hit::new(title).subject("Storage");
    cx.hit(match setting {
        Some(setting) => hit.path(&setting.file).line(setting.line).evidence_at(
            "Storage",
            &setting.value,
            &setting.file,
            Some(setting.line),
        ),
        None => hit
            .evidence("Storage", "auto (default)")
            .evidence("/var/log/journal", "missing"),
    });
    Ok(())
}
