//! Puts nodes for variables until all lines of a rule are edges.
//!
//! Backtracking over the lines in their order, each bound as far as the lines before it bind it. The
//! graph is small (thousands of edges) and indexed by edge kind and end, a rule has at most eight
//! lines, and each rule stops after [`BINDINGS_MAX`] ways, which is said. Edges are taken in their
//! sorted order, so the same graph gives the same chains.

use super::attach::{is_wanted, speaks_of};
use super::model::{Rule, StepPattern, edge_word, is_variable};
use crate::site::fits;
use casemate_base::hash;
use casemate_schema::{Chain, ChainStep, EdgeKind, Finding, GraphEdge, GraphNode, HostGraph, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Most ways of binding that are looked at for one rule.
const BINDINGS_MAX: usize = 20_000;
/// Most chains of one rule that are reported.
const CHAINS_MAX: usize = 100;

/// What the rules found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Correlated {
    /// The chains, most urgent first.
    pub chains: Vec<Chain>,
    /// Rules that matched more often than is reported, in words.
    pub remarks: Vec<String>,
}

/// Matches rules against a host's graph and findings.
#[must_use]
pub fn correlate(rules: &[Rule], graph: &HostGraph, findings: &[Finding]) -> Correlated {
    let index = Index::new(graph);
    let mut out = Correlated::default();
    for rule in rules {
        let mut search = Search {
            rule,
            index: &index,
            findings,
            found: BTreeMap::new(),
            n_bindings: 0,
        };
        search.extend(0, &mut Binding::default());
        if search.n_bindings >= BINDINGS_MAX || search.found.len() > CHAINS_MAX {
            out.remarks.push(format!(
                "rule `{}` holds in more ways than are shown ({CHAINS_MAX})",
                rule.id
            ));
        }
        let chains = search.found.into_values().take(CHAINS_MAX);
        out.chains.extend(chains.map(Draft::finish));
    }
    out.chains.sort_by(|a, b| {
        b.risk
            .cmp(&a.risk)
            .then(b.severity.cmp(&a.severity))
            .then_with(|| a.id.cmp(&b.id))
    });
    out
}

/// The graph by node id, and its edges by kind and end.
struct Index<'a> {
    nodes: BTreeMap<&'a str, &'a GraphNode>,
    all: BTreeMap<EdgeKind, Vec<&'a GraphEdge>>,
    out: BTreeMap<(EdgeKind, &'a str), Vec<&'a GraphEdge>>,
    into: BTreeMap<(EdgeKind, &'a str), Vec<&'a GraphEdge>>,
}

impl<'a> Index<'a> {
    fn new(graph: &'a HostGraph) -> Self {
        let mut edges: Vec<&GraphEdge> = graph.edges.iter().collect();
        edges.sort();
        edges.dedup();
        let mut index = Self {
            nodes: graph
                .nodes
                .iter()
                .map(|node| (node.id.as_str(), node))
                .collect(),
            all: BTreeMap::new(),
            out: BTreeMap::new(),
            into: BTreeMap::new(),
        };
        for edge in edges {
            index.all.entry(edge.kind).or_default().push(edge);
            let from = index.out.entry((edge.kind, edge.from.as_str()));
            from.or_default().push(edge);
            let to = index.into.entry((edge.kind, edge.to.as_str()));
            to.or_default().push(edge);
        }
        index
    }

    /// Edges of a kind whose known ends are these.
    fn edges(
        &self,
        kind: EdgeKind,
        from: Option<&'a str>,
        to: Option<&'a str>,
    ) -> &[&'a GraphEdge] {
        let found = match (from, to) {
            (Some(from), _) => self.out.get(&(kind, from)),
            (None, Some(to)) => self.into.get(&(kind, to)),
            (None, None) => self.all.get(&kind),
        };
        found.map_or(&[], Vec::as_slice)
    }
}

/// Nodes for variables, and the edges taken so far.
#[derive(Default)]
struct Binding<'a> {
    nodes: BTreeMap<&'a str, &'a GraphNode>,
    edges: Vec<&'a GraphEdge>,
}

struct Search<'a> {
    rule: &'a Rule,
    index: &'a Index<'a>,
    findings: &'a [Finding],
    found: BTreeMap<Vec<&'a str>, Draft<'a>>,
    n_bindings: usize,
}

