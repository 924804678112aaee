//! Is a graph whole? Names are unique, every edge leads somewhere, every node has a way on and is
//! reached.

use crate::graph::{Builder, END, Exit};
use crate::node::Fallback;
use crate::{BuildError, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Checks all but cycles, and returns the start.
pub(crate) fn check<S>(builder: &Builder<'_, S>) -> Result<String, BuildError> {
    let nodes = names(&builder.nodes)?;
    let start = builder.start.clone().ok_or(BuildError::NoStart)?;
    let mut targets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, exit) in &builder.exits {
        if !nodes.contains(from.as_str()) {
            return Err(BuildError::NoSuchNode { node: from.clone() });
        }
        let reached = targets_of(from, exit)?;
        if targets.insert(from, reached).is_some() {
            return Err(BuildError::TwoExits { node: from.clone() });
        }
    }
    for node in &builder.nodes {
        let Some(reached) = targets.get_mut(node.name.as_str()) else {
            return Err(BuildError::NoExit {
                node: node.name.clone(),
            });
        };
        if let Fallback::Node(to) = &node.fallback {
            reached.push(to);
        }
    }
    let named = targets
        .iter()
        .flat_map(|(from, reached)| reached.iter().map(move |to| (*from, *to)));
    for (from, to) in std::iter::once(("start", start.as_str())).chain(named) {
        let is_end = to == END && from != "start";
        if !is_end && !nodes.contains(to) {
            return Err(BuildError::NoSuchTarget {
                from: from.to_owned(),
                to: to.to_owned(),
            });
        }
    }
    let unreached = unreached(&builder.nodes, &start, &targets);
    if unreached.is_empty() {
        Ok(start)
    } else {
        Err(BuildError::Unreachable { nodes: unreached })
    }
}

fn names<'b, S>(nodes: &'b [Node<'_, S>]) -> Result<BTreeSet<&'b str>, BuildError> {
    let mut names = BTreeSet::new();
    for node in nodes {
        let name = node.name.as_str();
        if name == END || name.is_empty() {
            return Err(BuildError::Reserved {
                node: name.to_owned(),
            });
        }
        if !names.insert(name) {
            return Err(BuildError::Duplicate {
                node: name.to_owned(),
            });
        }
        let branches: BTreeSet<&String> = node.branches.iter().collect();
        let is_parallel = matches!(node.work, crate::node::Work::Parallel(_));
        if branches.len() != node.branches.len() || (is_parallel && branches.is_empty()) {
            return Err(BuildError::Branches {
                node: name.to_owned(),
            });
        }
    }
    Ok(names)
}

/// Every place that the exit may lead to.
fn targets_of<'b, S>(from: &str, exit: &'b Exit<'_, S>) -> Result<Vec<&'b str>, BuildError> {
    let edges = match exit {
        Exit::Always(to) => return Ok(vec![to]),
        Exit::Choose { edges, .. } => edges,
    };
    if edges.is_empty() {
        return Err(BuildError::NoExit {
            node: from.to_owned(),
        });
    }
    let mut names = BTreeSet::new();
    let mut targets = Vec::new();
    for edge in edges {
        if !names.insert(edge.name.as_str()) {
            return Err(BuildError::DuplicateEdge {
                node: from.to_owned(),
                edge: edge.name.clone(),
            });
        }
        targets.push(edge.to.as_str());
        targets.extend(edge.back.as_ref().map(|back| back.otherwise.as_str()));
    }
    Ok(targets)
}

fn unreached<S>(
    nodes: &[Node<'_, S>],
    start: &str,
    targets: &BTreeMap<&str, Vec<&str>>,
) -> Vec<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(targets.get(name).into_iter().flatten().copied());
        }
    }
    let left = nodes
        .iter()
        .filter(|node| !reached.contains(node.name.as_str()));
    left.map(|node| node.name.clone()).collect()
}
