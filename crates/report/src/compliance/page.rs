//! The result as one page in one file, in the style of the report's page.

use super::{Compliance, line, spoken, table};
use crate::Error;
use askama::Template;
use casemate_base::{encoding, hash};
use casemate_schema::{ControlEvidence, ControlResult, ControlStatus, Finding};
use std::collections::BTreeMap;

/// The style sheet of the report's page, and what this page adds.
const STYLE: &str = concat!(
    include_str!("../../templates/report.css"),
    include_str!("../../templates/compliance.css")
);

/// Most findings that one piece of evidence names.
const NAMED_MAX: usize = 8;

struct EvidenceRow {
    check: String,
    outcome: &'static str,
    class: &'static str,
    reasoning: String,
    findings: Vec<(String, String)>,
    more: usize,
}

struct ControlRow {
    id: String,
    title: String,
    status: &'static str,
    class: &'static str,
    risk: Option<u8>,
    reason: String,
    evidence: Vec<EvidenceRow>,
}

struct Part {
    title: String,
    counts: String,
    controls: Vec<ControlRow>,
}

struct Gap {
    id: String,
    anchor: String,
    title: String,
    risk: u8,
    what: Vec<String>,
}

#[derive(Template)]
#[template(path = "compliance.html", whitespace = "minimize")]
struct Page {
    style: &'static str,
    style_digest: String,
    name: String,
    host: String,
    facts: Vec<(&'static str, String)>,
    sentences: Vec<String>,
    percent: Option<String>,
    coverage: String,
    tally: Vec<(&'static str, &'static str, usize)>,
    gaps: Vec<Gap>,
    parts: Vec<Part>,
    tool: String,
}

/// Writes the result as one self-contained page.
///
/// # Errors
/// [`Error::Template`] when the template cannot be filled in.
pub fn compliance_html(view: &Compliance<'_>) -> Result<String, Error> {
    let findings = view.findings();
    let tool = &view.report.tool;
    let page = Page {
        style: STYLE,
        style_digest: encoding::base64_encode(hash::sha256(STYLE.as_bytes()).as_bytes()),
        name: line(&view.name()),
        host: crate::words::subject(view.report),
        facts: vec![
            ("Framework", line(&view.name())),
            ("Published", line(view.published)),
            ("Text", line(view.source)),
            ("Assessed", line(&view.report.scan.started_at)),
        ],
        sentences: view.sentences(),
        percent: view
            .result
            .score
            .map(|score| format!("{:.1}", score * 100.0)),
        coverage: super::percent(view.result.coverage),
        tally: tally(view),
        gaps: view
            .gaps()
            .into_iter()
            .map(|control| gap(control, &findings))
            .collect(),
        parts: if view.gaps_only {
            Vec::new()
        } else {
            parts(view, &findings)
        },
        tool: line(&format!("{} {}", tool.name, tool.version)),
    };
    Ok(page.render()?)
}

fn tally(view: &Compliance<'_>) -> Vec<(&'static str, &'static str, usize)> {
    [
        ControlStatus::Fail,
        ControlStatus::Pass,
        ControlStatus::NotApplicable,
        ControlStatus::NotAssessed,
    ]
    .into_iter()
    .map(|status| (spoken(status), class(status), view.count(status)))
    .collect()
}

const fn class(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Pass => "c-pass",
        ControlStatus::Fail => "c-fail",
        ControlStatus::NotApplicable => "c-na",
        ControlStatus::NotAssessed => "c-unseen",
    }
}

fn gap(control: &ControlResult, findings: &BTreeMap<&str, &Finding>) -> Gap {
    let hits = control.evidence.iter().filter(|e| e.outcome == "hit");
    Gap {
        id: line(&control.id),
        anchor: format!("c-{}", line(&control.id)),
        title: line(&control.title),
        risk: control.risk,
        what: hits
            .take(NAMED_MAX)
            .map(|evidence| table::what(evidence, findings))
            .collect(),
    }
}

/// The controls by the parts of the framework, in its order.
fn parts(view: &Compliance<'_>, findings: &BTreeMap<&str, &Finding>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (place, control) in view.result.controls.iter().enumerate() {
        let group = view
            .groups
            .get(place)
            .map(|group| line(group))
            .unwrap_or_default();
        if parts.last().is_none_or(|part| part.title != group) {
            parts.push(Part {
                title: group,
                counts: String::new(),
                controls: Vec::new(),
            });
        }
        if let Some(part) = parts.last_mut() {
            part.controls.push(row(control, findings));
        }
    }
    for part in &mut parts {
        let count = |class: &str| part.controls.iter().filter(|c| c.class == class).count();
        let (failed, passed) = (count("c-fail"), count("c-pass"));
        part.counts = format!("{failed} fail, {passed} pass, of {}", part.controls.len());
    }
    parts
}

fn row(control: &ControlResult, findings: &BTreeMap<&str, &Finding>) -> ControlRow {
    ControlRow {
        id: line(&control.id),
        title: line(&control.title),
        status: spoken(control.status),
        class: class(control.status),
        risk: (control.status == ControlStatus::Fail).then_some(control.risk),
        reason: line(control.reason.as_deref().unwrap_or_default()),
        evidence: control
            .evidence
            .iter()
            .map(|e| evidence(e, findings))
            .collect(),
    }
}

fn evidence(evidence: &ControlEvidence, findings: &BTreeMap<&str, &Finding>) -> EvidenceRow {
    let (outcome, class) = match evidence.outcome.as_str() {
        "hit" => ("hit", "c-fail"),
        "passed" => ("passed", "c-pass"),
        "not_applicable" => ("not applicable", "c-na"),
        _ => ("not assessed", "c-unseen"),
    };
    let named = evidence.findings.iter().take(NAMED_MAX).map(|id| {
        let title = findings
            .get(id.as_str())
            .map(|finding| line(&finding.title));
        (line(id), title.unwrap_or_default())
    });
    EvidenceRow {
        check: line(&evidence.check),
        outcome,
        class,
        reasoning: line(&evidence.reasoning),
        findings: named.collect(),
        more: evidence.findings.len().saturating_sub(NAMED_MAX),
    }
}
