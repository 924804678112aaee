//! The objects of OCSF that an event holds.

use crate::facts::{self, line, lines};
use crate::object::Object;
use casemate_schema::{
    Component, Cvss, Evidence, Finding, ReferenceKind, Report, Severity, SourceRecord,
};
use serde_json::{Value, json};
use std::net::IpAddr;

/// What the schema asks for where nothing is known and the attribute is required.
const UNKNOWN: &str = "Unknown";

/// Identifier and caption of a severity.
pub(super) const fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// The machine that the finding is about; facts of the scanned host only when it is that one.
pub(super) fn device(report: &Report, finding: &Finding) -> Option<Value> {
    let name = facts::host(report, finding)?;
    let is_ip = name.parse::<IpAddr>().is_ok();
    let device = Object::new()
        .put("type_id", 0)
        .put("type", UNKNOWN)
        .put("name", line(name))
        .some("ip", is_ip.then_some(name))
        .some("hostname", (!is_ip).then(|| line(name)));
    let same = report.host.name.as_deref() == Some(name);
    let system = report.host.os.as_ref().filter(|_| same);
    let system = system.map(|system| {
        // os-release, where this comes from, is a file of Linux.
        Object::new()
            .put("type_id", 200)
            .put("type", "Linux")
            .put("name", line(system.name.as_deref().unwrap_or(&system.id)))
            .some("version", system.version.as_deref().map(line))
            .some("kernel_release", report.host.kernel.as_deref().map(line))
            .build()
    });
    Some(device.some("os", system).build())
}

/// What is affected: the subject or the file, and the component.
pub(super) fn resources(finding: &Finding) -> Vec<Value> {
    let location = &finding.location;
    let named = |name: &str, kind: &str| {
        Object::new()
            .put("name", line(name))
            .put("type", line(kind))
            .put("role_id", 3)
            .put("role", "Affected")
    };
    let mut out = Vec::new();
    if let Some(subject) = location.subject.as_deref() {
        out.push(named(subject, &finding.category).build());
    }
    if let Some(path) = location.path.as_deref() {
        out.push(named(path, "file").build());
    }
    if let Some(component) = finding.component.as_deref() {
        let resource = named(&component.name, "package")
            .some("version", component.version.as_deref().map(line))
            .some("uid", component.purl.as_deref().map(line));
        out.push(resource.build());
    }
    out
}

/// Values to search by.
pub(super) fn observables(report: &Report, finding: &Finding) -> Vec<Value> {
    let mut out = Vec::new();
    let mut push = |name: &str, type_id: u8, kind: &str, value: &str| {
        let value = line(value);
        out.push(json!({ "name": name, "type_id": type_id, "type": kind, "value": value }));
    };
    if let Some(host) = facts::host(report, finding) {
        if host.parse::<IpAddr>().is_ok() {
            push("device.ip", 2, "IP Address", host);
        } else {
            push("device.hostname", 1, "Hostname", host);
        }
    }
    if let Some(address) = facts::web_address(finding) {
        push("resources.name", 6, "URL String", address);
    } else if let Some(path) = finding.location.path.as_deref() {
        push("resources.name", 45, "File Path", path);
    }
    if finding.vulnerability.is_some()
        && let Some(id) = facts::identifiers(finding)
            .first()
            .filter(|id| facts::is_cve(id))
    {
        push("vulnerabilities.cve.uid", 18, "CVE Object: uid", id);
    }
    out
}

/// The vulnerability: a CVE where one is named, else the advisory (never both: the schema's
/// constraint).
pub(super) fn vulnerability(finding: &Finding) -> Value {
    let identifiers = facts::identifiers(finding);
    let first = identifiers.first().copied().unwrap_or(UNKNOWN);
    let published = finding.vulnerability.as_deref();
    let published = published.and_then(|v| facts::milliseconds(v.published.as_deref()?));
    let references: Vec<Value> = facts::urls(finding).into_iter().map(Value::from).collect();
    let weaknesses: Vec<Value> = facts::weaknesses(finding)
        .into_iter()
        .map(|number| json!({ "uid": format!("CWE-{number}") }))
        .collect();
    let entry = Object::new()
        .put("uid", line(first))
        .put("title", line(&finding.title))
        .some("created_time", published)
        .list("references", references.clone())
        .list("related_cwes", weaknesses);
    let entry = if facts::is_cve(first) {
        let epss = facts::epss(finding);
        entry
            .list("cvss", cvss(finding))
            // The schema wants the score as text and the model's version, which nobody gives.
            .some(
                "epss",
                epss.map(|score| json!({ "score": score.to_string() })),
            )
    } else {
        entry
    };
    let kind = if facts::is_cve(first) {
        "cve"
    } else {
        "advisory"
    };
    let component = finding.component.as_deref();
    let fix = component.and_then(|component| component.fixed_version.as_deref());
    Object::new()
        .put(kind, entry.build())
        .put("title", line(&finding.title))
        .text("desc", lines(&finding.description))
        .put("severity", severity(finding.severity).1)
        .some("is_fix_available", fix.map(|_| true))
        .some(
            "is_exploit_available",
            facts::is_exploited(finding).then_some(true),
        )
        .list(
            "affected_packages",
            component.map(|c| package(finding, c)).into_iter().collect(),
        )
        .list("references", references)
        .list(
            "related_vulnerabilities",
            identifiers
                .iter()
                .skip(1)
                .map(|id| Value::from(line(id)))
                .collect(),
        )
        .some("remediation", remediation(finding))
        .build()
}

