//! `casemate vulns`: which published vulnerabilities the packages have, and why we think so.

use super::intake::Intake;
use super::{Ctx, scan};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::progress::Progress;
use casemate_app::assess::{self, ScanRequest};
use casemate_app::vulns::{Match, Matched};
use casemate_app::{knowledge, vulns};
use casemate_scan::Surface;
use casemate_schema::{Component, Report, ScanMode};
use clap::Args;
use std::path::PathBuf;

/// The formats of the answer: its own table and JSON, and those of a report.
const FORMATS: [&str; 10] = [
    "table",
    "json",
    "ndjson",
    "sarif",
    "ocsf",
    "csv",
    "md",
    "html",
    "cyclonedx",
    "defectdojo",
];

/// Which CVEs the packages of this host, a tree or a report have, and why
#[derive(Debug, Args)]
#[command(
    after_help = "Packages come from the package databases of the host or tree, or from a report: a scan of
casemate, a bill of materials (CycloneDX, SPDX), or any report whose findings name package URLs.
Advisories come from imported packs alone; a package whose distribution has none is unknown, and
not safe.

Formats: table (default), json (verdicts with reasons), ndjson, sarif, ocsf, csv, md, html,
cyclonedx, defectdojo (the affected packages as findings)

Examples:
  casemate vulns
  casemate vulns --root /mnt/image --format json
  casemate vulns sbom.cdx.json --explain CVE-2023-38545"
)]
pub(crate) struct Arguments {
    /// Report or bill of materials to take the packages from; else this host is looked at
    #[arg(value_name = "REPORT", conflicts_with = "root")]
    report: Option<String>,
    /// Take the packages of the tree below this folder
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(flatten)]
    intake: Intake,
    /// Show what is fixed or not affected too
    #[arg(long)]
    all: bool,
    /// Say everything about one vulnerability, whatever its verdict
    #[arg(long, value_name = "CVE")]
    explain: Option<String>,
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&FORMATS)?.unwrap_or("table");
    let (base, components) = input(ctx, arguments)?;
    let packages = vulns::packages(&base, &components);
    if packages.is_empty() {
        ctx.say("no packages were found: the report lists none, or no package database is there");
    }
    let known = knowledge::knowledge(&ctx.config.data_dir()?)?;
    let matched = vulns::check(&packages, known.as_ref())?;
    vulns::not_loaded(&matched)
        .iter()
        .for_each(|line| ctx.say(line));
    matched
        .remarks
        .iter()
        .for_each(|remark| ctx.say(&format!("note: {remark}")));
    let target = arguments.output.as_deref();
    match (&arguments.explain, format) {
        (Some(id), "table") => {
            output::data_to(target, explained(&matched, id).as_bytes())?;
            return Ok(Exit::Done);
        }
        (_, "table") => output::data_to(target, table(&matched, arguments.all).as_bytes())?,
        (_, "json") => output::data_to(target, &json(matched.clone(), arguments)?)?,
        (_, format) => scan::write(ctx, &vulns::report(&base, &matched), format, target)?,
    }
    ctx.say(&vulns::summary(&matched));
    Ok(Exit::Done)
}

