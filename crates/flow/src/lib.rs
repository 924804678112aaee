//! A state graph: typed state, nodes, conditional edges, bounded cycles, checkpoints and events.
//!
//! Pure: nodes are functions from state to state that the caller supplies; what is to be kept,
//! waited for, asked or drawn comes out as values. Knows no product, no clock, no files; threads
//! only where the caller hands in [`Threads`].
//!
//! Invariants:
//! - a graph that was built has a known largest number of node runs ([`Graph::steps_max`]); a cycle
//!   without a bound is refused when the graph is built;
//! - a node that fails has changed nothing: it reads the state and returns a change, which is
//!   applied only when the node succeeded;
//! - branches run side by side, their changes are applied in the order of the branches, so the
//!   result does not depend on which finished first;
//! - a run that was stopped after any node and resumed from its checkpoint ends in the same state.
//!
//! ```
//! use casemate_flow::{Edge, END, Ended, Graph, Host, Node};
//!
//! // Draft, check, and draft again at most twice.
//! let graph = Graph::builder("letter")
//!     .node(Node::new("draft", |words: u32, _| Ok(words + 40)))
//!     .node(Node::new("check", |words: u32, _| Ok(words)))
//!     .start("draft")
//!     .then("draft", "check")
//!     .choose(
//!         "check",
//!         |words: &u32| if *words < 100 { "too short" } else { "good" },
//!         [Edge::to("good", END), Edge::back("too short", "draft", 2, END)],
//!     )
//!     .build()?;
//! assert_eq!(graph.steps_max(), 6);
//!
//! let run = graph.start(0);
//! match run.drive(&mut Host::plain(), &mut |_| Ok(()))? {
//!     Ended::Done(words) => assert_eq!(words, 120),
//!     Ended::Paused(_) => unreachable!("nobody asks"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bound;
mod check;
mod checkpoint;
mod drawing;
mod error;
mod event;
mod graph;
mod host;
mod node;
mod run;

pub use checkpoint::{CHECKPOINT_VERSION, Checkpoint};
pub use drawing::{Drawing, DrawnEdge, DrawnNode, Role};
pub use error::{BuildError, Failure, Question, ResumeError, RunError, Stop};
pub use event::{Event, EventKind, NodeTally, tally};
pub use graph::{Builder, END, Edge, Graph};
pub use host::{Boundary, Executor, Host, InOrder, Job, Threads, catching, no_boundary};
pub use node::{Branch, Call, Change, Node};
pub use run::{Ended, Run, Step};
