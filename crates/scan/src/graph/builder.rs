//! Nodes and edges while they are collected: each once, in order, and not more than a bound.

use super::access::{Access, Grant, Who};
use crate::facts::Facts;
use crate::run::path_text;
use casemate_schema::{EdgeKind, EdgeNeeds, GraphEdge, GraphNode, HostGraph, NodeKind, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Most nodes of a graph; beyond them edges are left out and a limit says so.
const NODES_MAX: usize = 20_000;
/// Most edges of a graph.
const EDGES_MAX: usize = 60_000;
/// Most members of a group that are named one by one.
const MEMBERS_MAX: usize = 1000;

/// The group that everybody belongs to.
pub(super) const EVERYBODY: &str = "group:*";
/// Whoever can send packets.
pub(super) const NETWORK: &str = "network";
/// Code runs as root.
pub(super) const ROOT: &str = "user:root";

/// What runs or loads a file, and with whose rights.
#[derive(Clone, Debug)]
pub(super) struct Runner {
    pub(super) id: String,
    pub(super) kind: NodeKind,
    pub(super) label: String,
    /// Whose rights; what this user may change is no step up.
    pub(super) uid: u32,
    /// Why it runs with these rights, in words.
    pub(super) rights: String,
}

/// Where a fact is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At<'a> {
    pub(super) path: Option<&'a Path>,
    pub(super) line: Option<u64>,
}

impl<'a> At<'a> {
    pub(super) const fn line(path: &'a Path, line: Option<u64>) -> Self {
        Self {
            path: Some(path),
            line,
        }
    }

    pub(super) const fn path(path: &'a Path) -> Self {
        Self::line(path, None)
    }
}

