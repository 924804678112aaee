//! How is a graph drawn? As text for Mermaid or as a self-contained SVG; the same drawing serves
//! workflows and attack paths.
//!
//! Invariants:
//! - the same drawing gives the same bytes; nothing in it refers to the outside, and there is no
//!   script;
//! - all text is escaped, and control and invisible characters are made visible;
//! - no box, no label covers another: labels of edges have a place of their own in the layout;
//! - the kind of a node is said in words and shape, not in colour alone.

mod chain;
mod layout;
mod measure;
mod mermaid;
mod model;
mod svg;

pub use chain::{NODES_MAX, of_chain, of_chains};
pub use mermaid::mermaid;
pub(crate) use svg::in_page;
pub use svg::svg;

use crate::Error;
use serde::Serialize;

/// A graph to be drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drawing {
    /// What is shown, one line.
    pub title: String,
    /// What it says, in words, for those who cannot see it.
    pub description: String,
    /// The nodes; where the layout leaves a choice, their order decides.
    pub nodes: Vec<DrawnNode>,
    /// The edges. One that names a node that is not listed makes it a node.
    pub edges: Vec<DrawnEdge>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DrawnNode {
    /// Unique in the drawing.
    pub id: String,
    /// What stands in the box.
    pub label: String,
    /// A smaller second line; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What it is.
    pub class: Class,
}

/// An edge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DrawnEdge {
    /// Id of the node that it goes out from.
    pub from: String,
    /// Id of the node that it leads to.
    pub to: String,
    /// What stands on it; empty for nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// A smaller second line; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Whether it is the way out of a failure.
    #[serde(skip_serializing_if = "is_false")]
    pub is_fallback: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out a reference"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What a node is; decides shape and colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Where it begins.
    Start,
    /// A step of work.
    #[default]
    Step,
    /// A step of several at once.
    Parallel,
    /// A step that has nothing to do.
    Idle,
    /// Where it ends.
    End,
    /// What an attacker wants.
    Goal,
    /// Something that runs, listens or starts: process, socket, unit, job.
    Active,
    /// Somebody: user, group.
    Account,
    /// Something that lies there: file, package.
    Thing,
    /// The host itself: kernel, container.
    Host,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Step,
        Self::Parallel,
        Self::Idle,
        Self::End,
        Self::Goal,
        Self::Active,
        Self::Account,
        Self::Thing,
        Self::Host,
    ];

    /// Its name, as in JSON and in the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Step => "step",
            Self::Parallel => "parallel",
            Self::Idle => "idle",
            Self::End => "end",
            Self::Goal => "goal",
            Self::Active => "active",
            Self::Account => "account",
            Self::Thing => "thing",
            Self::Host => "host",
        }
    }

    /// Fill and stroke on light ground, then on dark.
    const fn colours(self) -> [&'static str; 4] {
        match self {
            Self::Start => ["#e6f0f8", "#0b5b8f", "#14293a", "#79bbec"],
            Self::Step | Self::Thing => ["#f5f6f8", "#566272", "#1f2630", "#a2adbb"],
            Self::Idle => ["#ffffff", "#8a94a1", "#12161c", "#78838f"],
            Self::Parallel | Self::Account => ["#f1eefb", "#5d4a9c", "#262039", "#b9a5ff"],
            Self::End => ["#e8f4ec", "#2d6b45", "#16291d", "#7cc796"],
            Self::Goal => ["#fbe8ec", "#9d1535", "#38161f", "#ff7d95"],
            Self::Active => ["#fdf3e4", "#846100", "#2e2612", "#e6bd54"],
            Self::Host => ["#e8f2f4", "#3b6570", "#182a2f", "#8cc0cd"],
        }
    }
}

impl Drawing {
    /// Nodes and edges as canonical JSON.
    ///
    /// # Errors
    /// [`Error::Json`].
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        Ok(casemate_schema::to_canonical(self)?)
    }
}
