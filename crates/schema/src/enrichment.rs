//! What packs and records add to one finding.

use crate::{EpssScore, KevEntry, Text};
use serde::{Deserialize, Serialize};

/// What packs add to a finding. Empty lists mean "no mapping", and `unknown` says what was looked
/// for in vain: nothing is ever invented.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Enrichment {
    /// ATT&CK techniques, each with the reason for the mapping.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub techniques: Vec<MappedTechnique>,
    /// CWE weaknesses with their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<MappedWeakness>,
    /// Controls that it speaks of: `pci_dss:2.2.6`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Text>,
    /// CISA's catalogue entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kev: Option<Box<KevEntry>>,
    /// EPSS score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss: Option<EpssScore>,
    /// Exploit status: `active`, `poc`, `none` (SSVC), with the feed that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<Text>,
    /// The best CVSS base score and its vector, recomputed from the vector where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvss: Option<RecomputedCvss>,
    /// What was looked for and not found, such as `CVE-2031-0001 stands in no pack`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Text>,
}

/// A technique of ATT&CK with the reason why it stands here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedTechnique {
    /// `T1548.001`.
    pub id: Text,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Its tactics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tactics: Vec<Text>,
    /// Why: the check's card, a CWE through CAPEC, the kind of component ...
    pub reason: Text,
}

/// A weakness with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedWeakness {
    /// `CWE-250`.
    pub id: Text,
    /// Its name; absent when no pack has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
}

/// A CVSS vector computed anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecomputedCvss {
    /// `2.0`, `3.0`, `3.1`, `4.0`.
    pub version: Text,
    /// The vector.
    pub vector: Text,
    /// The base score that follows from it.
    pub score: f64,
    /// The score that the source gave, if it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<f64>,
}
