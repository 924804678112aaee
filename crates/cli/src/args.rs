//! The arguments of the program: global ones, and one variant a command.

use crate::commands::{
    assess, case, checks, completions, compliance, config, decide, diff, doctor, explain, fleet,
    graph, help, import, pack, remediate, report, rule, scan, vulns,
};
use casemate_app::config::{Flags, Value};
use casemate_base::Timestamp;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 failure, 2 usage or input refused, 3 findings at or above --fail-on, 4 partial.
`casemate help exit-codes` explains them; `casemate help` lists all topics.
casemate opens no network connection and sends no telemetry; `casemate doctor --network` shows it.";

/// Find out what is wrong with a Linux host, ranked and explained, without a byte leaving it.
#[derive(Debug, Parser)]
#[command(
    name = "casemate",
    version,
    about = "Find out what is wrong with a Linux host, ranked and explained, offline",
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    infer_subcommands = false,
    args_override_self = false,
    before_help = "Examples:\n  casemate assess                      scan this host, rank, write ./casemate-report\n  casemate import trivy.json scan.nessus    what other tools found\n  casemate report casemate-report/report.json --to sarif -o report.sarif"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that stand before or after the command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Configuration file; else ~/.config/casemate/config.toml if it exists
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for what --save keeps; else $XDG_DATA_HOME/casemate
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<String>,
    /// Take this as the current time, for reproducible output
    #[arg(long, global = true, value_name = "RFC3339", value_parser = clock)]
    pub(crate) clock: Option<Timestamp>,
    /// Threads to use; the result does not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=256))]
    pub(crate) threads: Option<u64>,
    /// Output format; which ones a command knows stands in its help
    #[arg(short = 'f', long, global = true, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more; twice for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// End with code 4 when privileges kept anything from being seen
    #[arg(long, global = true)]
    pub(crate) strict: bool,
    /// Colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    pub(crate) color: Option<String>,
    /// Same as --color never
    #[arg(long, global = true, conflicts_with = "color")]
    pub(crate) no_color: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Assess(assess::Arguments),
    Import(import::Arguments),
    Pack(pack::Arguments),
    Scan(scan::Arguments),
    Vulns(vulns::Arguments),
    Remediate(remediate::Arguments),
    Report(report::Arguments),
    Decide(decide::Arguments),
    Case(case::Arguments),
    Diff(diff::Arguments),
    Fleet(fleet::Arguments),
    Explain(explain::Arguments),
    Graph(graph::Arguments),
    Checks(checks::Arguments),
    Compliance(compliance::Arguments),
    Rule(rule::Arguments),
    Config(config::Arguments),
    Doctor(doctor::Arguments),
    Completions(completions::Arguments),
    Man(completions::ManArguments),
    Help(help::Arguments),
}

fn clock(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|error: casemate_base::time::TimeError| error.to_string())
}

/// The whole command line as clap knows it, for completions, the man page and the reference.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Reads the arguments.
pub(crate) fn parse(arguments: Vec<std::ffi::OsString>) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

impl Global {
    /// What the flags say about configuration keys.
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        if let Some(path) = &self.data_dir {
            flags.insert(
                "data_dir",
                ("--data-dir".to_owned(), Value::Text(path.clone())),
            );
        }
        if let Some(threads) = self.threads {
            flags.insert("threads", ("--threads".to_owned(), Value::Count(threads)));
        }
        if let Some(color) = &self.color {
            flags.insert("color", ("--color".to_owned(), Value::Text(color.clone())));
        }
        if self.no_color {
            flags.insert(
                "color",
                ("--no-color".to_owned(), Value::Text("never".to_owned())),
            );
        }
        flags
    }
}
