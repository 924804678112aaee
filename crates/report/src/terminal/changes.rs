//! A comparison of two reports for a terminal.

use super::layout::Page;
use super::{TerminalOptions, words};
use crate::group::ranked;
use casemate_base::text::printable;
use casemate_schema::{Diff, Finding};

/// Writes a comparison for a terminal, ended by a newline: what is new, what is gone, what changed,
/// and what cannot be said.
#[must_use]
pub fn terminal_diff(diff: &Diff, options: &TerminalOptions) -> String {
    let mut page = Page::new(options.width, options.colour);
    page.wrapped(
        "",
        &format!(
            "{} new, {} gone, {} changed, {} unchanged; {} could not be compared",
            diff.new.len(),
            diff.gone.len(),
            diff.changed.len(),
            diff.unchanged,
            words::count(diff.not_compared.len() as u64, "check"),
        ),
    );
    findings("New", '+', &diff.new, &mut page);
    findings("Gone", '-', &diff.gone, &mut page);
    changed(diff, &mut page);
    not_compared(diff, &mut page);
    page.finish()
}

fn findings(heading: &str, sign: char, findings: &[Finding], page: &mut Page) {
    if findings.is_empty() {
        return;
    }
    page.heading(heading);
    for finding in ranked(findings) {
        let severity = page.severity(finding.severity);
        page.entry(
            &format!("  {sign} {severity}  "),
            &printable(&finding.title),
        );
        page.field("id", &printable(&finding.id), "");
    }
}

fn changed(diff: &Diff, page: &mut Page) {
    if diff.changed.is_empty() {
        return;
    }
    page.heading("Changed");
    for change in &diff.changed {
        let severity = page.severity(change.severity_after);
        page.entry(&format!("  ~ {severity}  "), &printable(&change.title));
        let mut what: Vec<String> = Vec::new();
        for field in &change.fields {
            if field == "severity" {
                let (before, after) = (change.severity_before, change.severity_after);
                what.push(format!("severity from {before} to {after}"));
            } else {
                what.push(printable(field).into_owned());
            }
        }
        page.field("what", &words::list(&what), "");
        page.field("id", &printable(&change.id), "");
    }
}

fn not_compared(diff: &Diff, page: &mut Page) {
    if diff.not_compared.is_empty() {
        return;
    }
    page.heading("Not compared (neither new nor gone can be said)");
    for entry in &diff.not_compared {
        let which = match entry.missing_in.as_str() {
            "a" => "the first report",
            "b" => "the second report",
            other => other,
        };
        let line = format!(
            "{}: {} in {}: {}",
            printable(&entry.check),
            words::count(entry.findings.len() as u64, "finding"),
            if entry.missing_in == "a" {
                "the second report"
            } else {
                "the first report"
            },
            format_args!(
                "{} did not look: {}",
                printable(which),
                printable(&entry.reason)
            ),
        );
        page.wrapped("  ? ", &line);
    }
}
