//! `casemate assess`: scan (or take reports), rank, report.

use super::intake::{Intake, Suppressing};
use super::{Ctx, import, scan};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::config::{Flags, Value};
use casemate_app::import::TakenFile;
use casemate_app::{assess, records};
use casemate_schema::{Report, Severity, Statement};
use clap::Args;
use std::path::Path;

/// Scan this host (or take any tool's reports), rank what was found, and write the report
#[derive(Debug, Args)]
#[command(
    after_help = "Without --format: prints a summary and writes report.html, report.json,
report.ndjson and report.sarif. With --format json, ndjson, sarif, ocsf, csv, md, html, cyclonedx
or defectdojo: prints the whole report and writes nothing.

Examples:
  casemate assess
  sudo casemate assess --deep --out /var/tmp/report --fail-on high"
)]
pub(crate) struct Arguments {
    /// Reports to rank instead of a scan: of casemate or any tool that `casemate import` knows
    #[arg(value_name = "FILE")]
    reports: Vec<String>,
    #[command(flatten)]
    scope: scan::Scope,
    #[command(flatten)]
    intake: Intake,
    #[command(flatten)]
    suppressing: Suppressing,
    /// Folder for the report files [default: ./casemate-report]
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
    /// End with code 3 when a finding is of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,
    /// End with this code instead of 3 when --fail-on applies
    #[arg(long, value_name = "N", requires = "fail_on")]
    exit_code: Option<u8>,
    /// Keep the report under the data directory, by the digest of its bytes
    #[arg(long)]
    save: bool,
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| {
        let words = Severity::ALL.map(Severity::as_str).join(", ");
        format!("`{word}` is no severity; there are {words}")
    })
}

impl Arguments {
    /// What the flags say about configuration keys.
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = self.scope.flags();
        if let Some(out) = &self.out {
            flags.insert("report.out", ("--out".to_owned(), Value::Text(out.clone())));
        }
        flags
    }

    fn failed(&self, report: &Report) -> Option<Exit> {
        let limit = self.fail_on?;
        let worst = report
            .findings
            .iter()
            .map(|finding| finding.severity)
            .max()?;
        (worst >= limit).then_some(Exit::Findings(self.exit_code.unwrap_or(3)))
    }
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&super::FORMATS)?;
    let (mut report, statements, files) = obtain(ctx, arguments)?;
    arguments.suppressing.apply(ctx, &mut report, statements)?;
    assess::rank(&mut report);
    let digest = if arguments.save {
        let path = import::save(ctx, &report)?;
        ctx.say(&format!("saved {}", path.display()));
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        stem.unwrap_or_default().into_owned()
    } else {
        String::new()
    };
    keep(ctx, arguments, &mut report, files, &digest)?;
    let exit = arguments
        .failed(&report)
        .unwrap_or_else(|| scan::exit_of(ctx, &report));
    match format {
        None | Some("table") => {
            write_files(ctx, arguments, report)?;
        }
        Some(format) => {
            let report = arguments.suppressing.shown(report, format);
            scan::write(ctx, &report, format, None)?;
        }
    }
    Ok(exit)
}

/// Records the report, or shows in it what is recorded.
fn keep(
    ctx: &Ctx<'_>,
    arguments: &Arguments,
    report: &mut Report,
    files: Option<Vec<TakenFile>>,
    digest: &str,
) -> Result<(), Failure> {
    let save = arguments.save;
    let data_dir = ctx.config.data_dir().ok();
    let data_dir = data_dir.as_deref();
    match (files, data_dir) {
        (Some(mut files), _) => records::keep_files(data_dir, report, &mut files, ctx.now(), save)?,
        (None, Some(data_dir)) if save || records::are_there(&ctx.config) => {
            let scan = records::of_scan(report, digest, ctx.now());
            records::keep(data_dir, report, vec![scan], ctx.now(), save)?;
        }
        _ => {}
    }
    if let Some(changes) = report.changes.as_deref().filter(|_| save) {
        ctx.say(&format!(
            "recorded: {} created, {} closed, {} untouched, {} reopened",
            changes.created.len(),
            changes.closed.len(),
            changes.untouched.len(),
            changes.reopened.len(),
        ));
    }
    Ok(())
}

type Obtained = (Report, Vec<Statement>, Option<Vec<TakenFile>>);

/// The report of a scan, or of the files with what VEX documents among them say.
fn obtain(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Obtained, Failure> {
    if arguments.reports.is_empty() {
        if arguments.intake.is_given() {
            return Err(Failure::Usage {
                reason: "--kind and --mapping are about files, and none is named".to_owned(),
                hint: None,
            });
        }
        return Ok((arguments.scope.scan(ctx)?, Vec::new(), None));
    }
    if arguments.scope.is_given() {
        return Err(Failure::Usage {
            reason: "reports and a scan at once".to_owned(),
            hint: Some("leave out --root, --surface and --deep, or the reports".to_owned()),
        });
    }
    let record = arguments.save || records::are_there(&ctx.config);
    let outcome = arguments.intake.take(ctx, &arguments.reports, record)?;
    Ok((outcome.report, outcome.statements, Some(outcome.files)))
}

fn write_files(ctx: &Ctx<'_>, arguments: &Arguments, mut report: Report) -> Result<(), Failure> {
    let folder = ctx
        .config
        .text("report.out")
        .unwrap_or("casemate-report")
        .to_owned();
    let show = arguments.suppressing.show_suppressed;
    let written = assess::write_all(&mut report, Path::new(&folder), show)?;
    let files = written.iter().map(|path| named(path)).collect();
    let shown = arguments.suppressing.shown(report, "table");
    output::print(scan::table(ctx, &shown, files).as_bytes());
    Ok(())
}

/// A file with what it is for.
fn named(path: &Path) -> (String, String) {
    let format = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    (format.to_owned(), path.display().to_string())
}