impl<'a> Search<'a> {
    /// Binds the line at this place and all that follow.
    fn extend(&mut self, at: usize, binding: &mut Binding<'a>) {
        if self.n_bindings >= BINDINGS_MAX {
            return;
        }
        let Some(step) = self.rule.steps.get(at) else {
            self.n_bindings += 1;
            self.take(binding);
            return;
        };
        let known = |word: &str, binding: &Binding<'a>| -> Option<&'a str> {
            binding.nodes.get(word).map(|node| node.id.as_str())
        };
        let from = known(&step.from, binding);
        let to = known(&step.to, binding);
        let index = self.index;
        for edge in index.edges(step.edge, from, to) {
            let Some(new) = self.fit(step, edge, binding) else {
                continue;
            };
            for (name, node) in &new {
                binding.nodes.insert(name, node);
            }
            binding.edges.push(edge);
            self.extend(at + 1, binding);
            binding.edges.pop();
            for (name, _) in &new {
                binding.nodes.remove(name);
            }
        }
    }

    /// The variables that an edge binds anew when it fits a line; `None` when it does not.
    fn fit(
        &self,
        step: &'a StepPattern,
        edge: &'a GraphEdge,
        binding: &Binding<'a>,
    ) -> Option<Vec<(&'a str, &'a GraphNode)>> {
        if step.asks.is_some_and(|asks| !asks.fits(edge.needs)) {
            return None;
        }
        let via = match (&step.via, &edge.path) {
            (Some(word), Some(path)) => Some((word.as_str(), format!("file:{path}"))),
            (Some(_), None) => return None,
            (None, _) => None,
        };
        let ends = [
            (step.from.as_str(), edge.from.as_str()),
            (step.to.as_str(), edge.to.as_str()),
        ];
        let via = via.as_ref().map(|(word, id)| (*word, id.as_str()));
        let mut new: Vec<(&'a str, &'a GraphNode)> = Vec::new();
        for (word, id) in ends.into_iter().chain(via) {
            if !is_variable(word) {
                if !fits(word, id) {
                    return None;
                }
                continue;
            }
            let before = binding.nodes.get(word).copied();
            let now = new.iter().find(|(name, _)| *name == word);
            match before.or(now.map(|(_, node)| *node)) {
                Some(node) if node.id == id => {}
                Some(_) => return None,
                None => {
                    let node = *self.index.nodes.get(id)?;
                    if !self.allows(word, node) {
                        return None;
                    }
                    new.push((word, node));
                }
            }
        }
        Some(new)
    }

    /// Whether variables that must stand for different nodes do.
    fn differ(&self, binding: &Binding<'a>) -> bool {
        let id = |name: &str| binding.nodes.get(name).map(|node| &node.id);
        self.rule
            .variables
            .iter()
            .all(|(name, pattern)| pattern.differs.iter().all(|other| id(name) != id(other)))
    }

    fn allows(&self, name: &str, node: &GraphNode) -> bool {
        let Some(pattern) = self.rule.variables.get(name) else {
            return true;
        };
        let any = |list: &[String]| list.iter().any(|pattern| fits(pattern, &node.id));
        (pattern.kind.is_empty() || pattern.kind.contains(&node.kind))
            && (pattern.is.is_empty() || any(&pattern.is))
            && !any(&pattern.not)
    }

    /// All lines hold: takes the chain if the findings that it needs are there.
    fn take(&mut self, binding: &Binding<'a>) {
        if !self.differ(binding) {
            return;
        }
        let mut members: BTreeSet<usize> = BTreeSet::new();
        let mut on_edges: BTreeMap<usize, usize> = BTreeMap::new();
        for pattern in &self.rule.findings {
            let node = pattern.on.as_deref().and_then(|on| binding.nodes.get(on));
            let mut hits = self.findings.iter().enumerate().filter(|(_, finding)| {
                is_wanted(pattern, finding)
                    && (pattern.on.is_none() || node.is_some_and(|node| speaks_of(finding, node)))
            });
            let first = hits.next();
            if first.is_none() && !pattern.optional {
                return;
            }
            for (at, _) in first.into_iter().chain(hits) {
                members.insert(at);
                if let Some(node) = node {
                    let step = binding
                        .edges
                        .iter()
                        .position(|edge| edge.from == node.id || edge.to == node.id)
                        .or_else(|| via_of(binding, node));
                    if let Some(step) = step {
                        on_edges.entry(step).or_insert(at);
                    }
                }
            }
        }
        let key: Vec<&'a str> = binding
            .nodes
            .iter()
            .filter(|(name, _)| {
                self.rule.each.is_empty() || self.rule.each.iter().any(|each| each == *name)
            })
            .map(|(_, node)| node.id.as_str())
            .collect();
        let findings = self.findings;
        match self.found.get_mut(&key) {
            Some(draft) => draft.members.extend(members),
            None => {
                let draft = Draft {
                    rule: self.rule,
                    nodes: binding.nodes.clone(),
                    edges: binding.edges.clone(),
                    on_edges,
                    members,
                    findings,
                };
                self.found.insert(key, draft);
            }
        }
    }
}

