//! What happened in a run, one value each, and the sums of them.

use crate::{Failure, Question};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The node.
    pub node: String,
    /// Which visit of the node it is, from 1.
    pub visit: u64,
    /// Which attempt of the visit it is, from 1.
    pub attempt: u32,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// An attempt began.
    Started,
    /// An attempt succeeded.
    Finished {
        /// How long it took, by the caller's clock.
        took: Duration,
    },
    /// An attempt failed.
    Failed {
        /// Why.
        failure: Failure,
        /// How long it took, by the caller's clock.
        took: Duration,
    },
    /// Another attempt follows.
    Retried {
        /// The wait before it.
        wait: Duration,
    },
    /// The node was left out, and the run goes on.
    Skipped {
        /// Why.
        failure: Failure,
    },
    /// A fallback stands in.
    FellBack {
        /// Why.
        failure: Failure,
        /// The node that stands in; absent when the node has a fallback of its own.
        to: Option<String>,
    },
    /// A person is asked.
    Asked {
        /// What.
        question: Question,
    },
}

/// The sums of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTally {
    /// Attempts that began.
    pub started: u64,
    /// Attempts that succeeded.
    pub finished: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Attempts that followed a failed one.
    pub retried: u64,
    /// Times that it was left out.
    pub skipped: u64,
    /// Times that a fallback stood in.
    pub fell_back: u64,
    /// Times that it asked.
    pub asked: u64,
    /// Time of all attempts.
    pub took: Duration,
}

/// The sums of every node, by name.
#[must_use]
pub fn tally<'e>(events: impl IntoIterator<Item = &'e Event>) -> BTreeMap<String, NodeTally> {
    let mut tallies: BTreeMap<String, NodeTally> = BTreeMap::new();
    for event in events {
        let sums = tallies.entry(event.node.clone()).or_default();
        match &event.kind {
            EventKind::Started => sums.started += 1,
            EventKind::Finished { took } => {
                sums.finished += 1;
                sums.took += *took;
            }
            EventKind::Failed { took, .. } => {
                sums.failed += 1;
                sums.took += *took;
            }
            EventKind::Retried { .. } => sums.retried += 1,
            EventKind::Skipped { .. } => sums.skipped += 1,
            EventKind::FellBack { .. } => sums.fell_back += 1,
            EventKind::Asked { .. } => sums.asked += 1,
        }
    }
    tallies
}
