//! The report as lines: the same content as the JSON object, one object a line with a `kind`.
//!
//! Line 1 is `report` (schema version, tool, scan, host, partial), then `coverage`, `summary`, and
//! one `finding` and one `package` line each with their fields inline. Nothing is lost either way.

use crate::{Coverage, Error, Finding, InstalledPackage, Report, Summary, canonical_json};
use serde_json::{Map, Value};

/// Writes a report as canonical JSON lines, each ended by a newline.
///
/// # Errors
/// [`Error::Number`] when a value has no canonical form.
pub fn to_ndjson(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let head = serde_json::json!({
        "schema_version": report.schema_version,
        "tool": report.tool,
        "scan": report.scan,
        "host": report.host,
        "partial": report.partial,
    });
    push_line("report", head, &mut out)?;
    push_line("coverage", to_value(&report.coverage)?, &mut out)?;
    push_line("summary", to_value(&report.summary)?, &mut out)?;
    for finding in &report.findings {
        push_line("finding", to_value(finding)?, &mut out)?;
    }
    for package in &report.packages {
        push_line("package", to_value(package)?, &mut out)?;
    }
    Ok(out)
}

/// Whether a first line is that of our NDJSON.
pub(crate) fn is_ndjson(line: &[u8]) -> bool {
    serde_json::from_slice::<Map<String, Value>>(line)
        .is_ok_and(|map| map.get("kind").is_some_and(|kind| kind == "report"))
}

/// Reads what [`to_ndjson`] wrote.
///
/// # Errors
/// [`Error::Line`] with the line and reason when a line is no object, of an unknown kind, given
/// twice, or missing.
pub fn from_ndjson(bytes: &[u8]) -> Result<Report, Error> {
    let mut head: Option<Map<String, Value>> = None;
    let mut coverage: Option<Coverage> = None;
    let mut summary: Option<Summary> = None;
    let mut findings: Vec<Finding> = Vec::new();
    let mut packages: Vec<InstalledPackage> = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let wrong = |reason: String| Error::Line {
            line: number,
            reason,
        };
        let mut map: Map<String, Value> =
            serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
        let Some(Value::String(kind)) = map.remove("kind") else {
            return Err(wrong("no `kind`".to_owned()));
        };
        let value = Value::Object(map);
        let reason = |error: serde_json::Error| wrong(error.to_string());
        let twice = match kind.as_str() {
            "report" => head
                .replace(serde_json::from_value(value).map_err(reason)?)
                .is_some(),
            "coverage" => coverage
                .replace(serde_json::from_value(value).map_err(reason)?)
                .is_some(),
            "summary" => summary
                .replace(serde_json::from_value(value).map_err(reason)?)
                .is_some(),
            "finding" => {
                findings.push(serde_json::from_value(value).map_err(reason)?);
                false
            }
            "package" => {
                packages.push(serde_json::from_value(value).map_err(reason)?);
                false
            }
            other => return Err(wrong(format!("unknown kind `{other}`"))),
        };
        if twice {
            return Err(wrong(format!("second line of kind `{kind}`")));
        }
    }
    join(head, coverage, summary, (&findings, &packages))
}

fn join(
    head: Option<Map<String, Value>>,
    coverage: Option<Coverage>,
    summary: Option<Summary>,
    (findings, packages): (&[Finding], &[InstalledPackage]),
) -> Result<Report, Error> {
    let missing = |kind: &str| Error::Line {
        line: 0,
        reason: format!("no line of kind `{kind}`"),
    };
    let mut map = head.ok_or_else(|| missing("report"))?;
    map.insert(
        "coverage".to_owned(),
        to_value(&coverage.ok_or_else(|| missing("coverage"))?)?,
    );
    map.insert(
        "summary".to_owned(),
        to_value(&summary.ok_or_else(|| missing("summary"))?)?,
    );
    map.insert("findings".to_owned(), to_value(&findings)?);
    map.insert("packages".to_owned(), to_value(&packages)?);
    let report: Report =
        serde_json::from_value(Value::Object(map)).map_err(|error| Error::Line {
            line: 1,
            reason: error.to_string(),
        })?;
    report.check_version()?;
    Ok(report)
}

fn to_value<T: serde::Serialize>(value: &T) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::from_json(&error))
}

fn push_line(kind: &str, value: Value, out: &mut Vec<u8>) -> Result<(), Error> {
    let Value::Object(mut map) = value else {
        return Err(Error::Line {
            line: 0,
            reason: format!("`{kind}` is no object"),
        });
    };
    map.insert("kind".to_owned(), Value::String(kind.to_owned()));
    out.extend_from_slice(&canonical_json(&Value::Object(map))?);
    out.push(b'\n');
    Ok(())
}
