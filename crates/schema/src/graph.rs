//! The host graph: what runs, owns, may write, may execute, loads, listens or may become what.
//!
//! Nodes are things of a host and *states* (code runs as a user, root), edges are facts. An edge
//! says what was seen, so that whoever reads a chain can check each step. The scanner makes it from
//! the host itself; for an imported report it holds what the findings tell, no more.

use crate::Text;
use serde::{Deserialize, Serialize};

/// A host's graph. Nodes are sorted by id, edges by (from, to, kind).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostGraph {
    /// Things and states.
    pub nodes: Vec<GraphNode>,
    /// Facts between them.
    pub edges: Vec<GraphEdge>,
    /// What could not be seen, so that edges may be missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Text>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Whoever can send packets to the host.
    Network,
    /// A listening socket; id `socket:tcp:0.0.0.0:22`.
    Socket,
    /// A running program; id `process:<executable>:<user>` (processes that agree are one node).
    Process,
    /// Code runs with the rights of this user; id `user:alice`, root is `user:root`.
    User,
    /// A group; id `group:docker`.
    Group,
    /// A file or folder; id `file:/etc/crontab`.
    File,
    /// An installed package; id `package:deb:openssh-server`.
    Package,
    /// A unit of systemd; id `unit:ssh.service`.
    Unit,
    /// A job of cron, anacron, at; id `cron:/etc/crontab:12`.
    Job,
    /// A container; id `container:<first 12 digits>`.
    Container,
    /// A loaded kernel module or the kernel itself; id `kernel`.
    Kernel,
}

/// What an edge says. Read it as `from KIND to`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// The network reaches a socket.
    #[default]
    Reaches,
    /// A process listens on a socket.
    Listens,
    /// A process runs with the rights of a user.
    RunsAs,
    /// A process, unit or job executes a file.
    Executes,
    /// A process, unit or interpreter loads a file as code or configuration.
    Loads,
    /// A user, group or package owns a file.
    Owns,
    /// A user or group may write a file.
    MayWrite,
    /// A user or group may execute a file.
    MayExecute,
    /// A user belongs to a group.
    MemberOf,
    /// A job or unit starts a file with the rights of a user.
    Starts,
    /// A user may become another through sudo.
    MaySudo,
    /// A user may become another through a set-user-id file.
    MayBecomeBySuid,
    /// A user may become another through membership of a group such as `docker` or `disk`.
    MayBecomeByGroup,
    /// A user may log in as another with a key.
    MayBecomeByKey,
    /// A user may become another through PAM, such as a module that anybody passes.
    MayBecomeByPam,
    /// A unit starts a process.
    Controls,
    /// A process runs inside a container.
    RunsIn,
    /// A container gives the rights of a user of the host.
    Escapes,
}

/// A thing or state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GraphNode {
    /// Made of kind and name, unique in the graph; the form stands at [`NodeKind`].
    pub id: Text,
    /// What it is.
    pub kind: NodeKind,
    /// How people call it.
    pub label: Text,
}

/// A fact between two nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GraphEdge {
    /// Id of the node that it goes out from.
    pub from: Text,
    /// Id of the node that it leads to.
    pub to: Text,
    /// What it says.
    pub kind: EdgeKind,
    /// What was seen, such as `mode 4755, owner root` or `(ALL) NOPASSWD: /usr/bin/vim`.
    pub fact: Text,
    /// The file that says so, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text>,
    /// One-based line in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What the step asks for besides the rights of its start; absent when they are enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<EdgeNeeds>,
}

/// What a step asks for besides the rights of its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeNeeds {
    /// The password of whoever takes it: the way of an administrator, not of an attacker.
    Password,
    /// A weakness in the program that stands there, such as one with a CVE.
    Weakness,
    /// That a stored password hash is guessed.
    Guessing,
}