/// The edge whose own place is this file.
fn via_of(binding: &Binding<'_>, node: &GraphNode) -> Option<usize> {
    let file = node.id.strip_prefix("file:")?;
    let mut edges = binding.edges.iter();
    edges.position(|edge| edge.path.as_deref() == Some(file))
}

/// A chain before it is put into words.
struct Draft<'a> {
    rule: &'a Rule,
    nodes: BTreeMap<&'a str, &'a GraphNode>,
    edges: Vec<&'a GraphEdge>,
    on_edges: BTreeMap<usize, usize>,
    members: BTreeSet<usize>,
    findings: &'a [Finding],
}

impl Draft<'_> {
    fn finish(self) -> Chain {
        let member = |at: &usize| self.findings.get(*at);
        let mut members: Vec<Text> = self
            .members
            .iter()
            .filter_map(member)
            .map(|finding| finding.id.clone())
            .collect();
        members.sort();
        let steps: Vec<ChainStep> = self
            .edges
            .iter()
            .enumerate()
            .map(|(at, edge)| ChainStep {
                from: edge.from.clone(),
                to: edge.to.clone(),
                edge: edge_word(edge.kind).into(),
                fact: edge.fact.clone(),
                finding: self
                    .on_edges
                    .get(&at)
                    .and_then(member)
                    .map(|finding| finding.id.clone()),
            })
            .collect();
        let worst = self
            .members
            .iter()
            .filter_map(member)
            .filter_map(|finding| finding.risk.as_ref())
            .map(|risk| risk.score)
            .max();
        Chain {
            id: chain_id(&self.rule.id, &members, &steps).into(),
            rule: self.rule.id.as_str().into(),
            title: self.words(&self.rule.title),
            severity: self.rule.severity,
            risk: worst.unwrap_or(0).max(floor(self.rule.severity)),
            members,
            steps,
            techniques: self
                .rule
                .techniques
                .iter()
                .map(|id| id.as_str().into())
                .collect(),
            break_at: self.words(&self.rule.break_at),
            why: self.words(&self.rule.why),
        }
    }

    /// A text of the rule with the nodes' labels for the variables.
    fn words(&self, text: &str) -> Text {
        let mut out = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, end)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                break;
            };
            out.push_str(
                self.nodes
                    .get(name)
                    .map_or(name, |node| node.label.as_str()),
            );
            rest = end;
        }
        out.push_str(rest);
        out.into()
    }
}

/// The least risk of a chain: the facts hold together even where no finding was ranked.
fn floor(severity: casemate_schema::Severity) -> u8 {
    match severity {
        casemate_schema::Severity::Critical => 80,
        casemate_schema::Severity::High => 65,
        casemate_schema::Severity::Medium => 45,
        casemate_schema::Severity::Low => 25,
        casemate_schema::Severity::Info => 5,
    }
}

/// `chain:<12 hex digits>` of rule, members and edges.
pub(super) fn chain_id(rule: &str, members: &[Text], steps: &[ChainStep]) -> String {
    let mut content = String::from(rule);
    for member in members {
        content.push('\u{1f}');
        content.push_str(member);
    }
    for step in steps {
        content.push('\u{1e}');
        for part in [&step.from, &step.edge, &step.to] {
            content.push('\u{1f}');
            content.push_str(part);
        }
    }
    let digest = hash::blake3(content.as_bytes()).to_hex();
    format!("chain:{}", digest.get(..12).unwrap_or(&digest))
}
