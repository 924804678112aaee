//! One finding: what is wrong, where, how we know, and what to do.
//!
//! Text that comes from the host (paths, arguments, names) is kept as it was; the faces escape it
//! for their medium. A path that is not valid UTF-8 is shown with `\xNN` for the offending bytes,
//! and its exact bytes stand beside it in base64.

use crate::{Severity, Text};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A weakness or remark about one subject, with the evidence for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `<check>:<12 hex digits>`, made from content alone (see [`crate::finding_id`]).
    pub id: Text,
    /// One line for people, naming the subject.
    pub title: Text,
    /// The surface that the finding belongs to, such as `ssh` or `sockets`.
    pub category: Text,
    /// How bad it is before anything about the site is known.
    pub severity: Severity,
    /// Who says so.
    pub source: Source,
    /// Where it is.
    pub location: Location,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// Why it matters, in plain words.
    pub description: Text,
    /// What good looks like and how to get there.
    pub remediation: Text,
    /// Catalogue entries and manuals.
    pub references: Vec<Reference>,
    /// The package, library or program that is affected, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Box<Component>>,
    /// The published vulnerability that this is, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerability: Option<Box<Vulnerability>>,
    /// When the source saw it first, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Text>,
    /// When the source saw it last, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Text>,
    /// What several tools say of the same weakness; absent when one tool alone says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Box<Merged>>,
    /// Why it does not count; only in a report's list of suppressed findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Box<Suppression>>,
    /// What packs say of it; absent until enriched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrichment: Option<Box<crate::Enrichment>>,
    /// Where it stands with the people; absent when no record is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<crate::FindingState>>,
    /// Rank for this host; absent until ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

/// An installed or delivered piece of software.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Its name as its ecosystem writes it.
    pub name: Text,
    /// The installed version, as the source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// Its package URL (purl specification), as given or built from type, name and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<Text>,
    /// The package type of the purl specification: `deb`, `npm`, `maven` ...
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "type")]
    pub kind: Option<Text>,
    /// The first version (or versions) with a fix, as the source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_version: Option<Text>,
}

/// A published vulnerability, with what the source says of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// Its identifier: the CVE if the source gives one, else GHSA, RUSTSEC, ...
    pub id: Text,
    /// Its other identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Text>,
    /// Its scores, as given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<Cvss>,
    /// Probability of exploitation within 30 days (EPSS), 0 to 1, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss: Option<f64>,
    /// Whether the source says that it is exploited in the wild.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited: Option<bool>,
    /// When it was published, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Text>,
}

/// One CVSS score or vector, as the source gives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cvss {
    /// `2.0`, `3.0`, `3.1` or `4.0`; absent when the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// The vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Text>,
    /// The base score, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Who scored it, such as `nvd` or `redhat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

/// What several tools say of one weakness.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    /// The keys that they agree on, such as `vulnerability CVE-2021-44228`.
    pub keys: Vec<Text>,
    /// Each tool's own record, the one that stands above included.
    pub records: Vec<SourceRecord>,
}

/// What one tool says of a weakness that several tools found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// The identifier that the finding would have alone.
    pub id: Text,
    /// The tool and its rule.
    pub source: Source,
    /// Its title.
    pub title: Text,
    /// Its severity on our scale.
    pub severity: Severity,
    /// Where it saw it.
    pub location: Location,
    /// What it saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// Why a finding does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// What says so: `openvex`, `csaf`, `cyclonedx`, `ignore-file`, or the tool itself (`tool`).
    pub by: Text,
    /// `not_affected`, `fixed`, `accepted`, `false_positive` ...
    pub status: Text,
    /// The justification's word in its own vocabulary, such as `vulnerable_code_not_present`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Text>,
    /// The reason in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Text>,
    /// The file or document that holds the statement, with its place.
    pub source: Text,
}

/// The tool and rule behind a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Tool that found it, `casemate` for our own checks.
    pub tool: Text,
    /// Identifier of the rule or check in that tool.
    pub check: Text,
    /// The tool's own identifier of this finding, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text>,
    /// The tool's own word for the severity, if it differs from ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Text>,
}

/// Where a finding is. All parts are optional: a missing sysctl has a path, a listener an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Name of the host, in a report about several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Text>,
    /// Path inside the scanned root, absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text>,
    /// The path's exact bytes in base64 when it is not valid UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<Text>,
    /// One-based line in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What the finding is about when that is no file: a user, unit, package, address, setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Text>,
}

/// One observation that supports the finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at: `value`, `expected`, `process`, `mode` ...
    pub name: Text,
    /// What was seen.
    pub value: Text,
    /// File that it was read from, if another than the finding's location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text>,
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
    pub id: Text,
}

/// Rank of a finding on this host, 0 to 100, with the part of each factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// 0 (nothing) to 100 (act now).
    pub score: u8,
    /// The factors, in the order in which they are applied; they add up to the score.
    pub factors: Arc<[RiskFactor]>,
}

/// One part of a risk score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskFactor {
    /// Name of the factor, such as `severity` or `exposure`.
    pub name: Text,
    /// Points that it adds.
    pub points: u8,
    /// What in the finding gave these points.
    pub reason: Text,
}

impl Finding {
    /// Shares the texts that many findings have in common.
    pub fn share(&mut self, interner: &mut crate::Interner) {
        let Self {
            category,
            source,
            location,
            description,
            remediation,
            references,
            evidence,
            ..
        } = self;
        for text in [
            category,
            &mut source.tool,
            &mut source.check,
            description,
            remediation,
        ] {
            interner.share(text);
        }
        let parts = [&mut source.severity, &mut location.host, &mut location.path];
        parts
            .into_iter()
            .flatten()
            .for_each(|text| interner.share(text));
        for reference in references {
            interner.share(&mut reference.id);
        }
        for item in evidence {
            interner.share(&mut item.name);
            item.path.iter_mut().for_each(|text| interner.share(text));
        }
        if let Some(component) = &mut self.component {
            interner.share(&mut component.name);
            let parts = [&mut component.version, &mut component.purl];
            let more = [&mut component.kind, &mut component.fixed_version];
            parts
                .into_iter()
                .chain(more)
                .flatten()
                .for_each(|text| interner.share(text));
        }
        if let Some(vulnerability) = &mut self.vulnerability {
            interner.share(&mut vulnerability.id);
            vulnerability
                .aliases
                .iter_mut()
                .for_each(|text| interner.share(text));
            for cvss in &mut vulnerability.cvss {
                let parts = [&mut cvss.version, &mut cvss.vector, &mut cvss.source];
                parts
                    .into_iter()
                    .flatten()
                    .for_each(|text| interner.share(text));
            }
        }
    }
}
