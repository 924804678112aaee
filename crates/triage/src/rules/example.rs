//! Does a rule say what its examples say? Each example is a small graph with a number of chains.

use super::matching::correlate;
use super::model::{Asks, Rule, RuleTest, SequenceRule, SequenceTest};
use super::sequence::{Snapshot, sequences};
use casemate_schema::{
    Component, Finding, GraphEdge, GraphNode, HostGraph, Location, NodeKind, Severity, Source,
    Vulnerability,
};
use std::collections::BTreeMap;
use std::fmt;

/// An example that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFailure {
    /// The example.
    pub test: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "test `{}`: {}", self.test, self.reason)
    }
}

/// Runs a rule's own examples. A rule needs one that matches and one that does not: without the
/// second nobody knows whether it tells anything apart.
#[must_use]
pub fn run_tests(rule: &Rule) -> Vec<TestFailure> {
    let results = rule
        .tests
        .iter()
        .map(|test| (test.name.as_str(), test.chains, run(rule, test)));
    failures(results.collect())
}

/// Runs the examples of a sequence rule, as [`run_tests`] does.
#[must_use]
pub fn run_sequence_tests(rule: &SequenceRule) -> Vec<TestFailure> {
    let results = rule.tests.iter().map(|test| {
        let result = run_sequence(rule, test);
        (test.name.as_str(), test.chains, result)
    });
    failures(results.collect())
}

fn failures(results: Vec<(&str, usize, Result<(), String>)>) -> Vec<TestFailure> {
    let mut out: Vec<TestFailure> = Vec::new();
    for (is_missing, what) in [
        (results.iter().all(|(_, chains, _)| *chains == 0), "matches"),
        (
            results.iter().all(|(_, chains, _)| *chains > 0),
            "does not match",
        ),
    ] {
        if is_missing {
            out.push(TestFailure {
                test: "(all)".to_owned(),
                reason: format!("the rule has no example that {what}"),
            });
        }
    }
    out.extend(results.into_iter().filter_map(|(test, _, result)| {
        let reason = result.err()?;
        Some(TestFailure {
            test: test.to_owned(),
            reason,
        })
    }));
    out
}

fn run_sequence(rule: &SequenceRule, test: &SequenceTest) -> Result<(), String> {
    let findings: Vec<Vec<Finding>> = test
        .reports
        .iter()
        .map(|report| report.findings.iter().map(|line| titled(line)).collect())
        .collect();
    let at: Vec<String> = test
        .reports
        .iter()
        .enumerate()
        .map(|(place, report)| format!("report {} on day {}", place + 1, report.day))
        .collect();
    let snapshots: Vec<Snapshot<'_>> = test
        .reports
        .iter()
        .zip(&findings)
        .zip(&at)
        .map(|((report, findings), at)| Snapshot {
            host: "example",
            at,
            at_s: i64::from(report.day) * 86_400,
            findings,
        })
        .collect();
    let found = sequences(std::slice::from_ref(rule), &snapshots).len();
    if found == test.chains {
        return Ok(());
    }
    Err(format!(
        "{} chains are expected, {found} are found",
        test.chains
    ))
}

/// A finding of the form `check` or `check: title`.
fn titled(line: &str) -> Finding {
    let (check, title) = line.split_once(": ").unwrap_or((line, line));
    Finding {
        id: line.into(),
        title: title.into(),
        source: Source {
            check: check.into(),
            ..Source::default()
        },
        ..Finding::default()
    }
}

fn run(rule: &Rule, test: &RuleTest) -> Result<(), String> {
    let graph = graph(test)?;
    let findings = test
        .findings
        .iter()
        .map(|line| finding(line))
        .collect::<Result<Vec<Finding>, String>>()?;
    let found = correlate(std::slice::from_ref(rule), &graph, &findings).chains;
    if found.len() == test.chains {
        return Ok(());
    }
    let titles: Vec<String> = found
        .iter()
        .map(|chain| format!("`{}`", chain.title))
        .collect();
    let shown = if titles.is_empty() {
        String::new()
    } else {
        format!(": {}", titles.join(", "))
    };
    Err(format!(
        "{} chains are expected, {} are found{shown}",
        test.chains,
        found.len()
    ))
}

