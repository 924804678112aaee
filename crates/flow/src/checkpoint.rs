//! Where a run stands, as a value: the state and all that is needed to go on after it.
//!
//! Layout (JSON, by serde): `version` (this file's [`CHECKPOINT_VERSION`]), `graph` (name and digest
//! of the shape), `position` (a node with attempt, answers, open question and the cause when it
//! stands in for another; or `done`), `trips` (times that each bounded edge was taken), `visits`
//! (times that each node was visited), `steps`, `state`. Unknown members are refused, a checkpoint
//! of another version or another graph too.

use crate::{Failure, Question, ResumeError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the layout.
pub const CHECKPOINT_VERSION: u32 = 1;

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint<S> {
    version: u32,
    graph: String,
    pub(crate) position: Position,
    pub(crate) trips: BTreeMap<String, u32>,
    pub(crate) visits: BTreeMap<String, u64>,
    pub(crate) steps: u64,
    pub(crate) state: S,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Position {
    At(Place),
    Done,
}

/// A node that is about to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) node: String,
    /// Whether the visit was counted.
    pub(crate) entered: bool,
    /// Attempts that failed on this visit.
    pub(crate) failed: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) answers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<Question>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<Failure>,
}

impl Place {
    pub(crate) fn new(node: &str, cause: Option<Failure>) -> Self {
        Self {
            node: node.to_owned(),
            cause,
            ..Self::default()
        }
    }
}

impl<S> Checkpoint<S> {
    pub(crate) fn at_start(graph: String, node: &str, state: S) -> Self {
        Self {
            version: CHECKPOINT_VERSION,
            graph,
            position: Position::At(Place::new(node, None)),
            trips: BTreeMap::new(),
            visits: BTreeMap::new(),
            steps: 0,
            state,
        }
    }

    /// The same with the state borrowed, to be written without a copy of it.
    pub(crate) fn borrowed(&self) -> Checkpoint<&S> {
        Checkpoint {
            version: self.version,
            graph: self.graph.clone(),
            position: self.position.clone(),
            trips: self.trips.clone(),
            visits: self.visits.clone(),
            steps: self.steps,
            state: &self.state,
        }
    }

    pub(crate) fn check_version(&self) -> Result<(), ResumeError> {
        if self.version == CHECKPOINT_VERSION {
            return Ok(());
        }
        Err(ResumeError::Version {
            found: self.version,
            known: CHECKPOINT_VERSION,
        })
    }

    /// The graph that it belongs to: name and digest of its shape.
    #[must_use]
    pub fn graph(&self) -> &str {
        &self.graph
    }

    /// The node that runs next; none when the run has reached the end.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        match &self.position {
            Position::At(place) => Some(&place.node),
            Position::Done => None,
        }
    }

    /// What a person is to be asked before the run can go on.
    #[must_use]
    pub fn question(&self) -> Option<&Question> {
        match &self.position {
            Position::At(place) => place.question.as_ref(),
            Position::Done => None,
        }
    }

    /// Node visits until here.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The state.
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The state alone.
    pub fn into_state(self) -> S {
        self.state
    }
}
