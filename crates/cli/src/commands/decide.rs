//! `casemate decide`: what people decide about findings.

use super::Ctx;
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::decide::{self, Action, Done, Plan, Policy, Request, Selector, Skipped};
use casemate_app::records::Record;
use casemate_schema::{CloseReason, Decision, State};
use clap::Args;
use serde_json::{Value, json};
use std::io::BufRead as _;

/// Decide about findings: triage, fixed, false positive, accept, ...
#[derive(Debug, Args)]
#[command(
    after_help = "SELECTOR: ids (separated by commas, or several), the beginning of an id, \
or a filter such as
'check=ssh-root-login severity>=high host=web1 path=/etc/* state=new'.
DECISION: triage, start, fixed, false-positive, accept, out-of-scope, duplicate, not-affected,
reopen; approve and reject answer a decision that waits for a second person; split takes a merged
finding apart. `casemate help decisions` tells more. Formats: table (default), json

Examples:
  casemate decide ssh-root-login:1f2e3d4c5b6a false-positive --why 'behind a jump host'
  casemate decide 'check=kernel-kexec host=web1' accept --until 2026-12-31 --why 'needed' --dry-run"
)]
pub(crate) struct Arguments {
    /// Which findings, then what about them
    #[arg(value_names = ["SELECTOR", "DECISION"], num_args = 2.., required = true)]
    words: Vec<String>,
    /// Why; every decision needs it
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Last day of an acceptance
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// The finding that these duplicate
    #[arg(long, value_name = "ID")]
    of: Option<String>,
    /// Show what would change and what not, and record nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Do not ask when a filter changes more than one finding
    #[arg(short = 'y', long)]
    yes: bool,
    /// Never ask
    #[arg(long)]
    no_input: bool,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    let request = request(arguments)?;
    let policy = Policy {
        second_person: ctx
            .config
            .list("decisions.second_person")
            .iter()
            .cloned()
            .collect(),
        accept_days_max: ctx.config.count("decisions.accept_days_max").unwrap_or(366),
    };
    let author = decide::author(ctx.config.environment(), ctx.now());
    let mut records = super::case::open(ctx)?;
    let plan = decide::plan(&records, &request, &policy, &author)?;
    if arguments.dry_run || plan.changes.is_empty() {
        show(&plan, None, format, arguments.dry_run)?;
        return Ok(exit(&plan, arguments.dry_run));
    }
    if plan.by_filter && plan.changes.len() > 1 && !arguments.yes {
        confirm(&plan, arguments)?;
    }
    let done = decide::carry_out(&mut records, &plan, &author, &request.why)?;
    show(&plan, Some(&done), format, false)?;
    Ok(exit(&plan, false))
}

fn request(arguments: &Arguments) -> Result<Request, Failure> {
    let usage = |reason: String, hint: Option<String>| Failure::Usage { reason, hint };
    let (verb, selector) = arguments
        .words
        .split_last()
        .ok_or_else(|| usage("nothing to decide".to_owned(), None))?;
    let Some(action) = Action::parse(verb) else {
        let nearest = casemate_app::config::nearest(verb, &Action::WORDS);
        let hint = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("the last word is one of {}", Action::WORDS.join(", ")),
        };
        return Err(usage(format!("`{verb}` is no decision"), Some(hint)));
    };
    Ok(Request {
        selector: Selector::parse(selector)?,
        action,
        of: arguments.of.clone(),
        why: arguments.why.clone(),
        until: arguments.until.clone(),
    })
}

/// Asks a person at a terminal; without one, says which flag does.
fn confirm(plan: &Plan, arguments: &Arguments) -> Result<(), Failure> {
    let n = plan.changes.len();
    let is_person = output::is_terminal_in() && output::is_terminal_err() && !arguments.no_input;
    for line in lines(plan, false).lines() {
        output::say(line);
    }
    if is_person {
        output::say(&format!("Change these {n} findings? [y/N]"));
        let mut answer = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .map_err(Failure::Output)?;
        if matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
    }
    Err(Failure::Usage {
        reason: format!("a filter would change {n} findings; nothing was recorded"),
        hint: Some("`--yes` changes them, `--dry-run` shows them".to_owned()),
    })
}

/// Refused approvals are a refusal; a decision that applies to nothing is a wrong one, unless it
/// holds already.
fn exit(plan: &Plan, dry_run: bool) -> Exit {
    if plan.skipped.iter().any(|skipped| skipped.denied) {
        return Exit::Refused;
    }
    let nothing = plan.changes.is_empty() && !plan.skipped.iter().all(|skipped| skipped.already);
    if nothing && !dry_run {
        Exit::Usage
    } else {
        Exit::Done
    }
}

