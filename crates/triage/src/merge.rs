//! Several reports as one.
//!
//! The findings of one host that two reports both hold are one finding. When the reports are about
//! different hosts, each finding names its host, and the host is part of its id.

use crate::apart::Apart;
use crate::same::absorb;
use casemate_schema::{
    CheckCoverage, Counts, Coverage, Finding, Host, HostGraph, InputFile, InstalledPackage, Report,
    ScanInfo, ScanMode, Status, Summary, Text, finding_id,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Joins reports; `None` for none. A single report stays as it is.
#[must_use]
pub fn merge(reports: Vec<Report>) -> Option<Report> {
    merge_except(reports, &Apart::default())
}

/// As [`merge`], without making one of what a person took apart.
#[must_use]
pub fn merge_except(mut reports: Vec<Report>, apart: &Apart) -> Option<Report> {
    if reports.len() <= 1 {
        return reports.pop();
    }
    // Findings that were imported name their hosts themselves.
    let hosts: BTreeSet<String> = reports
        .iter()
        .filter(|report| report.scan.mode != ScanMode::Import)
        .map(|report| {
            report
                .host
                .name
                .clone()
                .unwrap_or_else(|| "unknown".to_owned())
        })
        .collect();
    let several = hosts.len() > 1;
    let findings = crate::same::same_except(findings_of(&mut reports, several), apart);
    let coverage = coverage_of(&reports, &findings);
    let own = reports
        .iter()
        .find(|report| report.scan.mode != ScanMode::Import);
    let first = own.or_else(|| reports.first())?;
    Some(Report {
        schema_version: casemate_schema::SCHEMA_VERSION.to_owned(),
        tool: first.tool.clone(),
        scan: scan_of(&reports)?,
        host: if several {
            Host::default()
        } else {
            first.host.clone()
        },
        summary: summary_of(&reports, &findings, &coverage),
        coverage,
        partial: reports.iter().any(|report| report.partial),
        findings,
        packages: if several {
            Vec::new()
        } else {
            packages_of(&reports)
        },
        suppressed: suppressed_of(&mut reports),
        inputs: inputs_of(&mut reports),
        graph: if several {
            None
        } else {
            graph_of(&mut reports)
        },
        // A case is about the reports as they lie before us; it is made anew.
        case: None,
        changes: None,
    })
}

/// What all reports together looked at, with the findings that are left of each check.
fn coverage_of(reports: &[Report], findings: &[Finding]) -> Coverage {
    let mut checks: BTreeMap<String, CheckCoverage> = BTreeMap::new();
    for check in reports.iter().flat_map(|report| &report.coverage.checks) {
        match checks.get_mut(&check.id) {
            Some(known) => join_coverage(known, check),
            None => drop(checks.insert(check.id.clone(), check.clone())),
        }
    }
    let mut n_by_check: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in findings {
        *n_by_check.entry(&finding.source.check).or_default() += 1;
    }
    for check in checks.values_mut() {
        check.findings = n_by_check
            .get(check.id.as_str())
            .copied()
            .unwrap_or_default();
    }
    Coverage::from_checks(checks.into_values().collect())
}

/// The figures of the merged findings; what the reports counted themselves is added up.
fn summary_of(reports: &[Report], findings: &[Finding], coverage: &Coverage) -> Summary {
    let mut counts = Counts::new();
    for (name, count) in reports.iter().flat_map(|report| &report.summary.counts) {
        *counts.entry(name.clone()).or_default() += count;
    }
    Summary {
        counts,
        ..Summary::of(findings, coverage)
    }
}

/// The graph of the youngest report that has one: facts of two times are not mixed.
fn graph_of(reports: &mut [Report]) -> Option<Box<HostGraph>> {
    reports
        .iter_mut()
        .filter(|report| report.graph.is_some())
        .max_by(|a, b| a.scan.started_at.cmp(&b.scan.started_at))
        .and_then(|report| report.graph.take())
}

/// All findings, each id once: of two records of the same the first stands, and what it does not
/// say is taken from the other.
fn findings_of(reports: &mut [Report], several: bool) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    let mut at: HashMap<Text, usize> = HashMap::new();
    for report in reports {
        let host = report
            .host
            .name
            .clone()
            .unwrap_or_else(|| "unknown".to_owned());
        let own = report.scan.mode != ScanMode::Import;
        for mut finding in std::mem::take(&mut report.findings) {
            if several && own {
                name_host(&mut finding, &host);
            }
            match at.get(&finding.id).and_then(|at| out.get_mut(*at)) {
                Some(known) if known.source.tool == finding.source.tool => {
                    absorb(known, finding);
                }
                // The same id from another tool: `same` shows both.
                Some(_) => out.push(finding),
                None => {
                    at.insert(finding.id.clone(), out.len());
                    out.push(finding);
                }
            }
        }
    }
    out
}

fn suppressed_of(reports: &mut [Report]) -> Vec<Finding> {
    let mut by_id: BTreeMap<Text, Finding> = BTreeMap::new();
    for report in reports {
        for finding in std::mem::take(&mut report.suppressed) {
            by_id.entry(finding.id.clone()).or_insert(finding);
        }
    }
    by_id.into_values().collect()
}

fn inputs_of(reports: &mut [Report]) -> Vec<InputFile> {
    let mut out: Vec<InputFile> = Vec::new();
    for report in reports {
        out.append(&mut report.inputs);
    }
    out.sort();
    out.dedup();
    out
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
    // A scan of ours says more about how it was made than an import does.
    let own = |scan: &ScanInfo| scan.mode != ScanMode::Import;
    let latest = reports.iter().map(|report| &report.scan).max_by(|a, b| {
        own(a)
            .cmp(&own(b))
            .then_with(|| a.started_at.cmp(&b.started_at))
    })?;
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
