//! The graph as an attacker walks it: states and steps, each with its cost.
//!
//! A node is held: code of the attacker runs there, or its content is the attacker's. Most edges are
//! walked as they stand; who starts, executes or loads a file is held by whoever holds the file, so
//! these are walked backwards. Costs are points of improbability, and add up; the table stands in
//! `docs/concepts/attack-paths.md`.

use super::attach::{Index, Proof};
use casemate_schema::{EdgeKind, EdgeNeeds, GraphEdge, GraphNode, HostGraph, NodeKind};
use std::collections::{BTreeMap, BTreeSet};

/// Cost of taking over an exposed service of which no weakness is known.
const COST_ASSUMED_ENTRY: u32 = 60;
/// Cost of being some local account, in order of how it comes about.
pub(super) const COST_CONTAINER: u32 = 80;
pub(super) const COST_ANY_ACCOUNT: u32 = 95;
pub(super) const COST_ACCOUNT: u32 = 100;

/// One step: an edge, in the direction of the attack.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) edge: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) cost: u32,
    /// What takes the step away; steps with the same remedy go together. `None` where nothing does.
    pub(super) remedy: Option<usize>,
    /// Minutes that the remedy takes, as an estimate.
    pub(super) effort: u32,
    /// Findings that prove the step, where it needs a proof.
    pub(super) proof: Option<(Proof, Vec<usize>)>,
}

/// The graph with its steps.
pub(super) struct Model<'a> {
    pub(super) graph: &'a HostGraph,
    at: BTreeMap<&'a str, usize>,
    pub(super) steps: Vec<Step>,
    /// Steps that go out from each node, and that lead to it.
    pub(super) out: Vec<Vec<usize>>,
    pub(super) into: Vec<Vec<usize>>,
    pub(super) n_remedies: usize,
}

impl<'a> Model<'a> {
    pub(super) fn new(graph: &'a HostGraph, index: &Index<'_>) -> Self {
        let nodes = graph.nodes.iter().enumerate();
        let mut model = Self {
            graph,
            at: nodes.map(|(at, node)| (&*node.id, at)).collect(),
            steps: Vec::new(),
            out: vec![Vec::new(); graph.nodes.len()],
            into: vec![Vec::new(); graph.nodes.len()],
            n_remedies: 0,
        };
        let around = Around::new(&model);
        let mut remedies: BTreeMap<(EdgeKind, String), usize> = BTreeMap::new();
        for (at, edge) in graph.edges.iter().enumerate() {
            let Some(mut step) = model.step(at, edge, index, &around) else {
                continue;
            };
            if let Some((key, effort)) = Self::remedy(edge, &step) {
                let n = remedies.len();
                step.remedy = Some(*remedies.entry(key).or_insert(n));
                step.effort = effort;
            }
            let position = model.steps.len();
            if let Some(out) = model.out.get_mut(step.from) {
                out.push(position);
            }
            if let Some(into) = model.into.get_mut(step.to) {
                into.push(position);
            }
            model.steps.push(step);
        }
        model.n_remedies = remedies.len();
        model
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.at.get(id).copied()
    }

