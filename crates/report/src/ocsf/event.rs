//! One event: what all classes have, and the parts of each.

use super::objects::{self, severity};
use super::{Class, VERSION};
use crate::facts::{self, line, lines};
use crate::object::Object;
use casemate_schema::{Finding, ReferenceKind, Report, Suppression};
use serde_json::{Value, json};

pub(super) fn event(report: &Report, finding: &Finding) -> Value {
    let class = Class::of(finding);
    let (severity_id, severity) = severity(finding.severity);
    let event = Object::new()
        .put("activity_id", 1)
        .put("activity_name", "Create")
        .put("category_uid", 2)
        .put("category_name", "Findings")
        .put("class_uid", class.uid())
        .put("class_name", class.name())
        .put("type_uid", class.uid() * 100 + 1)
        .put("type_name", format!("{}: Create", class.name()))
        .put("severity_id", severity_id)
        .put("severity", severity)
        .put("time", time(report))
        .put("message", line(&finding.title))
        .put("metadata", metadata(report))
        .put("finding_info", finding_info(finding))
        .some("device", objects::device(report, finding))
        .list("resources", objects::resources(finding))
        .list("observables", objects::observables(report, finding))
        .put("unmapped", unmapped(finding, class));
    let event = status(event, finding.suppression.as_deref());
    match class {
        Class::Vulnerability => {
            event.put("vulnerabilities", json!([objects::vulnerability(finding)]))
        }
        Class::Compliance => event
            .put("compliance", compliance(finding))
            .some("remediation", objects::remediation(finding))
            .list("evidences", objects::evidences(finding)),
        Class::Detection => event
            .some("remediation", objects::remediation(finding))
            .list("evidences", objects::evidences(finding)),
    }
    .build()
}

fn status(event: Object, suppression: Option<&Suppression>) -> Object {
    let Some(suppression) = suppression else {
        return event.put("status_id", 1).put("status", "New");
    };
    let reason = suppression.statement.as_deref();
    let reason = reason.or(suppression.justification.as_deref());
    event
        .put("status_id", 3)
        .put("status", "Suppressed")
        .text("status_code", line(&suppression.status))
        .text("status_detail", lines(reason.unwrap_or_default()))
}

/// When the scan began; else when the first of the inputs that say so was made; else the epoch,
/// for the attribute is required.
fn time(report: &Report) -> i64 {
    let inputs = report.inputs.iter();
    let inputs = inputs.filter_map(|input| facts::milliseconds(input.scanned_at.as_deref()?));
    facts::milliseconds(&report.scan.started_at)
        .or_else(|| inputs.min())
        .unwrap_or(0)
}

fn metadata(report: &Report) -> Value {
    let product = Object::new()
        .put("name", line(&report.tool.name))
        .put("vendor_name", "casemate")
        .text("version", line(&report.tool.version));
    Object::new()
        .put("version", VERSION)
        .put("product", product.build())
        .put("log_version", line(&report.schema_version))
        .text("original_time", line(&report.scan.started_at))
        .build()
}

fn finding_info(finding: &Finding) -> Value {
    let source = &finding.source;
    let check = line(&source.check);
    let analytic = Object::new()
        .put("type_id", 1)
        .put("type", "Rule")
        .put("name", check.as_str())
        .put("uid", check.as_str());
    let related = objects::related_events(finding);
    let seen = |time: &Option<casemate_schema::Text>| facts::milliseconds(time.as_deref()?);
    Object::new()
        .put("uid", finding.id.as_str())
        .some("uid_alt", source.id.as_deref().map(line))
        .put("title", line(&finding.title))
        .text("desc", lines(&finding.description))
        .put("types", json!([line(&finding.category)]))
        .put("product", json!({ "name": line(&source.tool) }))
        .put("analytic", analytic.build())
        .list("attacks", objects::attacks(finding))
        .some("src_url", facts::urls(finding).first().copied())
        .some("first_seen_time", seen(&finding.first_seen))
        .some("last_seen_time", seen(&finding.last_seen))
        .some(
            "related_events_count",
            (!related.is_empty()).then_some(related.len()),
        )
        .list("related_events", related)
        .build()
}

fn compliance(finding: &Finding) -> Value {
    let standards: Vec<Value> = facts::references(finding, ReferenceKind::Cis)
        .map(|id| Value::from(format!("CIS {}", line(id))))
        .collect();
    let details: Vec<Value> = finding
        .evidence
        .iter()
        .map(|item| Value::from(format!("{}: {}", line(&item.name), line(&item.value))))
        .collect();
    Object::new()
        .put("control", line(&finding.source.check))
        .put("status_id", 3)
        .put("status", "Fail")
        .put("category", line(&finding.category))
        .text("desc", lines(&finding.description))
        .list("standards", standards)
        .list("status_details", details)
        .build()
}

/// What the schema has no attribute for, under our own name.
fn unmapped(finding: &Finding, class: Class) -> Value {
    let location = &finding.location;
    let mut own = Object::new()
        .put("category", line(&finding.category))
        .some("path_base64", location.path_base64.as_deref())
        .some("line", location.line)
        .some(
            "source_severity",
            finding.source.severity.as_deref().map(line),
        )
        .list(
            "references",
            texts(finding.references.iter().map(facts::reference)),
        );
    if let Some(risk) = &finding.risk {
        own = own
            .put("risk_score", risk.score)
            .put("risk_factors", crate::words::factors(risk));
    }
    if let Some(merged) = &finding.merged {
        own = own.list(
            "merged_keys",
            texts(merged.keys.iter().map(|key| line(key))),
        );
    }
    if let Some(suppression) = &finding.suppression {
        own = own
            .put("suppressed_by", line(&suppression.by))
            .put("suppressed_status", line(&suppression.status))
            .put("suppressed_source", line(&suppression.source))
            .some(
                "suppressed_justification",
                suppression.justification.as_deref().map(line),
            );
    }
    if class == Class::Vulnerability {
        own = own.list("cvss", objects::cvss_left_over(finding)).list(
            "evidence",
            finding.evidence.iter().map(|e| json!(e)).collect(),
        );
        let vulnerability = finding.vulnerability.as_deref();
        own = own.some("exploited", vulnerability.and_then(|v| v.exploited));
    } else if let Some(component) = &finding.component {
        own = own.put("component", json!(component));
    }
    json!({ "casemate": own.build() })
}

fn texts(items: impl Iterator<Item = String>) -> Vec<Value> {
    items.map(Value::from).collect()
}