fn graph(test: &RuleTest) -> Result<HostGraph, String> {
    let mut nodes: BTreeMap<String, GraphNode> = BTreeMap::new();
    let mut edges: Vec<GraphEdge> = Vec::new();
    for step in &test.edges {
        for id in step.words() {
            let kind = kind_of(id).ok_or_else(|| format!("`{id}` is no node's id"))?;
            let label = match id.split_once(':') {
                Some((_, name)) if kind == NodeKind::Container => format!("container {name}"),
                Some((_, name)) => name.to_owned(),
                None => id.to_owned(),
            };
            nodes.insert(
                id.to_owned(),
                GraphNode {
                    id: id.into(),
                    kind,
                    label: label.into(),
                },
            );
        }
        let via = step.via.as_deref();
        edges.push(GraphEdge {
            from: step.from.as_str().into(),
            to: step.to.as_str().into(),
            kind: step.edge,
            fact: "an example".into(),
            path: via.and_then(|id| id.strip_prefix("file:")).map(Into::into),
            needs: step.asks.and_then(Asks::needs),
            ..GraphEdge::default()
        });
    }
    Ok(HostGraph {
        nodes: nodes.into_values().collect(),
        edges,
        limits: Vec::new(),
    })
}

/// The kind of a node by the form of its id.
fn kind_of(id: &str) -> Option<NodeKind> {
    Some(match id.split(':').next().unwrap_or_default() {
        "network" if id == "network" => NodeKind::Network,
        "kernel" if id == "kernel" => NodeKind::Kernel,
        "socket" => NodeKind::Socket,
        "process" => NodeKind::Process,
        "user" => NodeKind::User,
        "group" => NodeKind::Group,
        "file" => NodeKind::File,
        "package" => NodeKind::Package,
        "unit" => NodeKind::Unit,
        "cron" => NodeKind::Job,
        "container" => NodeKind::Container,
        _ => return None,
    })
}

/// A finding of the form `check [exploited] [severity] @ node`; `@ host` speaks of no node.
fn finding(line: &str) -> Result<Finding, String> {
    let wrong = || format!("`{line}` is no finding `check [exploited] [severity] @ node`");
    let (words, node) = line.split_once(" @ ").ok_or_else(wrong)?;
    let mut words = words.split_whitespace();
    let check = words.next().ok_or_else(wrong)?;
    let mut made = Finding {
        id: line.into(),
        title: check.into(),
        severity: Severity::High,
        source: Source {
            check: check.into(),
            ..Source::default()
        },
        location: place(node.trim()).ok_or_else(wrong)?,
        ..Finding::default()
    };
    for word in words {
        if word == "exploited" {
            made.vulnerability = Some(Box::new(Vulnerability {
                exploited: Some(true),
                ..Vulnerability::default()
            }));
        } else {
            let value = serde_json::Value::String(word.to_owned());
            made.severity = serde_json::from_value(value).map_err(|_| wrong())?;
        }
    }
    if let Some(package) = node.trim().strip_prefix("package:") {
        let name = package.rsplit(':').next().unwrap_or(package);
        made.component = Some(Box::new(Component {
            name: name.into(),
            ..Component::default()
        }));
    }
    Ok(made)
}

/// Where a finding on a node stands.
fn place(node: &str) -> Option<Location> {
    if node == "host" {
        return Some(Location::default());
    }
    let kind = kind_of(node)?;
    let name = node.split_once(':').map_or(node, |(_, name)| name);
    let mut location = Location::default();
    match kind {
        NodeKind::File => location.path = Some(name.into()),
        NodeKind::Job => {
            let (path, line) = name.rsplit_once(':').unwrap_or((name, ""));
            location.path = Some(path.into());
            location.line = line.parse().ok();
        }
        NodeKind::Process => {
            let program = name.rsplit_once(':').map_or(name, |(program, _)| program);
            location.subject = Some(program.into());
        }
        NodeKind::Socket => location.subject = Some(name.replacen(':', " ", 1).into()),
        _ => location.subject = Some(name.into()),
    }
    Some(location)
}
