//! Packages whose installation began and did not end.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::inventory::DPKG_STATUS;
use crate::packages::{Manager, State};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Every package that dpkg knows is either installed and configured, or removed. It hits on
    /// those in between (`half-installed`, `unpacked`, `half-configured`, waiting for triggers) and
    /// on those marked as needing a reinstallation. A removed package that left its configuration
    /// is fine.
    ///
    /// # Why it matters
    /// A package stuck half-way may miss its configuration, service restart or security fix, and
    /// it keeps apt from installing the next update.
    ///
    /// # Example
    /// `Status: install ok half-configured` in `/var/lib/dpkg/status`.
    ///
    /// # Instead
    /// `dpkg --configure --pending`, then `apt-get --fix-broken install`; a package that needs a
    /// reinstallation: `apt-get install --reinstall NAME`.
    id: "pkg-half-installed",
    surface: Packages,
    title: "Package is not completely installed",
    severity: Medium,
    references: [Man "dpkg(1)", Cwe "CWE-459"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let inventory = cx.facts.inventory()?;
    if inventory.database(Manager::Dpkg).is_none() {
        return Err(Skip::not_applicable("only dpkg keeps such states"));
    }
    cx.limits(&inventory.limits);
    for package in &inventory.packages {
        let status = package.status;
        let state = match status.state {
            State::HalfInstalled => "half-installed",
            State::Unpacked => "unpacked",
            State::HalfConfigured => "half-configured",
            State::TriggersAwaited => "triggers-awaited",
            State::TriggersPending => "triggers-pending",
            State::Installed => "installed",
            State::ConfigFiles | State::NotInstalled => continue,
        };
        if status.state == State::Installed && !status.needs_reinstall {
            continue;
        }
        let waits = matches!(
            status.state,
            State::TriggersAwaited | State::TriggersPending
        );
        let severity = if waits {
            Severity::Low
        } else {
            Severity::Medium
        };
        let mut hit = Hit::new(format!(
            "Package `{}` is not completely installed",
            package.name
        ))
        .subject(format!("{}:{}", package.name, package.arch))
        .severity(severity)
        .evidence_at("state", state, DPKG_STATUS, None)
        .evidence("version", &package.version);
        if status.needs_reinstall {
            let instead = format!("`apt-get install --reinstall {}`.", package.name);
            hit = hit.evidence("needs_reinstall", "yes").instead(instead);
        }
        cx.hit(hit);
    }
    Ok(())
}
