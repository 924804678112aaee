//! `casemate diff`: what changed between two reports, and what cannot be said.

use super::{Ctx, scan};
use crate::exit::{Exit, Failure};
use crate::output;
use clap::Args;
use std::path::PathBuf;

/// Compare an older report with a newer one
#[derive(Debug, Args)]
#[command(
    after_help = "A finding is new or gone only when the other report's checks looked for it;
otherwise it is listed as not compared, with the reason.
Formats: table (default), json

Example:
  casemate diff monday.json tuesday.json"
)]
pub(crate) struct Arguments {
    /// The older report
    #[arg(value_name = "A")]
    a: String,
    /// The newer report
    #[arg(value_name = "B")]
    b: String,
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    let a = casemate_app::reports::read(&arguments.a)?;
    let b = casemate_app::reports::read(&arguments.b)?;
    let diff = casemate_schema::diff(&a, &b);
    let bytes = match format {
        "json" => {
            casemate_report::diff_json(&diff).map_err(|source| casemate_app::Error::Format {
                format: "json",
                source,
            })?
        }
        _ => casemate_report::terminal_diff(&diff, &scan::options(ctx, Vec::new())).into_bytes(),
    };
    output::data_to(arguments.output.as_deref(), &bytes)?;
    Ok(Exit::Done)
}
