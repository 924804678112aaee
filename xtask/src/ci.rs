//! All that has to pass before a change lands.

use crate::{docs, fuzz, notice, services, tidy, tool};
use anyhow::Result;

/// Points of simulated power loss in CI.
const POWER_LOSS_POINTS: &str = "1000000";

/// Seconds of fuzzing a target: five minutes for all of them.
const FUZZ_SECONDS: u64 = 33;

/// Runs formatting, tidiness, generated files, lints, tests, and the suites that need more.
pub(crate) fn run() -> Result<()> {
    tool::run("cargo", &["fmt", "--all", "--check"])?;
    tidy::run()?;
    tool::run(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    docs::run(true)?;
    notice::run(true)?;
    services::run()?;
    tool::run_with(
        "cargo",
        &["test", "--workspace", "--locked"],
        &[("CASEMATE_POWER_LOSS_POINTS", POWER_LOSS_POINTS)],
    )?;
    tool::run(
        "cargo",
        &["doc", "--workspace", "--no-deps", "--locked", "--quiet"],
    )?;
    loopback_only()?;
    fuzz::run(&[], FUZZ_SECONDS)
}

/// The test suite with no network but loopback, where the kernel lets us make such a namespace.
fn loopback_only() -> Result<()> {
    let probe = ["-rn", "sh", "-c", "ip link set lo up"];
    if tool::run("unshare", &probe).is_err() {
        println!("SKIPPED: no network namespace can be made here (unshare -rn failed)");
        return Ok(());
    }
    let command = "ip link set lo up && cargo test --workspace --offline --locked --quiet";
    tool::run("unshare", &["-rn", "sh", "-c", command])
}
