//! Settings of apt that switch verification off for all sources.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::apt_conf::Setting;
use crate::packages::Manager;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `apt.conf` and `apt.conf.d` do not switch off what apt verifies: signatures of packages and
    /// repositories, and certificates of https mirrors. Nested blocks, comments, `#clear` and the
    /// order of files are followed; the last value counts.
    ///
    /// # Why it matters
    /// One such line makes every source of the host an unsigned one: a mirror, proxy or neighbour
    /// on the network can then have root run its package scripts.
    ///
    /// # Example
    /// `APT { Get { AllowUnauthenticated "true"; }; };`
    ///
    /// # Instead
    /// Remove the line, import the repository's key with `signed-by`, and run `apt-get update`.
    id: "pkg-apt-unauthenticated",
    surface: Packages,
    title: "apt installs without verifying",
    severity: High,
    references: [Cwe "CWE-347", Attack "T1195.002", Man "apt-secure(8)"],
}

/// Settings, the value that is unsafe, and how bad.
const TABLE: [(&str, bool, Severity); 8] = [
    ("APT::Get::AllowUnauthenticated", true, Severity::High),
    ("Acquire::AllowInsecureRepositories", true, Severity::High),
    (
        "Acquire::AllowDowngradeToInsecureRepositories",
        true,
        Severity::High,
    ),
    ("Acquire::AllowWeakRepositories", true, Severity::Medium),
    ("APT::Get::Force-Yes", true, Severity::High),
    ("Acquire::https::Verify-Peer", false, Severity::Medium),
    ("Acquire::https::Verify-Host", false, Severity::Medium),
    ("Acquire::Check-Valid-Until", false, Severity::Low),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let inventory = cx.facts.inventory()?;
    if inventory.database(Manager::Dpkg).is_none() {
        return Err(Skip::not_applicable("no dpkg, so no apt"));
    }
    let conf = cx.facts.apt_conf()?;
    cx.limits(&conf.limits);
    for (name, unsafe_value, severity) in TABLE {
        let setting: Option<&Setting> = conf.setting(name);
        if let Some(setting) = setting.filter(|setting| setting.is_on() == Some(unsafe_value)) {
            let hit = Hit::new(format!(
                "apt does not verify: `{name}` is `{}`",
                setting.value
            ))
            .path(&setting.path)
            .line(setting.line)
            .subject(name)
            .severity(severity)
            .evidence_at(name, &setting.value, &setting.path, Some(setting.line));
            cx.hit(hit);
        }
    }
    Ok(())
}
