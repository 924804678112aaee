//! The built-in rules: their list, and how often they hold on real reports.

use casemate_base::decompress::{Limits, peel};
use casemate_ingest::rules::{RuleFile, builtin};
use casemate_ingest::{Bytes, Input, import};
use casemate_schema::{Finding, HostGraph, Report};
use casemate_testkit::data_or_skip;
use casemate_triage::{Rule, correlate, graph_of};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

#[test]
fn the_list_is_the_stored_one() {
    let mut list = String::new();
    for (_, rule) in &builtin().rules {
        let (severity, lines, techniques) = match rule {
            RuleFile::Graph(rule) => (rule.severity, rule.steps.len(), &rule.techniques),
            RuleFile::Sequence(rule) => (rule.severity, rule.sequence.len(), &rule.techniques),
        };
        let (id, techniques) = (rule.id(), techniques.join(" "));
        writeln!(list, "{id} {severity} {lines} {techniques}").expect("text");
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("rules", list);
    });
}

/// The findings and the graph of a report, if the file is one.
fn report_of(path: &Path) -> Option<Report> {
    let packed = std::fs::read(path).ok()?;
    let mut bytes = Vec::new();
    let mut peeled = peel(packed.as_slice(), &Limits::default()).ok()?;
    peeled.reader.read_to_end(&mut bytes).ok()?;
    let source = Bytes(&bytes);
    let imported = import(&Input::new("sample", &source).ok()?, &[]).ok()?;
    if let Some(report) = imported.report {
        return Some(*report);
    }
    Some(Report {
        findings: imported.findings,
        ..Report::default()
    })
}

/// None of these reports shows facts that a rule could tie together: each chain would be false.
#[test]
fn no_rule_holds_on_real_reports_of_a_scanner_without_facts() {
    let rules: Vec<Rule> = builtin().graph_rules().cloned().collect();
    let mut seen = 0;
    for folder in ["sys_scan", "sys_scan_v6"] {
        let Some(folder) = data_or_skip(folder) else {
            return;
        };
        let entries = std::fs::read_dir(&folder).expect("folder");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
        paths.sort();
        for path in paths {
            let Some(report) = report_of(&path) else {
                continue;
            };
            seen += 1;
            let graph = graph_of(&report);
            let found = correlate(&rules, &graph, &report.findings);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            println!(
                "{name}: {} findings, {} edges, {} chains by rules",
                report.findings.len(),
                graph.edges.len(),
                found.chains.len()
            );
            let titles: Vec<_> = found.chains.iter().map(|chain| &chain.title).collect();
            assert!(titles.is_empty(), "{name}: {titles:?}");
        }
    }
    assert!(seen >= 5, "{seen} reports");
}

/// Findings without an edge between them are no chain, however many there are.
#[test]
fn findings_that_share_a_host_are_no_chain() {
    let rules: Vec<Rule> = builtin().graph_rules().cloned().collect();
    let findings: Vec<Finding> = rules
        .iter()
        .flat_map(|rule| &rule.findings)
        .flat_map(|pattern| &pattern.check)
        .map(|check| Finding {
            id: check.as_str().into(),
            source: casemate_schema::Source {
                check: check.as_str().into(),
                ..casemate_schema::Source::default()
            },
            ..Finding::default()
        })
        .collect();
    assert!(findings.len() > 40);
    let found = correlate(&rules, &HostGraph::default(), &findings);
    assert_eq!(found.chains, []);
}