/// The graph while it grows.
pub(super) struct Builder<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) access: Access<'a>,
    nodes: BTreeMap<String, (NodeKind, String)>,
    edges: BTreeSet<GraphEdge>,
    limits: BTreeSet<String>,
    is_full: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(facts: &'a Facts<'a>) -> Self {
        Self {
            facts,
            access: Access::new(facts),
            nodes: BTreeMap::new(),
            edges: BTreeSet::new(),
            limits: BTreeSet::new(),
            is_full: false,
        }
    }

    pub(super) fn limit(&mut self, reason: impl Into<String>) {
        self.limits.insert(reason.into());
    }

    pub(super) fn limits(&mut self, limits: &[crate::check::Limit]) {
        let reasons = limits.iter().map(|limit| limit.reason.clone());
        self.limits.extend(reasons);
    }

    pub(super) fn node(&mut self, id: &str, kind: NodeKind, label: &str) -> String {
        if !self.nodes.contains_key(id) {
            if self.nodes.len() >= NODES_MAX {
                self.is_full = true;
            } else {
                self.nodes.insert(id.to_owned(), (kind, label.to_owned()));
            }
        }
        id.to_owned()
    }

    /// Name of a user in ids: root whatever the account is called, and a number without a name.
    pub(super) fn user_name(&self, uid: u32) -> String {
        if uid == 0 {
            return "root".to_owned();
        }
        let known = self.facts.accounts().ok();
        let name = known.and_then(|known| known.name_of(uid).map(str::to_owned));
        name.unwrap_or_else(|| format!("#{uid}"))
    }

    pub(super) fn user(&mut self, uid: u32) -> String {
        let name = self.user_name(uid);
        self.node(&format!("user:{name}"), NodeKind::User, &name)
    }

    pub(super) fn group(&mut self, gid: u32) -> String {
        let known = self.facts.accounts().ok();
        let name = known.and_then(|known| known.group_name(gid).map(str::to_owned));
        let name = name.unwrap_or_else(|| format!("#{gid}"));
        self.node(&format!("group:{name}"), NodeKind::Group, &name)
    }

    pub(super) fn everybody(&mut self) -> String {
        self.node(EVERYBODY, NodeKind::Group, "every local account")
    }

    pub(super) fn file(&mut self, path: &Path) -> String {
        let shown = path_text(path).0;
        self.node(&format!("file:{shown}"), NodeKind::File, &shown)
    }

    pub(super) fn edge(&mut self, from: &str, kind: EdgeKind, to: &str, fact: &str, at: At<'_>) {
        self.edge_that_needs(from, kind, to, fact, at, None);
    }

    pub(super) fn edge_that_needs(
        &mut self,
        from: &str,
        kind: EdgeKind,
        to: &str,
        fact: &str,
        at: At<'_>,
        needs: Option<EdgeNeeds>,
    ) {
        let is_known = self.nodes.contains_key(from) && self.nodes.contains_key(to);
        if !is_known || self.edges.len() >= EDGES_MAX {
            self.is_full = true;
            return;
        }
        self.edges.insert(GraphEdge {
            from: from.into(),
            to: to.into(),
            kind,
            fact: fact.into(),
            path: at.path.map(|path| Text::from(path_text(path).0)),
            line: at.line,
            needs,
        });
    }

    pub(super) fn runner(&mut self, runner: &Runner) {
        self.node(&runner.id, runner.kind, &runner.label);
        if runner.kind != NodeKind::User && runner.kind != NodeKind::Kernel {
            let user = self.user(runner.uid);
            let (id, rights) = (runner.id.clone(), runner.rights.clone());
            self.edge(&id, EdgeKind::RunsAs, &user, &rights, At::default());
        }
    }

    /// Says that a runner takes a file, if somebody else than its own user may change the file.
    /// Files that nobody else may change are the normal case, and left out.
    pub(super) fn takes(
        &mut self,
        runner: &Runner,
        kind: EdgeKind,
        path: &Path,
        fact: &str,
        at: At<'_>,
        may_miss: bool,
    ) -> bool {
        let grants = self.access.grants(path, may_miss);
        let foreign: Vec<Grant> = grants
            .iter()
            .filter(|grant| self.is_foreign(grant.who, runner.uid))
            .cloned()
            .collect();
        if foreign.is_empty() {
            return false;
        }
        self.runner(runner);
        let file = self.file(path);
        self.edge(&runner.id, kind, &file, fact, at);
        for grant in foreign {
            let who = self.who(grant.who);
            let place = At::path(&grant.place);
            self.edge(&who, EdgeKind::MayWrite, &file, &grant.fact, place);
        }
        true
    }

    fn is_foreign(&self, who: Who, uid: u32) -> bool {
        match who {
            Who::Everybody => true,
            Who::User(other) => other != uid && other != 0,
            Who::Group(gid) => self.facts.accounts().is_ok_and(|known| {
                let members = known.people_of(gid);
                members.iter().any(|member| *member != uid && *member != 0)
            }),
        }
    }

    pub(super) fn who(&mut self, who: Who) -> String {
        match who {
            Who::Everybody => self.everybody(),
            Who::User(uid) => self.user(uid),
            Who::Group(gid) => self.group(gid),
        }
    }

    /// The nodes that have an edge of this kind to them, by name.
    pub(super) fn files(&self) -> Vec<String> {
        let files = self.nodes.iter();
        files
            .filter(|(_, (kind, _))| *kind == NodeKind::File)
            .filter_map(|(id, _)| id.strip_prefix("file:").map(str::to_owned))
            .collect()
    }

    /// Who belongs to the groups that have rights here.
    fn members(&mut self) {
        let Ok(known) = self.facts.accounts() else {
            return;
        };
        let groups: Vec<String> = self
            .nodes
            .iter()
            .filter(|(_, (kind, _))| *kind == NodeKind::Group)
            .map(|(id, _)| id.clone())
            .collect();
        let path = Path::new("/etc/group");
        for id in groups.iter().filter(|id| *id != EVERYBODY) {
            let name = id.strip_prefix("group:").unwrap_or_default();
            let Some(group) = known.group(name) else {
                continue;
            };
            let members = known.people_of(group.gid);
            if members.len() > MEMBERS_MAX {
                self.limit(format!(
                    "group `{name}` has more than {MEMBERS_MAX} members"
                ));
            }
            for uid in members
                .into_iter()
                .filter(|uid| *uid != 0)
                .take(MEMBERS_MAX)
            {
                let user = self.user(uid);
                let listed = known
                    .accounts
                    .iter()
                    .any(|one| one.uid == uid && group.members.contains(&one.name));
                let (fact, at) = if listed {
                    ("is listed in the group", At::line(path, Some(group.line)))
                } else {
                    let line = known.accounts.iter().find(|one| one.uid == uid);
                    let line = line.map(|one| one.line);
                    let at = At::line(Path::new("/etc/passwd"), line);
                    ("has the group as its own", at)
                };
                self.edge(&user, EdgeKind::MemberOf, id, fact, at);
            }
        }
        if groups.iter().any(|id| id == EVERYBODY) {
            let users: Vec<String> = self
                .nodes
                .iter()
                .filter(|(id, (kind, _))| *kind == NodeKind::User && *id != ROOT)
                .map(|(id, _)| id.clone())
                .collect();
            for user in users {
                let fact = "is a local account";
                self.edge(&user, EdgeKind::MemberOf, EVERYBODY, fact, At::default());
            }
        }
    }

    /// The graph in its order.
    pub(super) fn done(mut self) -> HostGraph {
        self.members();
        let mut limits = self.limits;
        limits.append(&mut self.access.limits);
        if self.is_full {
            limits.insert(format!(
                "the graph is larger than {NODES_MAX} nodes or {EDGES_MAX} edges: the rest is left out"
            ));
        }
        HostGraph {
            nodes: self
                .nodes
                .into_iter()
                .map(|(id, (kind, label))| GraphNode {
                    id: id.into(),
                    kind,
                    label: label.into(),
                })
                .collect(),
            edges: self.edges.into_iter().collect(),
            limits: limits.into_iter().map(Text::from).collect(),
        }
    }
}
