//! A stage as data: what it is called, what it does, and the function that does it.
//!
//! To plug content into a stage, set `run: Some(run)` in its file. A function reads the work and
//! returns an update, which is applied only when it has succeeded: a stage that fails, or panics,
//! has changed nothing, and the report says that it was skipped. What it looks things up in comes in
//! as [`Knowledge`], which is no part of the state.

use super::Work;
use casemate_base::Timestamp;
use casemate_flow::Failure;
use casemate_schema::Report;
use casemate_triage::{Rule, SequenceRule, Site};
use std::path::PathBuf;
use std::sync::Mutex;

/// The stages in their order, `ingest` and `report` included.
pub const STAGES: [&str; 7] = [
    "ingest",
    "enrich",
    "correlate",
    "score",
    "controls",
    "remediate",
    "report",
];

/// The stages between `ingest` and `report`.
pub(super) const INNER: [Stage; 5] = [
    super::enrich::STAGE,
    super::correlate::STAGE,
    super::score::STAGE,
    super::controls::STAGE,
    super::remediate::STAGE,
];

/// What the stages look things up in.
pub struct Knowledge {
    /// The time that the report carries, for ages and expiries.
    pub now: Timestamp,
    /// Threads that a stage may use; the result must not depend on it.
    pub threads: usize,
    /// What the packs say.
    pub packs: Box<dyn casemate_triage::Knowledge>,
    /// What the site says of its hosts.
    pub site: Option<Site>,
    /// Correlation rules.
    pub rules: Vec<Rule>,
    /// Rules on what changes from report to report.
    pub sequences: Vec<SequenceRule>,
    /// Earlier reports of the same host, if any are to be compared with; filled by `ingest`.
    pub earlier: Mutex<Vec<Report>>,
    /// The tree that the findings' files are read from again; this host's own if absent.
    pub root: Option<PathBuf>,
}

impl Knowledge {
    /// Nothing but time and threads: no pack, no inventory, no rule.
    #[must_use]
    pub fn bare(now: Timestamp, threads: usize) -> Self {
        Self {
            now,
            threads,
            packs: Box::new(casemate_triage::Memory::default()),
            site: None,
            rules: Vec::new(),
            sequences: Vec::new(),
            earlier: Mutex::new(Vec::new()),
            root: None,
        }
    }
}

impl std::fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Knowledge")
            .field("now", &self.now)
            .field("threads", &self.threads)
            .field("rules", &self.rules.len())
            .finish_non_exhaustive()
    }
}

/// What a stage adds to the work.
pub(super) type Update = Box<dyn FnOnce(&mut Work) + Send>;

/// The content of a stage.
pub(super) type Content = fn(&Work, &Knowledge) -> Result<Update, Failure>;

/// A stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// Its name in reports and on the command line.
    pub(super) name: &'static str,
    /// What it does, for the drawing.
    pub(super) about: &'static str,
    /// How; a stage without content does nothing and is not listed as done.
    pub(super) run: Option<Content>,
}
