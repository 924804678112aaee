//! The report as one page in one file: for people, offline, on screen and on paper.
//!
//! Invariants:
//! - the file refers to nothing outside itself; a strict Content-Security-Policy in a meta tag
//!   allows the page's own style sheet and script by digest and nothing else;
//! - it reads without script; script adds filter, sort, search, copy and a theme switch;
//! - all text is escaped by the template engine after control and invisible characters were made
//!   visible. The page's style sheet, script and charts alone are inserted as they are;
//! - every finding stands in it once, with its id; the list of what to do first links to it;
//! - what a case says stands before the findings, and each finding links to what removes it;
//! - what does not count stands apart, with who says so and why, and so do the files that were read.

mod case;
mod change;
mod coverage;
mod extra;
mod findings;
mod known;
mod links;
mod overview;
mod sources;

use crate::rich::Block;
use crate::{Error, group, summary, words};
use askama::Template;
use case::CasePage;
use casemate_base::{encoding, hash, text::printable};
use casemate_schema::{Report, ScanMode, Severity};
use coverage::CheckRow;
use findings::{Brief, Card, Surfaces};
use links::Places;
use overview::{Charts, First, ScoreWords};
use sources::{InputRow, SuppressedRow};

/// The page's style sheet, inserted as it is; its digest stands in the policy.
const STYLE: &str = include_str!("../templates/report.css");
/// The page's script, inserted as it is; its digest stands in the policy.
const SCRIPT: &str = include_str!("../templates/report.js");

/// What a page shows beyond the report itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlOptions {
    /// How many kinds of findings "What to do first" names.
    pub top: usize,
    /// What each factor of the risk means, as the ranking step words it: name, meaning. Shown in
    /// the appendix; may be empty.
    pub factors: Vec<(String, String)>,
    /// How many findings are shown with all that is known of them, the worst first; the others get
    /// a line each, so that a page of very many findings can still be opened.
    pub in_full: usize,
}

impl Default for HtmlOptions {
    fn default() -> Self {
        Self {
            top: 8,
            factors: Vec::new(),
            in_full: 5000,
        }
    }
}

/// A severity as the page shows it: word, sign and class, so that none of them stands alone.
#[derive(Clone, Copy, Debug)]
struct Level {
    word: &'static str,
    sign: &'static str,
    class: &'static str,
}

const fn level(severity: Severity) -> Level {
    let (word, sign, class) = match severity {
        Severity::Critical => ("Critical", "\u{25c6}", "s4"),
        Severity::High => ("High", "\u{25b2}", "s3"),
        Severity::Medium => ("Medium", "\u{25a0}", "s2"),
        Severity::Low => ("Low", "\u{25cf}", "s1"),
        Severity::Info => ("Info", "\u{25cb}", "s0"),
    };
    Level { word, sign, class }
}

/// The levels as lists and legends show them, the worst first.
fn levels() -> impl Iterator<Item = (Severity, Level)> {
    Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (severity, level(severity)))
}

#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page {
    style: &'static str,
    style_digest: String,
    script: &'static str,
    script_digest: String,
    host: String,
    facts: Vec<(&'static str, String)>,
    summary: Vec<String>,
    score: ScoreWords,
    unprivileged: bool,
    first: Vec<First>,
    case: Option<CasePage>,
    charts: Charts,
    findings: usize,
    cards: Vec<Card>,
    rest: Vec<Brief>,
    suppressed: Vec<SuppressedRow>,
    inputs: Vec<InputRow>,
    imported: bool,
    filters: Surfaces,
    levels: Vec<(Level, u64)>,
    checks: Vec<CheckRow>,
    ranked: bool,
    factors: Vec<(String, String)>,
    schema_version: String,
    tool: String,
}

/// Writes the report as one self-contained page.
///
/// # Errors
/// [`Error::Template`] when the template cannot be filled in.
pub fn html(report: &Report, options: &HtmlOptions) -> Result<String, Error> {
    let groups = group::groups(report);
    let anchors = findings::anchors(&groups);
    let places = Places::of(report, &anchors);
    let (cards, rest) = findings::cards(&groups, &anchors, &places, options.in_full);
    let page = Page {
        style: STYLE,
        style_digest: digest(STYLE),
        script: SCRIPT,
        script_digest: digest(SCRIPT),
        host: words::subject(report),
        facts: overview::facts(report),
        summary: summary::sentences(report),
        score: overview::score(&report.summary.score),
        unprivileged: report.coverage.lacked_privileges() && !report.scan.privileged,
        first: overview::first(&groups, &anchors, options.top),
        case: case::page(report, &places)?,
        charts: overview::charts(report)?,
        findings: report.findings.len(),
        cards,
        rest,
        suppressed: sources::suppressed(report),
        inputs: sources::inputs(report),
        imported: report.scan.mode == ScanMode::Import,
        filters: findings::surfaces(report),
        levels: levels()
            .map(|(severity, shown)| (shown, summary::count(report, severity)))
            .collect(),
        checks: coverage::checks(&report.coverage),
        ranked: report.findings.iter().any(|finding| finding.risk.is_some()),
        factors: options
            .factors
            .iter()
            .map(|(name, text)| (printable(name).into(), printable(text).into()))
            .collect(),
        schema_version: printable(&report.schema_version).into_owned(),
        tool: tool(report),
    };
    Ok(page.render()?)
}

/// Name and version of the program that wrote the report.
fn tool(report: &Report) -> String {
    printable(&format!("{} {}", report.tool.name, report.tool.version)).into_owned()
}

/// A digest as the policy writes it: base64 of SHA-256 over the exact content of the element.
fn digest(content: &str) -> String {
    encoding::base64_encode(hash::sha256(content.as_bytes()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_stay_inside_their_elements_and_small() {
        assert!(!STYLE.contains("</") && !STYLE.contains("url(h"));
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
        assert!(SCRIPT.len() < 10_000, "{} bytes", SCRIPT.len());
        for banned in [
            "innerHTML",
            "eval(",
            "fetch(",
            ".style",
            "XMLHttp",
            "import(",
        ] {
            assert!(!SCRIPT.contains(banned), "{banned}");
        }
    }
}
