//! The report as lines: the same content as the JSON object, one object a line with a `kind`.
//!
//! Line 1 is `report` (schema version, tool, scan, host, partial), then `coverage`, `summary`, and
//! one line each for every `finding`, `suppressed` finding and `package` with their fields inline,
//! and one for every `input` with its fields under `input`; at the end `graph`, `case` and `changes`
//! where there are any. Nothing is lost either way.

use crate::{
    Case, Changes, Coverage, Error, Finding, HostGraph, InputFile, InstalledPackage, Interner,
    Report, Summary, canonical_json,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::io::Write;

/// Writes a report as canonical JSON lines, each ended by a newline.
///
/// # Errors
/// [`Error::Number`] when a value has no canonical form.
pub fn to_ndjson(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_ndjson(report, &mut out)?;
    Ok(out)
}

/// Writes what [`to_ndjson`] returns, one line after the other.
///
/// # Errors
/// [`Error::Number`] as there, [`Error::Write`] when the writer fails.
pub fn write_ndjson(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    let head = serde_json::json!({
        "schema_version": report.schema_version,
        "tool": report.tool,
        "scan": report.scan,
        "host": report.host,
        "partial": report.partial,
    });
    push_line("report", head, out)?;
    push_line("coverage", to_value(&report.coverage)?, out)?;
    push_line("summary", to_value(&report.summary)?, out)?;
    for finding in &report.findings {
        push_line("finding", to_value(finding)?, out)?;
    }
    for finding in &report.suppressed {
        push_line("suppressed", to_value(finding)?, out)?;
    }
    for package in &report.packages {
        push_line("package", to_value(package)?, out)?;
    }
    // An input has a kind of its own, so it stands inside.
    for input in &report.inputs {
        push_line("input", serde_json::json!({ "input": input }), out)?;
    }
    if let Some(graph) = &report.graph {
        push_line("graph", to_value(graph)?, out)?;
    }
    if let Some(case) = &report.case {
        push_line("case", to_value(case)?, out)?;
    }
    if let Some(changes) = &report.changes {
        push_line("changes", to_value(changes)?, out)?;
    }
    Ok(())
}

/// Whether a first line is that of our NDJSON.
#[must_use]
pub fn is_ndjson(line: &[u8]) -> bool {
    serde_json::from_slice::<Kind<'_>>(line).is_ok_and(|line| line.kind == "report")
}

#[derive(Deserialize)]
struct Nested {
    input: InputFile,
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// Takes the lines of a report one after the other.
#[derive(Debug, Default)]
pub struct NdjsonReader {
    line: usize,
    head: Option<Map<String, Value>>,
    coverage: Option<Coverage>,
    summary: Option<Summary>,
    findings: Vec<Finding>,
    suppressed: Vec<Finding>,
    packages: Vec<InstalledPackage>,
    inputs: Vec<InputFile>,
    graph: Option<Box<HostGraph>>,
    case: Option<Box<Case>>,
    changes: Option<Box<Changes>>,
    interner: Interner,
}

impl NdjsonReader {
    /// Takes the next line; empty ones are passed over.
    ///
    /// # Errors
    /// [`Error::Line`] with the line and reason when it is no object, of an unknown kind, or given
    /// twice.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        self.line += 1;
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let number = self.line;
        let kind: Kind<'_> = parse(line, number)?;
        let twice = match kind.kind.as_ref() {
            "report" => {
                let mut head: Map<String, Value> = parse(line, number)?;
                head.remove("kind");
                self.head.replace(head).is_some()
            }
            "coverage" => self.coverage.replace(parse(line, number)?).is_some(),
            "summary" => self.summary.replace(parse(line, number)?).is_some(),
            "finding" => {
                let finding = self.finding(line)?;
                self.findings.push(finding);
                false
            }
            "suppressed" => {
                let finding = self.finding(line)?;
                self.suppressed.push(finding);
                false
            }
            "package" => {
                self.packages.push(parse(line, number)?);
                false
            }
            "input" => {
                let nested: Nested = parse(line, number)?;
                self.inputs.push(nested.input);
                false
            }
            "graph" => self.graph.replace(parse(line, number)?).is_some(),
            "case" => self.case.replace(parse(line, number)?).is_some(),
            "changes" => self.changes.replace(parse(line, number)?).is_some(),
            other => return Err(wrong(number, format!("unknown kind `{other}`"))),
        };
        if twice {
            let reason = format!("second line of kind `{}`", kind.kind);
            return Err(wrong(number, reason));
        }
        Ok(())
    }

    fn finding(&mut self, line: &[u8]) -> Result<Finding, Error> {
        let mut finding: Finding = parse(line, self.line)?;
        finding.share(&mut self.interner);
        Ok(finding)
    }

    /// The report, once all lines were taken.
    ///
    /// # Errors
    /// [`Error::Line`] when a line is missing, [`Error::Version`] for another version.
    pub fn finish(self) -> Result<Report, Error> {
        let missing = |kind: &str| wrong(0, format!("no line of kind `{kind}`"));
        let mut map = self.head.ok_or_else(|| missing("report"))?;
        let coverage = to_value(&self.coverage.ok_or_else(|| missing("coverage"))?)?;
        let summary = to_value(&self.summary.ok_or_else(|| missing("summary"))?)?;
        map.insert("coverage".to_owned(), coverage);
        map.insert("summary".to_owned(), summary);
        map.insert("findings".to_owned(), Value::Array(Vec::new()));
        let report: Report =
            serde_json::from_value(Value::Object(map)).map_err(|e| wrong(1, e.to_string()))?;
        report.check_version()?;
        Ok(Report {
            findings: self.findings,
            suppressed: self.suppressed,
            packages: self.packages,
            inputs: self.inputs,
            graph: self.graph,
            case: self.case,
            changes: self.changes,
            ..report
        })
    }
}

fn wrong(line: usize, reason: String) -> Error {
    Error::Line { line, reason }
}

fn parse<'a, T: Deserialize<'a>>(line: &'a [u8], number: usize) -> Result<T, Error> {
    serde_json::from_slice(line).map_err(|error| {
        let reason = if error.is_data() && error.to_string().starts_with("missing field `kind`") {
            "no `kind`".to_owned()
        } else {
            error.to_string()
        };
        wrong(number, reason)
    })
}

/// Reads what [`to_ndjson`] wrote.
///
/// # Errors
/// [`Error::Line`] with the line and reason when a line is no object, of an unknown kind, given
/// twice, or missing.
pub fn from_ndjson(bytes: &[u8]) -> Result<Report, Error> {
    let mut reader = NdjsonReader::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        reader.line(line)?;
    }
    reader.finish()
}

fn to_value<T: serde::Serialize>(value: &T) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::from_json(&error))
}

fn push_line(kind: &str, value: Value, out: &mut dyn Write) -> Result<(), Error> {
    let Value::Object(mut map) = value else {
        return Err(wrong(0, format!("`{kind}` is no object")));
    };
    map.insert("kind".to_owned(), Value::String(kind.to_owned()));
    let mut line = canonical_json(&Value::Object(map))?;
    line.push(b'\n');
    out.write_all(&line).map_err(Error::Write)
}
