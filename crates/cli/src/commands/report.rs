//! `casemate report`: a report in another format.

use super::Ctx;
use super::FORMATS;
use super::intake::{Intake, Suppressing};
use crate::commands::scan;
use crate::exit::{Exit, Failure};
use clap::Args;
use std::path::PathBuf;

/// Write a report in another format
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate report casemate-report/report.json --to sarif -o report.sarif")]
pub(crate) struct Arguments {
    /// Report to read: of casemate, or of any tool that `casemate import` knows
    #[arg(value_name = "REPORT")]
    report: String,
    #[command(flatten)]
    suppressing: Suppressing,
    /// Format to write
    #[arg(long, value_name = "FORMAT", value_parser = FORMATS)]
    to: Option<String>,
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let asked = ctx.format(&FORMATS)?;
    let format = match (arguments.to.as_deref(), asked) {
        (Some(to), Some(format)) if to != format => {
            let reason = format!("--to {to} and --format {format} at once");
            return Err(Failure::Usage { reason, hint: None });
        }
        (to, format) => to.or(format).unwrap_or("table"),
    };
    let outcome = Intake::default().take(ctx, std::slice::from_ref(&arguments.report), false)?;
    let mut report = outcome.report;
    arguments
        .suppressing
        .apply(ctx, &mut report, outcome.statements)?;
    let data_dir = ctx.config.data_dir().ok();
    casemate_app::records::show_known(data_dir.as_deref(), &mut report, ctx.now())?;
    let report = arguments.suppressing.shown(report, format);
    scan::write(ctx, &report, format, Some(&arguments.output))?;
    Ok(scan::exit_of(ctx, &report))
}
