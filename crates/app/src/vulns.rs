//! Which published vulnerabilities the packages of a host or a report have.
//!
//! Packages come from a scan's list, from a bill of materials, or from the components that another
//! tool's findings name; the answer from `triage`, asked with whatever packs the caller opened.

use crate::error::Error;
use casemate_schema::{
    CheckCoverage, Component, Coverage, Finding, OperatingSystem, Report, Status, Summary,
    to_canonical,
};
use casemate_triage::Knowledge;
use casemate_triage::vulns::{Ecosystems, Package, Verdict, vulnerabilities};
pub use casemate_triage::vulns::{Match, Matched};
use std::collections::BTreeMap;

/// The check's name in findings and coverage.
const CHECK: &str = "vulnerable-package";

/// The packages of a report: those that a scan listed, those of `components`, and those that
/// findings are about. Each is taken once.
#[must_use]
pub fn packages(report: &Report, components: &[Component]) -> Vec<Package> {
    let nobody = OperatingSystem::default();
    let host = report.host.os.as_ref();
    let own = Ecosystems::of_system(host.unwrap_or(&nobody));
    let listed = report
        .packages
        .iter()
        .map(|package| Package::installed(package, &own));
    let suppressed = report.suppressed.iter();
    let named = report
        .findings
        .iter()
        .chain(suppressed)
        .filter_map(|it| it.component.as_deref());
    let components = components.iter().chain(named);
    let from_urls = components.filter_map(|component| Package::component(component, host));
    let mut all: BTreeMap<(String, String, String, String), Package> = BTreeMap::new();
    for package in listed.chain(from_urls) {
        let key = [
            &package.ecosystems.name,
            &package.name,
            &package.version,
            &package.arch,
        ];
        let [ecosystem, name, version, arch] = key.map(ToString::to_string);
        all.entry((ecosystem, name, version, arch))
            .or_insert(package);
    }
    all.into_values().collect()
}

/// Matches packages with what is known.
///
/// # Errors
/// [`Error::Knowledge`].
pub fn check(packages: &[Package], knowledge: &dyn Knowledge) -> Result<Matched, Error> {
    Ok(vulnerabilities(packages, knowledge)?)
}

/// Whether a match is shown without asking for all: the package is affected, or nobody can say.
#[must_use]
pub fn counts(found: &Match) -> bool {
    !found.verdict.is_clear()
}

/// The affected packages as the findings of a report, which has the host and the time of `base`.
#[must_use]
pub fn report(base: &Report, matched: &Matched) -> Report {
    let (findings, coverage) = found(matched);
    let coverage = Coverage::from_checks(vec![coverage]);
    Report {
        summary: Summary::of(&findings, &coverage),
        findings,
        coverage,
        suppressed: Vec::new(),
        ..base.clone()
    }
}

/// Whether a report is a scan that lists packages and says nothing yet of their vulnerabilities.
/// Other tools have said which of theirs are vulnerable.
#[must_use]
pub fn is_open(report: &Report) -> bool {
    let is_answered = report.coverage.checks.iter().any(|check| check.id == CHECK);
    !report.packages.is_empty() && !is_answered
}

/// Adds the affected packages to a scan's findings, with the coverage of the question. Returns what
/// the reader should know.
///
/// # Errors
/// When the packs cannot be read; the report is as it was.
pub fn add(report: &mut Report, knowledge: &dyn Knowledge) -> Result<Vec<String>, Error> {
    let packages = packages(report, &[]);
    if packages.is_empty() {
        return Ok(Vec::new());
    }
    let matched = check(&packages, knowledge)?;
    let (findings, coverage) = found(&matched);
    let mut checks = std::mem::take(&mut report.coverage.checks);
    checks.push(coverage);
    report.coverage = Coverage::from_checks(checks);
    report.findings.extend(findings);
    report.findings.sort_by(|a, b| a.id.cmp(&b.id));
    let counts = std::mem::take(&mut report.summary.counts);
    report.summary = Summary {
        counts,
        ..Summary::of(&report.findings, &report.coverage)
    };
    Ok(not_loaded(&matched))
}

