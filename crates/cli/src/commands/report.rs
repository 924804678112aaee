//! `casemate report`: a report in another format.

use super::Ctx;
use crate::commands::scan;
use crate::exit::{Exit, Failure};
use crate::output;
use clap::Args;
use std::path::PathBuf;

/// Write a report in another format
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate report casemate-report/report.json --to sarif -o report.sarif")]
pub(crate) struct Arguments {
    /// Report to read (JSON or NDJSON; `-` is standard input)
    #[arg(value_name = "REPORT")]
    report: String,
    /// Format to write
    #[arg(long, value_name = "FORMAT", value_parser = ["html", "json", "ndjson", "sarif", "table"])]
    to: Option<String>,
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let asked = ctx.format(&["html", "json", "ndjson", "sarif", "table"])?;
    let format = match (arguments.to.as_deref(), asked) {
        (Some(to), Some(format)) if to != format => {
            let reason = format!("--to {to} and --format {format} at once");
            return Err(Failure::Usage { reason, hint: None });
        }
        (to, format) => to.or(format).unwrap_or("table"),
    };
    let report = casemate_app::reports::read(&arguments.report)?;
    output::data_to(
        Some(&arguments.output),
        &scan::render(ctx, &report, format)?,
    )?;
    Ok(Exit::Done)
}
