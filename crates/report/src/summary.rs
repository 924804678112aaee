//! The report in a few sentences for people who decide, the same in every page.
//!
//! Invariant: what was not looked at, not read or does not count is said here too.

use crate::facts;
use crate::words;
use casemate_schema::{Report, ScanMode, Severity, Status};
use std::collections::{BTreeMap, BTreeSet};

/// What was found, how bad the worst is, where most is, what was not seen.
pub(crate) fn sentences(report: &Report) -> Vec<String> {
    let mut out = vec![found(report), worst(report)];
    out.extend(busiest(report));
    out.extend(imported(report));
    out.push(seen(report));
    out.extend(rejected(report));
    out.extend(suppressed(report));
    if report.partial {
        out.push(
            "This report is partial: an input or target that was named could not be taken."
                .to_owned(),
        );
    }
    out
}

/// Findings of one severity, counted from the findings themselves.
pub(crate) fn count(report: &Report, severity: Severity) -> u64 {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .count() as u64
}

/// Who wrote the files that were read, sorted.
pub(crate) fn input_tools(report: &Report) -> BTreeSet<&str> {
    report.inputs.iter().map(words::input_name).collect()
}

/// `3 files of 2 tools`.
pub(crate) fn inputs(report: &Report) -> String {
    format!(
        "{} of {}",
        words::count(report.inputs.len() as u64, "file"),
        words::count(input_tools(report).len() as u64, "tool")
    )
}

/// Records of the inputs that could not be taken.
pub(crate) fn n_rejected(report: &Report) -> u64 {
    let rejected = report
        .inputs
        .iter()
        .map(|input| input.rejected.len() as u64);
    rejected.sum()
}

fn found(report: &Report) -> String {
    let time = words::time(&report.scan.started_at);
    let day = time.split(' ').next().unwrap_or(&time);
    let head = if report.scan.mode == ScanMode::Import {
        let verb = if report.inputs.len() == 1 {
            "was"
        } else {
            "were"
        };
        format!("{} {verb} read on {day}", inputs(report))
    } else {
        let host = words::host_name(&report.host);
        let system = words::operating_system(&report.host)
            .map(|name| format!(" ({name})"))
            .unwrap_or_default();
        format!("{host}{system} was looked at on {day}")
    };
    let total = report.findings.len() as u64;
    if total == 0 {
        return format!("{head}. Nothing was found.");
    }
    let parts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (count(report, severity), severity.as_str()))
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
    let verb = |n| if n == 1 { "is" } else { "are" };
    let text = match worst {
        Some(Severity::Critical) => {
            let n = number(Severity::Critical);
            let verb = verb(n);
            if report.scan.mode == ScanMode::Import {
                return format!("{n} of them {verb} critical. These should not wait.");
            }
            return format!(
                "{n} of them {verb} critical: full control of the host is one step away, or \
                 already taken. These should not wait."
            );
        }
        Some(Severity::High) => {
            let n = number(Severity::High);
            return format!(
                "None is critical. {n} {} high: a weakness that alone gives an attacker \
                 something of value.",
                verb(n)
            );
        }
        Some(Severity::Medium) => {
            "None is critical or high. The medium ones help an attacker who is already near."
        }
        Some(Severity::Low) => "The worst are low: hardening that a careful site does.",
        Some(Severity::Info) => "All are remarks; nothing has to be done.",
        None if report.scan.mode == ScanMode::Import => {
            "The files that were read name no weakness."
        }
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

/// What comes from other tools beside our own scan, and what is known to be exploited.
fn imported(report: &Report) -> Option<String> {
    let exploited = report.findings.iter().filter(|f| facts::is_exploited(f));
    let exploited = match exploited.count() {
        0 => String::new(),
        1 => "1 is a vulnerability that is exploited in the wild.".to_owned(),
        n => format!("{n} are vulnerabilities that are exploited in the wild."),
    };
    let read = if report.inputs.is_empty() || report.scan.mode == ScanMode::Import {
        String::new()
    } else {
        let own = |finding: &&casemate_schema::Finding| finding.source.tool == "casemate";
        let others = report.findings.len() - report.findings.iter().filter(own).count();
        format!("{others} of the findings come from {}.", inputs(report))
    };
    let text = [read, exploited].join(" ").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn seen(report: &Report) -> String {
    let coverage = &report.coverage;
    let total = coverage.checks.len() as u64;
    if total == 0 && report.scan.mode == ScanMode::Import {
        return "Other tools' reports say what these found, not what they could not look at: \
                nothing can be said about what does not stand here."
            .to_owned();
    }
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

fn rejected(report: &Report) -> Option<String> {
    let text = match n_rejected(report) {
        0 => return None,
        1 => "1 record of the files that were read could not be taken; its place and the reason \
              stand with the inputs."
            .to_owned(),
        n => format!(
            "{n} records of the files that were read could not be taken; their places and the \
             reasons stand with the inputs."
        ),
    };
    Some(text)
}

fn suppressed(report: &Report) -> Option<String> {
    let text = match report.suppressed.len() {
        0 => return None,
        1 => "1 more finding does not count, for the reason that stands with it; it is part of no \
              other number."
            .to_owned(),
        n => format!(
            "{n} more findings do not count, for the reasons that stand with them; they are part \
             of no other number."
        ),
    };
    Some(text)
}
