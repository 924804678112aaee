//! OpenVEX 0.2.0: what this site decided, for tools and people that read VEX.
//!
//! One statement a finding that somebody decided about. A decision on a finding that is no published
//! vulnerability is told too, under the name of its check. Findings that nobody decided about make
//! no statement: silence is not a statement. Source: openvex/spec, OPENVEX-SPEC.md.

use crate::Error;
use crate::facts::line;
use crate::object::Object;
use casemate_base::hash;
use casemate_schema::{
    CloseReason, Decision, Finding, FindingState, Report, State, canonical_json,
};
use serde_json::{Value, json};
use std::io::Write;

/// Writes the decisions of a report as an OpenVEX document, in memory.
///
/// # Errors
/// As [`write_openvex`].
pub fn openvex(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_openvex(report, &mut out)?;
    Ok(out)
}

/// Writes the decisions of a report as an OpenVEX document.
///
/// # Errors
/// [`Error::NoDecision`] when nobody decided anything about the report's findings: the format has
/// no document without a statement. [`Error::Json`] and [`Error::Write`] as the other writers.
pub fn write_openvex(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    let mut said: Vec<(&str, &str, Value)> = report
        .findings
        .iter()
        .chain(&report.suppressed)
        .filter_map(|finding| {
            let decision = decided(finding)?;
            let statement = statement(report, finding, decision)?;
            Some((finding.id.as_str(), decision.when.as_str(), statement))
        })
        .collect();
    if said.is_empty() {
        return Err(Error::NoDecision);
    }
    said.sort_by(|a, b| a.0.cmp(b.0));
    let latest = said.iter().map(|(_, when, _)| *when).max();
    let latest = latest.unwrap_or_default().to_owned();
    let mut statements: Vec<Value> = Vec::new();
    for (_, _, statement) in said {
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    let digest = hash::blake3(&canonical_json(&json!(statements))?).to_hex();
    let document = json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("urn:casemate:openvex:{digest}"),
        "author": format!("{} {}", report.tool.name, report.tool.version),
        "role": "record of the site's decisions",
        "timestamp": latest,
        "version": 1,
        "tooling": format!("{} {}", report.tool.name, report.tool.version),
        "statements": statements,
    });
    out.write_all(&canonical_json(&document)?)
        .map_err(Error::Write)
}

/// The decision that holds about a finding.
fn decided(finding: &Finding) -> Option<&Decision> {
    let state: &FindingState = finding.state.as_deref()?;
    state
        .decision
        .as_deref()
        .filter(|decision| !decision.pending)
}

fn statement(report: &Report, finding: &Finding, decision: &Decision) -> Option<Value> {
    let state = finding.state.as_deref()?;
    let why = line(&decision.why);
    let object = Object::new()
        .put("vulnerability", vulnerability(finding))
        .put("products", json!([product(report, finding)]))
        .put("timestamp", json!(decision.when))
        .put("status_notes", json!(notes(finding, decision)));
    let object = match (state.state, state.reason) {
        (State::Closed, Some(CloseReason::FalsePositive | CloseReason::NotAffected)) => object
            .put("status", json!("not_affected"))
            .put("impact_statement", json!(why)),
        (State::Closed, Some(CloseReason::Accepted)) => {
            let until = decision.until.as_deref().unwrap_or("further notice");
            object.put("status", json!("affected")).put(
                "action_statement",
                json!(format!("The risk is accepted until {until}: {why}")),
            )
        }
        (State::Closed, Some(CloseReason::Fixed)) | (State::FixedAwaitingRescan, _) => {
            object.put("status", json!("fixed"))
        }
        (State::InProgress, _) => object.put("status", json!("affected")).put(
            "action_statement",
            json!(format!("It is being worked on: {why}")),
        ),
        (State::Triaged, _) => {
            let action = if finding.remediation.is_empty() {
                "Nothing is planned yet.".to_owned()
            } else {
                line(&finding.remediation)
            };
            object
                .put("status", json!("affected"))
                .put("action_statement", json!(action))
        }
        // Whose it is, or that it is told twice, says nothing about the product.
        (State::Closed, _) => object.put("status", json!("under_investigation")),
        (State::New, _) => return None,
    };
    Some(object.build())
}

fn vulnerability(finding: &Finding) -> Value {
    match &finding.vulnerability {
        Some(vulnerability) => {
            let mut aliases: Vec<&str> = vulnerability
                .aliases
                .iter()
                .map(|alias| alias.as_str())
                .collect();
            aliases.sort_unstable();
            aliases.dedup();
            let aliases = (!aliases.is_empty()).then(|| json!(aliases));
            Object::new()
                .put("name", json!(vulnerability.id))
                .put("description", json!(line(&finding.title)))
                .some("aliases", aliases)
                .build()
        }
        None => json!({
            "name": finding.source.check,
            "description": line(&finding.title),
        }),
    }
}

/// The package where there is one, on the host where that is known.
fn product(report: &Report, finding: &Finding) -> Value {
    let host = finding
        .location
        .host
        .as_deref()
        .or(report.host.name.as_deref());
    let purl = finding
        .component
        .as_ref()
        .and_then(|component| component.purl.as_deref())
        .filter(|purl| is_iri(purl));
    let place = urn("host", host.unwrap_or("unknown"));
    match (purl, host) {
        (Some(purl), Some(_)) => json!({
            "@id": place,
            "subcomponents": [{ "@id": purl, "identifiers": { "purl": purl } }],
        }),
        (Some(purl), None) => json!({ "@id": purl, "identifiers": { "purl": purl } }),
        (None, _) => json!({
            "@id": place,
            "subcomponents": [{ "@id": urn("finding", &finding.id) }],
        }),
    }
}

/// A name of ours as an IRI: what may not stand in one is written as `%XX`.
fn urn(kind: &str, name: &str) -> String {
    let mut out = format!("urn:casemate:{kind}:");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Whether text can stand as an IRI as it is.
fn is_iri(text: &str) -> bool {
    text.starts_with("pkg:")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>\"{}|\\^`#[]".contains(&byte))
}

fn notes(finding: &Finding, decision: &Decision) -> String {
    let Decision {
        number, verb, who, ..
    } = decision;
    let mut notes = format!(
        "Decision {number} ({verb}) by {} on {}",
        line(who),
        finding.id
    );
    if let Some(approver) = &decision.approved_by {
        notes.push_str(&format!(", approved by {}", line(approver)));
    }
    if let Some(other) = &decision.duplicate_of {
        notes.push_str(&format!(", a duplicate of {}", line(other)));
    }
    let awaiting = finding.state.as_deref().map(|state| state.state);
    if awaiting == Some(State::FixedAwaitingRescan) {
        notes.push_str(", no report has confirmed it yet");
    }
    format!("{notes}: {}", line(&decision.why))
}
