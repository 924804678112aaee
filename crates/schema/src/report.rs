//! The report: one object that every command reads and writes.

use crate::{Coverage, Error, Finding, InstalledPackage, Severity, Status, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the report's shape. Additions raise the second number; a reader accepts every report
/// whose first number it knows.
pub const SCHEMA_VERSION: &str = "1.1";

/// One scan of one host (or what several reports say together), ranked or not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Findings that do not count, each with the reason; no part of any other number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<Finding>,
    /// The files that the report was made from, in the order of their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputFile>,
    /// What runs, owns, may write or become what on the host; absent when nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Box<crate::HostGraph>>,
    /// What the findings mean together; absent until assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<crate::Case>>,
    /// What the import changed in the records, by name; absent when none are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Box<crate::Changes>>,
}

/// A scanner's report that was taken into this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputFile {
    /// Name of the file, without folders.
    pub name: Text,
    /// BLAKE3 of its bytes as they lay there, in hex.
    pub digest: Text,
    /// The kind that read it, such as `trivy`.
    pub kind: Text,
    /// The tool that wrote it, as it names itself.
    pub tool: Text,
    /// The tool's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<Text>,
    /// When the tool ran, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<Text>,
    /// What the tool looked at: an image, a host, a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Text>,
    /// Findings that it holds.
    pub findings: u64,
    /// VEX statements that it holds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub statements: u64,
    /// Records that could not be taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<RejectedRecord>,
}

/// A record of an input that could not be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RejectedRecord {
    /// Where in the file: a line, or the path of the element.
    pub place: Text,
    /// Why.
    pub reason: Text,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The program that wrote a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `casemate`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How thorough a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScanMode {
    /// System paths, no digests.
    #[default]
    Quick,
    /// All local mounts, package digests.
    Deep,
    /// No scan of ours: other tools' reports were read.
    Import,
}

/// How a scan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
            *by_category.entry(finding.category.to_string()).or_default() += 1;
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
    if crate::is_ndjson(first_line) {
        return crate::from_ndjson(bytes);
    }
    let report: Report = serde_json::from_slice(bytes).map_err(|error| Error::from_json(&error))?;
    report.check_version()?;
    Ok(report)
}

impl Report {
    /// Writes the report as canonical JSON (RFC 8785), one finding after the other, so that a large
    /// report is never held as text. The bytes are those of [`crate::to_canonical`].
    ///
    /// # Errors
    /// [`Error::Number`] when a value has no canonical form, [`Error::Write`] when the writer fails.
    pub fn write_json(&self, out: &mut dyn std::io::Write) -> Result<(), Error> {
        let mut object = crate::canonical::ObjectWriter::new(out);
        if let Some(case) = &self.case {
            object.value("case", case)?;
        }
        if let Some(changes) = &self.changes {
            object.value("changes", changes)?;
        }
        object.value("coverage", &self.coverage)?;
        object.list("findings", &self.findings)?;
        if let Some(graph) = &self.graph {
            object.value("graph", graph)?;
        }
        object.value("host", &self.host)?;
        if !self.inputs.is_empty() {
            object.list("inputs", &self.inputs)?;
        }
        if !self.packages.is_empty() {
            object.list("packages", &self.packages)?;
        }
        object.value("partial", &self.partial)?;
        object.value("scan", &self.scan)?;
        object.value("schema_version", &self.schema_version)?;
        object.value("summary", &self.summary)?;
        if !self.suppressed.is_empty() {
            object.list("suppressed", &self.suppressed)?;
        }
        object.value("tool", &self.tool)?;
        object.finish()
    }

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
