//! Coverage-guided fuzzing with libFuzzer, on the stable compiler: the instrumentation is a pass of
//! LLVM that needs no nightly feature, and libFuzzer comes with the crate `libfuzzer-sys`.

use crate::tool;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The targets, one a family of formats.
const TARGETS: [&str; 11] = [
    "json", "xml", "csv", "text", "sarif", "any", "own", "archive", "pack", "site", "feeds",
];
/// Most memory of a run.
const MEMORY_MB: u32 = 256;
/// Longest time of one input.
const TIMEOUT_S: u32 = 10;
/// Largest input.
const INPUT_BYTES_MAX: u32 = 32 << 10;
/// What cargo-fuzz passes too: counters at every edge, and the comparisons.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// Fuzzes the named targets (all if none is named) for so many seconds each.
pub(crate) fn run(names: &[&str], seconds_each: u64) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !TARGETS.contains(name)) {
        bail!("there is no target `{unknown}`: {}", TARGETS.join(", "));
    }
    let built = build()?;
    for target in TARGETS
        .iter()
        .filter(|name| names.is_empty() || names.contains(name))
    {
        fuzz(&built, target, seconds_each)?;
    }
    Ok(())
}

fn build() -> Result<PathBuf> {
    // Instrumented dependencies must not mix with the others.
    let folder = tool::target().join("fuzz");
    let manifest = tool::root().join("fuzz/Cargo.toml").display().to_string();
    let version = tool::output("rustc", &["-vV"])?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not say its host")?;
    // With a target named, the flags do not reach build scripts, which lack the runtime.
    tool::run_with(
        "cargo",
        &[
            "build",
            "--release",
            "--manifest-path",
            &manifest,
            "--target",
            host,
        ],
        &[
            ("RUSTFLAGS", FLAGS),
            ("CARGO_TARGET_DIR", &folder.display().to_string()),
        ],
    )?;
    Ok(folder.join(host))
}

fn fuzz(built: &Path, target: &str, seconds: u64) -> Result<()> {
    let corpus = built.join("corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    seed(&corpus, target)?;
    let findings = built.join("found").join(target);
    std::fs::create_dir_all(&findings)?;
    let program = built.join("release").join(target).display().to_string();
    let arguments = [
        corpus.display().to_string(),
        format!("-max_total_time={seconds}"),
        format!("-rss_limit_mb={MEMORY_MB}"),
        format!("-timeout={TIMEOUT_S}"),
        format!("-max_len={INPUT_BYTES_MAX}"),
        format!("-artifact_prefix={}/", findings.display()),
        "-print_final_stats=1".to_owned(),
        "-verbosity=0".to_owned(),
    ];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    tool::run(&program, &arguments)
}

/// Begins with the samples beside the kinds; the first byte chooses a kind.
fn seed(corpus: &Path, target: &str) -> Result<()> {
    let samples = tool::files(
        &tool::root().join("crates/ingest/kinds"),
        &["json", "xml", "csv", "txt", "toml"],
    )?;
    for (number, path) in samples.iter().enumerate() {
        let content = std::fs::read(path)?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let is_mapping = name.as_ref().is_some_and(|name| !name.contains(".sample."));
        if is_mapping != (target == "site") {
            continue;
        }
        let mut bytes = Vec::new();
        if matches!(target, "json" | "xml" | "csv" | "text") {
            bytes.push(u8::try_from(number % 256)?);
        }
        bytes.extend_from_slice(&content);
        std::fs::write(corpus.join(name.unwrap_or_default()), bytes)?;
    }
    Ok(())
}