/// The report with the packages, and what a bill of materials lists.
fn input(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<(Report, Vec<Component>), Failure> {
    if let Some(name) = &arguments.report {
        let outcome = arguments
            .intake
            .take(ctx, std::slice::from_ref(name), false)?;
        return Ok((outcome.report, outcome.components));
    }
    let request = ScanRequest {
        root: arguments.root.clone(),
        surfaces: [Surface::Packages].into_iter().collect(),
        mode: ScanMode::Quick,
        now: ctx.now(),
        threads: ctx.threads(),
    };
    let progress = Progress::new(ctx.global.quiet, "reading packages");
    let report = assess::scan(&request, &|done, of, name| progress.step(done, of, name))?;
    drop(progress);
    Ok((report, Vec::new()))
}

/// Whether a match is about this identifier.
fn is_about(found: &Match, id: &str) -> bool {
    let ids = found
        .aliases
        .iter()
        .chain([&found.vulnerability, &found.reason.advisory]);
    ids.into_iter().any(|known| known.eq_ignore_ascii_case(id))
}

/// The matches that are shown, worst first.
fn shown(matched: &Matched, all: bool) -> Vec<&Match> {
    let mut rows: Vec<&Match> = matched
        .matches
        .iter()
        .filter(|found| all || vulns::counts(found))
        .collect();
    rows.sort_by_key(|found| {
        (
            found.verdict.is_clear(),
            std::cmp::Reverse(found.severity.level),
        )
    });
    rows
}

fn table(matched: &Matched, all: bool) -> String {
    let rows = shown(matched, all);
    if rows.is_empty() && matched.not_loaded.is_empty() {
        return String::new();
    }
    let heads = [
        "PACKAGE",
        "INSTALLED",
        "CVE",
        "SEVERITY",
        "FIXED IN",
        "VERDICT",
        "FEED",
    ];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    for found in rows {
        let assumed = if found.severity.by.as_str() == "nobody" {
            "?"
        } else {
            ""
        };
        let disagree = if found.disagree.is_empty() {
            ""
        } else {
            " (others disagree)"
        };
        lines.push(vec![
            found.package.name.to_string(),
            found.package.version.to_string(),
            found.vulnerability.to_string(),
            format!("{}{assumed}", found.severity.level),
            found.fixed_version.as_deref().unwrap_or("-").to_owned(),
            found.verdict.as_str().to_owned(),
            format!("{}{disagree}", found.reason.feed),
        ]);
    }
    for missing in &matched.not_loaded {
        let mut line = vec!["-".to_owned(); 7];
        let words = [
            (0, format!("({} packages)", missing.packages)),
            (5, "unknown".to_owned()),
            (6, format!("none for {}", missing.ecosystem)),
        ];
        for (at, word) in words {
            if let Some(cell) = line.get_mut(at) {
                *cell = word;
            }
        }
        lines.push(line);
    }
    output::columns(&lines)
}

fn json(mut matched: Matched, arguments: &Arguments) -> Result<Vec<u8>, Failure> {
    matched.matches.retain(|found| match &arguments.explain {
        Some(id) => is_about(found, id),
        None => arguments.all || vulns::counts(found),
    });
    Ok(vulns::json(&matched)?)
}

/// One vulnerability in full, package by package.
fn explained(matched: &Matched, id: &str) -> String {
    let about: Vec<&Match> = matched
        .matches
        .iter()
        .filter(|found| is_about(found, id))
        .collect();
    let Some(first) = about.first() else {
        return casemate_base::text::printable_lines(&format!(
            "no record about {id} speaks of the packages that were looked up\n"
        ))
        .into_owned();
    };
    let mut out = format!("{}", first.vulnerability);
    if !first.aliases.is_empty() {
        let aliases: Vec<&str> = first.aliases.iter().map(|id| id.as_str()).collect();
        out.push_str(&format!(" ({})", aliases.join(", ")));
    }
    out.push('\n');
    if let Some(summary) = first.summary.as_deref() {
        out.push_str(&format!("{}\n", summary.trim()));
    }
    for found in about {
        out.push('\n');
        explain_one(found, &mut out);
    }
    casemate_base::text::printable_lines(&out).into_owned()
}

fn explain_one(found: &Match, out: &mut String) {
    let package = &found.package;
    out.push_str(&format!(
        "{} {}: {}\n",
        package.name,
        package.version,
        found.verdict.as_str()
    ));
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            out.push_str(&format!("  {name:<12}{value}\n"));
        }
    };
    let reason = &found.reason;
    line("why", &found.why());
    line(
        "fixed in",
        found.fixed_version.as_deref().unwrap_or("no version yet"),
    );
    line("notice", reason.notice.as_deref().unwrap_or_default());
    line("note", reason.note.as_deref().unwrap_or_default());
    let by = match found.severity.by.as_str() {
        "nobody" => "nobody rates it: medium is assumed".to_owned(),
        by => format!("by {by}"),
    };
    line("severity", &format!("{}, {by}", found.severity.level));
    let weaknesses: Vec<&str> = found.cwe.iter().map(|id| id.as_str()).collect();
    line("weakness", &weaknesses.join(", "));
    for remark in &reason.remarks {
        line("mind", remark);
    }
    for other in &found.disagree {
        line("disagrees", &other.words());
    }
    line("package", &package.purl);
}
