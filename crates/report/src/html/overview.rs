//! The top of the page: facts, summary, score, what to do first, and charts.

use super::coverage::sign;
use super::{Level, level, levels, tool};
use crate::chart::{self, Bar, Caption, Part};
use crate::group::Group;
use crate::rich::{Block, Span, blocks, spans};
use crate::summary::{self, count};
use crate::words;
use casemate_base::text::printable;
use casemate_schema::{Report, ScanMode, Score, Severity, Status};
use std::collections::{BTreeMap, BTreeSet};

/// The score in words, with what it is a share of.
#[derive(Debug)]
pub(super) struct ScoreWords {
    pub(super) percent: Option<u8>,
    pub(super) passed: u64,
    pub(super) assessed: String,
    pub(super) not_assessed: u64,
}

pub(super) fn score(score: &Score) -> ScoreWords {
    ScoreWords {
        percent: score.percent,
        passed: score.passed,
        assessed: words::count(score.assessed, "check"),
        not_assessed: score.not_assessed,
    }
}

/// What the page is about, for its head.
pub(super) fn facts(report: &Report) -> Vec<(&'static str, String)> {
    if report.scan.mode == ScanMode::Import {
        return import_facts(report);
    }
    let host = &report.host;
    let unknown = || "not known".to_owned();
    let shown = |text: &Option<String>| text.as_deref().map(|t| printable(t).into_owned());
    let rights = if report.scan.privileged {
        "all rights (root)"
    } else {
        "an ordinary user's rights"
    };
    let kernel = match (shown(&host.kernel), shown(&host.architecture)) {
        (Some(kernel), Some(architecture)) => format!("{kernel} ({architecture})"),
        (Some(kernel), None) => kernel,
        (None, Some(architecture)) => format!("not known ({architecture})"),
        (None, None) => unknown(),
    };
    vec![
        (
            "System",
            words::operating_system(host).unwrap_or_else(unknown),
        ),
        ("Kernel", kernel),
        ("Scanned", words::time(&report.scan.started_at)),
        (
            "How",
            format!(
                "{} of {} with {rights}",
                words::mode(report.scan.mode),
                words::target(&report.scan.target)
            ),
        ),
        ("Written by", tool(report)),
    ]
}

/// The same of a report that was made from other tools' reports alone.
fn import_facts(report: &Report) -> Vec<(&'static str, String)> {
    /// Tools and targets that are named.
    const NAMED_MAX: usize = 6;
    let names = |all: BTreeSet<&str>| {
        let more = all.len().saturating_sub(NAMED_MAX);
        let mut named: Vec<String> = all.into_iter().take(NAMED_MAX).map(shorten).collect();
        if more > 0 {
            named.push(format!("{more} more"));
        }
        words::list(&named)
    };
    let targets = report.inputs.iter();
    let targets: BTreeSet<&str> = targets.filter_map(|i| i.target.as_deref()).collect();
    let mut out = vec![
        ("Read", words::time(&report.scan.started_at)),
        ("Files", report.inputs.len().to_string()),
        ("Tools", names(summary::input_tools(report))),
    ];
    if !targets.is_empty() {
        out.push(("Targets", names(targets)));
    }
    out.push(("Written by", tool(report)));
    out
}

fn shorten(text: &str) -> String {
    words::short(&printable(text))
}

/// One entry of "What to do first".
#[derive(Debug)]
pub(super) struct First {
    pub(super) anchor: String,
    pub(super) level: Level,
    pub(super) risk: Option<u8>,
    pub(super) title: Vec<Span>,
    pub(super) place: Option<String>,
    pub(super) more: usize,
    pub(super) reason: Option<String>,
    pub(super) fix: Vec<Block>,
}

pub(super) fn first(
    groups: &[Group<'_>],
    anchors: &BTreeMap<&str, String>,
    top: usize,
) -> Vec<First> {
    groups
        .iter()
        .filter(|group| group.first.severity > Severity::Info)
        .take(top)
        .map(|group| {
            let finding = group.first;
            First {
                anchor: anchors
                    .get(finding.id.as_str())
                    .cloned()
                    .unwrap_or_default(),
                level: level(finding.severity),
                risk: finding.risk.as_ref().map(|risk| risk.score),
                title: spans(&finding.title),
                place: words::component_fix(finding).or_else(|| words::place(&finding.location)),
                more: group.findings.len() - 1,
                reason: finding.risk.as_ref().map(words::factors),
                fix: lead(blocks(&finding.remediation)),
            }
        })
        .collect()
}

/// The beginning of a fix: its first block, and the first code.
fn lead(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    for block in blocks {
        let is_code = matches!(block, Block::Code(_));
        if out.is_empty() || is_code {
            out.push(block);
        }
        if is_code {
            break;
        }
    }
    out
}

/// A table beside a chart: head, then rows of a label and numbers.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<(String, Vec<u64>)>,
}

/// A chart with its numbers.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) svg: String,
    pub(super) legend: Vec<(&'static str, &'static str)>,
    pub(super) numbers: Numbers,
}

/// The charts of a report; none of what it has no numbers for.
#[derive(Debug)]
pub(super) struct Charts {
    pub(super) figures: Vec<Figure>,
}

