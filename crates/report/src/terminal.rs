//! The summary for a terminal: what was found, how bad, what could not be seen, what next.
//!
//! Invariants: no line is wider than asked (80 columns unless told), as far as a place can be cut;
//! all of it is understood without colour; nothing from the host reaches the terminal as a control
//! sequence.

mod case;
mod changes;
mod layout;

use crate::group::{Group, groups};
use crate::{facts, rich, summary, words};
use casemate_base::text::printable;
use casemate_schema::{CheckCoverage, Report, ScanMode, Severity, Status};
pub use changes::terminal_diff;
use layout::Page;
use std::collections::{BTreeMap, BTreeSet};

/// What the summary looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Columns of the terminal; at least 60 are used.
    pub width: usize,
    /// Whether severities and headings are coloured (ANSI, 16 colours).
    pub colour: bool,
    /// Files that were written: what it is, where it is.
    pub files: Vec<(String, String)>,
    /// How many kinds of findings are named.
    pub top: usize,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self {
            width: 80,
            colour: false,
            files: Vec::new(),
            top: 10,
        }
    }
}

/// Most surfaces that are named one by one under "Not assessed".
const UNSEEN_MAX: usize = 12;

/// Writes the summary of a report for a terminal, ended by a newline.
#[must_use]
pub fn terminal(report: &Report, options: &TerminalOptions) -> String {
    let mut page = Page::new(options.width, options.colour);
    head(report, &mut page);
    let groups = groups(report);
    if let Some(case) = report.case.as_deref() {
        case::chains(case, &mut page);
        case::actions(case, &mut page);
        case::compliance(case, &mut page);
    }
    first(report, &groups, options.top, &mut page);
    unseen(report, &mut page);
    files(options, &mut page);
    next(&groups, &mut page);
    page.finish()
}

fn head(report: &Report, page: &mut Page) {
    let tool = format!("{} {}", report.tool.name, report.tool.version);
    let what = match (report.scan.mode, &report.host.name) {
        (ScanMode::Import, None) => summary::inputs(report),
        (mode, _) => format!(
            "{} of {}",
            words::mode(mode),
            words::host_name(&report.host)
        ),
    };
    let mut about = vec![format!("{}: {what}", printable(&tool))];
    about.extend(words::operating_system(&report.host));
    let kernel = report.host.kernel.as_deref();
    about.extend(kernel.map(|kernel| format!("kernel {}", words::short(&printable(kernel)))));
    about.push(words::time(&report.scan.started_at));
    page.wrapped("", &about.join(", "));
    page.blank();

    score(report, page);
    counts(report, page);
    inputs(report, page);
    if let Some(case) = report.case.as_deref() {
        case::head(report, case, page);
    }
    if report.partial {
        page.wrapped(
            "Partial   ",
            "an input or target that was named could not be taken",
        );
    }
}

fn score(report: &Report, page: &mut Page) {
    let score = &report.summary.score;
    let share = match score.percent {
        Some(percent) => format!(
            "{percent} % of the {} that could look passed",
            words::count(score.assessed, "check")
        ),
        None if report.scan.mode == ScanMode::Import => {
            "none: other tools' reports do not say what was found right".to_owned()
        }
        None => "none: no check could look".to_owned(),
    };
    let unseen = match score.not_assessed {
        0 => String::new(),
        number => format!("; {number} could not look"),
    };
    page.wrapped("Score     ", &format!("{share}{unseen}"));
}

fn counts(report: &Report, page: &mut Page) {
    let parts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| {
            let of = |finding: &&casemate_schema::Finding| finding.severity == severity;
            let number = report.findings.iter().filter(of).count();
            format!("{number} {severity}")
        })
        .collect();
    let total = report.findings.len();
    page.wrapped("Findings  ", &format!("{total}: {}", parts.join(", ")));
    let exploited = report
        .findings
        .iter()
        .filter(|finding| facts::is_exploited(finding));
    match exploited.count() {
        0 => {}
        1 => page.wrapped("Exploited ", "1 vulnerability is exploited in the wild"),
        n => page.wrapped(
            "Exploited ",
            &format!("{n} vulnerabilities are exploited in the wild"),
        ),
    }
    match report.suppressed.len() {
        0 => {}
        1 => page.wrapped("Excluded  ", "1 finding is suppressed, with its reason"),
        n => {
            let line = format!("{n} findings are suppressed, each with its reason");
            page.wrapped("Excluded  ", &line);
        }
    }
}

/// What was read, and what of it could not be taken.
fn inputs(report: &Report, page: &mut Page) {
    if report.inputs.is_empty() {
        return;
    }
    let tools: Vec<String> = summary::input_tools(report)
        .into_iter()
        .map(|tool| words::short(&printable(tool)))
        .collect();
    let findings: u64 = report.inputs.iter().map(|input| input.findings).sum();
    let statements: u64 = report.inputs.iter().map(|input| input.statements).sum();
    let mut line = format!(
        "{} of {}: {}",
        words::count(report.inputs.len() as u64, "file"),
        words::list(&tools),
        words::count(findings, "finding")
    );
    if statements > 0 {
        line.push_str(&format!(", {}", words::count(statements, "statement")));
    }
    match summary::n_rejected(report) {
        0 => {}
        n => line.push_str(&format!(
            "; {} could not be taken",
            words::count(n, "record")
        )),
    }
    page.wrapped("Read      ", &line);
}

