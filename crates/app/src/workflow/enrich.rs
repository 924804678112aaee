//! The stage `enrich`: adds techniques, weaknesses and CVE facts from packs.

use super::Work;
use super::stage::{Knowledge, Stage, Update};
use casemate_flow::Failure;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "enrich",
    about: "adds techniques, weaknesses and CVE facts from packs",
    run: Some(run),
};

fn run(work: &Work, knowledge: &Knowledge) -> Result<Update, Failure> {
    let unread = |error: casemate_triage::KnowledgeError| Failure::new(error.to_string());
    let packs = knowledge.packs.packs().map_err(unread)?;
    let found =
        casemate_triage::enrichments(&work.report.findings, &*knowledge.packs).map_err(unread)?;
    Ok(Box::new(move |work| {
        work.packs = packs;
        for (finding, enrichment) in work.report.findings.iter_mut().zip(found) {
            finding.enrichment = enrichment;
        }
    }))
}
