//! `casemate checks`: the list of what a scan looks at.

use super::{Ctx, explain};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_scan::{Check, Surface};
use clap::{Args, Subcommand};

/// The checks of a scan
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate checks list --surface ssh --format json")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List all checks with surface, severity and title
    List(ListArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Formats: table (default), json")]
struct ListArguments {
    /// Only the checks of this surface
    #[arg(long, value_name = "NAME", value_parser = surface)]
    surface: Option<Surface>,
}

fn surface(name: &str) -> Result<Surface, String> {
    Surface::parse(name).ok_or_else(|| casemate_app::config::unknown_surface(name))
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let Verb::List(list) = &arguments.verb;
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    let checks: Vec<&Check> = casemate_scan::all_checks()
        .into_iter()
        .filter(|check| list.surface.is_none_or(|surface| surface == check.surface))
        .collect();
    if format == "json" {
        let all: Vec<_> = checks.iter().map(|check| explain::json(check)).collect();
        output::data(serde_json::Value::Array(all).to_string().as_bytes())?;
        return Ok(Exit::Done);
    }
    let mut rows = vec![
        ["ID", "SURFACE", "SEVERITY", "TITLE"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for check in &checks {
        let title = format!("{}{}", check.title, if check.deep { " (deep)" } else { "" });
        rows.push(vec![
            check.id.to_owned(),
            check.surface.to_string(),
            check.severity.to_string(),
            title,
        ]);
    }
    output::data(output::columns(&rows).as_bytes())?;
    ctx.say(&format!(
        "{} checks; `casemate explain ID` tells more about one",
        checks.len()
    ));
    Ok(Exit::Done)
}
