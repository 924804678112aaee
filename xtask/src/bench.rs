//! Ours and the peer on the same work, in turn, with the ratio and its spread.
//!
//! Machines are noisy: what is printed and quoted is the ratio of CPU seconds (user and system, of
//! the program and its children) and of wall time, pair by pair, as minimum, median and maximum.

use crate::{bench_data, tool};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Pairs of runs.
const RUNS: usize = 5;

/// One comparison: a name, our arguments, and the peer's command line.
struct Bench {
    name: &'static str,
    what: &'static str,
    /// Our arguments; `{data}` stands for the made file.
    ours: &'static [&'static str],
    /// The peer's command line, if there is one to compare with.
    peer: &'static [&'static str],
    runs: usize,
    /// What makes the file that both read.
    data: Option<fn() -> Result<PathBuf>>,
}

/// A comparison that needs no file.
const PLAIN: Bench = Bench {
    name: "",
    what: "",
    ours: &[],
    peer: &[],
    runs: RUNS,
    data: None,
};

const BENCHES: &[Bench] = &[
    Bench {
        name: "quick-lynis",
        what: "quick scan of this host, and Lynis (Debian package lynis)",
        ours: &["assess", "--format", "json", "--quiet"],
        peer: &[
            "lynis",
            "audit",
            "system",
            "--quick",
            "--quiet",
            "--no-colors",
        ],
        runs: 3,
        ..PLAIN
    },
    Bench {
        name: "digests-dpkg",
        what: "digests of all packaged files, and dpkg -V",
        ours: &[
            "scan",
            "--surface",
            "integrity",
            "--deep",
            "--format",
            "json",
            "--quiet",
        ],
        peer: &["dpkg", "-V"],
        ..PLAIN
    },
    Bench {
        name: "walk-find",
        what: "the deep walk for SUID and writable files, and find / -xdev with the same tests",
        ours: &[
            "scan",
            "--surface",
            "suid,files",
            "--deep",
            "--format",
            "json",
            "--quiet",
        ],
        peer: &[
            "find", "/", "-xdev", "(", "-perm", "-4000", "-o", "-perm", "-2000", "-o", "-perm",
            "-0002", "-o", "-nouser", "-o", "-nogroup", ")", "-print",
        ],
        ..PLAIN
    },
    Bench {
        name: "import-sarif",
        what: "100,000 results, and `sarif summary` (PyPI sarif-tools)",
        ours: &["import", "{data}", "--quiet", "--dry-run"],
        peer: &["sarif", "summary", "{data}"],
        runs: 3,
        data: Some(|| bench_data::sarif(100_000)),
    },
    Bench {
        name: "import-sarif-large",
        what: "a SARIF file of a million results",
        ours: &["import", "{data}", "--quiet", "--dry-run"],
        runs: 3,
        data: Some(|| bench_data::sarif(1_000_000)),
        ..PLAIN
    },
    Bench {
        name: "import-trivy",
        what: "50,000 vulnerabilities, and Python's json.load of the same file",
        ours: &["import", "{data}", "--quiet", "--dry-run"],
        peer: &[
            "python3",
            "-c",
            "import json,sys;json.load(open(sys.argv[1]))",
            "{data}",
        ],
        data: Some(|| bench_data::trivy(50_000)),
        ..PLAIN
    },
    Bench {
        name: "import-trivy-large",
        what: "a Trivy file of 600,000 vulnerabilities",
        ours: &["import", "{data}", "--quiet", "--dry-run"],
        runs: 3,
        data: Some(|| bench_data::trivy(600_000)),
        ..PLAIN
    },
    Bench {
        name: "import-write",
        what: "a million SARIF results read, merged and written as NDJSON",
        ours: &["import", "{data}", "--quiet", "--format", "ndjson"],
        runs: 3,
        data: Some(|| bench_data::sarif(1_000_000)),
        ..PLAIN
    },
    Bench {
        name: "assess-sys-scan",
        what: "2,681 findings of a real scan: imported, ranked, all reports written",
        ours: &[
            "assess",
            "{data}",
            "--quiet",
            "--out",
            "/tmp/casemate-bench-report",
        ],
        data: Some(bench_data::sys_scan),
        ..PLAIN
    },
];

/// CPU and wall seconds and peak memory of one run.
#[derive(Clone, Copy)]
struct Cost {
    cpu_s: f64,
    wall_s: f64,
    memory_kib: u64,
}

