//! The stage `correlate`: finds attack paths and rules that hold.

use super::Work;
use super::stage::{Knowledge, Stage, Update};
use casemate_base::Timestamp;
use casemate_flow::Failure;
use casemate_schema::{Chain, Report};
use casemate_triage::Snapshot;
use std::collections::BTreeSet;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "correlate",
    about: "finds attack paths and rules that hold",
    run: Some(run),
};

#[expect(
    clippy::unnecessary_wraps,
    reason = "a stage may fail; this one has no way to"
)]
fn run(work: &Work, knowledge: &Knowledge) -> Result<Update, Failure> {
    let report = &work.report;
    let paths = casemate_triage::attack_paths(report);
    let graph = casemate_triage::graph_of(report);
    let by_rules = casemate_triage::correlate(&knowledge.rules, &graph, &report.findings);
    let mut chains = distinct(paths, by_rules.chains);
    chains.extend(in_time(report, knowledge));
    Ok(Box::new(move |work| work.chains = chains))
}

/// What appeared since the earlier reports, one after the other.
fn in_time(report: &Report, knowledge: &Knowledge) -> Vec<Chain> {
    let Ok(earlier) = knowledge.earlier.lock() else {
        return Vec::new();
    };
    if earlier.is_empty() {
        return Vec::new();
    }
    let all = earlier.iter().chain([report]);
    let snapshots: Vec<Snapshot<'_>> = all
        .filter_map(|one| {
            let at = one.scan.started_at.as_str();
            Some(Snapshot {
                host: one.host.name.as_deref().unwrap_or_default(),
                at,
                at_s: at.parse::<Timestamp>().ok()?.unix_seconds(),
                findings: &one.findings,
            })
        })
        .collect();
    casemate_triage::sequences(&knowledge.sequences, &snapshots)
}

/// A rule that holds on facts which an attack path shows already adds nothing.
fn distinct(mut paths: Vec<Chain>, by_rules: Vec<Chain>) -> Vec<Chain> {
    let facts = |chain: &Chain| -> BTreeSet<(String, String, String)> {
        let steps = chain.steps.iter();
        steps
            .map(|step| {
                let words = (&step.from, &step.edge, &step.to);
                (
                    words.0.to_string(),
                    words.1.to_string(),
                    words.2.to_string(),
                )
            })
            .collect()
    };
    let known: Vec<_> = paths.iter().map(facts).collect();
    let more = by_rules.into_iter().filter(|chain| {
        let own = facts(chain);
        !known.iter().any(|path| own.is_subset(path))
    });
    paths.extend(more);
    paths
}
