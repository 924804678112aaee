//! What a VEX document says: whether a published vulnerability affects a product.

use crate::Text;
use serde::{Deserialize, Serialize};

/// The status of a vulnerability in a product (OpenVEX 0.2.0; CSAF and CycloneDX map onto it).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VexStatus {
    /// The product does not have it, or it cannot be used.
    NotAffected,
    /// This version has the fix.
    Fixed,
    /// Nobody knows yet.
    #[default]
    UnderInvestigation,
    /// The product has it.
    Affected,
}

impl VexStatus {
    /// The word used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
        }
    }

    /// Whether a finding with this status does not count.
    #[must_use]
    pub const fn suppresses(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

/// One statement about one vulnerability in some products.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The format: `openvex`, `csaf` or `cyclonedx`.
    pub by: Text,
    /// Identifiers of the vulnerability, aliases included.
    pub ids: Vec<Text>,
    /// What it is about: package URLs, names, digests or CPEs of products.
    pub products: Vec<Text>,
    /// Parts of these products; when given, the statement is about these parts alone.
    pub subcomponents: Vec<Text>,
    /// What is said.
    pub status: VexStatus,
    /// The justification's word in its own vocabulary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Text>,
    /// The reason in words: impact or action statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Text>,
    /// The document's identifier or title, and the place of the statement.
    pub source: Text,
    /// When it was made, RFC 3339 UTC; of two about the same, the later one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Text>,
}