/// Runs the named comparison, or lists them.
pub(crate) fn run(name: &str) -> Result<()> {
    if name == "list" {
        for bench in BENCHES {
            println!("{:<14}{}", bench.name, bench.what);
        }
        return Ok(());
    }
    let bench = BENCHES
        .iter()
        .find(|bench| bench.name == name)
        .with_context(|| format!("there is no bench `{name}`; `cargo xtask bench` lists them"))?;
    let data = bench.data.map(|make| make()).transpose()?;
    let shown = data.as_ref().map(|path| path.display().to_string());
    let fill = |words: &[&str]| -> Vec<String> {
        let shown = shown.as_deref().unwrap_or_default();
        words
            .iter()
            .map(|word| word.replace("{data}", shown))
            .collect()
    };
    let ours = fill(bench.ours);
    let binary = tool::release_binary()?.display().to_string();
    let peer = bench
        .peer
        .split_first()
        .map(|(peer, rest)| (*peer, fill(rest)));
    if let Some((peer, _)) = &peer
        && !tool::has(peer)
    {
        bail!("the peer `{peer}` is missing: install it with the system's package manager or pip");
    }
    // One uncounted run of each fills the caches alike.
    cost(&binary, &ours)?;
    if let Some((peer, arguments)) = &peer {
        cost(peer, arguments)?;
    }
    let mut mine = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..bench.runs {
        mine.push(cost(&binary, &ours)?);
        if let Some((peer, arguments)) = &peer {
            theirs.push(cost(peer, arguments)?);
        }
    }
    tell(bench, &mine, &theirs, data.as_deref())
}

/// Prints what was measured.
fn tell(bench: &Bench, mine: &[Cost], theirs: &[Cost], data: Option<&Path>) -> Result<()> {
    println!("{}: {} ({} runs)", bench.name, bench.what, bench.runs);
    row("ours, CPU s", mine.iter().map(|run| run.cpu_s));
    row("ours, wall s", mine.iter().map(|run| run.wall_s));
    if !theirs.is_empty() {
        let pairs = || mine.iter().zip(theirs);
        row("peer, CPU s", theirs.iter().map(|run| run.cpu_s));
        row("peer, wall s", theirs.iter().map(|run| run.wall_s));
        row(
            "peer / ours, CPU",
            pairs().map(|(ours, peer)| peer.cpu_s / ours.cpu_s),
        );
        row(
            "peer / ours, wall",
            pairs().map(|(ours, peer)| peer.wall_s / ours.wall_s),
        );
    }
    if let Some(path) = data {
        let megabytes = std::fs::metadata(path)?.len() / 1_000_000;
        println!("  file               {megabytes} MB");
        #[expect(clippy::cast_precision_loss, reason = "megabytes for people")]
        row(
            "ours, MB a second",
            mine.iter().map(|run| megabytes as f64 / run.wall_s),
        );
    }
    let peak = mine.iter().map(|run| run.memory_kib).max().unwrap_or(0);
    println!("  ours, peak memory  {} MB", peak * 1024 / 1_000_000);
    Ok(())
}

fn row(name: &str, values: impl Iterator<Item = f64>) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |position: usize| values.get(position).copied().unwrap_or(f64::NAN);
    let (min, median, max) = (
        at(0),
        at(values.len() / 2),
        at(values.len().saturating_sub(1)),
    );
    println!("  {name:<18} min {min:>8.3}  median {median:>8.3}  max {max:>8.3}");
}

/// Runs a program once under `/usr/bin/time`-like accounting of the shell's `times`.
fn cost(program: &str, arguments: &[String]) -> Result<Cost> {
    let start = Instant::now();
    let before = children()?;
    let status = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{program}`"))?;
    let wall_s = start.elapsed().as_secs_f64();
    let after = children()?;
    // dpkg -V and find end with 1 when they found something or could not read everything.
    if status.code().is_none_or(|code| code > 4) && program.ends_with("casemate") {
        bail!("`{program}` ended with {status}");
    }
    Ok(Cost {
        cpu_s: after.0 - before.0,
        wall_s,
        memory_kib: peak(program, arguments)?,
    })
}

/// CPU seconds of all ended children of this process, from /proc/self/stat (fields 16 and 17).
fn children() -> Result<(f64,)> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |position: usize| -> Result<f64> {
        Ok(fields
            .get(position)
            .context("short /proc/self/stat")?
            .parse()?)
    };
    // Positions count from the state, which is field 3; a tick is 1/100 s on Linux.
    Ok(((ticks(13)? + ticks(14)?) / 100.0,))
}

/// Peak memory of our own program in one further run, from the kernel's accounting of children.
fn peak(program: &str, arguments: &[String]) -> Result<u64> {
    if !program.ends_with("casemate") {
        return Ok(0);
    }
    let script = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],\
                  stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL);\
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut all = vec!["-c", script, program];
    all.extend(arguments.iter().map(String::as_str));
    Ok(tool::output("python3", &all)?.trim().parse()?)
}
