//! The report as CSV: one row a finding, for spreadsheets and scripts.
//!
//! Invariants:
//! - RFC 4180: comma, CRLF, quotes doubled, UTF-8 without byte order mark, one header row;
//! - every finding is a row, the worst first, then every suppressed one with the reason in the
//!   last columns;
//! - no cell is a formula: text that begins with a character that spreadsheets read as one gets a
//!   leading `'` (OWASP, "CSV Injection"); numbers are written as numbers;
//! - control and invisible characters are visible; line feeds stay, inside quotes.
//!
//! The columns are described in `docs/formats/csv.md`; new ones are added at the end.

use crate::group::ranked;
use crate::object::raw;
use crate::{Error, facts};
use casemate_base::text::printable_lines;
use casemate_schema::{Finding, Report};
use std::fmt::Write as _;
use std::io::Write;

/// The header row.
const COLUMNS: [&str; 41] = [
    "id",
    "severity",
    "risk",
    "title",
    "category",
    "tool",
    "check",
    "tool_id",
    "tool_severity",
    "tools",
    "host",
    "path",
    "path_base64",
    "line",
    "subject",
    "component",
    "version",
    "component_type",
    "purl",
    "fixed_version",
    "vulnerability_ids",
    "cvss_version",
    "cvss_score",
    "cvss_vector",
    "epss",
    "exploited",
    "published",
    "cwe",
    "first_seen",
    "last_seen",
    "evidence",
    "description",
    "remediation",
    "references",
    "merged_keys",
    "merged_ids",
    "suppressed_status",
    "suppressed_by",
    "suppressed_justification",
    "suppressed_statement",
    "suppressed_source",
];

/// The report as CSV.
///
/// # Errors
/// None in practice: memory does not fail to be written to.
pub fn csv(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_csv(report, &mut out)?;
    Ok(out)
}

/// Writes what [`csv`] returns, row by row.
///
/// # Errors
/// [`Error::Write`] when the writer fails.
pub fn write_csv(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    raw(out, COLUMNS.join(",").as_bytes())?;
    raw(out, b"\r\n")?;
    let suppressed = ranked(&report.suppressed);
    let mut row = Row::default();
    for finding in ranked(&report.findings).into_iter().chain(suppressed) {
        row.about(report, finding);
        row.source(finding);
        row.content(finding);
        row.suppression(finding);
        raw(out, row.finish().as_bytes())?;
    }
    Ok(())
}

/// A row in the making; the memory is used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct Row {
    line: String,
    n_cells: usize,
}

impl Row {
    fn about(&mut self, report: &Report, finding: &Finding) {
        let source = &finding.source;
        let location = &finding.location;
        self.line.clear();
        self.n_cells = 0;
        self.text(&finding.id);
        self.text(finding.severity.as_str());
        self.number(finding.risk.as_ref().map(|risk| risk.score));
        self.text(&finding.title);
        self.text(&finding.category);
        self.text(&source.tool);
        self.text(&source.check);
        self.some(source.id.as_deref());
        self.some(source.severity.as_deref());
        self.text(&facts::tools(finding).join("; "));
        self.some(facts::host(report, finding));
        self.some(location.path.as_deref());
        self.some(location.path_base64.as_deref());
        self.number(location.line);
        self.some(location.subject.as_deref());
    }

    fn source(&mut self, finding: &Finding) {
        let component = finding.component.as_deref();
        self.some(component.map(|component| component.name.as_str()));
        self.some(component.and_then(|component| component.version.as_deref()));
        self.some(component.and_then(|component| component.kind.as_deref()));
        self.some(component.and_then(|component| component.purl.as_deref()));
        self.some(component.and_then(|component| component.fixed_version.as_deref()));
        self.text(&facts::identifiers(finding).join("; "));
        let cvss = facts::cvss(finding);
        self.some(cvss.and_then(facts::cvss_version));
        self.number(cvss.and_then(facts::cvss_score));
        self.some(cvss.and_then(|cvss| cvss.vector.as_deref()));
        self.number(facts::epss(finding));
        let vulnerability = finding.vulnerability.as_deref();
        let exploited = vulnerability.and_then(|vulnerability| vulnerability.exploited);
        self.some(exploited.map(|yes| if yes { "true" } else { "false" }));
        self.some(vulnerability.and_then(|vulnerability| vulnerability.published.as_deref()));
        let weaknesses = facts::weaknesses(finding);
        let weaknesses: Vec<String> = weaknesses.iter().map(|n| format!("CWE-{n}")).collect();
        self.text(&weaknesses.join("; "));
    }

