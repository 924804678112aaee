//! `casemate compliance`: a report judged by a control framework.

use super::intake::{Intake, Suppressing};
use super::{Ctx, scan};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::compliance::{self, Framework};
use casemate_app::{assess, config::Flags};
use casemate_schema::{Report, Statement};
use clap::Args;
use std::path::PathBuf;

/// Judge this host (or any tool's report) by a control framework
#[derive(Debug, Args)]
#[command(
    after_help = "Frameworks: pci_dss, hipaa, nist_csf, nist_800_53; `casemate compliance list` tells their versions.
Formats: table (default), json, oscal, csv, html, md.
A control is pass, fail, not_applicable or not_assessed; the score counts the first two alone.

Example:
  casemate compliance pci_dss casemate-report/report.json --gaps"
)]
pub(crate) struct Arguments {
    /// Framework, or `list`
    #[arg(value_name = "FRAMEWORK", value_parser = framework)]
    framework: Asked,
    /// Report to judge: of casemate, or of any tool that `casemate import` knows; else this host is
    /// scanned
    #[arg(value_name = "REPORT")]
    report: Option<String>,
    #[command(flatten)]
    scope: scan::Scope,
    #[command(flatten)]
    intake: Intake,
    #[command(flatten)]
    suppressing: Suppressing,
    /// The failed controls alone, the highest risk first
    #[arg(long)]
    gaps: bool,
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What the first argument names.
#[derive(Clone, Copy, Debug)]
enum Asked {
    List,
    One(Framework),
}

fn framework(word: &str) -> Result<Asked, String> {
    if word == "list" {
        return Ok(Asked::List);
    }
    Framework::parse(word).map(Asked::One).ok_or_else(|| {
        let words = Framework::ALL.map(Framework::as_str).join(", ");
        format!("`{word}` is no framework; there are {words}")
    })
}

impl Arguments {
    /// What the flags say about configuration keys.
    pub(crate) fn flags(&self) -> Flags {
        self.scope.flags()
    }
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let Asked::One(framework) = arguments.framework else {
        return list(ctx, arguments);
    };
    let format = ctx.format(&compliance::FORMATS)?.unwrap_or("table");
    let (mut report, statements) = obtain(ctx, arguments)?;
    arguments.suppressing.apply(ctx, &mut report, statements)?;
    assess::rank(&mut report);
    let bytes = compliance::render(&report, framework, format, arguments.gaps)?;
    output::data_to(arguments.output.as_deref(), &bytes)?;
    Ok(scan::exit_of(ctx, &report))
}

/// The report that was named, or that of a scan, with what VEX documents among the files say.
fn obtain(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<(Report, Vec<Statement>), Failure> {
    let Some(name) = &arguments.report else {
        if arguments.intake.is_given() {
            return Err(Failure::Usage {
                reason: "--kind and --mapping are about a file, and none is named".to_owned(),
                hint: None,
            });
        }
        return Ok((arguments.scope.scan(ctx)?, Vec::new()));
    };
    if arguments.scope.is_given() {
        return Err(Failure::Usage {
            reason: "a report and a scan at once".to_owned(),
            hint: Some("leave out --root, --surface and --deep, or the report".to_owned()),
        });
    }
    let outcome = arguments
        .intake
        .take(ctx, std::slice::from_ref(name), false)?;
    Ok((outcome.report, outcome.statements))
}

/// The frameworks with their versions and sources.
fn list(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    let known = compliance::frameworks()?;
    let text = if format == "json" {
        let rows = known.iter().map(|one| {
            serde_json::json!({
                "framework": one.name, "title": one.title, "version": one.version,
                "published": one.published, "source": one.source, "licence": one.licence,
                "controls": one.controls, "mapped": one.mapped,
            })
        });
        format!("{}\n", serde_json::Value::from_iter(rows))
    } else {
        let mut rows = vec![vec![
            "FRAMEWORK".to_owned(),
            "TITLE".to_owned(),
            "VERSION".to_owned(),
            "CONTROLS".to_owned(),
            "MAPPED".to_owned(),
            "SOURCE".to_owned(),
        ]];
        rows.extend(known.into_iter().map(|one| {
            vec![
                one.name.to_owned(),
                one.title,
                one.version,
                one.controls.to_string(),
                one.mapped.to_string(),
                one.source,
            ]
        }));
        output::columns(&rows)
    };
    output::data_to(arguments.output.as_deref(), text.as_bytes())?;
    Ok(Exit::Done)
}
