//! `casemate explain`: the card of a check, named by its id or by a finding's.

use super::{Ctx, rule};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::Error;
use casemate_app::config::nearest;
use casemate_scan::Check;
use clap::Args;
use std::fmt::Write;

/// Explain a check, a finding or a rule: what it looks at, why it matters, how to fix it
#[derive(Debug, Args)]
#[command(after_help = "Formats: table (default), json, md

Example:
  casemate explain ssh-root-login")]
pub(crate) struct Arguments {
    /// A check's id such as `ssh-root-login`, a finding's such as `ssh-root-login:1f2e3d4c5b6a`, or a rule's
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json", "md"])?.unwrap_or("table");
    let id = arguments.id.split(':').next().unwrap_or_default();
    if let Some(found) = rule::find(id) {
        match format {
            "json" => output::data(rule::card(found).to_string().as_bytes())?,
            _ => output::data(rule::text(found).as_bytes())?,
        }
        return Ok(Exit::Done);
    }
    let Some(check) = casemate_scan::find_check(id) else {
        let checks = casemate_scan::all_checks();
        let names: Vec<&str> = checks.iter().map(|check| check.id).collect();
        let nearest = nearest(id, &names).map(str::to_owned);
        return Err(Error::UnknownCheck {
            id: id.to_owned(),
            nearest,
        }
        .into());
    };
    match format {
        "json" => output::data(json(check).to_string().as_bytes())?,
        _ => output::data(text(check).as_bytes())?,
    }
    Ok(Exit::Done)
}

/// A check as JSON, the same in `explain` and `checks list`.
pub(crate) fn json(check: &Check) -> serde_json::Value {
    let card = check.card();
    let references: Vec<_> = check
        .references
        .iter()
        .map(|(kind, id)| serde_json::json!({ "kind": kind, "id": id }))
        .collect();
    serde_json::json!({
        "id": check.id,
        "surface": check.surface.as_str(),
        "title": check.title,
        "severity": check.severity,
        "deep": check.deep,
        "what": card.what,
        "why": card.why,
        "example": card.example,
        "instead": card.instead,
        "parameters": card.parameters,
        "references": references,
    })
}

fn text(check: &Check) -> String {
    let card = check.card();
    let mut out = format!("# {}\n\n{}\n\n", check.id, check.title);
    let deep = if check.deep { ", deep scan only" } else { "" };
    let _ignored = writeln!(
        out,
        "Surface {}, severity {}{deep}",
        check.surface, check.severity
    );
    for (name, section) in [
        ("What it checks", card.what),
        ("Why it matters", card.why),
        ("Example", card.example),
        ("Instead", card.instead),
        ("Parameters", card.parameters),
    ] {
        if !section.is_empty() {
            let _ignored = write!(out, "\n## {name}\n{section}\n");
        }
    }
    out.push_str("\n## References\n");
    for (_, id) in check.references {
        let _ignored = writeln!(out, "- {id}");
    }
    out
}
