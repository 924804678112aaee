//! What can go wrong: in a node, while a graph is built, while it runs, when it is resumed.

use casemate_base::ErrorKind;
use serde::{Deserialize, Serialize};

/// Why a node could not do its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    /// What went wrong, for people.
    pub reason: String,
    /// Whether the whole run must end: no retry and no fallback is tried.
    #[serde(default)]
    pub fatal: bool,
}

impl Failure {
    /// A failure that retries and fallbacks may mend.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            fatal: false,
        }
    }

    /// A failure that ends the run, such as an input that the person who named it must mend.
    pub fn fatal(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            fatal: true,
        }
    }
}

/// What a node wants to know from a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub text: String,
    /// Answers to choose from; empty when any text will do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Why a node stopped before it had a change to return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It failed.
    Failed(Failure),
    /// It needs a person's decision; it is called again with the answer.
    Ask(Question),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Stop {
    /// A failure that retries and fallbacks may mend.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(Failure::new(reason))
    }

    /// A question that any text answers.
    pub fn ask(text: impl Into<String>) -> Self {
        Self::Ask(Question {
            text: text.into(),
            choices: Vec::new(),
        })
    }
}

/// Why a graph cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two nodes of one name.
    #[error("two nodes are called `{node}`")]
    Duplicate {
        /// The name.
        node: String,
    },
    /// `end` is the end itself, and a name must not be empty.
    #[error("no node may be called `{node}`")]
    Reserved {
        /// The name.
        node: String,
    },
    /// Nobody said where to begin.
    #[error("no start is named")]
    NoStart,
    /// An edge, a start or a fallback names a node that is not there.
    #[error("`{from}` leads to `{to}`, which is no node")]
    NoSuchTarget {
        /// What names it.
        from: String,
        /// The name.
        to: String,
    },
    /// Edges are declared for a node that is not there.
    #[error("edges are declared for `{node}`, which is no node")]
    NoSuchNode {
        /// The name.
        node: String,
    },
    /// A node without a way on.
    #[error("no edge leads out of `{node}`")]
    NoExit {
        /// The name.
        node: String,
    },
    /// A node whose ways on are declared twice.
    #[error("the edges of `{node}` are declared twice")]
    TwoExits {
        /// The name.
        node: String,
    },
    /// Two edges of one node have the same name.
    #[error("two edges of `{node}` are called `{edge}`")]
    DuplicateEdge {
        /// The node.
        node: String,
        /// The edge.
        edge: String,
    },
    /// A parallel node without branches, or with two of one name.
    #[error("the branches of `{node}` need names of their own, and there must be one at least")]
    Branches {
        /// The node.
        node: String,
    },
    /// Nodes that no path from the start reaches.
    #[error("no path reaches {}", quoted(nodes))]
    Unreachable {
        /// Their names.
        nodes: Vec<String>,
    },
    /// A cycle in which no edge has a bound.
    #[error("the cycle {} has no edge with a bound", quoted(nodes))]
    Unbounded {
        /// The nodes of the cycle, in order.
        nodes: Vec<String>,
    },
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

impl BuildError {
    /// The class of the error: a graph is code, so a wrong one is a bug.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Bug
    }
}

/// Why a run ended without reaching the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A node failed, and neither retry nor fallback mended it.
    #[error("`{node}` failed")]
    Failed {
        /// The node.
        node: String,
        /// Why.
        source: Failure,
    },
    /// The router of a node failed, or named an edge that is not declared.
    #[error("the router of `{node}` chose no edge")]
    Route {
        /// The node.
        node: String,
        /// Why.
        source: Failure,
    },
    /// The change of a node, or its `skip`, failed in the middle: the state cannot be trusted.
    #[error("the change of `{node}` failed half way, the state is lost")]
    Torn {
        /// The node.
        node: String,
        /// Why.
        source: Failure,
    },
    /// The checkpoint could not be kept.
    #[error("the checkpoint after `{node}` cannot be kept")]
    Keep {
        /// The node that had run.
        node: String,
        /// Why.
        source: Failure,
    },
    /// More node runs than the graph allows: a checkpoint was altered, or this crate is wrong.
    #[error("more than {steps_max} node runs")]
    Bound {
        /// [`crate::Graph::steps_max`].
        steps_max: u64,
    },
}

impl RunError {
    /// The class of the error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Keep { .. } => ErrorKind::Unavailable,
            Self::Bound { .. } => ErrorKind::Corrupt,
            _ => ErrorKind::Bug,
        }
    }
}

/// Why a checkpoint cannot be gone on from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// Written by another version of this crate.
    #[error("the checkpoint has version {found}, this program reads {known}")]
    Version {
        /// The checkpoint's.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Made by another graph, or by another version of this one.
    #[error("the checkpoint is of the graph `{found}`, this is `{known}`")]
    Graph {
        /// The checkpoint's graph: name and digest of its shape.
        found: String,
        /// Ours.
        known: String,
    },
    /// It stands at a node that is not there.
    #[error("the checkpoint stands at `{node}`, which is no node")]
    Position {
        /// The node.
        node: String,
    },
    /// A question waits, and no answer was given, or the answer is none of the choices.
    #[error("`{answer}` is no answer; there are {}", quoted(choices))]
    Answer {
        /// What was given.
        answer: String,
        /// What there is.
        choices: Vec<String>,
    },
    /// An answer was given, and nothing was asked.
    #[error("nothing was asked")]
    NotAsked,
}

impl ResumeError {
    /// The class of the error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Position { .. } => ErrorKind::Corrupt,
            Self::Version { .. } | Self::Graph { .. } => ErrorKind::Conflict,
            Self::Answer { .. } | Self::NotAsked => ErrorKind::Input,
        }
    }
}