/// The findings, sorted, and whether the question could be answered.
fn found(matched: &Matched) -> (Vec<Finding>, CheckCoverage) {
    let mut findings: Vec<_> = matched.matches.iter().filter_map(Match::finding).collect();
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    findings.dedup_by(|a, b| a.id == b.id);
    let unseen = unseen(matched);
    let status = match (findings.is_empty(), matched.packages, unseen.is_some()) {
        (false, _, _) => Status::Hit,
        (true, 0, _) => Status::NotApplicable,
        (true, _, true) => Status::NotAssessed,
        (true, _, false) => Status::Passed,
    };
    let coverage = CheckCoverage {
        id: CHECK.to_owned(),
        status,
        reason: unseen,
        surface: "packages".to_owned(),
        privileges: false,
        findings: findings.len() as u64,
    };
    (findings, coverage)
}

/// What the answer leaves open, in words.
fn unseen(matched: &Matched) -> Option<String> {
    let missing: Vec<&str> = matched
        .not_loaded
        .iter()
        .map(|it| it.ecosystem.as_str())
        .collect();
    let open = |found: &&Match| {
        matches!(
            found.verdict,
            Verdict::Unknown | Verdict::UnderInvestigation
        )
    };
    let n_open = matched.matches.iter().filter(open).count();
    let mut reasons = Vec::new();
    if !missing.is_empty() {
        reasons.push(format!(
            "no advisories are loaded for {}",
            missing.join(", ")
        ));
    }
    if n_open > 0 {
        reasons.push(format!("{n_open} records are undecided"));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// The answer as canonical JSON.
///
/// # Errors
/// [`Error::Format`].
pub fn json(matched: &Matched) -> Result<Vec<u8>, Error> {
    let mut bytes = to_canonical(matched).map_err(|source| Error::Format {
        format: "json",
        source: source.into(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What to say of ecosystems without advisories, one line each.
#[must_use]
pub fn not_loaded(matched: &Matched) -> Vec<String> {
    let lines = matched.not_loaded.iter().map(|missing| {
        let packages = match missing.packages {
            1 => "1 package is".to_owned(),
            n => format!("{n} packages are"),
        };
        format!(
            "no advisory pack for {} is loaded; import one with `casemate pack import FILE`: {packages} unknown",
            missing.ecosystem
        )
    });
    lines.collect()
}

/// One line that counts.
#[must_use]
pub fn summary(matched: &Matched) -> String {
    let affected: Vec<&Match> = matched
        .matches
        .iter()
        .filter(|it| it.verdict.is_affected())
        .collect();
    let mut packages: Vec<_> = affected.iter().map(|it| &it.package).collect();
    packages.dedup();
    let mut cves: Vec<&str> = affected
        .iter()
        .map(|it| it.vulnerability.as_str())
        .collect();
    cves.sort_unstable();
    cves.dedup();
    let n = |verdict: &dyn Fn(Verdict) -> bool| {
        matched
            .matches
            .iter()
            .filter(|it| verdict(it.verdict))
            .count()
    };
    let unknown: usize = matched.not_loaded.iter().map(|it| it.packages).sum();
    let mut line = format!(
        "{} packages: {} affected by {} vulnerabilities ({} with a fix); {} records clear a package",
        matched.packages,
        packages.len(),
        cves.len(),
        n(&|verdict| verdict == Verdict::Affected),
        n(&|verdict| verdict.is_clear()),
    );
    let open = n(&|verdict| matches!(verdict, Verdict::Unknown | Verdict::UnderInvestigation));
    if open > 0 {
        line.push_str(&format!("; {open} undecided"));
    }
    if unknown > 0 {
        line.push_str(&format!("; {unknown} packages unknown"));
    }
    line
}
