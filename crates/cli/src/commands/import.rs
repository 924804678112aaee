//! `casemate import`: other tools' reports, as one report of ours.

use super::FORMATS;
use super::intake::{Intake, Suppressing};
use super::{Ctx, scan};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::import::{self, Outcome, TakenFile};
use casemate_app::{assess, records, reports};
use casemate_schema::{Report, Severity, Text};
use clap::Args;
use std::path::PathBuf;

/// Take the reports of other tools, whatever their kind
#[derive(Debug, Args)]
#[command(
    after_help = "The kind of each file is found by what stands in it. Files may be packed with \
gzip, zstd, xz or zip; `-` is standard input.

Formats: table (default: what each file holds), json, ndjson, sarif, ocsf, csv, md, html,
cyclonedx, defectdojo (the report of all files, in the shape of `casemate assess`)

Examples:
  casemate import trivy.json nessus.xml prowler.csv
  casemate import *.json --format ndjson > findings.ndjson
  casemate import scan.sarif --save
  casemate import --list-kinds"
)]
pub(crate) struct Arguments {
    /// Files to take
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    intake: Intake,
    #[command(flatten)]
    suppressing: Suppressing,
    /// Show what the files hold, and keep nothing
    #[arg(long, conflicts_with = "save")]
    dry_run: bool,
    /// Keep the report under the data directory, so that the next import of the same thing can say
    /// what is new and what is gone
    #[arg(long)]
    save: bool,
    /// List the kinds that are known, with their samples
    #[arg(long, conflicts_with_all = ["files", "save", "dry_run"])]
    list_kinds: bool,
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&FORMATS)?.unwrap_or("table");
    if arguments.list_kinds {
        return list_kinds(ctx, format);
    }
    if arguments.files.is_empty() {
        return check_mappings(ctx, arguments);
    }
    let records = arguments.save || records::are_there(&ctx.config);
    let mut outcome = arguments.intake.take(ctx, &arguments.files, records)?;
    let statements = std::mem::take(&mut outcome.statements);
    arguments
        .suppressing
        .apply(ctx, &mut outcome.report, statements)?;
    if arguments.save {
        let path = save(ctx, &outcome.report)?;
        ctx.say(&format!("saved {}", path.display()));
    }
    let data_dir = ctx.config.data_dir().ok();
    records::keep_files(
        data_dir.as_deref(),
        &mut outcome.report,
        &mut outcome.files,
        ctx.now(),
        arguments.save,
    )?;
    let exit = scan::exit_of(ctx, &outcome.report);
    if format == "table" && !arguments.dry_run {
        ctx.say(&counted(&outcome));
        let table = table(ctx, arguments, outcome);
        output::data_to(arguments.output.as_deref(), table.as_bytes())?;
    } else if format == "table" {
        output::data_to(
            arguments.output.as_deref(),
            format!("{}{}", files_table(&outcome.files), names(&outcome.report)).as_bytes(),
        )?;
        ctx.say(&counted(&outcome));
    } else {
        ctx.say(&counted(&outcome));
        let report = arguments.suppressing.shown(outcome.report, format);
        scan::write(ctx, &report, format, arguments.output.as_deref())?;
    }
    Ok(exit)
}

/// Keeps the report under the data directory by its digest.
pub(crate) fn save(ctx: &Ctx<'_>, report: &Report) -> Result<PathBuf, Failure> {
    let canonical = assess::render(report, casemate_report::Format::Json)?;
    Ok(reports::save(&ctx.config.data_dir()?, &canonical)?)
}

/// What was taken in one line, for standard error.
fn counted(outcome: &Outcome) -> String {
    let sum = |of: fn(&TakenFile) -> u64| outcome.files.iter().map(of).sum::<u64>();
    let files = outcome.files.len();
    let mut line = format!(
        "{files} {} taken: {} created, {} closed, {} rejected",
        if files == 1 { "file" } else { "files" },
        sum(|file| file.changes.created.len() as u64),
        sum(|file| file.changes.closed.len() as u64),
        sum(|file| file.n_rejected),
    );
    for (number, word) in [
        (sum(|file| file.changes.untouched.len() as u64), "untouched"),
        (sum(|file| file.changes.reopened.len() as u64), "reopened"),
        (
            sum(|file| file.changes.not_looked.len() as u64),
            "not closed because the report did not look everywhere",
        ),
        (
            sum(|file| file.changes.older.len() as u64),
            "in reports older than what is known",
        ),
        (outcome.report.suppressed.len() as u64, "suppressed"),
        (outcome.refused.len() as u64, "files refused"),
    ] {
        if number > 0 {
            line.push_str(&format!(", {number} {word}"));
        }
    }
    line
}

