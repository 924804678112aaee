//! The report as SARIF 2.1.0, for tools that collect results of many scanners.
//!
//! Invariants:
//! - valid against the OASIS schema (errata 01) whatever stands in the report;
//! - one result a finding and none for a check that passed; a check that could not look is a
//!   notification of the invocation, so that "no result" is never read as "clean";
//! - paths are percent-encoded relative references under the base `ROOT`, with the exact bytes of
//!   names that are not UTF-8;
//! - braces in texts are doubled and link brackets escaped (sections 3.11.5 and 3.11.6), so that a
//!   file name can neither be a placeholder nor a link.

mod results;
mod rules;
mod text;
mod uri;

use crate::object::{Object, list, raw, value};
use crate::{Error, words};
use casemate_base::text::printable;
use casemate_schema::{Report, Status, canonical_json};
use rules::Rules;
use serde_json::{Map, Value, json};
use std::io::Write;
use text::plain;

/// Address of the schema, as it stands in the schema itself.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Identifier of the notification for a check that could not look.
const NOT_ASSESSED: &str = "check-not-assessed";
/// Name of the base that all absolute paths are relative to.
const ROOT: &str = "ROOT";

/// The report as canonical SARIF JSON, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn sarif(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_sarif(report, &mut out)?;
    Ok(out)
}

/// Writes what [`sarif`] returns, result by result; the members in canonical order.
///
/// # Errors
/// [`Error::Json`] as there, [`Error::Write`] when the writer fails.
pub fn write_sarif(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    let rules = Rules::of(report);
    let head = Object::new()
        .put("automationDetails", json!({ "id": automation_id(report) }))
        .put("columnKind", "utf16CodeUnits")
        .put("invocations", json!([invocation(report, &rules)]))
        .put("originalUriBaseIds", json!({ ROOT: root(report) }))
        .put("properties", properties(report));
    let taxonomies = rules.taxonomies();
    let tool = Object::new()
        .list("taxonomies", taxonomies)
        .put("tool", json!({ "driver": driver(report, &rules) }));
    raw(out, br#"{"$schema":"#)?;
    value(out, &json!(SCHEMA))?;
    raw(out, br#","runs":[{"#)?;
    members(out, &head.build())?;
    raw(out, br#","results":"#)?;
    list(out, results::results(report, &rules))?;
    raw(out, b",")?;
    members(out, &tool.build())?;
    raw(out, br#"}],"version":"2.1.0"}"#)
}

/// The members of an object without its braces.
fn members(out: &mut dyn Write, object: &Value) -> Result<(), Error> {
    let bytes = canonical_json(object)?;
    let inner = bytes
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"));
    raw(out, inner.unwrap_or_default())
}

fn driver(report: &Report, rules: &Rules<'_>) -> Value {
    let mut driver = json!({
        "name": printable(&report.tool.name),
        "version": printable(&report.tool.version),
        "rules": rules.to_json(),
        "notifications": [{
            "id": NOT_ASSESSED,
            "name": "CheckNotAssessed",
            "shortDescription": { "text": "A check could not look, or not at everything." },
            "defaultConfiguration": { "level": "warning" },
        }],
    });
    if let Some(driver) = driver.as_object_mut() {
        if is_semantic_version(&report.tool.version) {
            driver.insert("semanticVersion".to_owned(), json!(report.tool.version));
        }
        let supported = rules.supported_taxonomies();
        if !supported.is_empty() {
            driver.insert("supportedTaxonomies".to_owned(), Value::Array(supported));
        }
    }
    driver
}

/// Whether a version is three numbers, which every semantic version without a suffix is.
fn is_semantic_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    let is_number = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (*part == "0" || !part.starts_with('0'))
    };
    parts.len() == 3 && parts.iter().all(is_number)
}

/// `casemate/<host>/<time>`: runs of one host belong together (section 3.17.3).
fn automation_id(report: &Report) -> String {
    let host = report.host.name.as_deref().unwrap_or("unknown");
    let part = |text: &str| uri::encode(text.as_bytes()).replace('/', "%2F");
    format!(
        "{}/{}/{}",
        part(&report.tool.name),
        part(host),
        part(&report.scan.started_at)
    )
}

/// The base of all paths: known for the running system, described for anything else.
fn root(report: &Report) -> Value {
    let description = json!({
        "text": format!("The root of what was scanned: {}.", plain(&words::target(&report.scan.target)))
    });
    if report.scan.target == "host" {
        json!({ "uri": "file:///", "description": description })
    } else {
        json!({ "description": description })
    }
}

fn invocation(report: &Report, rules: &Rules<'_>) -> Value {
    let unseen = report
        .coverage
        .checks
        .iter()
        .filter(|check| check.status == Status::NotAssessed);
    let notifications: Vec<Value> = unseen
        .map(|check| {
            let reason = check.reason.as_deref().unwrap_or("no reason was given");
            let mut rule = Map::new();
            rule.insert("id".to_owned(), json!(printable(&check.id)));
            if let Some(index) = rules.index_of_check(&check.id) {
                rule.insert("index".to_owned(), json!(index));
            }
            let message = format!("{} was not assessed: {reason}", check.id);
            json!({
                "descriptor": { "id": NOT_ASSESSED, "index": 0 },
                "associatedRule": rule,
                "level": "warning",
                "message": { "text": plain(&message) },
                "properties": { "surface": check.surface, "privileges": check.privileges },
            })
        })
        .collect();
    let mut invocation = json!({
        "executionSuccessful": !report.partial,
        "toolExecutionNotifications": notifications,
    });
    let started: Result<casemate_base::Timestamp, _> = report.scan.started_at.parse();
    if let (Some(invocation), Ok(_)) = (invocation.as_object_mut(), started) {
        invocation.insert("startTimeUtc".to_owned(), json!(report.scan.started_at));
    }
    invocation
}

fn properties(report: &Report) -> Value {
    json!({
        "host": report.host,
        "mode": report.scan.mode,
        "target": report.scan.target,
        "privileged": report.scan.privileged,
        "score": report.summary.score,
        "checks": report.summary.checks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_semantic_or_left_out() {
        assert!(is_semantic_version("0.1.0"));
        for other in ["1.2", "1.2.x", "01.2.3", "1.2.3-rc1", "", "1..2"] {
            assert!(!is_semantic_version(other), "{other}");
        }
    }
}
