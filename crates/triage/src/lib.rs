//! Findings in, case out. Now: the plain risk score and the ranking that follows from it.
//!
//! Pure: values in, values out; no files, no clock, no environment.

mod compliance;
mod knowledge;
mod merge;
mod purl;
mod risk;
mod same;
mod suppress;

pub use compliance::{Catalogue, ComplianceError, Control, Controls, Framework, Link, Said, gaps};
pub use knowledge::{Knowledge, KnowledgeError, Memory};
pub use merge::merge;
pub use purl::{Purl, percent_decoded};
pub use risk::{FACTORS, rank, risk_of};
pub use same::same;
pub use suppress::{IgnoreRule, IgnoreSection, RuleRemark, Suppressed, suppress};
