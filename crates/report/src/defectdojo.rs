//! The report in the generic JSON of DefectDojo ("Generic Findings Import"), for vulnerability
//! management.
//!
//! Invariants:
//! - only members that its documentation has named for years are written: it refuses a file with
//!   any other;
//! - values keep its limits of length, and dates, vectors and addresses are written only when they
//!   are of the form that it reads: a wrong one stops the whole import;
//! - every finding is written once, suppressed ones included, these not active.
//!
//! Source: DefectDojo documentation, "Generic Findings Import", section JSON. The mapping is
//! described in `docs/formats/defectdojo.md`.

mod cvss;
mod text;

use crate::facts::{self, line, lines};
use crate::group::ranked;
use crate::object::{Object, list, raw};
use crate::{Error, words};
use casemate_base::text::printable;
use casemate_schema::{Finding, Report, Severity, Suppression};
use serde_json::Value;
use std::io::Write;
use text::{clip, host_name, identity, tag};

/// The report as canonical JSON, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn defectdojo(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_defectdojo(report, &mut out)?;
    Ok(out)
}

/// Writes what [`defectdojo`] returns, finding by finding.
///
/// # Errors
/// [`Error::Json`] as there, [`Error::Write`] when the writer fails.
pub fn write_defectdojo(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    let suppressed = ranked(&report.suppressed);
    let all = ranked(&report.findings).into_iter().chain(suppressed);
    raw(out, br#"{"findings":"#)?;
    list(out, all.map(|finding| entry(report, finding)))?;
    raw(out, b"}")
}

fn entry(report: &Report, finding: &Finding) -> Value {
    let location = &finding.location;
    let weakness = facts::weaknesses(finding).first().copied();
    let web = facts::web_address(finding);
    let path = location.path.as_deref().filter(|_| web.is_none());
    let is_static = path.is_some();
    let seen = [&finding.last_seen, &finding.first_seen];
    let seen = seen.into_iter().flatten().find_map(|time| facts::day(time));
    let date = seen.or_else(|| facts::day(&report.scan.started_at));
    let object = Object::new()
        .put("title", clip(&title(finding), 511))
        .put("severity", severity(finding.severity))
        .put("description", description(finding))
        .some("date", date)
        .some("cwe", weakness)
        .text("mitigation", mitigation(finding))
        .text("references", references(finding))
        .text("severity_justification", justification(finding))
        .some("file_path", path.map(|path| clip(&printable(path), 4000)))
        .some("line", location.line.filter(|_| is_static))
        .list("endpoints", endpoint(report, finding).into_iter().collect())
        .put("unique_id_from_tool", identity(&finding.id, 500))
        .put(
            "vuln_id_from_tool",
            clip(&printable(&finding.source.check), 500),
        )
        .put("static_finding", is_static)
        .put("dynamic_finding", !is_static)
        .put("tags", tags(finding));
    state(
        vulnerability(object, finding),
        finding.suppression.as_deref(),
    )
    .build()
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Info",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

fn title(finding: &Finding) -> String {
    let title = line(&finding.title);
    if title.is_empty() {
        line(&finding.source.check)
    } else {
        title
    }
}

/// What is wrong, and what was seen.
fn description(finding: &Finding) -> String {
    let mut parts = vec![lines(&finding.description)];
    parts.extend(words::place(&finding.location).map(|place| format!("Where: {place}")));
    let seen = finding.evidence.iter();
    parts.extend(seen.map(|item| format!("{}: {}", line(&item.name), lines(&item.value))));
    if let Some(merged) = &finding.merged {
        let tools = facts::tools(finding).join(", ");
        parts.push(format!(
            "Found by {}: {}",
            line(&tools),
            line(&merged.keys.join(", "))
        ));
    }
    if let Some(suppression) = &finding.suppression {
        parts.push(words::suppression(suppression));
    }
    parts.retain(|part| !part.trim().is_empty());
    if parts.is_empty() {
        title(finding)
    } else {
        parts.join("\n\n")
    }
}

fn mitigation(finding: &Finding) -> String {
    let fix = finding
        .component
        .as_deref()
        .and_then(|c| c.fixed_version.as_deref());
    let fix = fix.map(|fix| format!("Fixed in {}.", line(fix)));
    let mut parts: Vec<String> = fix.into_iter().collect();
    parts.push(lines(&finding.remediation));
    parts.retain(|part| !part.trim().is_empty());
    parts.join("\n\n")
}

fn references(finding: &Finding) -> String {
    let references = finding.references.iter().map(facts::reference);
    references.collect::<Vec<_>>().join("\n")
}

/// How our number and the source's word came about.
fn justification(finding: &Finding) -> String {
    let risk = finding.risk.as_ref();
    let risk = risk.map(|risk| format!("Risk {} of 100: {}", risk.score, words::factors(risk)));
    let word = finding.source.severity.as_deref();
    let tool = line(&finding.source.tool);
    let word = word.map(|word| format!("{tool} says: {}", line(word)));
    let parts: Vec<String> = risk.into_iter().chain(word).collect();
    parts.join("\n")
}

/// Identifiers, scores and component.
fn vulnerability(object: Object, finding: &Finding) -> Object {
    let identifiers: Vec<String> = facts::identifiers(finding)
        .into_iter()
        .map(|id| clip(&printable(id), 50))
        .collect();
    // With both members present, releases up to 2.5x make a list inside the list of the ids.
    let object = match identifiers.as_slice() {
        [] => object,
        [one] if facts::is_cve(one) => object.put("cve", one.as_str()),
        _ => object.put("vulnerability_ids", identifiers),
    };
    let scores = finding.vulnerability.iter().flat_map(|v| &v.cvss);
    let (v3, v4) = cvss::best(scores);
    let component = finding.component.as_deref();
    let fix = component.and_then(|component| component.fixed_version.as_deref());
    let published = finding.vulnerability.as_deref();
    let published = published.and_then(|v| facts::day(v.published.as_deref()?));
    object
        .some("cvssv3", v3.vector)
        .some("cvssv3_score", v3.score)
        .some("cvssv4", v4.vector)
        .some("cvssv4_score", v4.score)
        .some("epss_score", facts::epss(finding))
        .some(
            "known_exploited",
            facts::is_exploited(finding).then_some(true),
        )
        .some("fix_available", fix.map(|_| true))
        .some("publish_date", published)
        .some(
            "component_name",
            component.map(|c| clip(&printable(&c.name), 500)),
        )
        .some(
            "component_version",
            component.and_then(|c| Some(clip(&printable(c.version.as_deref()?), 100))),
        )
}

/// Whether it counts, and if not, which of DefectDojo's reasons is meant.
fn state(object: Object, suppression: Option<&Suppression>) -> Object {
    let object = object
        .put("active", suppression.is_none())
        .put("verified", false);
    let Some(suppression) = suppression else {
        return object;
    };
    let status = suppression.status.to_lowercase().replace(['-', ' '], "_");
    match status.as_str() {
        "false_positive" | "not_affected" | "known_not_affected" => object.put("false_p", true),
        "fixed" | "resolved" | "resolved_with_pedigree" | "mitigated" => {
            object.put("is_mitigated", true)
        }
        "accepted" | "risk_accepted" | "wont_fix" | "will_not_fix" => {
            object.put("risk_accepted", true)
        }
        "under_investigation" | "in_triage" => object.put("under_review", true),
        _ => object.put("out_of_scope", true),
    }
}

/// The address or host, if DefectDojo can read it: one that it cannot stops its import.
fn endpoint(report: &Report, finding: &Finding) -> Option<Value> {
    if let Some(address) = facts::web_address(finding) {
        let (_, rest) = address.split_once("://")?;
        let host = rest.split(['/', '?', '#', ':']).next()?;
        return host_name(host).map(|_| Value::from(address));
    }
    let host = facts::host(report, finding)?;
    host_name(host).map(Value::from)
}

fn tags(finding: &Finding) -> Vec<String> {
    let mut tags = vec![tag(&finding.category)];
    tags.extend(facts::tools(finding).into_iter().map(tag));
    if let Some(suppression) = &finding.suppression {
        tags.push(tag(&format!("suppressed-{}", suppression.status)));
    }
    tags.retain(|tag| !tag.is_empty());
    tags.dedup();
    tags
}