fn table(ctx: &Ctx<'_>, arguments: &Arguments, outcome: Outcome) -> String {
    let mut out = files_table(&outcome.files);
    out.push_str(&names(&outcome.report));
    out.push('\n');
    let mut report = arguments.suppressing.shown(outcome.report, "table");
    assess::rank(&mut report);
    out.push_str(&scan::table(ctx, &report, Vec::new()));
    out
}

/// What changed in the records, by name; the JSON formats hold all of them.
pub(crate) fn names(report: &Report) -> String {
    const SHOWN: usize = 10;
    let Some(changes) = &report.changes else {
        return String::new();
    };
    let mut out = String::new();
    let lists: [(&str, &[Text]); 5] = [
        ("created", &changes.created),
        ("closed", &changes.closed),
        ("reopened", &changes.reopened),
        ("rejected", &changes.rejected),
        ("not closed, the report did not look", &changes.not_looked),
    ];
    for (word, list) in lists {
        if list.is_empty() {
            continue;
        }
        out.push_str(&format!("\n{word} {}:\n", list.len()));
        for name in list.iter().take(SHOWN) {
            out.push_str(&format!("  {}\n", casemate_base::text::printable(name)));
        }
        if let Some(more @ 1..) = list.len().checked_sub(SHOWN) {
            out.push_str(&format!("  and {more} more; --format json names all\n"));
        }
    }
    out
}

/// One row a file.
fn files_table(files: &[TakenFile]) -> String {
    let mut rows = vec![
        [
            "FILE",
            "KIND",
            "FINDINGS",
            "CRITICAL",
            "HIGH",
            "MEDIUM",
            "LOW",
            "INFO",
            "SUPPRESSED",
            "NEW",
            "CLOSED",
            "REJECTED",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for file in files {
        let mut row = vec![
            file.input.name.to_string(),
            file.input.kind.to_string(),
            file.input.findings.to_string(),
        ];
        let levels = Severity::ALL.iter().rev();
        row.extend(levels.map(|level| {
            let count = file
                .by_severity
                .get(*level as usize)
                .copied()
                .unwrap_or_default();
            count.to_string()
        }));
        row.extend([
            file.suppressed.to_string(),
            file.changes.created.len().to_string(),
            file.changes.closed.len().to_string(),
            file.n_rejected.to_string(),
        ]);
        rows.push(row);
    }
    output::columns(&rows)
}

fn list_kinds(ctx: &Ctx<'_>, format: &str) -> Result<Exit, Failure> {
    let kinds: Vec<_> = import::kinds().collect();
    match format {
        "json" => {
            let all: Vec<_> = kinds.iter().map(import::kind_json).collect();
            output::data(serde_json::Value::Array(all).to_string().as_bytes())?;
        }
        "table" => {
            let head = ["KIND", "FORMAT", "SAMPLES", "FINDINGS", "READS"];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            for kind in &kinds {
                let counts = kind.counts();
                rows.push(vec![
                    kind.name().to_owned(),
                    kind.family().to_owned(),
                    counts.len().to_string(),
                    counts
                        .iter()
                        .map(|count| count.findings)
                        .sum::<u64>()
                        .to_string(),
                    kind.title().to_owned(),
                ]);
            }
            output::data(output::columns(&rows).as_bytes())?;
        }
        other => {
            return Err(Failure::Usage {
                reason: format!("the list of kinds is not written as `{other}`"),
                hint: Some("it is written as table or json".to_owned()),
            });
        }
    }
    ctx.say(&format!(
        "{} kinds; docs/reference/import-kinds.md compares each sample's count with DefectDojo's",
        kinds.len()
    ));
    Ok(Exit::Done)
}

/// With mappings and no file: whether the mappings are sound.
fn check_mappings(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.intake.mapping.is_empty() {
        return Err(Failure::Usage {
            reason: "no file to import".to_owned(),
            hint: Some("name one or more files; `-` is standard input".to_owned()),
        });
    }
    for path in &arguments.intake.mapping {
        let mapping = import::mapping(path)?;
        ctx.say(&format!(
            "{}: sound; reads `{}` ({})",
            path.display(),
            mapping.kind,
            mapping.title
        ));
    }
    Ok(Exit::Done)
}
