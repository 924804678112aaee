//! Findings in, case out. Now: the plain risk score and the ranking that follows from it.
//!
//! Pure: values in, values out; no files, no clock, no environment.

mod apart;
mod compliance;
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
pub use compliance::{Catalogue, ComplianceError, Control, Controls, Framework, Link, Said, gaps};
pub use cvss::{AttackVector, BaseScore, base_score, best as best_cvss};
pub use enrich::{enrich, enrichments};
pub use fleet::{Fleet, FleetReport};
pub use knowledge::{Knowledge, KnowledgeError, Memory, Unreadable};
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
pub use rules::annotate::{Annotated, AnnotationRule, Condition, Pattern, annotate};
pub use rules::{
    Asks, Correlated, FindingPattern, Rule, RuleError, RuleTest, SequenceReport, SequenceRule,
    SequenceStep, SequenceTest, Snapshot, StepPattern, TestFailure, VarPattern, correlate,
    run_sequence_tests, run_tests, sequences,
};
pub use same::{same, same_except};
pub use site::{Asset, AssetValue, CompensatingControl, Site, fits};
pub use suppress::{
    IgnoreRule, IgnoreSection, RuleRemark, Suppressed, fits_name, fits_path, suppress,
};
pub use version::{MAX_LENGTH, Nevra, NotAVersion, Scheme};
