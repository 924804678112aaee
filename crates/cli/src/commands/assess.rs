//! `casemate assess`: scan (or take reports), rank, report.

use super::intake::{Intake, Suppressing};
use super::{Ctx, scan};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::config::{Flags, Value};
use casemate_app::import::TakenFile;
use casemate_app::workflow::{self, Knowledge, Outcome, Rendering, Request, StageFailure};
use casemate_app::{Error, assess, baseline, inventory, records, reports, rules, vulns};
use casemate_base::hash;
use casemate_report::Format;
use casemate_schema::{Report, Severity, StageStatus, Statement};
use clap::Args;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// Scan this host (or take any tool's reports), rank what was found, and write the report
#[derive(Debug, Args)]
#[command(
    after_help = "Without --format: prints a summary and writes report.html, report.json,
report.ndjson and report.sarif. With --format json, ndjson, sarif, ocsf, csv, md, html, cyclonedx
or defectdojo: prints the whole report and writes nothing.
A stage that fails is named in the report and skipped; the exit code is then 4.

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
    /// What the site says of its hosts: owner, worth, what protects them
    #[arg(long, value_name = "SITE.toml")]
    inventory: Option<PathBuf>,
    /// Correlation rules of the site, besides those of the program: files or folders
    #[arg(long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// Compare with the saved reports of this host: what is new, and what appeared after what; keeps
    /// this report as --save does
    #[arg(long)]
    baseline: bool,
    /// Write how long each stage took to this file, as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    timings: Option<PathBuf>,
    /// Break this stage on purpose, to see what is left without it
    #[arg(long, value_name = "STAGE", value_parser = workflow::STAGES)]
    fault: Option<String>,
}

/// Where the files are written unless told otherwise.
const FOLDER: &str = "casemate-report";

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

    /// Whether the report is kept and recorded.
    fn keeps(&self) -> bool {
        self.save || self.baseline
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

/// Runs the command: the workflow, with what only a face can do at both ends.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&super::FORMATS)?;
    // What a closure of ours could not do keeps its own words on the way through the workflow.
    let kept: RefCell<Option<Failure>> = RefCell::new(None);
    let keep = |failure: Failure| {
        let reason = failure.lines().join("; ");
        let may_be_mended = matches!(&failure, Failure::App(Error::Format { .. }));
        if may_be_mended {
            return StageFailure::new(reason);
        }
        *kept.borrow_mut() = Some(failure);
        StageFailure::fatal(reason)
    };
    let render = |report: &Report, rendering: Rendering| {
        deliver(ctx, arguments, format, report, rendering).map_err(&keep)
    };
    let (rules, sequences) = rules::load(&arguments.rules)?;
    let mut knowledge = Knowledge {
        packs: ctx.packs(),
        root: arguments.scope.root(),
        rules,
        sequences,
        ..Knowledge::bare(ctx.now(), ctx.threads())
    };
    if let Some(path) = &arguments.inventory {
        knowledge.site = Some(inventory::read(path)?);
    }
    let ingested = || {
        let report = ingest(ctx, arguments).map_err(&keep)?;
        if arguments.baseline
            && let Ok(mut earlier) = knowledge.earlier.lock()
        {
            *earlier = earlier_of(ctx, &report);
        }
        Ok(report)
    };
    let request = Request {
        knowledge: &knowledge,
        fault: arguments.fault.as_deref(),
        ingest: &ingested,
        write: &render,
    };
    let outcome = match workflow::run(&request) {
        Ok(outcome) => outcome,
        Err(error) => return Err(kept.into_inner().unwrap_or(Failure::App(error))),
    };
    tell(ctx, arguments, &outcome)?;
    Ok(arguments
        .failed(&outcome.report)
        .unwrap_or_else(|| scan::exit_of(ctx, &outcome.report)))
}

