//! A comparison of two reports for a terminal.

use super::layout::Page;
use super::{TerminalOptions, words};
use crate::group::ranked;
use casemate_base::text::printable;
use casemate_schema::{Diff, Finding, NotCompared};
use std::collections::BTreeSet;

/// Writes a comparison for a terminal, ended by a newline: what is new, what is gone, what changed,
/// and what cannot be said.
#[must_use]
pub fn terminal_diff(diff: &Diff, options: &TerminalOptions) -> String {
    let checks: BTreeSet<&str> = diff
        .not_compared
        .iter()
        .map(|entry| entry.check.as_str())
        .collect();
    let mut page = Page::new(options.width, options.colour);
    page.wrapped(
        "",
        &format!(
            "{} new, {} gone, {} changed, {} unchanged; {} could not be compared",
            diff.new.len(),
            diff.gone.len(),
            diff.changed.len(),
            diff.unchanged,
            words::count(checks.len() as u64, "check"),
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

/// Checks whose findings have no counterpart are named; those without findings are counted.
fn not_compared(diff: &Diff, page: &mut Page) {
    if diff.not_compared.is_empty() {
        return;
    }
    page.heading("Not compared: neither new nor gone can be said");
    let (with, without): (Vec<&NotCompared>, Vec<&NotCompared>) = diff
        .not_compared
        .iter()
        .partition(|entry| !entry.findings.is_empty());
    for entry in &with {
        let (here, there) = if entry.missing_in == "a" {
            ("second", "first")
        } else {
            ("first", "second")
        };
        let line = format!(
            "{}: {} in the {here} report; in the {there} one the check did not look: {}",
            printable(&entry.check),
            words::count(entry.findings.len() as u64, "finding"),
            printable(&entry.reason),
        );
        page.wrapped("  ? ", &line);
    }
    let named: BTreeSet<&str> = with.iter().map(|entry| entry.check.as_str()).collect();
    let silent: BTreeSet<&str> = without
        .iter()
        .map(|entry| entry.check.as_str())
        .filter(|check| !named.contains(check))
        .collect();
    if !silent.is_empty() {
        let line = format!(
            "{} without a finding did not look in at least one of the reports.",
            words::count(silent.len() as u64, "more check"),
        );
        page.wrapped("  ? ", &line);
    }
}
