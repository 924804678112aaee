//! One vulnerability a finding.

use super::components::Components;
use super::{analysis, property, version};
use crate::facts::{self, line, lines};
use crate::object::Object;
use casemate_schema::{Cvss, Finding, Report};
use serde_json::{Value, json};

pub(super) fn vulnerability(report: &Report, finding: &Finding) -> Value {
    let identifiers = facts::identifiers(finding);
    let first = identifiers.first().copied().unwrap_or_default();
    let published = finding.vulnerability.as_deref();
    let published = published.and_then(|v| facts::time(v.published.as_deref()?));
    let aliases = identifiers.iter().skip(1);
    let aliases = aliases.map(|id| json!({ "id": line(id), "source": source(id) }));
    let advisories = facts::urls(finding).into_iter();
    let advisories = advisories.map(|url| json!({ "url": url }));
    let weaknesses = facts::weaknesses(finding).into_iter().map(Value::from);
    Object::new()
        .put("bom-ref", format!("finding:{}", finding.id))
        .text("id", line(first))
        .put("source", source(first))
        .list("references", aliases.collect())
        .list("ratings", ratings(finding))
        .list("cwes", weaknesses.collect())
        .put("description", line(&finding.title))
        .text("detail", lines(&finding.description))
        .text("recommendation", recommendation(finding))
        .list("advisories", advisories.collect())
        .some("published", published)
        .put("affects", json!([affects(report, finding)]))
        .some(
            "analysis",
            finding.suppression.as_deref().map(analysis::analysis),
        )
        .list("properties", properties(finding))
        .build()
}

/// Who publishes identifiers of this form, with the address where that follows from it.
fn source(id: &str) -> Value {
    let plain = id
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if facts::is_cve(id) {
        json!({ "name": "NVD", "url": format!("https://nvd.nist.gov/vuln/detail/{id}") })
    } else if id.starts_with("GHSA-") && plain {
        json!({ "name": "GitHub Advisories", "url": format!("https://github.com/advisories/{id}") })
    } else if id.starts_with("RUSTSEC-") && plain {
        json!({ "name": "RustSec", "url": format!("https://rustsec.org/advisories/{id}.html") })
    } else {
        let prefix = id.split('-').next().unwrap_or_default();
        json!({ "name": line(prefix) })
    }
}

/// Our severity first, then each score as the source gives it.
fn ratings(finding: &Finding) -> Vec<Value> {
    let ours = json!({
        "source": { "name": line(&finding.source.tool) },
        "severity": finding.severity,
        "method": "other",
    });
    let scores = finding.vulnerability.iter().flat_map(|v| &v.cvss);
    std::iter::once(ours)
        .chain(scores.filter_map(rating))
        .collect()
}

fn rating(cvss: &Cvss) -> Option<Value> {
    let method = match facts::cvss_version(cvss).unwrap_or_default() {
        "3.0" => "CVSSv3",
        "3.1" => "CVSSv31",
        other if other.starts_with('2') => "CVSSv2",
        other if other.starts_with('4') => "CVSSv4",
        _ => "other",
    };
    let score = facts::cvss_score(cvss);
    let vector = cvss.vector.as_deref().map(line);
    if score.is_none() && vector.is_none() {
        return None;
    }
    let source = cvss.source.as_deref();
    let rating = Object::new()
        .put("method", method)
        .some("score", score)
        .some("vector", vector)
        .some("source", source.map(|name| json!({ "name": line(name) })));
    Some(rating.build())
}

fn recommendation(finding: &Finding) -> String {
    let text = lines(&finding.remediation);
    let fix = finding
        .component
        .as_deref()
        .and_then(|c| c.fixed_version.as_deref());
    match fix {
        Some(fix) if !text.contains(fix) => {
            let sentence = format!("Fixed in {}.", line(fix));
            if text.trim().is_empty() {
                sentence
            } else {
                format!("{sentence}\n{text}")
            }
        }
        _ => text,
    }
}

fn affects(report: &Report, finding: &Finding) -> Value {
    let status = match finding.suppression.as_deref().map(|s| s.status.as_str()) {
        Some("not_affected" | "fixed" | "false_positive") => "unaffected",
        _ => "affected",
    };
    let installed = finding
        .component
        .as_deref()
        .and_then(|c| version(c.version.as_deref()?));
    let versions = installed.map(|version| json!({ "version": version, "status": status }));
    Object::new()
        .put("ref", Components::reference(report, finding))
        .list("versions", versions.into_iter().collect())
        .build()
}

/// What the format has no member for.
fn properties(finding: &Finding) -> Vec<Value> {
    let mut out = vec![property("casemate:tool", facts::tools(finding).join(", "))];
    let mut push = |name: &str, text: Option<String>| {
        out.extend(text.map(|text| property(name, text)));
    };
    let location = &finding.location;
    push("casemate:check", Some(line(&finding.source.check)));
    push(
        "casemate:risk",
        finding.risk.as_ref().map(|risk| risk.score.to_string()),
    );
    push("casemate:host", location.host.as_deref().map(line));
    push("casemate:path", location.path.as_deref().map(line));
    push("casemate:subject", location.subject.as_deref().map(line));
    push(
        "casemate:epss",
        facts::epss(finding).map(|score| score.to_string()),
    );
    let vulnerability = finding.vulnerability.as_deref();
    let exploited = vulnerability.and_then(|vulnerability| vulnerability.exploited);
    push("casemate:exploited", exploited.map(|yes| yes.to_string()));
    push(
        "casemate:first_seen",
        finding.first_seen.as_deref().map(line),
    );
    push("casemate:last_seen", finding.last_seen.as_deref().map(line));
    for key in finding.merged.iter().flat_map(|merged| &merged.keys) {
        push("casemate:merged_key", Some(line(key)));
    }
    out
}