/// The report that is to be assessed: what was found, less what does not count, with the state in
/// which each finding is recorded.
fn ingest(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Report, Failure> {
    let (mut report, statements, files) = obtain(ctx, arguments)?;
    if vulns::is_open(&report) {
        match vulns::add(&mut report, &*ctx.packs()) {
            Ok(remarks) => remarks
                .iter()
                .for_each(|remark| ctx.say(&format!("note: {remark}"))),
            Err(error) => output::say(&format!("warning: packages were not checked: {error}")),
        }
    }
    arguments.suppressing.apply(ctx, &mut report, statements)?;
    // What is kept is the evidence; states and the case are made anew from it and the records.
    let digest = if arguments.keeps() {
        let canonical = assess::render(&report, Format::Json)?;
        let path = reports::save(&ctx.config.data_dir()?, &canonical)?;
        ctx.say(&format!("saved {}", path.display()));
        hash::blake3(&canonical).to_hex()
    } else {
        String::new()
    };
    keep(ctx, arguments, &mut report, files, &digest)?;
    Ok(report)
}

/// Saved reports of the same host.
fn earlier_of(ctx: &Ctx<'_>, report: &Report) -> Vec<Report> {
    let Ok(data_dir) = ctx.config.data_dir() else {
        return Vec::new();
    };
    let (earlier, unread) = baseline::earlier(&data_dir, report);
    for line in unread {
        output::say(&format!("warning: not compared with {line}"));
    }
    earlier
}

/// Writes the report.
fn deliver(
    ctx: &Ctx<'_>,
    arguments: &Arguments,
    format: Option<&str>,
    report: &Report,
    rendering: Rendering,
) -> Result<(), Failure> {
    match (rendering, format) {
        (Rendering::Asked, None | Some("table")) => write_files(ctx, arguments, report),
        (Rendering::Asked, Some(format)) => {
            let hides = !arguments.suppressing.keeps_all(format) && !report.suppressed.is_empty();
            if hides {
                let shown = arguments.suppressing.shown(report.clone(), format);
                return scan::write(ctx, &shown, format, None);
            }
            scan::write(ctx, report, format, None)
        }
        (Rendering::PlainJson, None | Some("table")) => {
            let folder = ctx.config.text("report.out").unwrap_or(FOLDER);
            assess::write_file(report, Format::Json, Path::new(folder), "report.json")?;
            let path = Path::new(folder).join("report.json");
            output::print(format!("json  {}\n", path.display()).as_bytes());
            Ok(())
        }
        (Rendering::PlainJson, Some(_)) => scan::write(ctx, report, "json", None),
    }
}

/// Says which stages were not done, and how long each took.
fn tell(ctx: &Ctx<'_>, arguments: &Arguments, outcome: &Outcome) -> Result<(), Failure> {
    let stages = outcome.report.case.iter().flat_map(|case| &case.stages);
    for stage in stages {
        let (name, reason) = (stage.stage.as_str(), stage.reason.as_deref());
        let reason = reason.unwrap_or("no reason is known");
        match stage.status {
            StageStatus::Done => {}
            StageStatus::Skipped => {
                output::say(&format!("warning: stage {name} skipped: {reason}"));
            }
            StageStatus::Degraded => output::say(&format!(
                "warning: stage {name} fell back to plain JSON: {reason}"
            )),
        }
    }
    for node in workflow::timings(&outcome.events) {
        ctx.detail(1, &format!("{:<12}{:.3} s", node.node, node.seconds));
    }
    if let Some(path) = &arguments.timings {
        let timings = workflow::timings_json(&outcome.events).to_string();
        output::data_to(Some(path), timings.as_bytes())?;
    }
    Ok(())
}

/// Records the report, or shows in it what is recorded.
fn keep(
    ctx: &Ctx<'_>,
    arguments: &Arguments,
    report: &mut Report,
    files: Option<Vec<TakenFile>>,
    digest: &str,
) -> Result<(), Failure> {
    let save = arguments.keeps();
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
    let record = arguments.keeps() || records::are_there(&ctx.config);
    let outcome = arguments.intake.take(ctx, &arguments.reports, record)?;
    Ok((outcome.report, outcome.statements, Some(outcome.files)))
}

fn write_files(ctx: &Ctx<'_>, arguments: &Arguments, report: &Report) -> Result<(), Failure> {
    let folder = ctx.config.text("report.out").unwrap_or(FOLDER);
    let suppressing = &arguments.suppressing;
    let written = assess::write_all(report, Path::new(folder), suppressing.show_suppressed)?;
    let files = written.iter().map(|path| named(path)).collect();
    let table = if report.suppressed.is_empty() || suppressing.show_suppressed {
        scan::table(ctx, report, files)
    } else {
        scan::table(ctx, &suppressing.shown(report.clone(), "table"), files)
    };
    output::print(table.as_bytes());
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