fn package(finding: &Finding, component: &Component) -> Value {
    let version = component.version.as_deref().unwrap_or(UNKNOWN);
    Object::new()
        .put("name", line(&component.name))
        .put("version", line(version))
        .some("purl", component.purl.as_deref().map(line))
        .some("package_manager", component.kind.as_deref().map(line))
        .some(
            "fixed_in_version",
            component.fixed_version.as_deref().map(line),
        )
        .some("path", finding.location.path.as_deref().map(line))
        .build()
}

/// The entries that have what the schema requires: a version and a base score.
fn cvss(finding: &Finding) -> Vec<Value> {
    let entries = finding.vulnerability.iter().flat_map(|v| &v.cvss);
    entries
        .filter_map(|cvss| {
            let version = facts::cvss_version(cvss)?;
            let score = facts::cvss_score(cvss)?;
            let entry = Object::new()
                .put("version", line(version))
                .put("base_score", score)
                .put("depth", "Base")
                .some("vector_string", cvss.vector.as_deref().map(line))
                .some("vendor_name", cvss.source.as_deref().map(line));
            Some(entry.build())
        })
        .collect()
}

/// The entries that the event cannot hold: all of an advisory, else the incomplete ones.
pub(super) fn cvss_left_over(finding: &Finding) -> Vec<Value> {
    let is_cve = facts::identifiers(finding)
        .first()
        .is_some_and(|id| facts::is_cve(id));
    let complete = |cvss: &&Cvss| {
        is_cve && facts::cvss_version(cvss).is_some() && facts::cvss_score(cvss).is_some()
    };
    let entries = finding.vulnerability.iter().flat_map(|v| &v.cvss);
    entries
        .filter(|cvss| !complete(cvss))
        .map(|cvss| json!(cvss))
        .collect()
}

pub(super) fn remediation(finding: &Finding) -> Option<Value> {
    let desc = lines(&finding.remediation);
    let urls: Vec<Value> = facts::urls(finding).into_iter().map(Value::from).collect();
    let remediation = Object::new()
        .put("desc", desc.as_str())
        .list("references", urls);
    (!desc.trim().is_empty()).then(|| remediation.build())
}

/// What was seen, one entry a piece of evidence; then the file or address that it is about.
pub(super) fn evidences(finding: &Finding) -> Vec<Value> {
    let mut out: Vec<Value> = finding.evidence.iter().map(evidence).collect();
    if let Some(address) = facts::web_address(finding) {
        out.push(json!({ "url": { "url_string": address } }));
    } else if let Some(path) = finding.location.path.as_deref() {
        out.push(json!({ "file": file(path) }));
    }
    out
}

fn evidence(evidence: &Evidence) -> Value {
    let data = Object::new()
        .put("value", lines(&evidence.value))
        .some("line", evidence.line);
    Object::new()
        .put("name", line(&evidence.name))
        .put("data", data.build())
        .some("file", evidence.path.as_deref().map(file))
        .build()
}

fn file(path: &str) -> Value {
    let name = path.trim_end_matches('/').rsplit('/').next();
    let name = name.filter(|name| !name.is_empty()).unwrap_or(path);
    json!({ "name": line(name), "path": line(path), "type_id": 0, "type": UNKNOWN })
}

/// What each tool says of a weakness that several found.
pub(super) fn related_events(finding: &Finding) -> Vec<Value> {
    let records = finding.merged.iter().flat_map(|merged| &merged.records);
    records.map(related_event).collect()
}

fn related_event(record: &SourceRecord) -> Value {
    let (severity_id, severity) = severity(record.severity);
    Object::new()
        .put("uid", record.id.as_str())
        .put("title", line(&record.title))
        .put("severity_id", severity_id)
        .put("severity", severity)
        .put("type", line(&record.source.check))
        .put("product", json!({ "name": line(&record.source.tool) }))
        .text(
            "desc",
            crate::words::place(&record.location).unwrap_or_default(),
        )
        .build()
}

/// MITRE ATT&CK: tactics (`TA0004`), techniques (`T1548`) and their parts (`T1548.001`).
pub(super) fn attacks(finding: &Finding) -> Vec<Value> {
    facts::references(finding, ReferenceKind::Attack)
        .map(|id| {
            let uid = line(id);
            if uid.starts_with("TA") {
                return json!({ "tactic": { "uid": uid } });
            }
            match uid.split_once('.') {
                Some((technique, _)) => json!({
                    "technique": { "uid": technique },
                    "sub_technique": { "uid": uid },
                }),
                None => json!({ "technique": { "uid": uid } }),
            }
        })
        .collect()
}
