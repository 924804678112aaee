//! The findings: one card a check, with what its findings share said once.

use super::extra::Extra;
use super::known::{self, Fact};
use super::links::Places;
use super::{Level, level};
use crate::group::Group;
use crate::rich::{Block, Span, blocks, plain, spans};
use crate::{facts, words};
use casemate_base::text::printable;
use casemate_schema::{Evidence, Finding, Report, Risk, Severity, Text};
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
    /// The tool, when it is another's finding.
    pub(super) tool: Option<String>,
    pub(super) exploited: bool,
    /// The vulnerability, when several findings have the same.
    pub(super) vulnerability: Option<Extra>,
    pub(super) fixable: Option<String>,
    pub(super) count: usize,
    /// Findings of the same check that stand in the list at the end.
    pub(super) elsewhere: usize,
    pub(super) why: Vec<Block>,
    /// Empty when the findings have different fixes.
    pub(super) fix: Vec<Block>,
    pub(super) references: Vec<String>,
    /// The factors, when all findings have the same.
    pub(super) factors: Vec<(String, u8, String)>,
    /// Names of the evidence that all findings have, when they fit side by side.
    pub(super) columns: Vec<String>,
    pub(super) risk_column: bool,
    /// What packs, records and the case say of all of its findings.
    pub(super) known: Vec<Fact>,
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
    pub(super) extra: Extra,
    pub(super) evidence: Vec<Seen>,
    pub(super) fix: Vec<Block>,
    pub(super) risk: Option<u8>,
    pub(super) factors: Option<String>,
    /// What packs, records and the case say of this one alone.
    pub(super) known: Vec<Fact>,
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

/// A finding that gets a line alone.
#[derive(Debug)]
pub(super) struct Brief {
    pub(super) anchor: String,
    pub(super) id: String,
    pub(super) level: Level,
    pub(super) title: Vec<Span>,
    pub(super) place: Option<String>,
    pub(super) risk: Option<u8>,
}

/// The first `in_full` findings in cards, all others in a line each.
pub(super) fn cards(
    groups: &[Group<'_>],
    anchors: &BTreeMap<&str, String>,
    places: &Places<'_>,
    in_full: usize,
) -> (Vec<Card>, Vec<Brief>) {
    let mut room = in_full;
    let mut cards = Vec::new();
    let mut rest = Vec::new();
    for group in groups {
        let shown = group.findings.len().min(room);
        room -= shown;
        let (full, brief) = group.findings.split_at(shown);
        rest.extend(brief.iter().map(|finding| self::brief(finding, anchors)));
        if !full.is_empty() {
            let mut card = card(group, full, anchors, places);
            card.elsewhere = brief.len();
            cards.push(card);
        }
    }
    (cards, rest)
}

fn brief(finding: &Finding, anchors: &BTreeMap<&str, String>) -> Brief {
    Brief {
        anchor: anchor(finding, anchors),
        id: printable(&finding.id).into_owned(),
        level: level(finding.severity),
        title: spans(&finding.title),
        place: words::place(&finding.location),
        risk: finding.risk.as_ref().map(|risk| risk.score),
    }
}

fn anchor(finding: &Finding, anchors: &BTreeMap<&str, String>) -> String {
    let anchor = anchors.get(finding.id.as_str());
    anchor.cloned().unwrap_or_default()
}

fn card(
    group: &Group<'_>,
    findings: &[&Finding],
    anchors: &BTreeMap<&str, String>,
    places: &Places<'_>,
) -> Card {
    let first = group.first;
    let same_fix = findings.iter().all(|f| f.remediation == first.remediation);
    let same_risk = findings.iter().all(|f| f.risk == first.risk);
    let references: BTreeSet<String> = findings
        .iter()
        .flat_map(|finding| finding.references.iter().map(words::reference))
        .collect();
    let severity = group.severity();
    let same_vulnerability = findings.len() > 1
        && first.vulnerability.is_some()
        && findings
            .iter()
            .all(|f| f.vulnerability == first.vulnerability);
    let same = Same {
        fix: same_fix,
        risk: same_risk,
        vulnerability: same_vulnerability,
        severity,
    };
    let mut rows = rows(findings, anchors, places, &same);
    let mut facts: Vec<&mut Vec<Fact>> = rows.iter_mut().map(|row| &mut row.known).collect();
    let known = known::shared(&mut facts);
    let fix = first
        .component
        .as_deref()
        .and_then(|c| c.fixed_version.as_deref());
    let fix = fix.filter(|_| findings.len() == 1);
    Card {
        level: level(severity),
        risk: first.risk.as_ref().map(|risk| risk.score),
        title: spans(&group.title),
        surface: words::surface(&first.category),
        surface_name: printable(&first.category).into_owned(),
        check: words::check(first),
        tool: tools(findings),
        exploited: findings.iter().any(|f| facts::is_exploited(f)),
        vulnerability: same_vulnerability.then(|| Extra::of(first)),
        fixable: fix.map(|fix| words::short(&printable(fix))),
        count: findings.len(),
        elsewhere: 0,
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
        columns: columns(findings),
        risk_column: !same_risk,
        known,
        rows,
    }
}

/// What the findings of a card have in common, so that it stands there once.
struct Same {
    fix: bool,
    risk: bool,
    vulnerability: bool,
    severity: Severity,
}

fn rows(
    findings: &[&Finding],
    anchors: &BTreeMap<&str, String>,
    places: &Places<'_>,
    same: &Same,
) -> Vec<Row> {
    let rows = findings.iter().map(|finding| {
        let mut row = row(finding, anchors);
        row.known = known::facts(finding, places);
        row.level_differs = finding.severity != same.severity;
        if !same.fix {
            row.fix = blocks(&finding.remediation);
        }
        if same.risk {
            row.factors = None;
        }
        if findings.len() > 1 {
            row.drop_what_the_title_says();
        }
        if same.vulnerability {
            row.extra.drop_vulnerability();
        }
        row
    });
    rows.collect()
}

/// The tools behind some findings, unless all are our own.
fn tools(findings: &[&Finding]) -> Option<String> {
    if !findings.iter().any(|finding| facts::is_imported(finding)) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let all = findings.iter().flat_map(|finding| facts::tools(finding));
    let all: Vec<&str> = all.filter(|tool| seen.insert(*tool)).collect();
    Some(words::short(&printable(&all.join(", "))))
}

fn row(finding: &Finding, anchors: &BTreeMap<&str, String>) -> Row {
    let location = &finding.location;
    let shown = |text: &Option<Text>| text.as_deref().map(|text| printable(text).into_owned());
    Row {
        anchor: anchor(finding, anchors),
        id: printable(&finding.id).into_owned(),
        level: level(finding.severity),
        level_differs: false,
        title: spans(&finding.title),
        place: words::path_line(location.path.as_deref(), location.line),
        path_base64: shown(&location.path_base64),
        subject: shown(&location.subject),
        source: words::source(finding),
        extra: Extra::of(finding),
        evidence: finding.evidence.iter().map(seen).collect(),
        fix: Vec::new(),
        risk: finding.risk.as_ref().map(|risk| risk.score),
        factors: finding.risk.as_ref().map(words::factors),
        known: Vec::new(),
    }
}

pub(super) fn seen(evidence: &Evidence) -> Seen {
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
