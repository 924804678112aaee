//! What a cold release build costs: crates, seconds, size of the binary.

use crate::tool;
use anyhow::Result;
use std::time::Instant;

/// Builds into an empty folder and prints one row for docs/benchmarks.md.
pub(crate) fn run() -> Result<()> {
    let folder = tool::target().join("build-cost");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let target = folder.display().to_string();
    let start = Instant::now();
    tool::run_with(
        "cargo",
        &["build", "--release", "--locked", "--package", "casemate"],
        &[("CARGO_TARGET_DIR", &target)],
    )?;
    let seconds = start.elapsed().as_secs();
    let arguments = [
        "tree",
        "--package",
        "casemate",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ];
    let tree = tool::output("cargo", &arguments)?;
    let crates: std::collections::BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split(" (").next())
        .collect();
    let size = std::fs::metadata(folder.join("release/casemate"))?.len();
    println!("| crates | cold build, seconds | binary, MB |");
    println!("|---|---|---|");
    println!(
        "| {} | {seconds} | {}.{} |",
        crates.len(),
        size / 1_000_000,
        size / 100_000 % 10
    );
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
