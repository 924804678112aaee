//! How is an attack path drawn? Things and states of the host as nodes, facts as edges.

use super::{Class, Drawing, DrawnEdge, DrawnNode};
use crate::words;
use casemate_schema::{Chain, GraphNode, HostGraph, NodeKind};
use std::collections::{BTreeMap, BTreeSet};

/// Most nodes in the drawing of several paths: more cannot be read.
pub const NODES_MAX: usize = 60;

/// Draws one attack path.
#[must_use]
pub fn of_chain(chain: &Chain, graph: &HostGraph) -> Drawing {
    let mut drawing = of_chains(std::slice::from_ref(chain), graph);
    drawing.title = chain.title.to_string();
    let techniques: Vec<String> = chain.techniques.iter().map(ToString::to_string).collect();
    let mut said = vec![format!("{} risk {}.", severity(chain), chain.risk)];
    said.push(chain.why.to_string());
    if !techniques.is_empty() {
        said.push(format!("Techniques: {}.", techniques.join(", ")));
    }
    said.push(format!("Break it at: {}", chain.break_at.as_str()));
    drawing.description = said.join(" ");
    drawing
}

fn severity(chain: &Chain) -> String {
    let word = chain.severity.as_str();
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect::<String>() + ","
}

/// Draws several attack paths as one graph, in the order given, as many as fit into
/// [`NODES_MAX`] nodes; the description says how many there are. Paths without a step, which a rule
/// found by other facts, have nothing to draw.
#[must_use]
pub fn of_chains(chains: &[Chain], graph: &HostGraph) -> Drawing {
    let known: BTreeMap<&str, &GraphNode> = graph
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let mut order: Vec<&str> = Vec::new();
    let mut goals: BTreeSet<&str> = BTreeSet::new();
    let mut facts = BTreeSet::new();
    let mut edges = Vec::new();
    let mut n_drawn = 0;
    for chain in chains.iter().filter(|chain| !chain.steps.is_empty()) {
        let ends = chain
            .steps
            .iter()
            .flat_map(|step| [step.from.as_str(), step.to.as_str()]);
        let mut fresh: Vec<&str> = Vec::new();
        for id in ends {
            if !order.contains(&id) && !fresh.contains(&id) {
                fresh.push(id);
            }
        }
        // The first path is drawn whole, however long it is.
        if n_drawn > 0 && order.len() + fresh.len() > NODES_MAX {
            continue;
        }
        n_drawn += 1;
        order.extend(fresh);
        goals.extend(chain.steps.last().map(|step| step.to.as_str()));
        for step in &chain.steps {
            if facts.insert((&step.from, &step.to, &step.edge, &step.fact)) {
                edges.push(DrawnEdge {
                    from: step.from.to_string(),
                    to: step.to.to_string(),
                    label: step.edge.replace('_', " "),
                    detail: step.fact.to_string(),
                    is_fallback: false,
                });
            }
        }
    }
    let nodes = order
        .iter()
        .map(|id| drawn(id, known.get(id).copied(), goals.contains(id)));
    Drawing {
        title: "Attack paths".to_owned(),
        description: description(chains, n_drawn),
        nodes: nodes.collect(),
        edges,
    }
}

fn description(chains: &[Chain], n_drawn: usize) -> String {
    let n_chains = chains.len() as u64;
    if n_chains == 0 {
        return "No attack path was found.".to_owned();
    }
    let n_without = chains.iter().filter(|chain| chain.steps.is_empty()).count();
    let mut said = format!("{}.", words::count(n_chains, "attack path"));
    if n_without > 0 {
        said.push_str(&format!(" {n_without} without a step to draw."));
    }
    let n_left = chains
        .len()
        .saturating_sub(n_without)
        .saturating_sub(n_drawn);
    if n_left > 0 {
        said.push_str(&format!(
            " {n_left} left out, so that at most {NODES_MAX} nodes are drawn; name one to see it."
        ));
    }
    let titles = chains.iter().take(5).map(|chain| chain.title.as_str());
    for title in titles {
        said.push(' ');
        said.push_str(title.trim_end_matches('.'));
        said.push('.');
    }
    said
}

/// A node of the host graph; one that the graph does not hold is told by its id.
fn drawn(id: &str, node: Option<&GraphNode>, is_goal: bool) -> DrawnNode {
    let (prefix, name) = id.split_once(':').unwrap_or((id, id));
    let (label, kind) = match node {
        Some(node) => (node.label.to_string(), Some(node.kind)),
        None => (name.to_owned(), kind_of(prefix)),
    };
    let class = match kind {
        _ if is_goal => Class::Goal,
        Some(NodeKind::Network) => Class::Start,
        Some(NodeKind::Socket | NodeKind::Process | NodeKind::Unit | NodeKind::Job) => {
            Class::Active
        }
        Some(NodeKind::User | NodeKind::Group) => Class::Account,
        Some(NodeKind::Container | NodeKind::Kernel) => Class::Host,
        Some(NodeKind::File | NodeKind::Package) | None => Class::Thing,
    };
    DrawnNode {
        id: id.to_owned(),
        detail: kind.map_or_else(|| prefix.to_owned(), |kind| word(kind).to_owned()),
        label,
        class,
    }
}

fn word(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Network => "network",
        NodeKind::Socket => "socket",
        NodeKind::Process => "process",
        NodeKind::User => "code runs as user",
        NodeKind::Group => "group",
        NodeKind::File => "file",
        NodeKind::Package => "package",
        NodeKind::Unit => "unit",
        NodeKind::Job => "job",
        NodeKind::Container => "container",
        NodeKind::Kernel => "kernel",
    }
}

/// The kind that the first part of an id says.
fn kind_of(prefix: &str) -> Option<NodeKind> {
    Some(match prefix {
        "network" => NodeKind::Network,
        "socket" => NodeKind::Socket,
        "process" => NodeKind::Process,
        "user" => NodeKind::User,
        "group" => NodeKind::Group,
        "file" => NodeKind::File,
        "package" => NodeKind::Package,
        "unit" => NodeKind::Unit,
        "cron" => NodeKind::Job,
        "container" => NodeKind::Container,
        "kernel" => NodeKind::Kernel,
        _ => return None,
    })
}
