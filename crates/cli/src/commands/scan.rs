//! `casemate scan`: look at the host or a tree, and print what was found, unranked.

use super::Ctx;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::progress::Progress;
use casemate_app::assess::{self, ScanRequest};
use casemate_app::config::{Flags, Value};
use casemate_base::time::{Clock, SystemClock};
use casemate_report::Format;
use casemate_scan::Surface;
use casemate_schema::{Report, ScanMode};
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Scan this host, or a mounted or fixture tree, without ranking
#[derive(Debug, Args)]
#[command(
    after_help = "Formats: table (default), json, ndjson, sarif, ocsf, csv, md, html, cyclonedx, defectdojo

Example:
  casemate scan --root /mnt/image --surface ssh,sudo --format json"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What to scan.
#[derive(Debug, Args)]
pub(crate) struct Scope {
    /// Scan the tree below this folder; nothing of the live host is read
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Surfaces to look at, separated by commas [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = surface)]
    surface: Vec<String>,
    /// Walk all local mounts and check package digests
    #[arg(long)]
    deep: bool,
}

fn surface(name: &str) -> Result<String, String> {
    let name = name.trim();
    match Surface::parse(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err(casemate_app::config::unknown_surface(name)),
    }
}

impl Scope {
    /// The tree to scan, if not this host.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        self.root.clone()
    }

    /// What the flags say about configuration keys.
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        if !self.surface.is_empty() {
            let value = Value::List(self.surface.clone());
            flags.insert("scan.surfaces", ("--surface".to_owned(), value));
        }
        if self.deep {
            flags.insert("scan.deep", ("--deep".to_owned(), Value::Bool(true)));
        }
        flags
    }

    /// Whether any of the flags was given.
    pub(crate) fn is_given(&self) -> bool {
        self.root.is_some() || !self.surface.is_empty() || self.deep
    }

    /// Scans as asked.
    pub(crate) fn scan(&self, ctx: &Ctx<'_>) -> Result<Report, Failure> {
        let named: BTreeSet<Surface> = ctx
            .config
            .list("scan.surfaces")
            .iter()
            .filter_map(|n| Surface::parse(n))
            .collect();
        let all = || Surface::ALL.into_iter().collect();
        let request = ScanRequest {
            root: self.root.clone(),
            surfaces: if named.is_empty() { all() } else { named },
            mode: if ctx.config.is_on("scan.deep") {
                ScanMode::Deep
            } else {
                ScanMode::Quick
            },
            now: ctx.now(),
            threads: ctx.threads(),
        };
        let clock = SystemClock::new();
        let started = clock.monotonic();
        let progress = Progress::new(ctx.global.quiet, "scanning");
        let report = assess::scan(&request, &|done, of, name| {
            progress.step(done, of, name);
        })?;
        drop(progress);
        let seconds = clock.monotonic().saturating_sub(started).as_secs_f64();
        for check in &report.coverage.checks {
            let reason = check.reason.as_deref().unwrap_or_default();
            ctx.detail(
                2,
                &format!("{:<16}{} {reason}", check.status.as_str(), check.id),
            );
        }
        let (n_checks, threads) = (report.coverage.checks.len(), request.threads);
        ctx.detail(
            1,
            &format!("{n_checks} checks in {seconds:.2} s on {threads} threads"),
        );
        Ok(report)
    }
}

/// The exit code of a report on its own: partial, or strict about missing privileges.
pub(crate) fn exit_of(ctx: &Ctx<'_>, report: &Report) -> Exit {
    if report.partial || (ctx.global.strict && report.coverage.lacked_privileges()) {
        return Exit::Partial;
    }
    Exit::Done
}

/// Writes a report to a file or to standard output.
pub(crate) fn write(
    ctx: &Ctx<'_>,
    report: &Report,
    format: &str,
    target: Option<&std::path::Path>,
) -> Result<(), Failure> {
    let format = match Format::parse(format) {
        Ok(Format::Table) | Err(_) => {
            return output::data_to(target, table(ctx, report, Vec::new()).as_bytes());
        }
        Ok(format) => format,
    };
    output::stream_to(
        target,
        |out| assess::write(report, format, out),
        |folder, name| assess::write_file(report, format, folder, name),
    )
}

/// How text for people is laid out.
pub(crate) fn options(
    ctx: &Ctx<'_>,
    files: Vec<(String, String)>,
) -> casemate_report::TerminalOptions {
    let top = ctx
        .config
        .count("report.top")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(10);
    casemate_report::TerminalOptions {
        width: output::width(&ctx.config),
        colour: output::colour(&ctx.config),
        files,
        top,
    }
}

/// The summary for people.
pub(crate) fn table(ctx: &Ctx<'_>, report: &Report, files: Vec<(String, String)>) -> String {
    casemate_report::terminal(report, &options(ctx, files))
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&super::FORMATS)?.unwrap_or("table");
    let report = arguments.scope.scan(ctx)?;
    write(ctx, &report, format, arguments.output.as_deref())?;
    Ok(exit_of(ctx, &report))
}
