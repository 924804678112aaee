//! Findings in, case out. Now: the plain risk score and the ranking that follows from it.
//!
//! Pure: values in, values out; no files, no clock, no environment.

mod knowledge;
mod merge;
mod purl;
mod remediate;
mod risk;
mod same;
mod suppress;

pub use knowledge::{Knowledge, KnowledgeError, Memory};
pub use merge::merge;
pub use purl::{Purl, percent_decoded};
pub use remediate::{
    FileChange, FileState, FileText, Files, MemoryFiles, NoFiles, Plan, fixed_checks, needs_action,
    plan, plan_with_files, review,
};
pub use risk::{FACTORS, rank, risk_of};
pub use same::same;
pub use suppress::{IgnoreRule, IgnoreSection, RuleRemark, Suppressed, suppress};
