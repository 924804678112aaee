//! The top of the page: facts, summary, score, what to do first, and charts.

use super::coverage::sign;
use super::{Level, count, level, levels, tool};
use crate::chart::{self, Bar, Caption, Part};
use crate::group::Group;
use crate::rich::{Block, Span, blocks, spans};
use crate::words;
use casemate_base::text::printable;
use casemate_schema::{Report, Score, Severity, Status};
use std::collections::BTreeMap;

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

/// The report in a few sentences for people who decide.
pub(super) fn summary(report: &Report) -> Vec<String> {
    let mut out = vec![found(report), worst(report)];
    out.extend(busiest(report));
    out.push(seen(report));
    if report.partial {
        out.push(
            "This report is partial: an input or target that was named could not be taken."
                .to_owned(),
        );
    }
    out
}

fn found(report: &Report) -> String {
    let host = words::host_name(&report.host);
    let system = words::operating_system(&report.host)
        .map(|name| format!(" ({name})"))
        .unwrap_or_default();
    let time = words::time(&report.scan.started_at);
    let day = time.split(' ').next().unwrap_or(&time);
    let total = report.findings.len() as u64;
    let head = format!("{host}{system} was looked at on {day}");
    if total == 0 {
        return format!("{head}. Nothing was found.");
    }
    let parts: Vec<String> = levels()
        .map(|(severity, _)| (count(report, severity), severity.as_str()))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    format!(
        "{head}. {} came up: {}.",
        words::count(total, "finding"),
        words::list(&parts)
    )
}

fn worst(report: &Report) -> String {
    let worst = report.findings.iter().map(|finding| finding.severity).max();
    let number = |severity| count(report, severity);
    let text = match worst {
        Some(Severity::Critical) => {
            let n = number(Severity::Critical);
            let verb = if n == 1 { "is" } else { "are" };
            return format!(
                "{n} of them {verb} critical: full control of the host is one step away, or \
                 already taken. These should not wait."
            );
        }
        Some(Severity::High) => {
            let n = number(Severity::High);
            let verb = if n == 1 { "is" } else { "are" };
            return format!(
                "None is critical. {n} {verb} high: a weakness that alone gives an attacker \
                 something of value."
            );
        }
        Some(Severity::Medium) => {
            "None is critical or high. The medium ones help an attacker who is already near."
        }
        Some(Severity::Low) => "The worst are low: hardening that a careful site does.",
        Some(Severity::Info) => "All are remarks; nothing has to be done.",
        None => "No check that could look found a weakness.",
    };
    text.to_owned()
}

/// The surfaces with most findings, when there are enough to compare.
fn busiest(report: &Report) -> Option<String> {
    let mut by_surface: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        *by_surface.entry(&finding.category).or_default() += 1;
    }
    if by_surface.len() < 4 {
        return None;
    }
    let mut ordered: Vec<(&str, u64)> = by_surface.into_iter().collect();
    ordered.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let names: Vec<String> = ordered
        .iter()
        .take(3)
        .map(|(name, number)| format!("{} ({number})", words::surface(name)))
        .collect();
    Some(format!("Most concern {}.", words::list(&names)))
}

fn seen(report: &Report) -> String {
    let coverage = &report.coverage;
    let total = coverage.checks.len() as u64;
    if total == 0 {
        return "The report does not say which checks looked, so nothing can be said about what \
                was not found."
            .to_owned();
    }
    let unseen = coverage.count(Status::NotAssessed);
    let passed = coverage.count(Status::Passed);
    let hit = coverage.count(Status::Hit);
    let mut text = format!(
        "Of {}, {} could look: {passed} passed and {hit} found something.",
        words::count(total, "check"),
        passed + hit
    );
    let absent = coverage.count(Status::NotApplicable);
    if absent > 0 {
        let verb = if absent == 1 { "concerns" } else { "concern" };
        text.push_str(&format!(
            " {absent} {verb} things that this host does not have."
        ));
    }
    if unseen == 0 {
        text.push_str(" Nothing was left unseen.");
        return text;
    }
    let denied = coverage.checks.iter().filter(|check| check.privileges);
    let denied = denied
        .filter(|check| check.status == Status::NotAssessed)
        .count();
    text.push_str(&format!(
        " {unseen} could not look; what they would have found is not known."
    ));
    if denied > 0 && report.scan.privileged {
        text.push_str(&format!(" {denied} of these were refused even to root."));
    } else if denied > 0 {
        text.push_str(&format!(" A scan as root lets {denied} of these look."));
    }
    text
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
                place: words::place(&finding.location),
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
    let caption = Caption {
        id,
        title: title.to_owned(),
        description,
    };
    let drawn: Vec<chart::Row> = rows
        .iter()
        .map(|(surface, numbers)| chart::Row {
            label: words::surface(surface),
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
            head: std::iter::once("Surface")
                .chain(kinds.iter().map(|(name, _)| *name))
                .collect(),
            rows: rows
                .iter()
                .map(|(surface, numbers)| (words::surface(surface), numbers.clone()))
                .collect(),
        },
    })
}
