//! The result as text: for the terminal and as Markdown.

use super::{Compliance, line, spoken};
use casemate_schema::{ControlEvidence, ControlResult, ControlStatus, Finding};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Most findings that are named below one control.
const NAMED_MAX: usize = 3;

/// Writes the figures, the failed controls with what failed them, and the passed ones.
#[must_use]
pub fn compliance_table(view: &Compliance<'_>) -> String {
    // Writing to a string cannot fail.
    let findings = view.findings();
    let mut out = format!("{}\n", line(&view.name()));
    for sentence in view.sentences() {
        out.push_str(&sentence);
        out.push('\n');
    }
    let gaps = view.gaps();
    if !gaps.is_empty() {
        out.push_str("\nFailed, the highest risk first\n");
    }
    for control in gaps {
        failed(&mut out, control, &findings);
    }
    if view.gaps_only {
        return out;
    }
    for (status, title) in [
        (ControlStatus::Pass, "Passed"),
        (ControlStatus::NotApplicable, "Not applicable"),
    ] {
        let mut controls = view
            .result
            .controls
            .iter()
            .filter(|c| c.status == status)
            .peekable();
        if controls.peek().is_some() {
            writeln!(out, "\n{title}").ok();
        }
        for control in controls {
            let n_checks = control.evidence.len();
            writeln!(
                out,
                "  {:<22} {} ({n_checks} checks)",
                control.id, control.title
            )
            .ok();
        }
    }
    let unseen = view.count(ControlStatus::NotAssessed);
    if unseen > 0 {
        writeln!(
            out,
            "\nNot assessed: {unseen} controls; --format json, csv, md or html names each with \
             what a person would bring."
        )
        .ok();
    }
    out
}

fn failed(out: &mut String, control: &ControlResult, findings: &BTreeMap<&str, &Finding>) {
    writeln!(
        out,
        "  {:<22} risk {:>3}  {}",
        control.id, control.risk, control.title
    )
    .ok();
    let hits: Vec<&ControlEvidence> = hits(control).collect();
    for evidence in hits.iter().take(NAMED_MAX) {
        writeln!(
            out,
            "      {}: {}",
            line(&evidence.check),
            what(evidence, findings)
        )
        .ok();
    }
    if hits.len() > NAMED_MAX {
        writeln!(out, "      and {} more checks", hits.len() - NAMED_MAX).ok();
    }
}

/// What failed a control.
fn hits(control: &ControlResult) -> impl Iterator<Item = &ControlEvidence> {
    control
        .evidence
        .iter()
        .filter(|evidence| evidence.outcome == "hit")
}

/// The findings of one piece of evidence: the first by name, the others by number.
pub(super) fn what(evidence: &ControlEvidence, findings: &BTreeMap<&str, &Finding>) -> String {
    let first = evidence
        .findings
        .first()
        .and_then(|id| findings.get(id.as_str()));
    let title = first.map_or_else(|| line(&evidence.reasoning), |finding| line(&finding.title));
    match evidence.findings.len() {
        0 | 1 => title,
        n => format!("{title} (and {} more)", n - 1),
    }
}

/// Writes the figures and one table row a control.
#[must_use]
pub fn compliance_markdown(view: &Compliance<'_>) -> String {
    use crate::markdown::text::{cell, inline};
    let findings = view.findings();
    let mut out = format!("# {}\n\n", inline(&view.name()));
    for sentence in view.sentences() {
        writeln!(out, "{sentence}  ").ok();
    }
    let gaps = view.gaps();
    if !gaps.is_empty() {
        out.push_str("\n## Gaps, the highest risk first\n\n");
        out.push_str("| control | risk | title | what fails it |\n|---|---:|---|---|\n");
    }
    for control in &gaps {
        let what: Vec<String> = hits(control)
            .map(|evidence| what(evidence, &findings))
            .collect();
        let (id, title) = (cell(&inline(&control.id)), cell(&inline(&control.title)));
        let what = cell(&inline(&what.join("; ")));
        writeln!(out, "| {id} | {} | {title} | {what} |", control.risk).ok();
    }
    if view.gaps_only {
        return out;
    }
    out.push_str("\n## All controls\n\n| control | title | status | why |\n|---|---|---|---|\n");
    for control in view.controls() {
        let (id, title) = (cell(&inline(&control.id)), cell(&inline(&control.title)));
        let why = why(control);
        let why = cell(&inline(&why));
        writeln!(
            out,
            "| {id} | {title} | {} | {why} |",
            spoken(control.status)
        )
        .ok();
    }
    out
}

/// What a verdict rests on, in one line.
pub(super) fn why(control: &ControlResult) -> String {
    let checks: Vec<&str> = control
        .evidence
        .iter()
        .filter(|e| control.status != ControlStatus::Fail || e.outcome == "hit")
        .map(|evidence| evidence.check.as_str())
        .collect();
    let reason = control.reason.as_deref().unwrap_or_default();
    match (checks.is_empty(), reason.is_empty()) {
        (true, _) => line(reason),
        (false, true) => line(&checks.join(", ")),
        (false, false) => format!("{}; {}", line(reason), line(&checks.join(", "))),
    }
}
