//! How long did each stage take, and how did it end? From the events, never from the case.

use casemate_flow::{Event, NodeTally, tally};
use serde::Serialize;

/// One node of the workflow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeTiming {
    /// The node.
    pub node: String,
    /// Attempts that began, that succeeded, that failed; times that it was skipped, and that a
    /// fallback stood in.
    pub started: u64,
    /// See `started`.
    pub finished: u64,
    /// See `started`.
    pub failed: u64,
    /// See `started`.
    pub skipped: u64,
    /// See `started`.
    pub fell_back: u64,
    /// Time of all attempts.
    pub seconds: f64,
}

/// The nodes in the order in which they began.
#[must_use]
pub fn timings(events: &[Event]) -> Vec<NodeTiming> {
    let mut tallies = tally(events);
    events
        .iter()
        .filter_map(|event| {
            let sums = tallies.remove(&event.node)?;
            Some(timing(&event.node, &sums))
        })
        .collect()
}

fn timing(node: &str, sums: &NodeTally) -> NodeTiming {
    NodeTiming {
        node: node.to_owned(),
        started: sums.started,
        finished: sums.finished,
        failed: sums.failed,
        skipped: sums.skipped,
        fell_back: sums.fell_back,
        seconds: sums.took.as_secs_f64(),
    }
}

/// The timings as JSON: `{"nodes": [...], "workflow": "assess"}`.
#[must_use]
pub fn timings_json(events: &[Event]) -> serde_json::Value {
    serde_json::json!({ "workflow": "assess", "nodes": timings(events) })
}
