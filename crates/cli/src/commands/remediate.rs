//! `casemate remediate`: what to do about a report, for people, machines and ticket tools.

use super::Ctx;
use super::intake::{Intake, Suppressing};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::assess;
use casemate_app::remediate::{self, Export, Planned};
use casemate_schema::{Action, Change, ChangeRisk};
use clap::Args;
use std::path::PathBuf;

/// Plan what to do about a report's findings, and write it as script, playbook, tickets or patch
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is changed. A diff is made of the files of the scanned host alone: below --root, or of
this host when the report is a scan of it; else the action says what must stand in the file.
The script changes nothing without --apply, keeps copies, and takes --verify and --rollback.
Formats: table (default), json

Examples:
  casemate remediate casemate-report/report.json
  casemate remediate report.json --root /mnt/image --to diff -o fixes.patch"
)]
pub(crate) struct Arguments {
    /// Report to read: of casemate, or of any tool that `casemate import` knows
    #[arg(value_name = "REPORT")]
    report: String,
    /// What to write
    #[arg(long, value_name = "KIND", value_parser = Export::NAMES)]
    to: Option<String>,
    /// This action alone; may be given several times
    #[arg(long, value_name = "ID")]
    action: Vec<String>,
    /// Folder that holds the scanned host's files
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(flatten)]
    suppressing: Suppressing,
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?;
    let to = arguments.to.as_deref().and_then(Export::parse);
    if to.is_some() && format.is_some() {
        let reason = "--to and --format at once".to_owned();
        let hint = Some("give one of them".to_owned());
        return Err(Failure::Usage { reason, hint });
    }
    let outcome = Intake::default().take(ctx, std::slice::from_ref(&arguments.report), false)?;
    let mut report = outcome.report;
    arguments
        .suppressing
        .apply(ctx, &mut report, outcome.statements)?;
    assess::rank(&mut report);
    let files = remediate::files(&report, arguments.root.as_deref())?;
    let planned = remediate::plan(&report, files.as_ref(), &*ctx.packs());
    for remark in &planned.plan.remarks {
        output::say(&format!("warning: {remark}"));
    }
    let actions = remediate::chosen(&planned, &arguments.action)?;
    let bytes = match (to, format) {
        (Some(to), _) => remediate::export(&report, &planned, &actions, to).into_bytes(),
        (None, Some("json")) => remediate::json(&planned, &actions)?,
        _ => table(&planned, &actions).into_bytes(),
    };
    output::data_to(Some(&arguments.output), &bytes)?;
    if to == Some(Export::Diff) {
        let others = actions
            .iter()
            .filter(|action| !changes_file(action))
            .count();
        if others > 0 {
            ctx.say(&format!(
                "note: {others} of {} actions change no file that is at hand: see --to md",
                actions.len()
            ));
        }
    }
    Ok(Exit::Done)
}

fn changes_file(action: &Action) -> bool {
    action
        .changes
        .iter()
        .any(|change| matches!(change, Change::Diff { .. } | Change::NewFile { .. }))
}

/// How far a machine can do it.
fn way(action: &Action) -> &'static str {
    let by_hand = action
        .changes
        .iter()
        .filter(|change| matches!(change, Change::Manual { .. } | Change::Setting { .. }))
        .count();
    match by_hand {
        0 => "automatic",
        n if n == action.changes.len() => "by hand",
        _ => "partly",
    }
}

/// The actions, one a line.
fn table(planned: &Planned, actions: &[Action]) -> String {
    let mut rows = vec![
        [
            "ACTION",
            "SEVERITY",
            "RISK",
            "MINUTES",
            "FINDINGS",
            "CHANGE",
            "WAY",
            "WHAT TO DO",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for action in actions {
        let risk = match action.change_risk {
            ChangeRisk::Low => "low",
            ChangeRisk::Medium => "medium",
            ChangeRisk::High => "high",
        };
        rows.push(vec![
            action.id.to_string(),
            action.severity.to_string(),
            action.risk_removed.to_string(),
            action.effort_minutes.to_string(),
            action.findings.len().to_string(),
            risk.to_owned(),
            way(action).to_owned(),
            action.title.to_string(),
        ]);
    }
    let review = &planned.review;
    format!(
        "{}\n{} findings, {} weaknesses, {} actions; {:.1} % of the findings need no reading of their own\n",
        output::columns(&rows),
        review.findings_in,
        review.weaknesses,
        review.actions,
        review.share_without_reading * 100.0
    )
}
