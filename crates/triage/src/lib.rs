//! Findings in, case out. Now: the plain risk score and the ranking that follows from it.
//!
//! Pure: values in, values out; no files, no clock, no environment.

mod apart;
pub mod cvss;
mod enrich;
mod fleet;
mod knowledge;
mod merge;
mod paths;
mod purl;
mod remediate;
mod risk;
mod rules;
mod same;
mod site;
pub mod states;
mod suppress;
mod version;
pub mod vulns;

pub use apart::{Apart, Member};
pub use cvss::{AttackVector, BaseScore, base_score, best as best_cvss};
pub use enrich::{enrich, enrichments};
pub use fleet::{Fleet, FleetReport};
pub use knowledge::{Knowledge, KnowledgeError, Memory};
pub use merge::{merge, merge_except};
pub use paths::{CHAINS_MAX, attack_paths, graph_of, paths_on};
pub use purl::{Purl, percent_decoded};
pub use remediate::{
    FileChange, FileState, FileText, Files, MemoryFiles, NoFiles, Plan, fixed_checks, needs_action,
    plan, plan_with_files, review,
};
pub use risk::{
    FACTORS, Setting, exposed_packages, rank, rank_on, risk_in, risk_of, risks, sort_by_risk,
};
pub use rules::{
    Correlated, FindingPattern, Rule, RuleError, RuleTest, SequenceRule, SequenceStep, Snapshot,
    StepPattern, VarPattern, correlate, sequences,
};
pub use same::{same, same_except};
pub use site::{Asset, AssetValue, CompensatingControl, Site};
pub use suppress::{
    IgnoreRule, IgnoreSection, RuleRemark, Suppressed, fits_name, fits_path, suppress,
};
pub use version::{MAX_LENGTH, Nevra, NotAVersion, Scheme};
