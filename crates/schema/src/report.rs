//! The report: one object that every command reads and writes.

use crate::{Coverage, Error, Finding, InstalledPackage, Severity, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the report's shape. Additions raise the second number; a reader accepts every report
/// whose first number it knows.
pub const SCHEMA_VERSION: &str = "1.0";

/// One scan of one host (or what several reports say together), ranked or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// How the scan was made.
    pub scan: ScanInfo,
    /// The host that it is about.
    pub host: Host,
    /// What was looked at and what was not.
    pub coverage: Coverage,
    /// Counts and score.
    pub summary: Summary,
    /// Whether a named input or target could not be taken, while the rest was.
    pub partial: bool,
    /// The findings, highest risk first once ranked, else by id.
    pub findings: Vec<Finding>,
    /// The installed packages, sorted; empty when the surface `packages` was not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<InstalledPackage>,
}

/// The program that wrote a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `casemate`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How thorough a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScanMode {
    /// System paths, no digests.
    Quick,
    /// All local mounts, package digests.
    Deep,
}

/// How a scan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanInfo {
    /// When it began, RFC 3339 UTC.
    pub started_at: String,
    /// How thorough.
    pub mode: ScanMode,
    /// `host` for the running system, `tree` for a mounted or fixture tree.
    pub target: String,
    /// Whether the scanner ran with all rights.
    pub privileged: bool,
    /// The surfaces that were asked for, sorted.
    pub surfaces: Vec<String>,
}

/// The host that a report is about. Facts that could not be read are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Name of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Operating system, from os-release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<OperatingSystem>,
    /// Release of the running kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Machine architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
}

/// Operating system, from os-release(5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatingSystem {
    /// `ID`, such as `debian`.
    pub id: String,
    /// `VERSION_ID`, such as `12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `PRETTY_NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Counts and score, computed from findings and coverage alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Number of findings.
    pub findings: u64,
    /// Number of findings of each severity, all five present.
    pub by_severity: BTreeMap<String, u64>,
    /// Number of findings of each category that has any.
    pub by_category: BTreeMap<String, u64>,
    /// Number of checks in each state, all four present.
    pub checks: BTreeMap<Status, u64>,
    /// Share of assessed checks that passed.
    pub score: Score,
    /// Counts that a step added (imported, suppressed ...).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: Counts,
}

/// Named counts that a step of the way adds to a summary.
pub type Counts = BTreeMap<String, u64>;

/// How much of what was looked at was found right, always with its denominator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Percentage of assessed checks that passed, 0 to 100, rounded down; absent when none was.
    pub percent: Option<u8>,
    /// Checks that passed.
    pub passed: u64,
    /// Checks that passed or hit.
    pub assessed: u64,
    /// Checks that could not look: no part of the percentage, never counted as passed.
    pub not_assessed: u64,
}

impl Summary {
    /// Computes counts and score.
    #[must_use]
    pub fn of(findings: &[Finding], coverage: &Coverage) -> Self {
        let mut by_severity: BTreeMap<String, u64> = Severity::ALL
            .iter()
            .map(|level| (level.as_str().to_owned(), 0))
            .collect();
        let mut by_category: BTreeMap<String, u64> = BTreeMap::new();
        for finding in findings {
            *by_severity
                .entry(finding.severity.as_str().to_owned())
                .or_default() += 1;
            *by_category.entry(finding.category.clone()).or_default() += 1;
        }
        let checks: BTreeMap<Status, u64> = Status::ALL
            .into_iter()
            .map(|status| (status, coverage.count(status)))
            .collect();
        let passed = coverage.count(Status::Passed);
        let assessed = passed + coverage.count(Status::Hit);
        let percent = (passed * 100)
            .checked_div(assessed)
            .and_then(|p| u8::try_from(p).ok());
        let not_assessed = coverage.count(Status::NotAssessed);
        Self {
            findings: findings.len() as u64,
            by_severity,
            by_category,
            checks,
            score: Score {
                percent,
                passed,
                assessed,
                not_assessed,
            },
            counts: Counts::new(),
        }
    }
}

/// Reads a report from JSON or NDJSON bytes.
///
/// # Errors
/// The place and reason when the bytes are neither, or of an unknown version.
pub fn read_report(bytes: &[u8]) -> Result<Report, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first_line_end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let first_line = bytes.get(..first_line_end).unwrap_or(bytes);
    if crate::ndjson::is_ndjson(first_line) {
        return crate::from_ndjson(bytes);
    }
    let report: Report = serde_json::from_slice(bytes).map_err(|error| Error::from_json(&error))?;
    report.check_version()?;
    Ok(report)
}

impl Report {
    /// Refuses a report whose major version this program does not know.
    pub(crate) fn check_version(&self) -> Result<(), Error> {
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        if major(&self.schema_version) == major(SCHEMA_VERSION) {
            return Ok(());
        }
        Err(Error::Version {
            found: self.schema_version.clone(),
            supported: SCHEMA_VERSION,
        })
    }
}
