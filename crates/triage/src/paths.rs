//! Attack paths: how an attacker gets from the network, or from an account, to root or the kernel.
//!
//! A path is a way through the host graph, and each of its steps is an edge that somebody saw.
//! Findings that merely share a host are no chain: a finding takes part when it speaks of a step. The
//! search takes the most probable path to a goal, names the cheapest thing that breaks it, takes that
//! away and searches again; so each chain has a remedy of its own, no chain is another one's detour,
//! and with all remedies applied no path is left (up to [`CHAINS_MAX`] for each goal).
//!
//! `docs/concepts/attack-paths.md` explains costs, severities and what was found on real hosts.

mod attach;
mod chain;
mod from_findings;
mod model;
mod search;
mod techniques;

use casemate_schema::{Chain, Finding, HostGraph, Report};
use model::Model;
use std::borrow::Cow;

/// Most chains for each goal.
pub const CHAINS_MAX: usize = 8;

/// The attack paths of a report: on its graph, or on what its findings alone prove.
#[must_use]
pub fn attack_paths(report: &Report) -> Vec<Chain> {
    paths_on(&graph_of(report), &report.findings)
}

/// The graph of a report: the one that the scanner made, or what its findings alone prove.
#[must_use]
pub fn graph_of(report: &Report) -> Cow<'_, HostGraph> {
    match &report.graph {
        Some(graph) => Cow::Borrowed(graph),
        None => Cow::Owned(from_findings::graph(&report.findings)),
    }
}

/// The attack paths on a graph, most urgent first. The order of nodes, edges and findings counts for
/// nothing.
#[must_use]
pub fn paths_on(graph: &HostGraph, findings: &[Finding]) -> Vec<Chain> {
    let graph = sorted(graph);
    let index = attach::Index::new(findings);
    let model = Model::new(&graph, &index);
    let mut chains: Vec<Chain> = search::paths(&model)
        .iter()
        .map(|path| chain::chain(&model, &index, path))
        .collect();
    chains.sort_by(|a, b| {
        let urgent = (b.severity, b.risk).cmp(&(a.severity, a.risk));
        urgent.then_with(|| a.id.cmp(&b.id))
    });
    chains
}

fn sorted(graph: &HostGraph) -> HostGraph {
    let mut graph = graph.clone();
    graph.nodes.sort();
    graph.nodes.dedup_by(|a, b| a.id == b.id);
    graph.edges.sort();
    graph.edges.dedup();
    graph
}

#[cfg(test)]
#[path = "paths/tests.rs"]
mod tests;