pub(super) fn charts(report: &Report) -> Result<Charts, askama::Error> {
    let mut figures = Vec::new();
    if !report.findings.is_empty() {
        figures.push(severities(report)?);
        figures.push(findings_by_surface(report)?);
    }
    if !report.coverage.surfaces.is_empty() {
        figures.push(coverage_by_surface(report)?);
    }
    Ok(Charts { figures })
}

fn severities(report: &Report) -> Result<Figure, askama::Error> {
    let counts: Vec<(Severity, Level, u64)> = levels()
        .map(|(severity, shown)| (severity, shown, count(report, severity)))
        .collect();
    let parts: Vec<String> = counts
        .iter()
        .map(|(severity, _, number)| format!("{number} {severity}"))
        .collect();
    let caption = Caption {
        id: "c1",
        title: "Findings by severity".to_owned(),
        description: format!("{}.", words::list(&parts)),
    };
    let bars: Vec<Bar> = counts
        .iter()
        .map(|(_, shown, number)| Bar {
            label: shown.word.to_owned(),
            value: *number,
            class: shown.class,
        })
        .collect();
    Ok(Figure {
        svg: chart::bars(&caption, &bars)?,
        title: caption.title,
        description: caption.description,
        legend: Vec::new(),
        numbers: Numbers {
            head: vec!["Severity", "Findings"],
            rows: counts
                .iter()
                .map(|(_, shown, number)| (shown.word.to_owned(), vec![*number]))
                .collect(),
        },
    })
}

fn findings_by_surface(report: &Report) -> Result<Figure, askama::Error> {
    let mut counts: BTreeMap<&str, BTreeMap<Severity, u64>> = BTreeMap::new();
    for finding in &report.findings {
        let of_surface = counts.entry(&finding.category).or_default();
        *of_surface.entry(finding.severity).or_default() += 1;
    }
    let mut rows: Vec<(&str, Vec<u64>)> = counts
        .into_iter()
        .map(|(surface, of_surface)| {
            let numbers = levels().map(|(s, _)| of_surface.get(&s).copied().unwrap_or(0));
            (surface, numbers.collect())
        })
        .collect();
    rows.sort_by_key(|(_, numbers)| std::cmp::Reverse(numbers.iter().sum::<u64>()));
    let most = rows.first().map_or_else(String::new, |(name, numbers)| {
        let total: u64 = numbers.iter().sum();
        format!(
            "{} in {}; most in {} with {total}.",
            words::count(report.findings.len() as u64, "finding"),
            words::count(rows.len() as u64, "surface"),
            words::surface(name),
        )
    });
    let kinds: Vec<(&'static str, &'static str)> = levels()
        .map(|(_, shown)| (shown.word, shown.class))
        .collect();
    figure("c2", "Findings by surface", most, &kinds, &rows)
}

fn coverage_by_surface(report: &Report) -> Result<Figure, askama::Error> {
    const ORDER: [Status; 4] = [
        Status::Passed,
        Status::Hit,
        Status::NotAssessed,
        Status::NotApplicable,
    ];
    let rows: Vec<(&str, Vec<u64>)> = report
        .coverage
        .surfaces
        .iter()
        .map(|surface| {
            let of = |status| surface.counts.get(&status).copied().unwrap_or(0);
            (surface.surface.as_str(), ORDER.map(of).to_vec())
        })
        .collect();
    let parts = ORDER.map(|status| {
        let word = words::status(status).to_lowercase();
        format!("{} {word}", report.coverage.count(status))
    });
    let kinds = ORDER.map(|status| (words::status(status), sign(status).1));
    let description = format!("Checks: {}.", words::list(&parts));
    figure("c3", "What was looked at", description, &kinds, &rows)
}

fn figure(
    id: &'static str,
    title: &str,
    description: String,
    kinds: &[(&'static str, &'static str)],
    rows: &[(&str, Vec<u64>)],
) -> Result<Figure, askama::Error> {
    let rows: Vec<(String, Vec<u64>)> = rows
        .iter()
        .map(|(surface, numbers)| (words::surface(surface), numbers.clone()))
        .collect();
    stacked(id, title, "Surface", description, kinds, &rows)
}

/// Stacked bars with their numbers beside them; `head` names what a row is.
pub(super) fn stacked(
    id: &'static str,
    title: &str,
    head: &'static str,
    description: String,
    kinds: &[(&'static str, &'static str)],
    rows: &[(String, Vec<u64>)],
) -> Result<Figure, askama::Error> {
    let caption = Caption {
        id,
        title: title.to_owned(),
        description,
    };
    let drawn: Vec<chart::Row> = rows
        .iter()
        .map(|(label, numbers)| chart::Row {
            label: label.clone(),
            parts: kinds
                .iter()
                .zip(numbers)
                .map(|((name, class), value)| Part {
                    value: *value,
                    class,
                    name,
                })
                .collect(),
        })
        .collect();
    Ok(Figure {
        svg: chart::stacked(&caption, &drawn)?,
        title: caption.title,
        description: caption.description,
        legend: kinds.to_vec(),
        numbers: Numbers {
            head: std::iter::once(head)
                .chain(kinds.iter().map(|(name, _)| *name))
                .collect(),
            rows: rows.to_vec(),
        },
    })
}
