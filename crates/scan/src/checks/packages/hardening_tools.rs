//! Purposes of defence for which no tool is installed.

use crate::check::{Cx, Hit, Skip, check};
use crate::packages::Manager;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// For each of a few purposes one of the usual packages is installed: watching files for changes,
    /// looking for malware, telling which services still run replaced libraries, showing changes
    /// before an upgrade, private temporary folders, slowing down password guessing. A removed
    /// package that left its configuration is not installed.
    ///
    /// # Why it matters
    /// These are aids, not holes: without them a break-in is noticed later, or an update takes
    /// effect only at the next restart.
    ///
    /// # Example
    /// Neither `aide` nor `tripwire` nor another integrity tool is installed.
    ///
    /// # Instead
    /// Install one tool for the purposes that this host needs, such as `apt-get install aide
    /// needrestart`, and give it a regular job; ignore those that another layer does.
    id: "pkg-hardening-tools",
    surface: Packages,
    title: "No tool is installed for a purpose of defence",
    severity: Info,
    references: [Cwe "CWE-778", Man "aide(1)", Man "needrestart(1)"],
}

/// A purpose, its tools, whether it is for dpkg systems alone, and its severity.
const TABLE: [(&str, &[&str], bool, Severity); 7] = [
    (
        "watching files for changes",
        &[
            "aide",
            "aide-common",
            "tripwire",
            "samhain",
            "ossec-hids",
            "wazuh-agent",
            "integrit",
            "osquery",
        ],
        false,
        Severity::Low,
    ),
    (
        "looking for malware",
        &[
            "clamav",
            "clamav-daemon",
            "rkhunter",
            "chkrootkit",
            "clamd",
            "falcon-sensor",
            "mdatp",
            "maldetect",
        ],
        false,
        Severity::Info,
    ),
    (
        "slowing down password guessing",
        &[
            "fail2ban",
            "fail2ban-server",
            "sshguard",
            "crowdsec",
            "denyhosts",
        ],
        false,
        Severity::Info,
    ),
    (
        "restarting services after updates",
        &[
            "needrestart",
            "debian-goodies",
            "dnf-utils",
            "yum-utils",
            "dnf-plugins-core",
        ],
        false,
        Severity::Info,
    ),
    (
        "verifying installed packages",
        &["debsums"],
        true,
        Severity::Info,
    ),
    (
        "showing changes before upgrades",
        &["apt-listchanges", "apt-listbugs"],
        true,
        Severity::Info,
    ),
    (
        "private temporary folders",
        &["libpam-tmpdir"],
        true,
        Severity::Info,
    ),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let inventory = cx.facts.inventory()?;
    cx.limits(&inventory.limits);
    let has_dpkg = inventory.database(Manager::Dpkg).is_some();
    for (purpose, tools, dpkg_alone, severity) in TABLE {
        if (dpkg_alone && !has_dpkg) || tools.iter().any(|tool| inventory.has(tool)) {
            continue;
        }
        let hit = Hit::new(format!("No tool is installed for {purpose}"))
            .subject(purpose)
            .severity(severity)
            .evidence("any_of", tools.join(", "));
        cx.hit(hit);
    }
    Ok(())
}
