//! The report as Markdown, for merge requests, issues and wikis.
//!
//! Invariants:
//! - GitHub Flavored Markdown that reads well as plain text;
//! - text of findings is text: it can be no markup, link, mention, table or heading (see
//!   [`text`]);
//! - every finding stands in it once, with its id; what could not be looked at, what does not
//!   count and what was read are named.
//!
//! Source: GitHub Flavored Markdown Spec 0.29; the structure is described in
//! `docs/formats/markdown.md`.

mod case;
pub(crate) mod text;

use crate::group::{Group, groups, ranked};
use crate::object::raw;
use crate::{Error, facts, summary, words};
use casemate_schema::{Evidence, Finding, InputFile, Report, ScanMode, Severity, Status};
use std::fmt::Write as _;
use std::io::Write;
use text::{cell, code, inline, prose, title};

/// Findings in the first table.
const WORST_MAX: usize = 20;
/// Findings that are written in full; the others get a line each.
const FULL_MAX: usize = 1000;

/// The report as Markdown, ended by a newline.
///
/// # Errors
/// None in practice: memory does not fail to be written to.
pub fn markdown(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_markdown(report, &mut out)?;
    Ok(out)
}

/// Writes what [`markdown`] returns, part by part.
///
/// # Errors
/// [`Error::Write`] when the writer fails.
pub fn write_markdown(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    raw(out, head(report).as_bytes())?;
    raw(out, case::sections(report).as_bytes())?;
    let ranked_findings = ranked(&report.findings);
    raw(out, worst(&ranked_findings).as_bytes())?;
    findings(report, out)?;
    for part in [
        suppressed(report),
        case::basis(report),
        unseen(report),
        inputs(report),
    ] {
        raw(out, part.as_bytes())?;
    }
    let tool = format!("{} {}", report.tool.name, report.tool.version);
    let schema = inline(&report.schema_version);
    let foot = format!(
        "---\n\nWritten by {}, report schema {schema}.\n",
        inline(&tool)
    );
    raw(out, foot.as_bytes())
}

fn head(report: &Report) -> String {
    let mut out = format!("# Security report: {}\n\n", inline(&words::subject(report)));
    for sentence in summary::sentences(report) {
        push(&mut out, &[&inline(&sentence), "\n\n"]);
    }
    let score = &report.summary.score;
    if let Some(percent) = score.percent {
        let of = words::count(score.assessed, "check");
        let line = format!("**Score: {percent} %** of the {of} that could look passed");
        push(&mut out, &[&line]);
        let unseen = match score.not_assessed {
            0 => "; none was kept from looking.\n\n".to_owned(),
            n => format!("; {n} could not look and count neither way.\n\n"),
        };
        push(&mut out, &[&unseen]);
    } else if report.scan.mode != ScanMode::Import {
        out.push_str("**No score:** no check could look.\n\n");
    }
    out.push_str("| Severity | Findings |\n|---|---:|\n");
    for severity in Severity::ALL.into_iter().rev() {
        let number = summary::count(report, severity);
        // Writing to a string cannot fail.
        writeln!(out, "| {} | {number} |", label(severity)).ok();
    }
    if !report.suppressed.is_empty() {
        writeln!(out, "| Suppressed | {} |", report.suppressed.len()).ok();
    }
    out.push('\n');
    out
}

const fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}