    fn content(&mut self, finding: &Finding) {
        self.some(finding.first_seen.as_deref());
        self.some(finding.last_seen.as_deref());
        let evidence = finding.evidence.iter();
        let evidence = evidence.map(|item| format!("{}={}", item.name, item.value));
        self.text(&evidence.collect::<Vec<_>>().join("\n"));
        self.text(&finding.description);
        self.text(&finding.remediation);
        let references = finding.references.iter().map(facts::reference);
        self.text(&references.collect::<Vec<_>>().join("\n"));
        let merged = finding.merged.as_deref();
        let keys = merged.map(|merged| merged.keys.join("; "));
        self.some(keys.as_deref());
        let ids = merged.map(|merged| {
            let ids: Vec<&str> = merged.records.iter().map(|r| r.id.as_str()).collect();
            ids.join("; ")
        });
        self.some(ids.as_deref());
    }

    fn suppression(&mut self, finding: &Finding) {
        let suppression = finding.suppression.as_deref();
        self.some(suppression.map(|suppression| suppression.status.as_str()));
        self.some(suppression.map(|suppression| suppression.by.as_str()));
        self.some(suppression.and_then(|suppression| suppression.justification.as_deref()));
        self.some(suppression.and_then(|suppression| suppression.statement.as_deref()));
        self.some(suppression.map(|suppression| suppression.source.as_str()));
    }

    fn finish(&mut self) -> &str {
        debug_assert_eq!(self.n_cells, COLUMNS.len());
        self.end()
    }

    /// The whole row.
    pub(crate) fn end(&mut self) -> &str {
        self.line.push_str("\r\n");
        &self.line
    }

    fn next(&mut self) {
        if self.n_cells > 0 {
            self.line.push(',');
        }
        self.n_cells += 1;
    }

    pub(crate) fn number(&mut self, number: Option<impl std::fmt::Display>) {
        self.next();
        if let Some(number) = number {
            // Writing to a string cannot fail.
            write!(self.line, "{number}").ok();
        }
    }

    fn some(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.next();
        let guard = if is_formula(text) { "'" } else { "" };
        let shown = printable_lines(text);
        if !shown.contains([',', '"', '\n', '\r']) {
            self.line.push_str(guard);
            self.line.push_str(&shown);
            return;
        }
        self.line.push('"');
        self.line.push_str(guard);
        for (position, part) in shown.split('"').enumerate() {
            if position > 0 {
                self.line.push_str("\"\"");
            }
            self.line.push_str(part);
        }
        self.line.push('"');
    }
}

/// Whether a spreadsheet takes a cell for a formula: by its first character, full-width forms
/// included. Blanks before it are passed over, as some programs do.
fn is_formula(text: &str) -> bool {
    let first = text.trim_start_matches(' ').chars().next();
    first.is_some_and(|letter| {
        matches!(
            letter,
            '=' | '+'
                | '-'
                | '@'
                | '\t'
                | '\r'
                | '\n'
                | '\u{ff1d}'
                | '\u{ff0b}'
                | '\u{ff0d}'
                | '\u{ff20}'
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut row = Row::default();
        row.text(text);
        assert_eq!(row.line, expected);
    }

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("=1+1", "'=1+1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\tx", "'\tx");
        check("\rx", "'\\u{d}x");
        check("-2,+3", "\"'-2,+3\"");
        check("  =x", "'  =x");
        check("\u{ff1d}x", "'\u{ff1d}x");
        check("a\nb", "\"a\nb\"");
        check("", "");
    }

    #[test]
    fn numbers_stay_numbers() {
        let mut row = Row::default();
        row.number(Some(9.8));
        row.number(None::<u64>);
        row.number(Some(-1));
        assert_eq!(row.line, "9.8,,-1");
    }
}
