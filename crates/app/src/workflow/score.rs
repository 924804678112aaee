//! The stage `score`: gives every finding its risk and puts the most urgent first.

use super::Work;
use super::stage::{Knowledge, Stage, Update};
use casemate_flow::Failure;
use casemate_schema::{Chain, Finding};
use std::collections::BTreeMap;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "score",
    about: "gives every finding its risk, most urgent first",
    run: Some(run),
};

/// Computes all risks before it touches a finding: half a ranking is none.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a stage may fail; this one has no way to"
)]
fn run(work: &Work, knowledge: &Knowledge) -> Result<Update, Failure> {
    let risks = casemate_triage::risks(&work.report, knowledge.site.as_ref());
    Ok(Box::new(move |work| {
        for (finding, risk) in work.report.findings.iter_mut().zip(risks) {
            finding.risk = Some(risk);
        }
        casemate_triage::sort_by_risk(&mut work.report.findings);
        lift(&mut work.chains, &work.report.findings);
    }))
}

/// A chain is at least as urgent as each of its findings.
fn lift(chains: &mut [Chain], findings: &[Finding]) {
    let scores: BTreeMap<&str, u8> = findings
        .iter()
        .filter_map(|finding| Some((finding.id.as_str(), finding.risk.as_ref()?.score)))
        .collect();
    for chain in &mut *chains {
        let members = chain.members.iter();
        let worst = members.filter_map(|id| scores.get(id.as_str())).max();
        chain.risk = chain.risk.max(worst.copied().unwrap_or(0));
    }
    chains.sort_by(|a, b| {
        b.risk
            .cmp(&a.risk)
            .then(b.severity.cmp(&a.severity))
            .then_with(|| a.id.cmp(&b.id))
    });
}