fn worst(findings: &[&Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut out = "## Worst findings\n\n".to_owned();
    out.push_str("| Severity | Risk | Finding | Where | Component | Fixed in |\n");
    out.push_str("|---|---:|---|---|---|---|\n");
    for finding in findings.iter().take(WORST_MAX) {
        let component = finding.component.as_deref();
        let cells = [
            label(finding.severity).to_owned(),
            finding
                .risk
                .as_ref()
                .map(|r| r.score.to_string())
                .unwrap_or_default(),
            cell(&title(&finding.title)),
            cell(&code(&words::place(&finding.location).unwrap_or_default())),
            cell(&code(&component.map(facts::component).unwrap_or_default())),
            cell(&code(
                component
                    .and_then(|c| c.fixed_version.as_deref())
                    .unwrap_or_default(),
            )),
        ];
        row(&mut out, &cells);
    }
    let more = findings.len().saturating_sub(WORST_MAX);
    if more > 0 {
        writeln!(out, "\nand {more} more below.").ok();
    }
    out.push('\n');
    out
}

fn findings(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    if report.findings.is_empty() {
        return Ok(());
    }
    raw(out, b"## Findings\n\n")?;
    let mut room = FULL_MAX;
    let mut rest: Vec<&Finding> = Vec::new();
    for group in groups(report) {
        if group.findings.len() > room {
            rest.extend(&group.findings);
            continue;
        }
        room -= group.findings.len();
        raw(out, card(&group).as_bytes())?;
    }
    if !rest.is_empty() {
        raw(out, b"### Further findings\n\n")?;
    }
    for finding in &rest {
        let line = format!(
            "- {}: {} {}\n",
            label(finding.severity),
            title(&finding.title),
            code(&finding.id)
        );
        raw(out, line.as_bytes())?;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        raw(out, b"\n")
    }
}

/// What findings of one check share, then each of them.
fn card(group: &Group<'_>) -> String {
    let first = group.first;
    let mut out = format!(
        "### {}: {}\n\n",
        label(group.severity()),
        title(&group.title)
    );
    push(&mut out, &["Check ", &code(&words::check(first)), "\n\n"]);
    let same_fix = group
        .findings
        .iter()
        .all(|f| f.remediation == first.remediation);
    push(&mut out, &[&prose(&first.description)]);
    let fix = prose(&first.remediation);
    if same_fix && !fix.is_empty() {
        push(&mut out, &["**Fix**\n\n", &fix]);
    }
    out.push_str("**Found**\n\n");
    for finding in &group.findings {
        push(&mut out, &[&entry(finding, group.findings.len() > 1)]);
        let fix = crate::rich::one_line(&finding.remediation);
        if !same_fix && !fix.is_empty() {
            push(&mut out, &["  - Fix: ", &title(&fix), "\n"]);
        }
    }
    let references: std::collections::BTreeSet<String> = group
        .findings
        .iter()
        .flat_map(|finding| finding.references.iter().map(facts::reference))
        .collect();
    if !references.is_empty() {
        let references: Vec<String> = references.iter().map(|text| code(text)).collect();
        push(&mut out, &["\nReferences: ", &references.join(" "), "\n"]);
    }
    out.push('\n');
    out
}

/// One finding as an item of a list, its facts as items below.
fn entry(finding: &Finding, with_title: bool) -> String {
    let mut out = format!("- {}", code(&finding.id));
    if with_title {
        push(
            &mut out,
            &[" ", label(finding.severity), ": ", &title(&finding.title)],
        );
    }
    out.push('\n');
    for (name, value) in words::details(finding) {
        let is_value = matches!(
            name,
            "Host" | "Where" | "Subject" | "Component" | "Package URL" | "Exact bytes in base64"
        );
        let value = if is_value {
            code(&value)
        } else {
            inline(&value)
        };
        push(&mut out, &["  - ", name, ": ", &value, "\n"]);
    }
    for item in &finding.evidence {
        push(&mut out, &["  - ", &evidence(item), "\n"]);
    }
    for record in finding.merged.iter().flat_map(|merged| &merged.records) {
        push(
            &mut out,
            &["  - Record: ", &inline(&words::record(record)), "\n"],
        );
    }
    out
}

fn evidence(item: &Evidence) -> String {
    let place = words::evidence_place(item);
    let place = place.map(|place| format!(" in {}", code(&place)));
    format!(
        "{}: {}{}",
        inline(&item.name),
        code(&item.value),
        place.unwrap_or_default()
    )
}

fn suppressed(report: &Report) -> String {
    if report.suppressed.is_empty() {
        return String::new();
    }
    let mut out =
        "## Suppressed\n\nThese do not count, for the reason that stands with each.\n\n".to_owned();
    for finding in ranked(&report.suppressed) {
        let component = finding.component.as_deref().map(facts::component);
        let component = component.map(|component| format!(" in {}", code(&component)));
        push(
            &mut out,
            &[
                "- ",
                &code(&finding.id),
                " ",
                label(finding.severity),
                ": ",
                &title(&finding.title),
                &component.unwrap_or_default(),
                "\n",
            ],
        );
        if let Some(suppression) = &finding.suppression {
            push(
                &mut out,
                &["  - ", &inline(&words::suppression(suppression)), "\n"],
            );
        }
    }
    out.push('\n');
    out
}

fn unseen(report: &Report) -> String {
    let checks = report.coverage.checks.iter();
    let checks: Vec<_> = checks.filter(|c| c.status == Status::NotAssessed).collect();
    if checks.is_empty() {
        return String::new();
    }
    let mut out = "## Not assessed\n\nThese checks could not look, or not at everything: that is \
                   not the same as clean.\n\n| Check | Surface | Reason |\n|---|---|---|\n"
        .to_owned();
    for check in checks {
        let cells = [
            cell(&code(&check.id)),
            cell(&inline(&words::surface(&check.surface))),
            cell(&inline(check.reason.as_deref().unwrap_or_default())),
        ];
        row(&mut out, &cells);
    }
    out.push('\n');
    out
}

fn inputs(report: &Report) -> String {
    if report.inputs.is_empty() {
        return String::new();
    }
    let mut out =
        "## Inputs\n\n| File | Tool | Made | Target | Findings | Statements | Rejected |\n\
                   |---|---|---|---|---:|---:|---:|\n"
            .to_owned();
    for input in &report.inputs {
        let cells = [
            cell(&code(&input.name)),
            cell(&inline(&words::input_tool(input))),
            cell(&inline(
                &input
                    .scanned_at
                    .as_deref()
                    .map(words::time)
                    .unwrap_or_default(),
            )),
            cell(&code(input.target.as_deref().unwrap_or_default())),
            input.findings.to_string(),
            input.statements.to_string(),
            input.rejected.len().to_string(),
        ];
        row(&mut out, &cells);
    }
    out.push('\n');
    for input in &report.inputs {
        out.push_str(&rejected(input));
    }
    out
}

fn rejected(input: &InputFile) -> String {
    let mut out = String::new();
    if !input.rejected.is_empty() {
        push(&mut out, &["Rejected in ", &code(&input.name), ":\n\n"]);
    }
    for record in &input.rejected {
        push(
            &mut out,
            &[
                "- ",
                &code(&record.place),
                ": ",
                &inline(&record.reason),
                "\n",
            ],
        );
    }
    if !input.rejected.is_empty() {
        out.push('\n');
    }
    out
}

fn row(out: &mut String, cells: &[String]) {
    push(out, &["| ", &cells.join(" | "), " |\n"]);
}

fn push(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied());
}