    pub(super) fn node(&self, at: usize) -> Option<&'a GraphNode> {
        self.graph.nodes.get(at)
    }

    pub(super) fn label(&self, at: usize) -> &'a str {
        self.node(at).map_or("", |node| &*node.label)
    }

    pub(super) fn kind(&self, at: usize) -> Option<NodeKind> {
        self.node(at).map(|node| node.kind)
    }

    pub(super) fn edge(&self, step: &Step) -> Option<&'a GraphEdge> {
        self.graph.edges.get(step.edge)
    }

    fn step(
        &self,
        at: usize,
        edge: &GraphEdge,
        index: &Index<'_>,
        around: &Around,
    ) -> Option<Step> {
        let (from, to) = (self.find(&edge.from)?, self.find(&edge.to)?);
        let backwards = matches!(
            edge.kind,
            EdgeKind::Listens | EdgeKind::Starts | EdgeKind::Executes | EdgeKind::Loads
        );
        let (from, to) = if backwards { (to, from) } else { (from, to) };
        let mut proof = None;
        let cost = match edge.kind {
            EdgeKind::Reaches | EdgeKind::RunsAs | EdgeKind::MemberOf | EdgeKind::RunsIn => 0,
            EdgeKind::Listens => {
                proof = self.entry_proof(from, to, index, around);
                match &proof {
                    Some((proof, _)) => proof_cost(*proof),
                    // That a service of root may have a weakness is no path: nothing is seen of it.
                    None if around.is_root(to) => return None,
                    None => COST_ASSUMED_ENTRY,
                }
            }
            EdgeKind::Starts | EdgeKind::Executes | EdgeKind::Loads => match self.kind(to)? {
                NodeKind::Job => 2,
                NodeKind::Kernel => 5,
                NodeKind::Unit => 8,
                NodeKind::Process => 12,
                _ => 15,
            },
            EdgeKind::MayBecomeBySuid if edge.needs == Some(EdgeNeeds::Weakness) => {
                let file = self.find(&format!("file:{}", edge.path.as_deref()?))?;
                let packages = around.packages.get(&file)?;
                let mut proofs = packages
                    .iter()
                    .filter_map(|name| index.of_package(name, false));
                proof = Some(proofs.find(|(proof, _)| *proof >= Proof::Likely)?);
                proof.as_ref().map_or(0, |(proof, _)| proof_cost(*proof))
            }
            EdgeKind::MayWrite
            | EdgeKind::MaySudo
            | EdgeKind::MayBecomeBySuid
            | EdgeKind::MayBecomeByGroup
            | EdgeKind::MayBecomeByKey
            | EdgeKind::MayBecomeByPam
            | EdgeKind::Escapes => match edge.needs {
                None => 1,
                Some(EdgeNeeds::Guessing) => 40,
                Some(EdgeNeeds::Password | EdgeNeeds::Weakness) => return None,
            },
            EdgeKind::Owns | EdgeKind::MayExecute | EdgeKind::Controls => return None,
        };
        Some(Step {
            edge: at,
            from,
            to,
            cost,
            remedy: None,
            effort: 0,
            proof,
        })
    }

    /// What proves that whoever reaches the socket gets code into the process.
    fn entry_proof(
        &self,
        socket: usize,
        process: usize,
        index: &Index<'_>,
        around: &Around,
    ) -> Option<(Proof, Vec<usize>)> {
        let files = around.files.get(&process).into_iter().flatten();
        let packages = files.filter_map(|file| around.packages.get(file)).flatten();
        let known = packages.filter_map(|name| index.of_package(name, true));
        let open = index.of_open_service(self.label(socket));
        known.chain(open).max_by_key(|(proof, _)| *proof)
    }

    /// What takes a step away and how long that takes, in minutes.
    fn remedy(edge: &GraphEdge, step: &Step) -> Option<((EdgeKind, String), u32)> {
        let place = || {
            let line = edge.line.map(|line| line.to_string()).unwrap_or_default();
            format!("{}:{line}", edge.path.as_deref().unwrap_or(&edge.to))
        };
        let (name, effort) = match edge.kind {
            // All whom one place lets in go together when its mode is mended; its owner does not.
            EdgeKind::MayWrite => (format!("{}|{}", edge.from, place()), 5),
            EdgeKind::MayBecomeBySuid if step.proof.is_some() => (place(), 15),
            EdgeKind::MayBecomeBySuid => (place(), 5),
            EdgeKind::MemberOf if &*edge.to != "group:*" => {
                (format!("{}|{}", edge.from, edge.to), 5)
            }
            // Of a group and its members the group counts: one remedy for all of them.
            EdgeKind::MaySudo => (place(), 5),
            EdgeKind::MayBecomeByGroup => (edge.from.to_string(), 5),
            EdgeKind::MayBecomeByKey | EdgeKind::MayBecomeByPam => (place(), 10),
            EdgeKind::Listens if step.proof.is_some() => (edge.from.to_string(), 15),
            EdgeKind::Starts | EdgeKind::Executes | EdgeKind::Loads => {
                (format!("{}|{}", edge.from, edge.to), 20)
            }
            EdgeKind::Escapes => (edge.from.to_string(), 60),
            _ => return None,
        };
        Some(((edge.kind, name), effort))
    }
}

fn proof_cost(proof: Proof) -> u32 {
    match proof {
        Proof::Exploited => 2,
        Proof::Likely => 5,
        Proof::Open => 8,
        Proof::Rated => 20,
    }
}

/// What stands around a node: files of processes, packages of files, processes of root.
struct Around {
    files: BTreeMap<usize, Vec<usize>>,
    packages: BTreeMap<usize, BTreeSet<String>>,
    of_root: BTreeSet<usize>,
}

impl Around {
    fn new(model: &Model<'_>) -> Self {
        let mut around = Self {
            files: BTreeMap::new(),
            packages: BTreeMap::new(),
            of_root: BTreeSet::new(),
        };
        for edge in &model.graph.edges {
            let (Some(from), Some(to)) = (model.find(&edge.from), model.find(&edge.to)) else {
                continue;
            };
            match edge.kind {
                EdgeKind::Executes => around.files.entry(from).or_default().push(to),
                EdgeKind::Owns if model.kind(from) == Some(NodeKind::Package) => {
                    let id = edge.from.splitn(3, ':').nth(2).unwrap_or(&edge.from);
                    around.packages.entry(to).or_default().insert(id.to_owned());
                }
                EdgeKind::RunsAs if &*edge.to == "user:root" => {
                    around.of_root.insert(from);
                }
                _ => {}
            }
        }
        around
    }

    fn is_root(&self, process: usize) -> bool {
        self.of_root.contains(&process)
    }
}
