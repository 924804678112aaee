//! The stage `score`: gives every finding its risk and puts the most urgent first.

use super::Work;
use super::stage::{Knowledge, Stage, Update};
use casemate_flow::Failure;
use casemate_schema::{Finding, Risk};

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "score",
    about: "gives every finding its risk, most urgent first",
    run: Some(run),
};

/// Computes all risks before it touches a finding: half a ranking is none.
fn run(work: &Work, _knowledge: &Knowledge) -> Result<Update, Failure> {
    let risks: Vec<Risk> = work
        .report
        .findings
        .iter()
        .map(casemate_triage::risk_of)
        .collect();
    Ok(Box::new(move |work| {
        apply(&mut work.report.findings, risks);
    }))
}

/// The order of `casemate_triage::rank`, over which the ranking is proven stable.
fn apply(findings: &mut [Finding], risks: Vec<Risk>) {
    for (finding, risk) in findings.iter_mut().zip(risks) {
        finding.risk = Some(risk);
    }
    let score = |finding: &Finding| finding.risk.as_ref().map_or(0, |risk| risk.score);
    findings.sort_by(|a, b| {
        score(b)
            .cmp(&score(a))
            .then(b.severity.cmp(&a.severity))
            .then_with(|| a.id.cmp(&b.id))
    });
}
