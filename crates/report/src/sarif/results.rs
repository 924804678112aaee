//! The results of a SARIF run: one a finding, the worst first.

use super::rules::{Rules, level, rule_id};
use super::text::plain;
use super::uri;
use crate::group::ranked;
use crate::object::Object;
use crate::words;
use casemate_base::text::printable;
use casemate_schema::{Evidence, Finding, Report, Suppression};
use serde_json::{Map, Value, json};

/// The findings, then the suppressed ones.
pub(super) fn results<'a>(
    report: &'a Report,
    rules: &'a Rules<'a>,
) -> impl Iterator<Item = Value> + 'a {
    ranked(&report.findings)
        .into_iter()
        .chain(ranked(&report.suppressed))
        .map(|finding| result(finding, rules))
}

fn result(finding: &Finding, rules: &Rules<'_>) -> Value {
    let mut out = json!({
        "ruleId": rule_id(finding),
        "kind": "fail",
        "level": level(finding.severity),
        "message": { "text": plain(&finding.title) },
        "partialFingerprints": { "casemateFindingId/v1": finding.id },
        "properties": properties(finding),
    });
    if let Some(out) = out.as_object_mut() {
        if let Some(index) = rules.index(finding) {
            out.insert("ruleIndex".to_owned(), json!(index));
        }
        if let Some(location) = location(finding) {
            out.insert("locations".to_owned(), json!([location]));
        }
        let related: Vec<Value> = finding.evidence.iter().filter_map(evidence_at).collect();
        if !related.is_empty() {
            out.insert("relatedLocations".to_owned(), Value::Array(related));
        }
        if let Some(risk) = &finding.risk {
            out.insert("rank".to_owned(), json!(f64::from(risk.score.min(100))));
        }
        if let Some(suppression) = &finding.suppression {
            out.insert("suppressions".to_owned(), json!([suppressed(suppression)]));
        }
    }
    out
}

fn location(finding: &Finding) -> Option<Value> {
    let mut location = Map::new();
    if let Some(artifact) = uri::artifact(&finding.location) {
        let physical = physical(artifact, finding.location.line);
        location.insert("physicalLocation".to_owned(), physical);
    }
    if let Some(subject) = &finding.location.subject {
        let name = printable(subject);
        let category = printable(&finding.category);
        let logical = json!([{
            "name": name,
            "fullyQualifiedName": format!("{category}/{name}"),
            "kind": "resource",
        }]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    (!location.is_empty()).then_some(Value::Object(location))
}

/// SARIF counts lines from 1; a line 0 is left out.
fn physical(artifact: Value, line: Option<u64>) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact);
    if let Some(line) = line.filter(|line| *line > 0) {
        physical.insert("region".to_owned(), json!({ "startLine": line }));
    }
    Value::Object(physical)
}

/// Evidence that was read from a file, as a related location.
fn evidence_at(evidence: &Evidence) -> Option<Value> {
    let path = evidence.path.as_deref()?;
    let message = format!("{} = {}", evidence.name, evidence.value);
    Some(json!({
        "physicalLocation": physical(uri::of_path(path.as_bytes()), evidence.line),
        "message": { "text": plain(&message) },
    }))
}

/// Somebody outside of the scanned files said so (section 3.35).
fn suppressed(suppression: &Suppression) -> Value {
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": words::suppression(suppression),
        "properties": suppression,
    })
}

/// All that a result has no member for.
fn properties(finding: &Finding) -> Value {
    Object::new()
        .put("severity", json!(finding.severity))
        .put("category", json!(finding.category))
        .put("evidence", json!(finding.evidence))
        .put("remediation", json!(finding.remediation))
        .put("source", json!(finding.source))
        .some("host", finding.location.host.as_deref())
        .some("risk", finding.risk.as_ref().map(|risk| json!(risk)))
        .some(
            "component",
            finding.component.as_ref().map(|component| json!(component)),
        )
        .some(
            "vulnerability",
            finding.vulnerability.as_ref().map(|v| json!(v)),
        )
        .some("firstSeen", finding.first_seen.as_deref())
        .some("lastSeen", finding.last_seen.as_deref())
        .some(
            "merged",
            finding.merged.as_ref().map(|merged| json!(merged)),
        )
        .some(
            "enrichment",
            finding.enrichment.as_ref().map(|it| json!(it)),
        )
        .some("state", finding.state.as_ref().map(|it| json!(it)))
        .build()
}
