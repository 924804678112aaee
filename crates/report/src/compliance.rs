//! How a report stands against a control framework, for people and spreadsheets: text for the
//! terminal, Markdown, CSV and one HTML page. OSCAL stands in `oscal.rs`.
//!
//! Invariants: pure; every control of the framework is written in every format, unless the failed
//! ones alone were asked for; what was not assessed is never counted as passed; no cell of the CSV is
//! a formula; the page refers to nothing outside itself and has no script.

mod page;
mod table;

pub use page::compliance_html;
pub use table::{compliance_markdown, compliance_table};

use crate::csv::Row;
use casemate_base::text::printable;
use casemate_schema::{ControlResult, ControlStatus, Finding, FrameworkResult, Report};
use std::collections::BTreeMap;

/// A framework's result with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Compliance<'a> {
    /// The report that was judged.
    pub report: &'a Report,
    /// The verdicts.
    pub result: &'a FrameworkResult,
    /// Where the framework's text is published.
    pub source: &'a str,
    /// Year and month of its version.
    pub published: &'a str,
    /// For each control, the title of the part of the framework that it belongs to.
    pub groups: &'a [String],
    /// The failed controls alone, the highest risk first.
    pub gaps_only: bool,
}

impl<'a> Compliance<'a> {
    /// The controls to write, in order.
    pub(crate) fn controls(&self) -> Vec<&'a ControlResult> {
        if self.gaps_only {
            return self.gaps();
        }
        self.result.controls.iter().collect()
    }

    /// The failed controls, the highest risk first.
    fn gaps(&self) -> Vec<&'a ControlResult> {
        let failed = |control: &&ControlResult| control.status == ControlStatus::Fail;
        let mut gaps: Vec<&ControlResult> = self.result.controls.iter().filter(failed).collect();
        gaps.sort_by_key(|control| std::cmp::Reverse(control.risk));
        gaps
    }

    /// Number of controls with a verdict.
    pub(crate) fn count(&self, status: ControlStatus) -> usize {
        let controls = self.result.controls.iter();
        controls.filter(|control| control.status == status).count()
    }

    /// One sentence each: what the figures are.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let (passed, failed) = (
            self.count(ControlStatus::Pass),
            self.count(ControlStatus::Fail),
        );
        let unseen = self.count(ControlStatus::NotAssessed);
        let absent = self.count(ControlStatus::NotApplicable);
        let all = self.result.controls.len();
        let score = match self.result.score {
            Some(score) => format!(
                "{} of the {} controls that could be assessed pass ({passed} of {}).",
                percent(score),
                passed + failed,
                passed + failed
            ),
            None => {
                "Nothing in this report speaks of any control, so there is no score.".to_owned()
            }
        };
        vec![
            score,
            format!(
                "{} of the framework was assessed: {passed} pass, {failed} fail, {absent} not \
                 applicable, {unseen} not assessed, of {all}.",
                percent(self.result.coverage)
            ),
            "A pass says that nothing looked at contradicts the control; it is no attestation."
                .to_owned(),
        ]
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.result.title, self.result.version)
    }

    pub(crate) fn findings(&self) -> BTreeMap<&'a str, &'a Finding> {
        let findings = self.report.findings.iter();
        findings
            .map(|finding| (finding.id.as_str(), finding))
            .collect()
    }
}

/// A share as a percentage; small ones with a decimal.
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// The word for a verdict, as JSON writes it.
pub(crate) const fn word(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Pass => "pass",
        ControlStatus::Fail => "fail",
        ControlStatus::NotApplicable => "not_applicable",
        ControlStatus::NotAssessed => "not_assessed",
    }
}

/// The word for a verdict, for people.
const fn spoken(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Pass => "pass",
        ControlStatus::Fail => "fail",
        ControlStatus::NotApplicable => "not applicable",
        ControlStatus::NotAssessed => "not assessed",
    }
}

/// Text of the host or of a tool, safe to show on one line.
fn line(text: &str) -> String {
    printable(text).into_owned()
}

/// The columns of the CSV.
const COLUMNS: [&str; 12] = [
    "framework",
    "version",
    "control",
    "title",
    "status",
    "risk",
    "reason",
    "check",
    "outcome",
    "n_findings",
    "findings",
    "reasoning",
];

/// Writes one row a control and piece of evidence; a control without evidence has one row.
#[must_use]
pub fn compliance_csv(view: &Compliance<'_>) -> String {
    let mut out = COLUMNS.join(",");
    out.push_str("\r\n");
    for control in view.controls() {
        if control.evidence.is_empty() {
            let mut row = start(view, control);
            for _ in 0..5 {
                row.text("");
            }
            out.push_str(row.end());
        }
        for evidence in &control.evidence {
            let mut row = start(view, control);
            row.text(&evidence.check);
            row.text(&evidence.outcome);
            row.number(Some(evidence.findings.len()));
            row.text(&evidence.findings.join("; "));
            row.text(&evidence.reasoning);
            out.push_str(row.end());
        }
    }
    out
}

fn start(view: &Compliance<'_>, control: &ControlResult) -> Row {
    let mut row = Row::default();
    row.text(&view.result.framework);
    row.text(&view.result.version);
    row.text(&control.id);
    row.text(&control.title);
    row.text(word(control.status));
    row.number((control.status == ControlStatus::Fail).then_some(control.risk));
    row.text(control.reason.as_deref().unwrap_or_default());
    row
}
