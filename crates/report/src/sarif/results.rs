//! The results of a SARIF run: one a finding, the worst first.

use super::rules::{Rules, level, rule_id};
use super::text::plain;
use super::uri;
use crate::group::ranked;
use casemate_base::text::printable;
use casemate_schema::{Evidence, Finding, Report};
use serde_json::{Map, Value, json};

pub(super) fn results(report: &Report, rules: &Rules<'_>) -> Vec<Value> {
    ranked(&report.findings)
        .into_iter()
        .map(|finding| result(finding, rules))
        .collect()
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

fn properties(finding: &Finding) -> Value {
    let mut properties = json!({
        "severity": finding.severity,
        "category": finding.category,
        "evidence": finding.evidence,
        "remediation": finding.remediation,
        "source": finding.source,
    });
    if let (Some(properties), Some(risk)) = (properties.as_object_mut(), &finding.risk) {
        properties.insert("risk".to_owned(), json!(risk));
    }
    properties
}
