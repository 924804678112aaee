//! The graph: nodes and the edges between them, checked when it is built.

use crate::node::Node;
use crate::{BuildError, Checkpoint, ResumeError, Run, bound, check};
use casemate_base::hash;
use std::collections::BTreeMap;

/// The name of the end.
pub const END: &str = "end";

/// One of the ways out of a node with a router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    pub(crate) name: String,
    pub(crate) to: String,
    pub(crate) back: Option<Back>,
}

/// What bounds an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Back {
    /// Times that it may be taken in a run.
    pub(crate) times_max: u32,
    /// Where to go when it is spent.
    pub(crate) otherwise: String,
}

impl Edge {
    /// An edge that leads on.
    pub fn to(name: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            to: to.into(),
            back: None,
        }
    }

    /// An edge that may lead back, at most so many times in a run; then `otherwise` is taken.
    pub fn back(
        name: impl Into<String>,
        to: impl Into<String>,
        times_max: u32,
        otherwise: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            to: to.into(),
            back: Some(Back {
                times_max,
                otherwise: otherwise.into(),
            }),
        }
    }
}

type Router<'g, S> = dyn Fn(&S) -> String + 'g;

/// The ways out of a node.
pub(crate) enum Exit<'g, S> {
    Always(String),
    Choose {
        router: Box<Router<'g, S>>,
        edges: Vec<Edge>,
    },
}

/// A graph in the making.
pub struct Builder<'g, S> {
    pub(crate) name: String,
    pub(crate) start: Option<String>,
    pub(crate) nodes: Vec<Node<'g, S>>,
    pub(crate) exits: Vec<(String, Exit<'g, S>)>,
}

/// A graph that was checked and can run.
pub struct Graph<'g, S> {
    pub(crate) name: String,
    pub(crate) start: String,
    /// In the order in which they were declared.
    pub(crate) nodes: Vec<Node<'g, S>>,
    pub(crate) exits: BTreeMap<String, Exit<'g, S>>,
    steps_max: u64,
    fingerprint: String,
}

impl<S> std::fmt::Debug for Builder<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<S> std::fmt::Debug for Graph<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

impl<'g, S: 'g> Builder<'g, S> {
    /// Adds a node.
    #[must_use]
    pub fn node(mut self, node: Node<'g, S>) -> Self {
        self.nodes.push(node);
        self
    }

    /// Says where to begin.
    #[must_use]
    pub fn start(mut self, node: impl Into<String>) -> Self {
        self.start = Some(node.into());
        self
    }

    /// After `from` always comes `to`, a node or [`END`].
    #[must_use]
    pub fn then(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.exits.push((from.into(), Exit::Always(to.into())));
        self
    }

    /// After `from` the router names one of the edges.
    #[must_use]
    pub fn choose<L: Into<String>>(
        mut self,
        from: impl Into<String>,
        router: impl Fn(&S) -> L + 'g,
        edges: impl IntoIterator<Item = Edge>,
    ) -> Self {
        let exit = Exit::Choose {
            router: Box::new(move |state| router(state).into()),
            edges: edges.into_iter().collect(),
        };
        self.exits.push((from.into(), exit));
        self
    }

    /// Checks the graph.
    ///
    /// # Errors
    /// The first [`BuildError`] that is found.
    pub fn build(self) -> Result<Graph<'g, S>, BuildError> {
        let start = check::check(&self)?;
        let mut graph = Graph {
            name: self.name,
            start,
            nodes: self.nodes,
            exits: self.exits.into_iter().collect(),
            steps_max: 0,
            fingerprint: String::new(),
        };
        graph.steps_max = bound::steps_max(&graph)?;
        let drawing = graph.drawing();
        let digest = hash::blake3(drawing.to_text().as_bytes()).to_hex();
        let short: String = digest.chars().take(16).collect();
        graph.fingerprint = format!("{} {short}", graph.name);
        Ok(graph)
    }
}

impl<'g, S: 'g> Graph<'g, S> {
    /// A graph in the making.
    pub fn builder(name: impl Into<String>) -> Builder<'g, S> {
        Builder {
            name: name.into(),
            start: None,
            nodes: Vec::new(),
            exits: Vec::new(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Most node visits that a run can have, whatever nodes and routers do: the longest path
    /// without bounded edges, once and once more for each time that a bounded edge may be taken.
    #[must_use]
    pub fn steps_max(&self) -> u64 {
        self.steps_max
    }

    /// Name and digest of the shape; a checkpoint fits only a graph with the same.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// A run from the start.
    pub fn start(&self, state: S) -> Run<'_, 'g, S> {
        let checkpoint = Checkpoint::at_start(self.fingerprint.clone(), &self.start, state);
        Run::new(self, checkpoint)
    }

    /// A run from where a checkpoint was made.
    ///
    /// # Errors
    /// [`ResumeError`] when the checkpoint is of another version or another graph.
    pub fn resume(&self, checkpoint: Checkpoint<S>) -> Result<Run<'_, 'g, S>, ResumeError> {
        checkpoint.check_version()?;
        if checkpoint.graph() != self.fingerprint {
            return Err(ResumeError::Graph {
                found: checkpoint.graph().to_owned(),
                known: self.fingerprint.clone(),
            });
        }
        match checkpoint.next() {
            Some(node) if self.node(node).is_none() => Err(ResumeError::Position {
                node: node.to_owned(),
            }),
            _ => Ok(Run::new(self, checkpoint)),
        }
    }

    pub(crate) fn node(&self, name: &str) -> Option<&Node<'g, S>> {
        self.nodes.iter().find(|node| node.name == name)
    }
}