fn show(plan: &Plan, done: Option<&Done>, format: &str, dry_run: bool) -> Result<(), Failure> {
    if format == "json" {
        let value = json(plan, done, dry_run);
        return output::data(value.to_string().as_bytes());
    }
    let text = match done {
        None => lines(plan, dry_run),
        Some(done) => acknowledged(plan, done),
    };
    output::data(text.as_bytes())
}

/// A state in words.
pub(crate) fn words(state: State, reason: Option<CloseReason>, until: Option<&str>) -> String {
    let mut out = state.as_str().replace('_', " ");
    if let Some(reason) = reason {
        out.push_str(&format!(": {}", reason.as_str().replace('_', " ")));
    }
    if let Some(until) = until {
        out.push_str(&format!(" until {until}"));
    }
    out
}

fn place(record: &Record) -> &str {
    match record.seen.host.as_str() {
        "" => &record.seen.case,
        host => host,
    }
}

/// What would change, and what not.
fn lines(plan: &Plan, dry_run: bool) -> String {
    let would = if dry_run { "would change" } else { "changes" };
    let mut out = format!("{would} {}:\n", plan.changes.len());
    let mut rows = Vec::new();
    for planned in &plan.changes {
        let record = &planned.record;
        let from = words(record.standing.state, record.standing.reason, None);
        let to = words(planned.to, planned.reason, planned.until.as_deref());
        let waits = if planned.pending {
            ", once a second person approves"
        } else {
            ""
        };
        rows.push(vec![
            format!("  {}", record.seen.id),
            place(record).to_owned(),
            record.seen.severity.as_str().to_owned(),
            format!("{from} -> {to}{waits}"),
            record.seen.title.to_string(),
        ]);
    }
    out.push_str(&output::columns(&rows));
    out.push_str(&skipped_lines(&plan.skipped));
    out
}

fn skipped_lines(skipped: &[Skipped]) -> String {
    if skipped.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = skipped
        .iter()
        .map(|skipped| {
            let standing = &skipped.record.standing;
            vec![
                format!("  {}", skipped.record.seen.id),
                place(&skipped.record).to_owned(),
                words(standing.state, standing.reason, standing.until.as_deref()),
                skipped.reason.clone(),
            ]
        })
        .collect();
    format!("skips {}:\n{}", skipped.len(), output::columns(&rows))
}

/// One line a decision that is recorded: who reads it knows that it is kept.
fn acknowledged(plan: &Plan, done: &Done) -> String {
    let mut rows = Vec::new();
    for (record, decision) in &done.decided {
        let Decision {
            number,
            verb,
            to,
            reason,
            until,
            ..
        } = decision;
        let state = words(*to, *reason, until.as_deref());
        let waits = if decision.pending {
            " (waits for a second person: `casemate decide ID approve`)"
        } else {
            ""
        };
        rows.push(vec![
            format!("recorded {number}"),
            verb.to_string(),
            record.seen.id.to_string(),
            place(record).to_owned(),
            format!("{state}{waits}"),
        ]);
    }
    let mut out = output::columns(&rows);
    out.push_str(&skipped_lines(&plan.skipped));
    for record in &done.overtaken {
        let id = &record.seen.id;
        out.push_str(&format!(
            "skips {id}: it was changed by somebody else in between; run this again\n"
        ));
    }
    out
}

fn json(plan: &Plan, done: Option<&Done>, dry_run: bool) -> Value {
    let changed: Vec<Value> = match done {
        Some(done) => done
            .decided
            .iter()
            .map(|(_, decision)| json!(decision))
            .collect(),
        None => plan
            .changes
            .iter()
            .map(|planned| {
                json!({
                    "finding": planned.record.seen.id,
                    "host": place(&planned.record),
                    "from": planned.record.standing.state,
                    "to": planned.to,
                    "reason": planned.reason,
                    "until": planned.until,
                    "pending": planned.pending,
                })
            })
            .collect(),
    };
    let skip = |record: &Record, why: &str| {
        json!({
            "finding": record.seen.id,
            "host": place(record),
            "state": record.standing.state,
            "reason": record.standing.reason,
            "why": why,
        })
    };
    let mut skipped: Vec<Value> = plan
        .skipped
        .iter()
        .map(|skipped| skip(&skipped.record, &skipped.reason))
        .collect();
    for record in done.iter().flat_map(|done| &done.overtaken) {
        skipped.push(skip(record, "it was changed by somebody else in between"));
    }
    json!({ "dry_run": dry_run, "changed": changed, "skipped": skipped })
}
