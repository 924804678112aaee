//! Several reports as one.
//!
//! The findings of one host that two reports both hold are one finding. When the reports are about
//! different hosts, each finding names its host, and the host is part of its id.

use casemate_schema::{
    CheckCoverage, Coverage, Finding, Host, InstalledPackage, Report, ScanInfo, Status, Summary,
    finding_id,
};
use std::collections::{BTreeMap, BTreeSet};

/// Joins reports; `None` for none. A single report stays as it is.
#[must_use]
pub fn merge(mut reports: Vec<Report>) -> Option<Report> {
    if reports.len() <= 1 {
        return reports.pop();
    }
    let hosts: BTreeSet<Option<String>> = reports
        .iter()
        .map(|report| report.host.name.clone())
        .collect();
    let several = hosts.len() > 1;
    let mut findings: BTreeMap<String, Finding> = BTreeMap::new();
    let mut checks: BTreeMap<String, CheckCoverage> = BTreeMap::new();
    for report in &reports {
        for finding in &report.findings {
            let mut finding = finding.clone();
            if several {
                name_host(
                    &mut finding,
                    report.host.name.as_deref().unwrap_or("unknown"),
                );
            }
            findings.entry(finding.id.to_string()).or_insert(finding);
        }
        for check in &report.coverage.checks {
            match checks.get_mut(&check.id) {
                Some(known) => join_coverage(known, check),
                None => drop(checks.insert(check.id.clone(), check.clone())),
            }
        }
    }
    let findings: Vec<Finding> = findings.into_values().collect();
    for check in checks.values_mut() {
        let own = findings
            .iter()
            .filter(|finding| finding.source.check == check.id);
        check.findings = own.count() as u64;
    }
    let coverage = Coverage::from_checks(checks.into_values().collect());
    let first = reports.first()?;
    Some(Report {
        schema_version: casemate_schema::SCHEMA_VERSION.to_owned(),
        tool: first.tool.clone(),
        scan: scan_of(&reports)?,
        host: if several {
            Host::default()
        } else {
            first.host.clone()
        },
        summary: Summary::of(&findings, &coverage),
        coverage,
        partial: reports.iter().any(|report| report.partial),
        findings,
        packages: if several {
            Vec::new()
        } else {
            packages_of(&reports)
        },
        ..Report::default()
    })
}

/// The packages of the latest report that lists any; those of different hosts are not mixed.
fn packages_of(reports: &[Report]) -> Vec<InstalledPackage> {
    reports
        .iter()
        .filter(|report| !report.packages.is_empty())
        .max_by(|a, b| a.scan.started_at.cmp(&b.scan.started_at))
        .map(|report| report.packages.clone())
        .unwrap_or_default()
}

fn name_host(finding: &mut Finding, host: &str) {
    let check = finding.source.check.clone();
    finding.id = finding_id(&check, &[host.as_bytes(), finding.id.as_bytes()]).into();
    finding.location.host = Some(host.into());
}

/// What a check saw on either; what it did not see on one stays unseen.
fn join_coverage(known: &mut CheckCoverage, other: &CheckCoverage) {
    let rank = |status: Status| match status {
        Status::Hit => 3,
        Status::NotAssessed => 2,
        Status::Passed => 1,
        Status::NotApplicable => 0,
    };
    if rank(other.status) > rank(known.status) {
        known.status = other.status;
    }
    known.reason = match (known.reason.take(), &other.reason) {
        (Some(one), Some(two)) if one != *two => Some(format!("{one}; {two}")),
        (one, two) => one.or_else(|| two.clone()),
    };
    known.privileges |= other.privileges;
}

fn scan_of(reports: &[Report]) -> Option<ScanInfo> {
    let latest = reports
        .iter()
        .map(|report| &report.scan)
        .max_by(|a, b| a.started_at.cmp(&b.started_at))?;
    let surfaces: BTreeSet<String> = reports
        .iter()
        .flat_map(|report| report.scan.surfaces.iter().cloned())
        .collect();
    Some(ScanInfo {
        target: "reports".to_owned(),
        privileged: reports.iter().all(|report| report.scan.privileged),
        surfaces: surfaces.into_iter().collect(),
        ..latest.clone()
    })
}
