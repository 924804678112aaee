//! Findings in, case out. Now: the plain risk score and the ranking that follows from it.
//!
//! Pure: values in, values out; no files, no clock, no environment.

mod cvss;
mod enrich;
mod fleet;
mod knowledge;
mod merge;
mod paths;
mod purl;
mod risk;
mod rules;
mod same;
mod site;
mod suppress;

pub use cvss::{AttackVector, BaseScore, base_score, best as best_cvss};
pub use enrich::enrich;
pub use fleet::{Fleet, FleetReport};
pub use knowledge::{Knowledge, KnowledgeError, Memory};
pub use merge::merge;
pub use paths::{CHAINS_MAX, attack_paths, graph_of, paths_on};
pub use purl::{Purl, percent_decoded};
pub use risk::{FACTORS, Setting, exposed_packages, rank, rank_on, risk_in, risk_of};
pub use rules::annotate::{Annotated, AnnotationRule, Condition, Pattern, annotate};
pub use rules::{
    Asks, Correlated, FindingPattern, Rule, RuleError, RuleTest, SequenceReport, SequenceRule,
    SequenceStep, SequenceTest, Snapshot, StepPattern, TestFailure, VarPattern, correlate,
    run_sequence_tests, run_tests, sequences,
};
pub use same::same;
pub use site::{Asset, AssetValue, CompensatingControl, Site, fits};
pub use suppress::{IgnoreRule, IgnoreSection, RuleRemark, Suppressed, suppress};
