//! The graph that findings alone prove, for reports of tools that make none.
//!
//! A finding proves an edge when its own evidence names both ends: a file that everybody may write
//! and a job of root that names this file; a listener with its program and user. What would have to
//! be guessed is left out, so most such reports have no path, and that is right.

use super::attach::surface;
use casemate_schema::{
    EdgeKind, EdgeNeeds, Finding, GraphEdge, GraphNode, HostGraph, NodeKind, Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// Most findings of files, and of jobs, that are joined.
const JOINED_MAX: usize = 5000;

/// The graph of the findings. Findings of several hosts are kept apart by leaving them out.
pub(super) fn graph(findings: &[Finding]) -> HostGraph {
    let hosts: BTreeSet<Option<&str>> = findings
        .iter()
        .map(|finding| finding.location.host.as_deref())
        .collect();
    let mut graph = Made::default();
    if hosts.len() > 1 {
        let reason = "findings of several hosts prove no path on one of them";
        graph.limits.insert(reason.into());
        return graph.done();
    }
    for finding in findings {
        graph.listener(finding);
    }
    graph.files(findings);
    graph.done()
}

#[derive(Default)]
struct Made {
    nodes: BTreeMap<String, (NodeKind, String)>,
    edges: BTreeSet<GraphEdge>,
    limits: BTreeSet<Text>,
    /// Programs that listen, by path.
    programs: BTreeSet<String>,
}

/// A file that somebody may write, and how we know.
struct Writable<'a> {
    path: &'a str,
    who: String,
    fact: String,
}

impl Made {
    fn node(&mut self, id: &str, kind: NodeKind, label: &str) -> Text {
        self.nodes
            .entry(id.to_owned())
            .or_insert_with(|| (kind, label.to_owned()));
        id.into()
    }

    fn edge(&mut self, from: Text, kind: EdgeKind, to: Text, fact: &str, needs: Option<EdgeNeeds>) {
        self.edges.insert(GraphEdge {
            from,
            to,
            kind,
            fact: fact.into(),
            needs,
            ..GraphEdge::default()
        });
    }

    /// A listener whose finding names port, program and user.
    fn listener(&mut self, finding: &Finding) {
        if surface(finding) != "sockets" {
            return;
        }
        let value = |names: &[&str]| {
            let mut items = finding.evidence.iter();
            items
                .find(|item| names.contains(&&*item.name))
                .map(|item| &*item.value)
        };
        let (Some(port), Some(program), Some(user)) = (
            value(&["port", "ports"]).filter(|port| port.parse::<u16>().is_ok()),
            value(&["exe", "program", "process"]),
            value(&["user", "uid"]),
        ) else {
            return;
        };
        let protocol = value(&["protocol"]).unwrap_or("tcp").to_ascii_lowercase();
        let address = value(&["address", "lip", "local"]).unwrap_or("0.0.0.0");
        if address.starts_with("127.") || address.starts_with("::1") || address.starts_with("[::1")
        {
            return;
        }
        let user = user_name(user);
        let label = format!("{protocol} {address}:{port}");
        let network = self.node("network", NodeKind::Network, "the network");
        let socket = self.node(
            &format!("socket:{protocol}:{address}:{port}"),
            NodeKind::Socket,
            &label,
        );
        let process = self.node(
            &format!("process:{program}:{user}"),
            NodeKind::Process,
            program,
        );
        let owner = self.node(&format!("user:{user}"), NodeKind::User, &user);
        let fact = format!("finding {}: {}", finding.id, finding.title);
        self.edge(network, EdgeKind::Reaches, socket.clone(), &fact, None);
        let needs = Some(EdgeNeeds::Weakness);
        self.edge(process.clone(), EdgeKind::Listens, socket, &fact, needs);
        if program.starts_with('/') {
            let file = self.node(&format!("file:{program}"), NodeKind::File, program);
            self.edge(process.clone(), EdgeKind::Executes, file, &fact, None);
            self.programs.insert(program.to_owned());
        }
        self.edge(process, EdgeKind::RunsAs, owner, &fact, None);
    }

    /// Files that somebody may write, joined to jobs and units that name them.
    fn files(&mut self, findings: &[Finding]) {
        let writable: Vec<Writable<'_>> = findings
            .iter()
            .filter_map(writable)
            .take(JOINED_MAX)
            .collect();
        let mut by_path: BTreeMap<&str, Vec<&Writable<'_>>> = BTreeMap::new();
        for one in &writable {
            by_path.entry(one.path).or_default().push(one);
        }
        if by_path.is_empty() {
            return;
        }
        for program in self.programs.clone() {
            for one in ancestors(&program)
                .filter_map(|path| by_path.get(path))
                .flatten()
            {
                self.may_write(&program, one);
            }
        }
        let starting = |finding: &&Finding| matches!(surface(finding), "cron" | "units");
        for finding in findings.iter().filter(starting).take(JOINED_MAX) {
            for item in &finding.evidence {
                let Some(user) = runs_as(finding, &item.name, &item.value) else {
                    continue;
                };
                for word in item
                    .value
                    .split(|c: char| c.is_whitespace() || "`'\";|&()=<>".contains(c))
                {
                    let above = ancestors(word);
                    for one in above.filter_map(|path| by_path.get(path)).flatten() {
                        self.starts(finding, word, &user, one);
                    }
                }
            }
        }
    }

