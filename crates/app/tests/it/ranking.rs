//! How well the ranking orders findings that were labelled by three questions: can it be reached, is
//! it exploited, what does it cost? The labels were given before the formula was tuned, by somebody
//! who did not see it (`data/ranking_labels.tsv` says how).

use casemate_app::import::{self, ImportRequest};
use casemate_app::knowledge;
use casemate_base::Timestamp;
use casemate_schema::{Finding, Report};
use casemate_triage::{Apart, enrich, rank};
use std::collections::BTreeMap;

const LABELS: &str = include_str!("../data/ranking_labels.tsv");
/// Places that count.
const PLACES: usize = 20;
/// The least that the ranking has to reach: what it reaches, less a little. The goal is 0.9;
/// SHORTCOMINGS.md says what keeps it from there.
const FLOOR: f64 = 0.81;

/// Relevance 0 to 3 of each labelled finding, by file and id.
fn labels() -> BTreeMap<String, BTreeMap<String, u8>> {
    let mut out: BTreeMap<String, BTreeMap<String, u8>> = BTreeMap::new();
    for line in LABELS.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [file, id, relevance, ..] = cells.as_slice() else {
            continue;
        };
        if let Ok(relevance) = relevance.parse() {
            let of_file = out.entry((*file).to_owned()).or_default();
            of_file.insert((*id).to_owned(), relevance);
        }
    }
    out
}

/// The labelled findings as the program reads them, with their relevance.
fn labelled() -> Option<Vec<(Finding, u8)>> {
    let mut out = Vec::new();
    for (file, wanted) in labels() {
        let path = casemate_testkit::data_or_skip(&file)?;
        let request = ImportRequest {
            files: vec![path.display().to_string()],
            kind: None,
            mappings: Vec::new(),
            record: false,
            apart: Apart::default(),
            now: Timestamp::from_unix_seconds(1_795_000_000).expect("time"),
            threads: 1,
        };
        let report = import::take(&request, &|_, _| {}).expect(&file).report;
        let mut left = wanted.clone();
        for finding in report.findings.into_iter().chain(report.suppressed) {
            if let Some(relevance) = left.remove(finding.id.as_str()) {
                out.push((finding, relevance));
            }
        }
        assert!(left.is_empty(), "{file} lacks {left:?}");
    }
    Some(out)
}

/// Discounted gain of the first places: `(2^relevance - 1) / log2(place + 1)` (Burges et al., 2005).
fn gain(relevances: &[u8]) -> f64 {
    relevances
        .iter()
        .take(PLACES)
        .zip(1_u32..)
        .map(|(relevance, place)| {
            (f64::from(*relevance).exp2() - 1.0) / f64::from(place + 1).log2()
        })
        .sum()
}

fn ndcg(order: &[u8]) -> f64 {
    let mut best = order.to_vec();
    best.sort_unstable_by(|a, b| b.cmp(a));
    gain(order) / gain(&best)
}

fn in_order(findings: &[(Finding, u8)], enriched: bool) -> Vec<(Finding, u8)> {
    let mut report = Report {
        findings: findings
            .iter()
            .map(|(finding, _)| finding.clone())
            .collect(),
        ..Report::default()
    };
    if enriched {
        let folder = tempfile::tempdir().expect("folder");
        let packs = knowledge::knowledge(folder.path()).expect("packs");
        enrich(&mut report, &*packs).expect("packs answer");
    }
    rank(&mut report);
    report
        .findings
        .into_iter()
        .map(|finding| {
            let label = findings.iter().find(|(other, _)| {
                other.id == finding.id && other.source.tool == finding.source.tool
            });
            let relevance = label.map_or(0, |(_, relevance)| *relevance);
            (finding, relevance)
        })
        .collect()
}

#[test]
fn what_matters_stands_first() {
    let Some(findings) = labelled() else {
        return;
    };
    assert_eq!(findings.len(), 100);
    let order = in_order(&findings, true);
    let relevances: Vec<u8> = order.iter().map(|(_, relevance)| *relevance).collect();
    let reached = ndcg(&relevances);
    let mut by_severity = findings.clone();
    by_severity.sort_by(|(a, _), (b, _)| b.severity.cmp(&a.severity).then(a.id.cmp(&b.id)));
    let severity: Vec<u8> = by_severity
        .iter()
        .map(|(_, relevance)| *relevance)
        .collect();
    let table: String = order
        .iter()
        .take(100)
        .map(|(finding, relevance)| {
            let risk = finding.risk.as_ref();
            let parts: Vec<String> = risk
                .iter()
                .flat_map(|risk| risk.factors.iter())
                .map(|factor| format!("{} {}", factor.name, factor.points))
                .collect();
            format!(
                "{relevance} {:3} {:8} {:50.50} {}\n",
                risk.map_or(0, |risk| risk.score),
                finding.category,
                finding.title,
                parts.join(", ")
            )
        })
        .collect();
    assert!(
        reached >= FLOOR,
        "nDCG@{PLACES} {reached:.3}, by severity alone {:.3}\n{table}",
        ndcg(&severity)
    );
    println!(
        "nDCG@{PLACES}: {reached:.3}; by severity alone {:.3}",
        ndcg(&severity)
    );
}

#[test]
fn labels_are_whole() {
    let all = labels();
    let n: usize = all.values().map(BTreeMap::len).sum();
    assert_eq!(n, 100);
    assert!(all.values().flatten().all(|(_, relevance)| *relevance <= 3));
}
