//! One finding: what is wrong, where, how we know, and what to do.
//!
//! Text that comes from the host (paths, arguments, names) is kept as it was; the faces escape it
//! for their medium. A path that is not valid UTF-8 is shown with `\xNN` for the offending bytes,
//! and its exact bytes stand beside it in base64.

use crate::Severity;
use serde::{Deserialize, Serialize};

/// A weakness or remark about one subject, with the evidence for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `<check>:<12 hex digits>`, made from content alone (see [`crate::finding_id`]).
    pub id: String,
    /// One line for people, naming the subject.
    pub title: String,
    /// The surface that the finding belongs to, such as `ssh` or `sockets`.
    pub category: String,
    /// How bad it is before anything about the site is known.
    pub severity: Severity,
    /// Who says so.
    pub source: Source,
    /// Where it is.
    pub location: Location,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// Why it matters, in plain words.
    pub description: String,
    /// What good looks like and how to get there.
    pub remediation: String,
    /// Catalogue entries and manuals.
    pub references: Vec<Reference>,
    /// Rank for this host; absent until ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

/// The tool and rule behind a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Tool that found it, `casemate` for our own checks.
    pub tool: String,
    /// Identifier of the rule or check in that tool.
    pub check: String,
    /// The tool's own identifier of this finding, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tool's own word for the severity, if it differs from ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// Where a finding is. All parts are optional: a missing sysctl has a path, a listener an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Name of the host, in a report about several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Path inside the scanned root, absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The path's exact bytes in base64 when it is not valid UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<String>,
    /// One-based line in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What the finding is about when that is no file: a user, unit, package, address, setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// One observation that supports the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at: `value`, `expected`, `process`, `mode` ...
    pub name: String,
    /// What was seen.
    pub value: String,
    /// File that it was read from, if another than the finding's location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// One-based line in that file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// The catalogue that a reference points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReferenceKind {
    /// Common Weakness Enumeration, `CWE-250`.
    Cwe,
    /// CIS Benchmark section, `Debian 12 5.1.20`.
    Cis,
    /// MITRE ATT&CK technique, `T1548.001`.
    Attack,
    /// CVE identifier.
    Cve,
    /// Manual page, `sshd_config(5)`.
    Man,
    /// Anything else with an address.
    Url,
}

/// One catalogue entry or manual.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// Which catalogue.
    pub kind: ReferenceKind,
    /// The entry's identifier there.
    pub id: String,
}

/// Rank of a finding on this host, 0 to 100, with the part of each factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// 0 (nothing) to 100 (act now).
    pub score: u8,
    /// The factors, in the order in which they are applied; they add up to the score.
    pub factors: Vec<RiskFactor>,
}

/// One part of a risk score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskFactor {
    /// Name of the factor, such as `severity` or `exposure`.
    pub name: String,
    /// Points that it adds.
    pub points: u8,
    /// What in the finding gave these points.
    pub reason: String,
}
