//! A graph as nodes and edges, for whoever draws it.

use crate::graph::{END, Exit, Graph};
use crate::node::{Fallback, Node};
use serde::Serialize;
use std::fmt::Write;

/// A graph without its functions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drawing {
    /// The graph's name.
    pub name: String,
    /// Nodes in the order in which they were declared, the end last.
    pub nodes: Vec<DrawnNode>,
    /// Edges in the order of the nodes.
    pub edges: Vec<DrawnEdge>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Where a run begins.
    Start,
    /// A node.
    Step,
    /// A node with branches.
    Parallel,
    /// Where a run ends.
    End,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DrawnNode {
    /// Its name.
    pub name: String,
    /// What it does.
    pub about: String,
    /// What it is.
    pub role: Role,
    /// Attempts in all; 1 without a retry policy.
    pub attempts: u32,
    /// Whether the run goes on without it when it fails.
    pub may_be_skipped: bool,
    /// Whether it has a fallback function of its own.
    pub has_fallback: bool,
    /// Names of its branches.
    pub branches: Vec<String>,
}

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DrawnEdge {
    /// Node that it goes out from.
    pub from: String,
    /// Node that it leads to.
    pub to: String,
    /// Its name; absent when there is no choice.
    pub label: Option<String>,
    /// Times that it may be taken in a run; absent when nothing bounds it.
    pub times_max: Option<u32>,
    /// Whether it is taken when the node has failed.
    pub is_fallback: bool,
}

impl<'g, S: 'g> Graph<'g, S> {
    /// Its nodes and edges.
    #[must_use]
    pub fn drawing(&self) -> Drawing {
        let mut nodes: Vec<DrawnNode> = self.nodes.iter().map(|node| self.drawn(node)).collect();
        nodes.push(DrawnNode {
            name: END.to_owned(),
            about: String::new(),
            role: Role::End,
            attempts: 1,
            may_be_skipped: false,
            has_fallback: false,
            branches: Vec::new(),
        });
        let edges = self.nodes.iter().flat_map(|node| self.edges_of(node));
        Drawing {
            name: self.name.clone(),
            nodes,
            edges: edges.collect(),
        }
    }

    fn drawn(&self, node: &Node<'g, S>) -> DrawnNode {
        let role = if node.name == self.start {
            Role::Start
        } else if node.branches.is_empty() {
            Role::Step
        } else {
            Role::Parallel
        };
        DrawnNode {
            name: node.name.clone(),
            about: node.about.clone(),
            role,
            attempts: crate::run::attempts_max(node),
            may_be_skipped: matches!(node.fallback, Fallback::Skip(_)),
            has_fallback: matches!(node.fallback, Fallback::Function(_)),
            branches: node.branches.clone(),
        }
    }

    fn edges_of(&self, node: &Node<'g, S>) -> Vec<DrawnEdge> {
        let edge = |to: &str, label: Option<&str>, times_max, is_fallback| DrawnEdge {
            from: node.name.clone(),
            to: to.to_owned(),
            label: label.map(str::to_owned),
            times_max,
            is_fallback,
        };
        let mut drawn = Vec::new();
        match self.exits.get(&node.name) {
            Some(Exit::Always(to)) => drawn.push(edge(to, None, None, false)),
            Some(Exit::Choose { edges, .. }) => {
                for choice in edges {
                    let times = choice.back.as_ref().map(|back| back.times_max);
                    drawn.push(edge(&choice.to, Some(&choice.name), times, false));
                    if let Some(back) = &choice.back {
                        let label = format!("{}, spent", choice.name);
                        drawn.push(edge(&back.otherwise, Some(&label), None, false));
                    }
                }
            }
            None => {}
        }
        if let Fallback::Node(to) = &node.fallback {
            drawn.push(edge(to, Some("failed"), None, true));
        }
        drawn
    }
}

impl Drawing {
    /// The shape as text, one node or edge a line; what [`Graph::fingerprint`] is made of. What a
    /// node is said to do is no part of it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("graph {:?}\n", self.name);
        for node in &self.nodes {
            // Writing to a string cannot fail.
            let _ignored = writeln!(
                text,
                "node {:?} {:?} attempts {} skip {} fallback {} branches {:?}",
                node.name,
                node.role,
                node.attempts,
                node.may_be_skipped,
                node.has_fallback,
                node.branches
            );
        }
        for edge in &self.edges {
            let _ignored = writeln!(
                text,
                "edge {:?} -> {:?} {:?} {:?} {}",
                edge.from, edge.to, edge.label, edge.times_max, edge.is_fallback
            );
        }
        text
    }
}
