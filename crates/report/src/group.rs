//! Which findings belong together? Those of one check with the same explanation, so that a page
//! says once what two hundred findings share.
//!
//! Invariants: every finding is in exactly one group; groups and their findings are in order of
//! risk, then severity, then id.

use casemate_base::text::printable;
use casemate_schema::{Finding, Report, Severity};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Findings of one check.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// The worst finding, which stands for the others.
    pub(crate) first: &'a Finding,
    /// All findings, the worst first.
    pub(crate) findings: Vec<&'a Finding>,
    /// One line for all of them.
    pub(crate) title: String,
}

impl Group<'_> {
    /// Worst severity of its findings.
    pub(crate) fn severity(&self) -> Severity {
        self.findings
            .iter()
            .map(|finding| finding.severity)
            .max()
            .unwrap_or(self.first.severity)
    }
}

/// All findings, the worst first.
pub(crate) fn ranked(findings: &[Finding]) -> Vec<&Finding> {
    let mut out: Vec<&Finding> = findings.iter().collect();
    out.sort_by(|a, b| rank(a).cmp(&rank(b)));
    out
}

/// All findings in groups, the group with the worst finding first.
pub(crate) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut position: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut members: Vec<Vec<&Finding>> = Vec::new();
    for finding in ranked(&report.findings) {
        let source = &finding.source;
        let key = (
            source.tool.as_str(),
            source.check.as_str(),
            finding.description.as_str(),
        );
        let at = *position.entry(key).or_insert(members.len());
        match members.get_mut(at) {
            Some(group) => group.push(finding),
            None => members.push(vec![finding]),
        }
    }
    members
        .into_iter()
        .filter_map(|findings| {
            let first = *findings.first()?;
            let title = common_title(&findings);
            Some(Group {
                first,
                findings,
                title,
            })
        })
        .collect()
}

fn rank(finding: &Finding) -> (Reverse<Option<u8>>, Reverse<Severity>, &str) {
    (
        Reverse(finding.risk.as_ref().map(|risk| risk.score)),
        Reverse(finding.severity),
        &finding.id,
    )
}

/// The words that all titles share at their beginning and end, with an ellipsis for the rest;
/// the first title when they share fewer than three words.
fn common_title(findings: &[&Finding]) -> String {
    let titles: Vec<Vec<&str>> = findings
        .iter()
        .map(|finding| finding.title.split_whitespace().collect())
        .collect();
    let Some(first) = titles.first() else {
        return String::new();
    };
    let whole = || printable(&first.join(" ")).into_owned();
    if titles.iter().all(|title| title == first) {
        return whole();
    }
    let shortest = titles.iter().map(Vec::len).min().unwrap_or_default();
    let same = |at: &usize, from_end: bool| {
        let word = |title: &Vec<&str>| {
            let at = if from_end { title.len() - 1 - at } else { *at };
            title.get(at).map(|word| (*word).to_owned())
        };
        titles.iter().all(|title| word(title) == word(first))
    };
    let head = (0..shortest).take_while(|at| same(at, false)).count();
    let tail = (0..shortest - head).take_while(|at| same(at, true)).count();
    if head + tail < 3 {
        return whole();
    }
    let mut words: Vec<&str> = first.iter().take(head).copied().collect();
    words.push("\u{2026}");
    words.extend(first.iter().skip(first.len() - tail));
    printable(&words.join(" ")).into_owned()
}
