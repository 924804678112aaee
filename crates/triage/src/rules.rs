//! Correlation rules as data: patterns of facts on the host graph, and the findings that show them.
//!
//! A rule is a few lines such as `user may_write file`, `job starts file`, `job runs_as user:root`.
//! A word without colon is a variable that stands for one node wherever it is used; a word with a
//! colon is a node's id, in which `*` stands for any text. Every way to put nodes for the variables
//! so that all lines are edges of the graph is a match; findings that speak of the bound nodes are its
//! members. A rule without a line cannot match: findings that merely share a host are no chain.
//!
//! `docs/guide/rules.md` documents the files; `casemate-ingest` reads them, this module only matches.

pub(crate) mod annotate;
mod attach;
mod example;
mod matching;
mod model;
mod sequence;

pub use example::{TestFailure, run_sequence_tests, run_tests};
pub use matching::{Correlated, correlate};
pub use model::{
    Asks, FindingPattern, Rule, RuleError, RuleTest, SequenceReport, SequenceRule, SequenceStep,
    SequenceTest, StepPattern, VarPattern,
};
pub use sequence::{Snapshot, sequences};

#[cfg(test)]
mod tests;
