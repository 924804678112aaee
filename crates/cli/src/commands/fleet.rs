//! `casemate fleet`: many hosts side by side.

use super::Ctx;
use super::intake::Intake;
use crate::exit::{self, Exit, Failure};
use crate::output;
use crate::progress::Progress;
use casemate_app::{fleet, inventory};
use clap::Args;
use std::path::PathBuf;

/// Compare many hosts: who stands out, what has become common, what spreads
#[derive(Debug, Args)]
#[command(
    after_help = "Takes reports of any kind that `casemate import` knows, one or several a host.
Formats: table (default), json

Examples:
  casemate fleet reports/*.json
  casemate fleet reports/*.json --inventory site.toml --format json"
)]
pub(crate) struct Arguments {
    /// Reports, one or several a host
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<String>,
    #[command(flatten)]
    intake: Intake,
    /// What the site says of its hosts
    #[arg(long, value_name = "SITE.toml")]
    inventory: Option<PathBuf>,
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Lines of each list in the table; JSON holds them all.
const LINES_MAX: usize = 10;

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    let site = match &arguments.inventory {
        Some(path) => Some(inventory::read(path)?),
        None => None,
    };
    let request = arguments.intake.request(ctx, &arguments.reports, false)?;
    let progress = Progress::new(ctx.global.quiet, "reading");
    let outcome = fleet::look(&request, site.as_ref(), &|done, of| {
        progress.step(done, of, "reports");
    })?;
    drop(progress);
    for error in &outcome.refused {
        exit::error_lines(error)
            .iter()
            .for_each(|line| output::say(line));
    }
    let bytes = if format == "json" {
        fleet_json(&outcome.report)?
    } else {
        table(&outcome.report).into_bytes()
    };
    output::data_to(arguments.output.as_deref(), &bytes)?;
    Ok(if outcome.refused.is_empty() {
        Exit::Done
    } else {
        Exit::Partial
    })
}

fn fleet_json(report: &fleet::FleetReport) -> Result<Vec<u8>, Failure> {
    casemate_schema::to_canonical(report).map_err(|source| {
        Failure::from(casemate_app::Error::Format {
            format: "json",
            source: casemate_report::Error::from(source),
        })
    })
}

fn table(report: &fleet::FleetReport) -> String {
    let mut out = format!(
        "{} hosts, {} reports, {} findings; risk of a host {:.0} on average, standard deviation {:.0}\n",
        report.host_count,
        report.report_count,
        report.finding_count,
        report.metric_mean,
        report.metric_std
    );
    for remark in &report.remarks {
        out.push_str(&format!("note: {remark}\n"));
    }
    hosts_section(&mut out, report);
    shared_section(&mut out, report);
    out
}

/// What each host is worth an attack, and which differ from the rest.
fn hosts_section(out: &mut String, report: &fleet::FleetReport) {
    section(
        out,
        "Hosts by business impact",
        &[
            "HOST", "IMPACT", "WORTH", "HIGHEST", "SUM", "FINDINGS", "CHAINS", "SCANNED",
        ],
        report.hosts.iter().map(|host| {
            vec![
                host.host.clone(),
                host.impact.to_string(),
                host.value.clone(),
                host.risk_max.to_string(),
                host.risk_sum.to_string(),
                host.findings.to_string(),
                host.chains.to_string(),
                host.ts.clone(),
            ]
        }),
    );
    section(
        out,
        "Hosts that stand out",
        &["HOST", "IN", "VALUE", "MEDIAN", "Z"],
        report.top_outlier_hosts.iter().map(|host| {
            vec![
                host.host_id.clone(),
                host.metric.clone(),
                format!("{:.0}", host.value),
                format!("{:.0}", host.median),
                format!("{:.1}", host.z),
            ]
        }),
    );
}

/// What several hosts have in common, what one has alone, and what went from host to host.
fn shared_section(out: &mut String, report: &fleet::FleetReport) {
    for (title, list) in [
        ("Newly common modules", &report.newly_common_modules),
        ("Newly common findings", &report.newly_common_findings),
        ("On one host alone", &report.rare_findings),
    ] {
        section(
            out,
            title,
            &["WHAT", "HOSTS", "NAMES"],
            list.iter().map(|it| {
                let names: Vec<&str> = it.hosts.iter().take(5).map(String::as_str).collect();
                vec![
                    it.module.clone(),
                    it.host_count.to_string(),
                    names.join(", "),
                ]
            }),
        );
    }
    section(
        out,
        "Spreading",
        &["WHAT", "FROM HOST TO HOST"],
        report.propagation.iter().map(|it| {
            let hosts: Vec<&str> = it.path.iter().map(|(host, _)| host.as_str()).collect();
            vec![it.finding.clone(), hosts.join(" > ")]
        }),
    );
}

fn section(out: &mut String, title: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let all: Vec<Vec<String>> = rows.collect();
    if all.is_empty() {
        return;
    }
    let n_hidden = all.len().saturating_sub(LINES_MAX);
    let mut lines = vec![head.iter().map(|word| (*word).to_owned()).collect()];
    lines.extend(all.into_iter().take(LINES_MAX));
    out.push_str(&format!("\n{title}\n"));
    out.push_str(&output::columns(&lines));
    if n_hidden > 0 {
        out.push_str(&format!("... and {n_hidden} more; --format json has all\n"));
    }
}
