//! Shows the attack paths of reports: `cargo run -p casemate-triage --example paths -- REPORT.json...`.
//!
//! `--made N` makes a graph of about N nodes instead, to see what the search costs.
#![expect(clippy::print_stdout, reason = "an example is a small program")]

use casemate_schema::{EdgeKind, GraphEdge, GraphNode, HostGraph, NodeKind, Report, read_report};
use casemate_triage::attack_paths;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--made" {
            let n = arguments.next().unwrap_or_default().parse()?;
            let report = Report {
                graph: Some(Box::new(made(n))),
                ..Report::default()
            };
            show(&argument, &report);
        } else {
            show(&argument, &read_report(&std::fs::read(&argument)?)?);
        }
    }
    Ok(())
}

fn show(name: &str, report: &Report) {
    let chains = attack_paths(report);
    let n_nodes = report.graph.as_ref().map_or(0, |graph| graph.nodes.len());
    let n_findings = report.findings.len();
    println!(
        "{name}: {} chains, {n_nodes} nodes, {n_findings} findings",
        chains.len()
    );
    for chain in chains {
        println!("  {} {} {}", chain.severity, chain.risk, chain.title);
        for step in &chain.steps {
            let finding = step.finding.as_deref().unwrap_or("-");
            println!(
                "    {} {} {} | {} [{finding}]",
                step.from, step.edge, step.to, step.fact
            );
        }
        println!("    break: {}", chain.break_at);
        println!("    why: {}", chain.why);
    }
}

/// Users who may write files that jobs of other users start, in one long row and many short ones.
fn made(n: usize) -> HostGraph {
    let mut graph = HostGraph::default();
    let third = n / 3;
    let node = |id: String, kind| GraphNode {
        label: id.as_str().into(),
        id: id.into(),
        kind,
    };
    graph
        .nodes
        .push(node("user:root".to_owned(), NodeKind::User));
    for number in 0..third {
        graph
            .nodes
            .push(node(format!("user:{number}"), NodeKind::User));
        graph
            .nodes
            .push(node(format!("file:/f/{number}"), NodeKind::File));
        graph
            .nodes
            .push(node(format!("cron:{number}"), NodeKind::Job));
        let next = match number % 100 {
            0 => "user:root".to_owned(),
            _ => format!("user:{}", number - 1),
        };
        let mut edge = |from: String, kind, to: String| {
            graph.edges.push(GraphEdge {
                from: from.into(),
                to: to.into(),
                kind,
                fact: "made".into(),
                ..GraphEdge::default()
            });
        };
        edge(
            format!("user:{number}"),
            EdgeKind::MayWrite,
            format!("file:/f/{number}"),
        );
        edge(
            format!("cron:{number}"),
            EdgeKind::Starts,
            format!("file:/f/{number}"),
        );
        edge(format!("cron:{number}"), EdgeKind::RunsAs, next);
    }
    graph
}
