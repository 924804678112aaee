//! Whether security updates are installed without somebody asking for them.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::Facts;
use crate::packages::Manager;
use std::path::Path;

check! {
    /// # What it checks
    /// With dpkg: `unattended-upgrades` is installed, `APT::Periodic::Unattended-Upgrade` and
    /// `APT::Periodic::Update-Package-Lists` are not 0, `APT::Periodic::Enable` is not off, and
    /// `apt-daily-upgrade.timer` is not masked. With rpm: a timer of dnf-automatic is enabled and it
    /// applies what it downloads, or yum-cron does. An installed package alone does not count.
    ///
    /// # Why it matters
    /// Most break-ins use holes that were fixed weeks before. Updates that wait for a person wait
    /// for holidays, too.
    ///
    /// # Example
    /// `unattended-upgrades` is installed, and `20auto-upgrades` says
    /// `APT::Periodic::Unattended-Upgrade "0";`.
    ///
    /// # Instead
    /// Debian: `apt-get install unattended-upgrades`, then in
    /// `/etc/apt/apt.conf.d/20auto-upgrades`: `APT::Periodic::Update-Package-Lists "1";` and
    /// `APT::Periodic::Unattended-Upgrade "1";`. Red Hat: `dnf install dnf-automatic` and
    /// `systemctl enable --now dnf-automatic-install.timer`. Hosts that are updated by a central
    /// tool may ignore this.
    id: "pkg-no-automatic-updates",
    surface: Packages,
    title: "Security updates are not installed automatically",
    severity: Low,
    references: [Cwe "CWE-1104", Man "unattended-upgrade(8)", Man "dnf.automatic(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let inventory = cx.facts.inventory()?;
    let reason = if inventory.database(Manager::Dpkg).is_some() {
        let conf = cx.facts.apt_conf()?;
        cx.limits(&conf.limits);
        missing_with_apt(cx.facts)?
    } else if inventory.database(Manager::Rpm).is_some() {
        if inventory.has("zypper") {
            return Err(Skip::not_assessed(
                "how updates are started here is not known",
            ));
        }
        missing_with_dnf(cx.facts)?
    } else {
        return Err(Skip::not_applicable("apk has no automatic updates"));
    };
    if let Some(reason) = reason {
        let hit = Hit::new("Security updates are not installed automatically");
        cx.hit(hit.subject("automatic updates").evidence("missing", reason));
    }
    Ok(())
}

/// The first condition that is not met.
fn missing_with_apt(facts: &Facts<'_>) -> Result<Option<&'static str>, Skip> {
    if !facts.inventory()?.has("unattended-upgrades") {
        return Ok(Some("package unattended-upgrades is not installed"));
    }
    let conf = facts.apt_conf()?;
    // An interval: a number of days, or with a unit as in `12h`, or `always`; absent is never.
    let runs = |name: &str| {
        conf.setting(name)
            .is_some_and(|setting| !matches!(setting.value.trim(), "" | "0"))
    };
    let switch = conf.setting("APT::Periodic::Enable");
    if switch.is_some_and(|setting| setting.is_on() == Some(false)) {
        return Ok(Some("APT::Periodic::Enable is off"));
    }
    if !runs("APT::Periodic::Unattended-Upgrade") {
        return Ok(Some("APT::Periodic::Unattended-Upgrade is 0 or not set"));
    }
    if !runs("APT::Periodic::Update-Package-Lists") {
        return Ok(Some("APT::Periodic::Update-Package-Lists is 0 or not set"));
    }
    let unit = Path::new("/etc/systemd/system/apt-daily-upgrade.timer");
    let masked = facts
        .tree()
        .read_link(unit)
        .is_ok_and(|target| target == Path::new("/dev/null"));
    Ok(masked.then_some("apt-daily-upgrade.timer is masked"))
}

fn missing_with_dnf(facts: &Facts<'_>) -> Result<Option<&'static str>, Skip> {
    let enabled = |unit: &str| {
        let wants = ["timers.target.wants", "multi-user.target.wants"];
        wants.iter().any(|folder| {
            let path = format!("/etc/systemd/system/{folder}/{unit}");
            facts.tree().link_metadata(Path::new(&path)).is_ok()
        })
    };
    if enabled("dnf-automatic-install.timer") {
        return Ok(None);
    }
    for (units, path) in [
        (
            &["dnf-automatic.timer", "dnf5-automatic.timer"][..],
            "/etc/dnf/automatic.conf",
        ),
        (&["yum-cron.service"][..], "/etc/yum/yum-cron.conf"),
    ] {
        if !units.iter().any(|unit| enabled(unit)) {
            continue;
        }
        let text = facts.read_if_there(path)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let value = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .rfind(|(name, _)| name.trim() == "apply_updates")
            .map(|(_, value)| value.trim().to_ascii_lowercase());
        if value.is_some_and(|value| matches!(value.as_str(), "yes" | "true" | "1")) {
            return Ok(None);
        }
        return Ok(Some("updates are downloaded, apply_updates is not yes"));
    }
    Ok(Some("no timer of dnf-automatic and no yum-cron is enabled"))
}
