//! The most probable path to each goal, then the next one without what breaks the first.
//!
//! Dijkstra's algorithm from all starts at once; equal costs are decided by the order of nodes and
//! edges, which is that of their names. Time O(k (n + m) log n) for k paths.

use super::CHAINS_MAX;
use super::model::{COST_ACCOUNT, COST_ANY_ACCOUNT, COST_CONTAINER, Model};
use casemate_schema::NodeKind;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A path that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The node that it begins at.
    pub(super) start: usize,
    /// The node that it ends at.
    pub(super) goal: usize,
    /// Its steps in order, by position in the model.
    pub(super) steps: Vec<usize>,
    /// The step that is broken most cheaply, by position in the model.
    pub(super) cut: usize,
}

/// All paths, goal by goal.
pub(super) fn paths(model: &Model<'_>) -> Vec<Path> {
    let starts = starts(model);
    let mut found = Vec::new();
    let goals = ["kernel", "user:root"];
    for goal in goals.iter().filter_map(|id| model.find(id)) {
        let mut gone = vec![false; model.n_remedies];
        for _ in 0..CHAINS_MAX {
            let Some((start, steps)) = shortest(model, &starts, goal, &gone) else {
                break;
            };
            let Some(cut) = cheapest(model, &starts, &steps) else {
                break;
            };
            let remedy = model.steps.get(cut).and_then(|step| step.remedy);
            if let Some(remedy) = remedy.and_then(|remedy| gone.get_mut(remedy)) {
                *remedy = true;
            }
            found.push(Path {
                start,
                goal,
                steps,
                cut,
            });
        }
    }
    found
}

/// Where an attacker may begin, and at what cost.
fn starts(model: &Model<'_>) -> Vec<(usize, u32)> {
    let nodes = model.graph.nodes.iter().enumerate();
    nodes
        .filter_map(|(at, node)| match node.kind {
            NodeKind::Network => Some((at, 0)),
            NodeKind::Container => Some((at, COST_CONTAINER)),
            NodeKind::Group if &*node.id == "group:*" => Some((at, COST_ANY_ACCOUNT)),
            NodeKind::User if &*node.id != "user:root" => Some((at, COST_ACCOUNT)),
            _ => None,
        })
        .collect()
}

/// The cheapest path from any start to the goal that does not go through another goal.
fn shortest(
    model: &Model<'_>,
    starts: &[(usize, u32)],
    goal: usize,
    gone: &[bool],
) -> Option<(usize, Vec<usize>)> {
    let n = model.graph.nodes.len();
    let mut cost: Vec<Option<u32>> = vec![None; n];
    let mut by: Vec<Option<usize>> = vec![None; n];
    let mut queue = BinaryHeap::new();
    for (at, price) in starts {
        if let Some(slot) = cost.get_mut(*at) {
            *slot = Some(*price);
            queue.push(Reverse((*price, *at)));
        }
    }
    while let Some(Reverse((price, at))) = queue.pop() {
        if cost.get(at).copied().flatten() != Some(price) {
            continue;
        }
        if at == goal {
            break;
        }
        let is_end = model
            .node(at)
            .is_some_and(|node| matches!(&*node.id, "user:root" | "kernel"));
        if is_end {
            continue;
        }
        for position in model.out.get(at).into_iter().flatten() {
            let Some(step) = model.steps.get(*position) else {
                continue;
            };
            let is_gone = step.remedy.and_then(|remedy| gone.get(remedy)).copied();
            if is_gone == Some(true) {
                continue;
            }
            let next = price.saturating_add(step.cost);
            let better = cost
                .get(step.to)
                .is_some_and(|known| known.is_none_or(|known| next < known));
            if better {
                if let (Some(slot), Some(way)) = (cost.get_mut(step.to), by.get_mut(step.to)) {
                    *slot = Some(next);
                    *way = Some(*position);
                }
                queue.push(Reverse((next, step.to)));
            }
        }
    }
    cost.get(goal).copied().flatten()?;
    let mut steps = Vec::new();
    let mut here = goal;
    while let Some(position) = by.get(here).copied().flatten() {
        steps.push(position);
        here = model.steps.get(position)?.from;
    }
    steps.reverse();
    (!steps.is_empty()).then_some((here, steps))
}

/// The step whose remedy costs least; of equal ones the last, since more paths share the end.
///
/// Where the path goes through an account that an attacker may begin with as well, what is left of it
/// from there on is a path of its own, so only what comes after the last such account breaks it.
fn cheapest(model: &Model<'_>, starts: &[(usize, u32)], steps: &[usize]) -> Option<usize> {
    let is_start = |at: usize| {
        starts
            .binary_search_by_key(&at, |(start, _)| *start)
            .is_ok()
    };
    let begins = |position: &usize| {
        model
            .steps
            .get(*position)
            .is_some_and(|one| is_start(one.from))
    };
    let last = steps.iter().rposition(begins).unwrap_or(0);
    let tail = steps.get(last..).unwrap_or(steps);
    least(model, tail).or_else(|| least(model, steps))
}

fn least(model: &Model<'_>, steps: &[usize]) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    for position in steps.iter().copied() {
        let Some(step) = model
            .steps
            .get(position)
            .filter(|step| step.remedy.is_some())
        else {
            continue;
        };
        if best.is_none_or(|(effort, _)| step.effort <= effort) {
            best = Some((step.effort, position));
        }
    }
    best.map(|(_, position)| position)
}
