//! Findings in, case out. Now: the plain risk score and the ranking that follows from it.
//!
//! Pure: values in, values out; no files, no clock, no environment.

mod apart;
mod knowledge;
mod merge;
mod purl;
mod risk;
mod same;
pub mod states;
mod suppress;

pub use apart::{Apart, Member};
pub use knowledge::{Knowledge, KnowledgeError, Memory};
pub use merge::{merge, merge_except};
pub use purl::{Purl, percent_decoded};
pub use risk::{FACTORS, rank, risk_of};
pub use same::{same, same_except};
pub use suppress::{
    IgnoreRule, IgnoreSection, RuleRemark, Suppressed, fits_name, fits_path, suppress,
};
