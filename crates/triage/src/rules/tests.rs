//! Rules on small graphs.

use super::*;
use casemate_schema::{
    EdgeKind, Finding, GraphEdge, GraphNode, HostGraph, Location, NodeKind, Severity, Source,
};

fn rule(lines: &[&str]) -> Rule {
    Rule {
        id: "writable-job".to_owned(),
        title: "{user} may change what {job} runs as root".to_owned(),
        why: "w".to_owned(),
        severity: Severity::Critical,
        techniques: vec!["T1053.003".to_owned()],
        break_at: "take the write right of {file} away".to_owned(),
        steps: lines
            .iter()
            .map(|line| StepPattern::try_from((*line).to_owned()).expect("line"))
            .collect(),
        variables: [(
            "user".to_owned(),
            VarPattern {
                not: vec!["user:root".to_owned()],
                ..VarPattern::default()
            },
        )]
        .into(),
        findings: Vec::new(),
        each: vec!["file".to_owned()],
        tests: Vec::new(),
    }
}

const LINES: [&str; 3] = [
    "user may_write file",
    "job starts file",
    "job runs_as user:root",
];

fn graph(edges: &[(&str, EdgeKind, &str)]) -> HostGraph {
    let mut nodes = std::collections::BTreeMap::new();
    for (from, _, to) in edges {
        for id in [from, to] {
            let kind = match id.split(':').next() {
                Some("user") => NodeKind::User,
                Some("cron") => NodeKind::Job,
                _ => NodeKind::File,
            };
            nodes.insert(
                (*id).to_owned(),
                GraphNode {
                    id: (*id).into(),
                    kind,
                    label: id.split_once(':').map_or(*id, |(_, name)| name).into(),
                },
            );
        }
    }
    let edges = edges.iter().map(|(from, kind, to)| GraphEdge {
        from: (*from).into(),
        to: (*to).into(),
        kind: *kind,
        fact: "seen".into(),
        ..GraphEdge::default()
    });
    HostGraph {
        nodes: nodes.into_values().collect(),
        edges: edges.collect(),
        limits: Vec::new(),
    }
}

const PLANTED: [(&str, EdgeKind, &str); 4] = [
    ("user:www", EdgeKind::MayWrite, "file:/opt/x"),
    ("user:bob", EdgeKind::MayWrite, "file:/opt/x"),
    ("cron:/etc/crontab:3", EdgeKind::Starts, "file:/opt/x"),
    ("cron:/etc/crontab:3", EdgeKind::RunsAs, "user:root"),
];

fn on_file(check: &str, path: &str) -> Finding {
    Finding {
        id: format!("{check}:{path}").into(),
        source: Source {
            check: check.into(),
            ..Source::default()
        },
        location: Location {
            path: Some(path.into()),
            ..Location::default()
        },
        ..Finding::default()
    }
}

#[test]
fn all_lines_have_to_hold() {
    let rules = [rule(&LINES)];
    let found = correlate(&rules, &graph(&PLANTED), &[]).chains;
    assert_eq!(found.len(), 1, "two users, one file: one chain");
    let chain = found.first().expect("chain");
    assert_eq!(
        chain.title,
        "bob may change what /etc/crontab:3 runs as root"
    );
    let edges: Vec<&str> = chain.steps.iter().map(|step| step.edge.as_str()).collect();
    assert_eq!(edges, ["may_write", "starts", "runs_as"]);
    for left_out in 2..4 {
        let mut edges = PLANTED.to_vec();
        edges.remove(left_out);
        assert!(correlate(&rules, &graph(&edges), &[]).chains.is_empty());
    }
    let root = [
        ("user:root", EdgeKind::MayWrite, "file:/opt/x"),
        ("cron:/etc/crontab:3", EdgeKind::Starts, "file:/opt/x"),
        ("cron:/etc/crontab:3", EdgeKind::RunsAs, "user:root"),
    ];
    assert!(correlate(&rules, &graph(&root), &[]).chains.is_empty());
}

#[test]
fn findings_take_part_where_they_speak_of_a_node() {
    let mut rule = rule(&LINES);
    rule.findings.push(FindingPattern {
        on: Some("file".to_owned()),
        check: vec!["files-*".to_owned()],
        ..FindingPattern::default()
    });
    let here = on_file("files-writable", "/opt/x");
    let elsewhere = on_file("files-writable", "/opt/y");
    let rules = [rule];
    let graph = graph(&PLANTED);
    let found = correlate(&rules, &graph, &[elsewhere.clone(), here.clone()]).chains;
    assert_eq!(
        found.first().map(|chain| chain.members.clone()),
        Some(vec![here.id])
    );
    assert!(correlate(&rules, &graph, &[elsewhere]).chains.is_empty());
}

#[test]
fn the_order_of_edges_counts_for_nothing() {
    let rules = [rule(&LINES)];
    let mut edges = PLANTED.to_vec();
    let one = correlate(&rules, &graph(&edges), &[]);
    edges.reverse();
    assert_eq!(one, correlate(&rules, &graph(&edges), &[]));
}

#[test]
fn unsound_rules_are_refused() {
    assert!(rule(&LINES).check().is_ok());
    let reason = |rule: &Rule| rule.check().expect_err("refused").reason;
    assert!(reason(&rule(&[])).contains("share a host"));
    let apart = rule(&["user may_write file", "job starts program"]);
    assert!(reason(&apart).contains("shares no variable"));
    let mut unknown = rule(&LINES);
    unknown.title = "{nobody}".to_owned();
    assert!(reason(&unknown).contains("`{nobody}`"));
    let mut host_wide = rule(&LINES);
    host_wide.findings.push(FindingPattern::default());
    assert!(reason(&host_wide).contains("optional"));
    assert!(StepPattern::try_from("a paints b".to_owned()).is_err());
    assert!(StepPattern::try_from("a owns".to_owned()).is_err());
}