    /// Whoever may write a file or a folder above it.
    fn may_write(&mut self, file: &str, writable: &Writable<'_>) {
        let who = match writable.who.as_str() {
            "*" => self.node("group:*", NodeKind::Group, "every local account"),
            name => self.node(&format!("user:{name}"), NodeKind::User, name),
        };
        let to = self.node(&format!("file:{file}"), NodeKind::File, file);
        self.edges.insert(GraphEdge {
            from: who,
            to,
            kind: EdgeKind::MayWrite,
            fact: writable.fact.as_str().into(),
            path: Some(writable.path.into()),
            ..GraphEdge::default()
        });
    }

    fn starts(&mut self, finding: &Finding, file: &str, user: &str, writable: &Writable<'_>) {
        if writable.who == user || writable.who == "root" {
            return;
        }
        self.may_write(file, writable);
        let is_unit = surface(finding) == "units";
        let (kind, mark) = if is_unit {
            (NodeKind::Unit, "unit")
        } else {
            (NodeKind::Job, "cron")
        };
        let name = finding.location.subject.as_deref().filter(|_| is_unit);
        let name = name.map_or_else(|| finding.id.to_string(), str::to_owned);
        let node = self.node(&format!("{mark}:{name}"), kind, &name);
        let to = self.node(&format!("file:{file}"), NodeKind::File, file);
        let owner = self.node(&format!("user:{user}"), NodeKind::User, user);
        let fact = format!("finding {}: {}", finding.id, finding.title);
        self.edge(node.clone(), EdgeKind::Starts, to.clone(), &fact, None);
        self.edge(node, EdgeKind::RunsAs, owner, &fact, None);
    }

    fn done(self) -> HostGraph {
        let nodes = self.nodes.into_iter();
        HostGraph {
            nodes: nodes
                .map(|(id, (kind, label))| GraphNode {
                    id: id.into(),
                    kind,
                    label: label.into(),
                })
                .collect(),
            edges: self.edges.into_iter().collect(),
            limits: self.limits.into_iter().collect(),
        }
    }
}

fn user_name(user: &str) -> String {
    let user = user.split_whitespace().next().unwrap_or(user);
    match user {
        "0" | "root" => "root".to_owned(),
        number if number.parse::<u32>().is_ok() => format!("#{number}"),
        name => name.to_owned(),
    }
}

/// A path and the folders above it, without the root.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let mut here = path.starts_with('/').then_some(path);
    std::iter::from_fn(move || {
        let now = here?;
        here = now
            .rsplit_once('/')
            .map(|(above, _)| above)
            .filter(|above| !above.is_empty());
        Some(now)
    })
}

/// Who may write the finding's file, by a mode in its evidence or by what its rule is called.
fn writable(finding: &Finding) -> Option<Writable<'_>> {
    let path = finding
        .location
        .path
        .as_deref()
        .filter(|path| path.starts_with('/'))?;
    let fact = |words: &str| format!("finding {}: {words}", finding.id);
    let mode = finding.evidence.iter().find(|item| item.name == "mode");
    if let Some(item) = mode {
        let mut words = item.value.split_whitespace();
        let bits = u32::from_str_radix(words.next()?, 8).ok()?;
        if bits & 0o1002 == 0o002 {
            let (who, fact) = ("*".to_owned(), fact(&format!("mode {}", item.value)));
            return Some(Writable { path, who, fact });
        }
        let owner = words.next().and_then(|owner| owner.split(':').next())?;
        if owner == "root" || owner.is_empty() {
            return None;
        }
        let (who, fact) = (owner.to_owned(), fact(&format!("mode {}", item.value)));
        return Some(Writable { path, who, fact });
    }
    let check = finding.source.check.to_ascii_lowercase().replace('_', "-");
    let title = finding.title.to_ascii_lowercase();
    let says = check.contains("world-writable")
        || title.contains("world-writable")
        || title.contains("world writable");
    // A capability or a process under the same heading of another tool is no writable file.
    let about_files = matches!(surface(finding), "files" | "suid" | "cron" | "units");
    (says && about_files).then(|| Writable {
        path,
        who: "*".to_owned(),
        fact: fact(&finding.title),
    })
}

/// The user that a job or unit runs as, where the evidence is its command.
fn runs_as(finding: &Finding, name: &str, value: &str) -> Option<String> {
    if name == "job" {
        let (user, _) = value.split_once(" runs ")?;
        return Some(user.to_owned());
    }
    if name.starts_with("Exec") {
        let mut items = finding.evidence.iter();
        let user = items.find(|item| item.name == "runs_as")?;
        return Some(user.value.trim_matches('`').to_owned());
    }
    None
}
