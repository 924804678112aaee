//! The stage `remediate`: says what to do, once for all that it mends.

use super::Work;
use super::stage::{Knowledge, Stage, Update};
use crate::remediate;
use casemate_flow::Failure;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "remediate",
    about: "says what to do, once for all that it mends",
    run: Some(run),
};

fn run(work: &Work, knowledge: &Knowledge) -> Result<Update, Failure> {
    let files = remediate::files(&work.report, knowledge.root.as_deref())
        .map_err(|error| Failure::new(error.to_string()))?;
    let planned = remediate::plan(&work.report, &*files, &*knowledge.packs);
    Ok(Box::new(move |work| work.actions = planned.plan.actions))
}
