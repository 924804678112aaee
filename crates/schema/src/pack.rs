//! What a knowledge pack holds, record by record.
//!
//! Readers of feeds make these, packs keep them, enrichment looks them up. Each record says what
//! one catalogue says; nothing here is derived.

use crate::{Advisory, Cvss, Text};
use serde::{Deserialize, Serialize};

/// One record of a pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum PackRecord {
    /// An ATT&CK technique.
    Technique(Technique),
    /// A CWE weakness.
    Weakness(Weakness),
    /// A CAPEC attack pattern.
    AttackPattern(AttackPattern),
    /// An entry of CISA's catalogue of known exploited vulnerabilities.
    Kev(KevEntry),
    /// An EPSS score.
    Epss(EpssScore),
    /// A CVE record (cvelistV5, with CISA's enrichment if it is there).
    Cve(CveRecord),
    /// What a distribution or ecosystem says of packages.
    Advisory(Box<Advisory>),
    /// A D3FEND countermeasure of an ATT&CK technique.
    Countermeasure(Countermeasure),
    /// A program of GTFOBins and what it can be used for.
    Gtfobin(Gtfobin),
    /// A Sigma rule, kept as it was written.
    SigmaRule(SigmaRule),
    /// A control of a framework mapped onto another framework's control or onto a technique.
    ControlMapping(ControlMapping),
}

impl PackRecord {
    /// What the record is, in the word that its JSON carries.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Technique(_) => "technique",
            Self::Weakness(_) => "weakness",
            Self::AttackPattern(_) => "attack_pattern",
            Self::Kev(_) => "kev",
            Self::Epss(_) => "epss",
            Self::Cve(_) => "cve",
            Self::Advisory(_) => "advisory",
            Self::Countermeasure(_) => "countermeasure",
            Self::Gtfobin(_) => "gtfobin",
            Self::SigmaRule(_) => "sigma_rule",
            Self::ControlMapping(_) => "control_mapping",
        }
    }
}

/// An ATT&CK technique or sub-technique.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Technique {
    /// `T1548.001`.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// Its tactics' short names in ATT&CK's order: `privilege-escalation`.
    pub tactics: Vec<Text>,
    /// Platforms that it is seen on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<Text>,
    /// Whether ATT&CK took it back or replaced it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// The technique that replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Text>,
}

/// A CWE weakness.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weakness {
    /// `CWE-250`.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// Its parents, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Text>,
}

/// A CAPEC attack pattern: the bridge between CWE and ATT&CK.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttackPattern {
    /// `CAPEC-63`.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// Weaknesses that it uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<Text>,
    /// ATT&CK techniques that it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub techniques: Vec<Text>,
}

/// An entry of the catalogue of known exploited vulnerabilities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KevEntry {
    /// The CVE.
    pub id: Text,
    /// When it was added, `YYYY-MM-DD`.
    pub added: Text,
    /// When it must be mended, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Text>,
    /// Whether ransomware is known to use it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ransomware: bool,
    /// Vendor and product.
    pub product: Text,
    /// Its name in the catalogue.
    pub name: Text,
}

/// An EPSS score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpssScore {
    /// The CVE.
    pub id: Text,
    /// Probability of exploitation within 30 days, 0 to 1.
    pub probability: f64,
    /// Share of CVEs with a lower probability, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentile: Option<f64>,
    /// Day of the score, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Text>,
}

/// A CVE record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CveRecord {
    /// The CVE.
    pub id: Text,
    /// One line, or the beginning of the description.
    pub summary: Text,
    /// Scores, as given, with who scored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<Cvss>,
    /// CWE identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<Text>,
    /// CISA's SSVC `Exploitation`: `none`, `poc`, `active`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<Text>,
    /// CISA's SSVC `Automatable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatable: Option<bool>,
    /// `published` or `rejected`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
    /// When it was published, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Text>,
    /// Products concerned: `vendor product`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Text>,
}

/// A D3FEND countermeasure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Countermeasure {
    /// `D3-SCF`.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// ATT&CK techniques that it counters.
    pub techniques: Vec<Text>,
}

/// A program that gives more than its name says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gtfobin {
    /// The program's name.
    pub id: Text,
    /// What it can be used for: `shell`, `file-write`, `suid`, `sudo` ...
    pub functions: Vec<Text>,
}

/// A Sigma rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigmaRule {
    /// Its identifier (UUID).
    pub id: Text,
    /// Its title.
    pub title: Text,
    /// ATT&CK techniques among its tags.
    pub techniques: Vec<Text>,
    /// The rule as it was written (YAML).
    pub text: Text,
}

/// One line of a mapping between catalogues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlMapping {
    /// The mapping's name, such as `nist_800_53-to-attack`.
    pub mapping: Text,
    /// The control: `nist_800_53:AC-6`.
    pub id: Text,
    /// What it maps onto: a technique, or a control of another framework.
    pub to: Text,
    /// The relation, as written: `mitigates`, `related` ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Text>,
}

/// Where a pack's records come from and how old they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackInfo {
    /// The pack's name: `builtin`, or as it was built.
    pub name: Text,
    /// Monotonic version.
    pub version: u64,
    /// The youngest date that its sources carry, RFC 3339 UTC; the age is counted from it.
    pub as_of: Text,
    /// Records of each kind.
    pub records: std::collections::BTreeMap<String, u64>,
}
