//! The case for a terminal: attack paths with what breaks them, what to do first, compliance, what
//! reading it costs, and which knowledge is old. An engineer reads it in ten seconds.

use super::layout::Page;
use crate::case::{self, Framework, Pack};
use casemate_base::text::printable;
use casemate_schema::{Case, Report};

/// Attack paths that are named.
const CHAINS_MAX: usize = 5;
/// Letters of a framework's name.
const TITLE_MAX: usize = 30;
/// Actions that are named.
const ACTIONS_MAX: usize = 5;

/// The lines below the counts: compliance, review, what was skipped, what is old.
pub(super) fn head(report: &Report, case: &Case, page: &mut Page) {
    page.wrapped("Review    ", &case::review(&case.review));
    let packs = case::packs(report, case);
    for warning in packs.iter().filter_map(Pack::warning) {
        page.wrapped("Old       ", &warning);
    }
    for (stage, status, reason) in case::stages(case) {
        page.wrapped(
            "Not whole ",
            &format!("stage {stage} was {status}: {reason}"),
        );
    }
}

/// The attack paths, the most urgent first.
pub(super) fn chains(case: &Case, page: &mut Page) {
    if case.chains.is_empty() {
        return;
    }
    page.heading(&format!("Attack paths: {}", case.chains.len()));
    for chain in case.chains.iter().take(CHAINS_MAX) {
        let severity = page.severity(chain.severity);
        let lead = format!("     risk {:>3}  {severity}  ", chain.risk);
        page.entry(&lead, &printable(&chain.title));
        page.wrapped("     break it: ", &printable(&chain.break_at));
    }
    rest(case.chains.len(), CHAINS_MAX, "path", page);
}

/// What to do, most risk removed per effort first; nothing if there is no action.
pub(super) fn actions(case: &Case, page: &mut Page) {
    if case.actions.is_empty() {
        return;
    }
    page.heading("Do first");
    for (number, action) in (1..).zip(case.actions.iter().take(ACTIONS_MAX)) {
        let number: usize = number;
        let severity = page.severity(action.severity);
        page.entry(
            &format!("{number:>3}  {severity}  "),
            &printable(&action.title),
        );
        let mut about = format!(
            "{}, {}",
            case::effort(action.effort_minutes),
            case::removes(action)
        );
        let risk = case::change_risk(action.change_risk);
        about.push_str(&format!(", change risk {risk}"));
        page.wrapped("               ", &about);
    }
    rest(case.actions.len(), ACTIONS_MAX, "action", page);
}

/// A line a framework.
pub(super) fn compliance(case: &Case, page: &mut Page) {
    if case.compliance.is_empty() {
        return;
    }
    page.heading("Compliance");
    let all: Vec<Framework> = case.compliance.values().map(Framework::of).collect();
    let width = all.iter().map(|it| it.title.chars().count()).max();
    let width = width.unwrap_or(0).min(TITLE_MAX);
    for framework in all {
        let title: String = framework.title.chars().take(TITLE_MAX).collect();
        page.cut(&format!("  {title:<width$}  "), &framework.short());
    }
}

fn rest(all: usize, shown: usize, one: &str, page: &mut Page) {
    let more = all.saturating_sub(shown);
    if more > 0 {
        let plural = if more == 1 { "" } else { "s" };
        page.wrapped(
            "     ",
            &format!("and {more} more {one}{plural}, see the report"),
        );
    }
}
