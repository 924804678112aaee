//! How long can a run be? Known before it begins.
//!
//! Take the bounded edges away: what is left must have no cycle, else the graph is refused. Between
//! two uses of bounded edges a run walks a path of what is left, so it visits at most `L` nodes,
//! the length of the longest path. Bounded edges are used at most `B` times, the sum of their
//! bounds, because a spent one is replaced by its `otherwise`, which is an unbounded edge. So a run
//! visits at most `(B + 1) * L` nodes, whatever nodes and routers do.

use crate::BuildError;
use crate::graph::{END, Exit, Graph};
use crate::node::Fallback;
use std::collections::BTreeMap;

/// Most node visits of a run.
pub(crate) fn steps_max<S>(graph: &Graph<'_, S>) -> Result<u64, BuildError> {
    let mut onward: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut bounds: u64 = 0;
    for node in &graph.nodes {
        let targets = onward.entry(&node.name).or_default();
        if let Fallback::Node(to) = &node.fallback {
            targets.push(to);
        }
        match graph.exits.get(&node.name) {
            Some(Exit::Always(to)) => targets.push(to),
            Some(Exit::Choose { edges, .. }) => {
                for edge in edges {
                    match &edge.back {
                        None => targets.push(&edge.to),
                        Some(back) => {
                            targets.push(&back.otherwise);
                            bounds = bounds.saturating_add(u64::from(back.times_max));
                        }
                    }
                }
            }
            None => {}
        }
        targets.retain(|to| *to != END);
    }
    let longest = longest_path(&onward)?;
    Ok(bounds.saturating_add(1).saturating_mul(longest))
}

/// Number of nodes on the longest path, or the cycle that makes it endless. Without recursion, so
/// that a long chain of nodes is no danger to the stack.
fn longest_path(onward: &BTreeMap<&str, Vec<&str>>) -> Result<u64, BuildError> {
    let mut done: BTreeMap<&str, u64> = BTreeMap::new();
    for start in onward.keys() {
        // Each entry: a node on the path that is walked now, and which of its edges comes next.
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((name, next)) = path.last_mut() {
            let name = *name;
            let targets = onward.get(name).map(Vec::as_slice).unwrap_or_default();
            let target = targets.get(*next).copied();
            *next += 1;
            if done.contains_key(name) {
                path.pop();
            } else if let Some(target) = target {
                if let Some(at) = path.iter().position(|(on_path, _)| *on_path == target) {
                    let cycle = path.iter().skip(at).map(|(name, _)| (*name).to_owned());
                    return Err(BuildError::Unbounded {
                        nodes: cycle.collect(),
                    });
                }
                if !done.contains_key(target) {
                    path.push((target, 0));
                }
            } else {
                let below = targets.iter().filter_map(|to| done.get(to)).max();
                done.insert(name, below.copied().unwrap_or(0) + 1);
                path.pop();
            }
        }
    }
    Ok(done.into_values().max().unwrap_or(0))
}