/// Findings that are named below the actions of a case, which say what to do.
const WORST_MAX: usize = 3;

fn first(report: &Report, groups: &[Group<'_>], top: usize, page: &mut Page) {
    let case = report.case.as_deref();
    let has_actions = case.is_some_and(|case| !case.actions.is_empty());
    let top = if has_actions { top.min(WORST_MAX) } else { top };
    let worth: Vec<&Group<'_>> = groups
        .iter()
        .filter(|group| group.first.severity > Severity::Info)
        .collect();
    if worth.is_empty() || top == 0 {
        return;
    }
    page.heading(if has_actions {
        "Worst findings"
    } else {
        "What to do first"
    });
    for (number, group) in (1..).zip(worth.iter().take(top)) {
        let finding = group.first;
        let risk = finding
            .risk
            .as_ref()
            .map(|risk| format!("risk {:>3}  ", risk.score))
            .unwrap_or_default();
        let severity = page.severity(finding.severity);
        let title = printable(&finding.title);
        page.entry(&format!("{number:>3}  {risk}{severity}  "), &title);
        let more = match group.findings.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more of this kind)"),
        };
        if let Some(component) = words::component_fix(finding) {
            page.field("in", &component, "");
        }
        if let Some(place) = words::place(&finding.location) {
            page.field("at", &place, &more);
        } else if !more.is_empty() {
            page.field("at", "", more.trim_start());
        }
        if facts::is_imported(finding) {
            page.field("from", &printable(&facts::tools(finding).join(", ")), "");
        }
        let fix = rich::one_line(&finding.remediation);
        if !fix.is_empty() {
            page.field("fix", &fix, "");
        }
    }
    let rest = worth.len().saturating_sub(top);
    if rest > 0 {
        let plural = if rest == 1 { "" } else { "s" };
        let line = format!("and {rest} more kind{plural} of findings, see the report");
        page.wrapped("     ", &line);
    }
}

fn unseen(report: &Report, page: &mut Page) {
    let mut by_surface: BTreeMap<&str, Vec<&CheckCoverage>> = BTreeMap::new();
    for check in &report.coverage.checks {
        if check.status == Status::NotAssessed {
            by_surface.entry(&check.surface).or_default().push(check);
        }
    }
    if by_surface.is_empty() {
        return;
    }
    let total: usize = by_surface.values().map(Vec::len).sum();
    page.heading(&format!(
        "Not assessed: {} (this is not the same as clean)",
        words::count(total as u64, "check")
    ));
    let name_width = by_surface
        .keys()
        .map(|name| printable(name).chars().count())
        .max()
        .unwrap_or(0)
        .min(16);
    for (surface, checks) in by_surface.iter().take(UNSEEN_MAX) {
        let reasons: BTreeSet<&str> = checks
            .iter()
            .filter_map(|check| check.reason.as_deref())
            .collect();
        let reasons: Vec<String> = reasons.into_iter().map(|r| printable(r).into()).collect();
        let lead = format!(
            "  {:<name_width$} {:>3}  ",
            printable(surface),
            checks.len()
        );
        page.cut(&lead, &reasons.join("; "));
    }
    let more = by_surface.len().saturating_sub(UNSEEN_MAX);
    if more > 0 {
        let plural = if more == 1 { "" } else { "s" };
        let line = format!("and {more} more surface{plural}, see the report");
        page.wrapped("  ", &line);
    }
    let denied = report
        .coverage
        .checks
        .iter()
        .filter(|check| check.privileges);
    let denied = denied.count() as u64;
    if denied > 0 && !report.scan.privileged {
        let hint = format!(
            "Run as root to see more: {} lacked the rights.",
            words::count(denied, "check")
        );
        page.wrapped("  ", &hint);
    }
}

fn files(options: &TerminalOptions, page: &mut Page) {
    if options.files.is_empty() {
        return;
    }
    page.heading("Files");
    let names = options.files.iter().map(|(name, _)| name.chars().count());
    let width = names.max().unwrap_or(0);
    for (name, path) in &options.files {
        // A path is there to be copied: it is never cut.
        page.raw(&format!(
            "  {:<width$}  {}",
            printable(name),
            printable(path)
        ));
    }
}

/// The next step: the reason and the fix of the worst finding of our own checks, in full.
fn next(groups: &[Group<'_>], page: &mut Page) {
    let own = groups
        .iter()
        .find(|group| group.first.source.tool == "casemate");
    if let Some(group) = own {
        page.blank();
        let check = printable(&group.first.source.check);
        page.raw(&format!("Next: casemate explain {check}"));
    }
}
