//! The stage `controls`: says which controls pass and fail.

use super::Work;
use super::stage::{Knowledge, Stage, Update};
use casemate_flow::Failure;
use casemate_triage::{Controls, Framework};

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "controls",
    about: "says which controls pass and fail",
    run: Some(run),
};

fn run(work: &Work, _knowledge: &Knowledge) -> Result<Update, Failure> {
    let controls = Controls::embedded().map_err(|error| Failure::new(error.to_string()))?;
    let results = controls.evaluate_all(&work.report, &Framework::ALL);
    Ok(Box::new(move |work| {
        for finding in &mut work.report.findings {
            let speaks_of = controls.of_finding(finding);
            if !speaks_of.is_empty() {
                finding.enrichment.get_or_insert_default().controls = speaks_of;
            }
        }
        work.compliance = results
            .into_iter()
            .map(|result| (result.framework.to_string(), result))
            .collect();
    }))
}
