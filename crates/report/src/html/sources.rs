//! Where the report comes from, and what does not count: tables of inputs and of suppressed
//! findings.

use super::{Level, level};
use crate::group::ranked;
use crate::rich::{Span, spans};
use crate::words;
use casemate_base::text::printable;
use casemate_schema::{Finding, InputFile, Report};

/// A file that was read.
#[derive(Debug)]
pub(super) struct InputRow {
    pub(super) name: String,
    pub(super) digest: String,
    pub(super) tool: String,
    /// The reader, when its name is another than the tool's.
    pub(super) kind: Option<String>,
    pub(super) made: String,
    pub(super) target: Option<String>,
    pub(super) findings: u64,
    pub(super) statements: u64,
    /// Place and reason of each record that could not be taken.
    pub(super) rejected: Vec<(String, String)>,
}

pub(super) fn inputs(report: &Report) -> Vec<InputRow> {
    report.inputs.iter().map(input).collect()
}

fn input(input: &InputFile) -> InputRow {
    let shown = |text: &str| printable(text).into_owned();
    InputRow {
        name: shown(&input.name),
        digest: shown(&input.digest),
        tool: words::input_tool(input),
        kind: (!input.kind.eq_ignore_ascii_case(words::input_name(input)))
            .then(|| shown(&input.kind)),
        made: input
            .scanned_at
            .as_deref()
            .map(words::time)
            .unwrap_or_default(),
        target: input.target.as_deref().map(shown),
        findings: input.findings,
        statements: input.statements,
        rejected: input
            .rejected
            .iter()
            .map(|record| (shown(&record.place), shown(&record.reason)))
            .collect(),
    }
}

/// A finding that does not count.
#[derive(Debug)]
pub(super) struct SuppressedRow {
    pub(super) id: String,
    pub(super) level: Level,
    pub(super) title: Vec<Span>,
    pub(super) place: Option<String>,
    pub(super) component: Option<String>,
    pub(super) status: String,
    pub(super) by: String,
    pub(super) reason: Vec<String>,
    pub(super) source: String,
}

pub(super) fn suppressed(report: &Report) -> Vec<SuppressedRow> {
    ranked(&report.suppressed).into_iter().map(row).collect()
}

fn row(finding: &Finding) -> SuppressedRow {
    let shown = |text: &str| printable(text).into_owned();
    let suppression = finding.suppression.as_deref().cloned().unwrap_or_default();
    let reason = [&suppression.justification, &suppression.statement];
    SuppressedRow {
        id: shown(&finding.id),
        level: level(finding.severity),
        title: spans(&finding.title),
        place: words::place(&finding.location),
        component: words::component_fix(finding),
        status: shown(&suppression.status),
        by: shown(&suppression.by),
        reason: reason
            .into_iter()
            .flatten()
            .map(|text| shown(text))
            .collect(),
        source: shown(&suppression.source),
    }
}
