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
            let title = common_title(&findings).unwrap_or_else(|| first_and_more(&findings));
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

/// Fewest words that titles have to share for a common title.
const SHARED_MIN: usize = 3;

/// The words that all titles share at their beginning and end, else in one run, with an ellipsis
/// for the rest; `None` when they share fewer than [`SHARED_MIN`] words.
pub(crate) fn common_title(findings: &[&Finding]) -> Option<String> {
    let titles: Vec<Vec<&str>> = findings
        .iter()
        .map(|finding| finding.title.split_whitespace().collect())
        .collect();
    let first = titles.first()?;
    if titles.iter().all(|title| title == first) {
        return Some(printable(&first.join(" ")).into_owned());
    }
    let shortest = titles.iter().map(Vec::len).min().unwrap_or_default();
    let same = |at: &usize, from_end: bool| {
        let place = |title: &[&str]| if from_end { title.len() - 1 - at } else { *at };
        let mut all = titles.iter();
        all.all(|title| title.get(place(title)) == first.get(place(first)))
    };
    let head = (0..shortest).take_while(|at| same(at, false)).count();
    let tail = (0..shortest - head).take_while(|at| same(at, true)).count();
    if head + tail < SHARED_MIN {
        return shared_run(first, &titles);
    }
    let mut words: Vec<&str> = first.iter().take(head).copied().collect();
    words.push("\u{2026}");
    words.extend(first.iter().skip(first.len() - tail));
    Some(printable(&words.join(" ")).into_owned())
}

/// The worst finding's title, and how many others there are.
fn first_and_more(findings: &[&Finding]) -> String {
    let title = findings.first().map_or("", |finding| &finding.title);
    let more = findings.len().saturating_sub(1);
    format!("{}, and {more} more", printable(title))
}

/// The longest run of words that all titles hold, with an ellipsis at both ends.
fn shared_run(first: &[&str], titles: &[Vec<&str>]) -> Option<String> {
    /// Words of the first title that are tried, so that a long one costs little.
    const WORDS_MAX: usize = 24;
    let first = first.get(..first.len().min(WORDS_MAX)).unwrap_or(first);
    let in_all = |run: &[&str]| {
        titles
            .iter()
            .all(|title| title.windows(run.len()).any(|part| part == run))
    };
    let longest = (SHARED_MIN..=first.len())
        .rev()
        .find_map(|length| first.windows(length).find(|run| in_all(run)))?;
    let words = longest.join(" ");
    let words = words.trim_end_matches([',', ':', ';']);
    Some(printable(&format!("\u{2026} {words} \u{2026}")).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use casemate_schema::{Location, Source};

    fn check(titles: &[&str], expected: &str) {
        let findings: Vec<Finding> = titles
            .iter()
            .map(|title| Finding {
                id: "x:1".into(),
                title: (*title).into(),
                category: "ssh".into(),
                severity: Severity::Low,
                source: Source {
                    tool: "casemate".into(),
                    check: "x".into(),
                    id: None,
                    severity: None,
                },
                location: Location::default(),
                evidence: Vec::new(),
                description: String::new().into(),
                remediation: String::new().into(),
                references: Vec::new(),
                ..Finding::default()
            })
            .collect();
        let findings: Vec<&Finding> = findings.iter().collect();
        let title = common_title(&findings).unwrap_or_else(|| first_and_more(&findings));
        assert_eq!(title, expected);
    }

    #[test]
    fn a_common_title_is_what_the_titles_share() {
        check(&["one"], "one");
        check(&["a b c", "a b c"], "a b c");
        check(
            &["program `x` is not known", "program `y` is not known"],
            "program \u{2026} is not known",
        );
        check(
            &[
                "`a` listens on every address, 1/tcp",
                "`b` listens on every address, 2/tcp",
            ],
            "\u{2026} listens on every address \u{2026}",
        );
        check(&["`a` is 0", "`b` is 1"], "`a` is 0, and 1 more");
        check(&["x y", "x y z"], "x y, and 1 more");
        check(&["", ""], "");
    }
}
