//! The findings: one card a check, with what its findings share said once.

use super::{Level, level};
use crate::group::Group;
use crate::rich::{Block, Span, blocks, plain, spans};
use crate::words;
use casemate_base::text::printable;
use casemate_schema::{Evidence, Finding, Report, Risk, Text};
use std::collections::{BTreeMap, BTreeSet};

/// More kinds of evidence than this do not fit side by side.
const COLUMNS_MAX: usize = 4;

/// The findings of one check.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) level: Level,
    pub(super) risk: Option<u8>,
    pub(super) title: Vec<Span>,
    pub(super) surface: String,
    pub(super) surface_name: String,
    pub(super) check: String,
    pub(super) count: usize,
    pub(super) why: Vec<Block>,
    /// Empty when the findings have different fixes.
    pub(super) fix: Vec<Block>,
    pub(super) references: Vec<String>,
    /// The factors, when all findings have the same.
    pub(super) factors: Vec<(String, u8, String)>,
    /// Names of the evidence that all findings have, when they fit side by side.
    pub(super) columns: Vec<String>,
    pub(super) risk_column: bool,
    pub(super) rows: Vec<Row>,
}

/// One finding.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) anchor: String,
    pub(super) id: String,
    pub(super) level: Level,
    /// Whether the severity is another than the card's.
    pub(super) level_differs: bool,
    pub(super) title: Vec<Span>,
    pub(super) place: Option<String>,
    pub(super) path_base64: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) source: Option<String>,
    pub(super) evidence: Vec<Seen>,
    pub(super) fix: Vec<Block>,
    pub(super) risk: Option<u8>,
    pub(super) factors: Option<String>,
}

impl Row {
    /// Leaves out a place or subject that the title names already, as tables of many rows do.
    fn drop_what_the_title_says(&mut self) {
        let title = plain(&self.title);
        let said = |text: &Option<String>| text.as_deref().is_some_and(|text| title.contains(text));
        if said(&self.place) && self.path_base64.is_none() {
            self.place = None;
        }
        if said(&self.subject) {
            self.subject = None;
        }
    }
}

/// One observation.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) place: Option<String>,
}

/// The surfaces that have findings, name and label, in order of the label.
pub(super) type Surfaces = Vec<(String, String)>;

pub(super) fn surfaces(report: &Report) -> Surfaces {
    let names: BTreeSet<&str> = report
        .findings
        .iter()
        .map(|finding| finding.category.as_str())
        .collect();
    let mut out: Surfaces = names
        .into_iter()
        .map(|name| (printable(name).into_owned(), words::surface(name)))
        .collect();
    out.sort_by(|(_, a), (_, b)| a.cmp(b));
    out
}

/// The anchor of each finding by its id: `f1` is the one with the highest risk of the first card.
pub(super) fn anchors<'a>(groups: &[Group<'a>]) -> BTreeMap<&'a str, String> {
    let all = groups.iter().flat_map(|group| &group.findings);
    (1..)
        .zip(all)
        .map(|(number, finding): (u64, _)| (finding.id.as_str(), format!("f{number}")))
        .collect()
}

pub(super) fn cards(groups: &[Group<'_>], anchors: &BTreeMap<&str, String>) -> Vec<Card> {
    groups.iter().map(|group| card(group, anchors)).collect()
}

fn card(group: &Group<'_>, anchors: &BTreeMap<&str, String>) -> Card {
    let first = group.first;
    let same_fix = group
        .findings
        .iter()
        .all(|finding| finding.remediation == first.remediation);
    let same_risk = group
        .findings
        .iter()
        .all(|finding| finding.risk == first.risk);
    let references: BTreeSet<String> = group
        .findings
        .iter()
        .flat_map(|finding| finding.references.iter().map(words::reference))
        .collect();
    let severity = group.severity();
    let rows = group
        .findings
        .iter()
        .map(|finding| {
            let mut row = row(finding, anchors);
            row.level_differs = finding.severity != severity;
            if !same_fix {
                row.fix = blocks(&finding.remediation);
            }
            if same_risk {
                row.factors = None;
            }
            if group.findings.len() > 1 {
                row.drop_what_the_title_says();
            }
            row
        })
        .collect();
    Card {
        level: level(severity),
        risk: first.risk.as_ref().map(|risk| risk.score),
        title: spans(&group.title),
        surface: words::surface(&first.category),
        surface_name: printable(&first.category).into_owned(),
        check: check(first),
        count: group.findings.len(),
        why: blocks(&first.description),
        fix: if same_fix {
            blocks(&first.remediation)
        } else {
            Vec::new()
        },
        references: references.into_iter().collect(),
        factors: first
            .risk
            .as_ref()
            .filter(|_| same_risk)
            .map(factors)
            .unwrap_or_default(),
        columns: columns(&group.findings),
        risk_column: !same_risk,
        rows,
    }
}

fn row(finding: &Finding, anchors: &BTreeMap<&str, String>) -> Row {
    let location = &finding.location;
    let shown = |text: &Option<Text>| text.as_deref().map(|text| printable(text).into_owned());
    Row {
        anchor: anchors
            .get(finding.id.as_str())
            .cloned()
            .unwrap_or_default(),
        id: printable(&finding.id).into_owned(),
        level: level(finding.severity),
        level_differs: false,
        title: spans(&finding.title),
        place: words::path_line(location.path.as_deref(), location.line),
        path_base64: shown(&location.path_base64),
        subject: shown(&location.subject),
        source: source(finding),
        evidence: finding.evidence.iter().map(seen).collect(),
        fix: Vec::new(),
        risk: finding.risk.as_ref().map(|risk| risk.score),
        factors: finding.risk.as_ref().map(words::factors),
    }
}

/// The check, with the tool before it when it is another's.
pub(super) fn check(finding: &Finding) -> String {
    let source = &finding.source;
    let words = if source.tool == "casemate" {
        source.check.clone()
    } else {
        format!("{} {}", source.tool, source.check).into()
    };
    printable(&words).into_owned()
}

/// What another tool calls the finding and its severity.
fn source(finding: &Finding) -> Option<String> {
    let source = &finding.source;
    let words: Vec<&str> = [source.id.as_deref(), source.severity.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    (!words.is_empty())
        .then(|| printable(&format!("{}: {}", source.tool, words.join(", "))).into_owned())
}

fn seen(evidence: &Evidence) -> Seen {
    Seen {
        name: printable(&evidence.name).into_owned(),
        value: printable(&evidence.value).into_owned(),
        place: words::evidence_place(evidence),
    }
}

fn factors(risk: &Risk) -> Vec<(String, u8, String)> {
    risk.factors
        .iter()
        .map(|factor| {
            (
                printable(&factor.name).into_owned(),
                factor.points,
                printable(&factor.reason).into_owned(),
            )
        })
        .collect()
}

/// Names of evidence for the head of a table: of several findings that all have the same.
fn columns(findings: &[&Finding]) -> Vec<String> {
    let names = |finding: &Finding| -> Vec<String> {
        finding
            .evidence
            .iter()
            .map(|evidence| printable(&evidence.name).into_owned())
            .collect()
    };
    let [first, _, ..] = findings else {
        return Vec::new();
    };
    let first = names(first);
    let shared = findings.iter().all(|finding| names(finding) == first);
    if shared && first.len() <= COLUMNS_MAX {
        first
    } else {
        Vec::new()
    }
}
