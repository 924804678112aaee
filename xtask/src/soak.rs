//! Long runs that are too much for every change.

use crate::{fuzz, tool};
use anyhow::Result;

/// Power-loss points of a soak run.
const POWER_LOSS_POINTS: &str = "20000000";
/// Changes of each fixture case.
const HOSTILE_ROUNDS: &str = "2000";
/// Cases of every property test.
const PROPERTY_CASES: &str = "20000";

/// Kills of the program in the middle of a decision, and of an import that is recorded.
const KILLS: &str = "1000";

/// Seconds of fuzzing a target.
const FUZZ_SECONDS: u64 = 3600;

/// Runs the property tests and the power-loss simulation far longer than CI does.
pub(crate) fn run() -> Result<()> {
    tool::run_with(
        "cargo",
        &["test", "--workspace", "--release", "--locked"],
        &[
            ("CASEMATE_POWER_LOSS_POINTS", POWER_LOSS_POINTS),
            ("PROPTEST_CASES", PROPERTY_CASES),
            ("CASEMATE_HOSTILE_ROUNDS", HOSTILE_ROUNDS),
            ("CASEMATE_KILLS", KILLS),
        ],
    )?;
    fuzz::run(&[], FUZZ_SECONDS)
}
