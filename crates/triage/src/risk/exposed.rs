//! Which packages are exposed: one of their programs listens where strangers reach it.

use casemate_schema::{EdgeKind, HostGraph, NodeKind};
use std::collections::{BTreeMap, BTreeSet};

/// Packages with a program that listens where strangers reach it, and the socket: network reaches
/// socket, process listens on it, process executes a file, package owns the file.
#[must_use]
pub fn exposed_packages(graph: &HostGraph) -> BTreeMap<String, String> {
    let label = |id: &str| {
        let found = graph
            .nodes
            .binary_search_by(|node| node.id.as_str().cmp(id));
        found.ok().and_then(|at| graph.nodes.get(at))
    };
    let of = |kind: EdgeKind| graph.edges.iter().filter(move |edge| edge.kind == kind);
    let reached: BTreeSet<&str> = of(EdgeKind::Reaches).map(|edge| edge.to.as_str()).collect();
    let mut listening: BTreeMap<&str, &str> = BTreeMap::new();
    for edge in of(EdgeKind::Listens).filter(|edge| reached.contains(edge.to.as_str())) {
        listening.entry(&edge.from).or_insert(&edge.to);
    }
    let mut programs: BTreeMap<&str, &str> = BTreeMap::new();
    for edge in of(EdgeKind::Executes).chain(of(EdgeKind::Loads)) {
        if let Some(socket) = listening.get(edge.from.as_str()) {
            programs.entry(&edge.to).or_insert(socket);
        }
    }
    let mut out = BTreeMap::new();
    for edge in of(EdgeKind::Owns) {
        if let Some(socket) = programs.get(edge.to.as_str())
            && let Some(package) = label(&edge.from).filter(|node| node.kind == NodeKind::Package)
        {
            let name = package.id.rsplit(':').next().unwrap_or_default().to_owned();
            let socket = socket.strip_prefix("socket:").unwrap_or(socket);
            out.entry(name).or_insert_with(|| socket.to_owned());
        }
    }
    out
}
