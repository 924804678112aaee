//! `InSpec` JSON and the Heimdall data format (HDF), which is the same with more in it; and `InSpec`'s
//! `json-min`.
//!
//! A finding is a control that failed: with an error, or with a failed test, unless its impact is 0,
//! which means "does not apply here".

use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::BTreeMap;

const SURFACE: &str = "inspec";
/// Most failed tests of a control that are kept.
const TESTS_MAX: usize = 50;

/// What the tests of a control say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Failed,
    Passed,
    NotReviewed,
    NotApplicable,
}

/// Reads a report.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    let none = Value::Null;
    let platform = document.get("platform").unwrap_or(&none);
    out.target(&field::first(platform, &["target_id", "hostname"]));
    out.tool_version(&field::text(document, "version"));
    if field::text(platform, "name").starts_with("Heimdall") {
        out.tool("HDF");
    }
    if document.get("profiles").is_none() {
        minimal(document, out);
        return Ok(());
    }
    let profiles = field::list(document, "profiles");
    for (at, profile) in profiles.iter().enumerate() {
        if matches!(
            field::text(profile, "status").as_str(),
            "failed" | "skipped"
        ) {
            let name = field::text(profile, "name");
            let said = field::first(profile, &["status_message", "skip_message"]);
            let reason = format!("the profile did not run: {said}");
            out.note(format!("{name}: {reason}"));
            out.check(&name, SURFACE, Status::NotAssessed, Some(reason));
        }
        for (index, control) in field::list(profile, "controls").iter().enumerate() {
            let id = field::text(control, "id");
            if id.is_empty() {
                let place = format!("profiles[{at}].controls[{index}]");
                out.reject(place, "it has no id");
            } else if !is_told_elsewhere(profile, &id, control, profiles) {
                take(control, id, out);
            }
        }
    }
    Ok(())
}

/// Whether a control of an overlay, or of the profile under it, is the same as another with results.
fn is_told_elsewhere(profile: &Value, id: &str, control: &Value, profiles: &[Value]) -> bool {
    let with_results = |other: &Value| {
        field::list(other, "controls").iter().any(|other| {
            field::text(other, "id") == id && !field::list(other, "results").is_empty()
        })
    };
    let name = field::text(profile, "name");
    let parent = field::text(profile, "parent_profile");
    let parents = profiles
        .iter()
        .filter(|other| !parent.is_empty() && field::text(other, "name") == parent);
    let mut children = profiles
        .iter()
        .filter(|other| !name.is_empty() && field::text(other, "parent_profile") == name);
    let has_none = field::list(control, "results").is_empty();
    parents.into_iter().any(with_results) || (has_none && children.any(with_results))
}

fn take(control: &Value, id: String, out: &mut Collector) {
    let none = Value::Null;
    let tags = control.get("tags").unwrap_or(&none);
    let results = field::list(control, "results");
    let outcome = outcome_of(control, results);
    let waiver = control.get("waiver_data").unwrap_or(&none);
    let waived = field::text(waiver, "justification");
    let message = || {
        let first = results.iter().find_map(|result| {
            let text = field::first(result, &["skip_message", "message"]);
            (!text.is_empty()).then_some(text)
        });
        first.unwrap_or_else(|| "it has no results".to_owned())
    };
    let (status, reason) = match outcome {
        Outcome::Failed => (Status::Hit, None),
        Outcome::Passed => (Status::Passed, None),
        Outcome::NotReviewed if !waived.is_empty() => {
            (Status::NotAssessed, Some(format!("waived: {waived}")))
        }
        Outcome::NotReviewed => (Status::NotAssessed, Some(message())),
        Outcome::NotApplicable => (Status::NotApplicable, Some("its impact is 0".to_owned())),
    };
    out.check(&id, SURFACE, status, reason);
    if outcome != Outcome::Failed {
        return;
    }
    let mut draft = draft_of(control, tags, id);
    tests(results, &mut draft);
    if !waived.is_empty() {
        draft.suppressed = Some(("accepted".to_owned(), "waived".to_owned(), waived));
    }
    out.finding(draft);
}

fn outcome_of(control: &Value, results: &[Value]) -> Outcome {
    let any = |wanted: &[&str]| {
        results
            .iter()
            .any(|result| wanted.contains(&field::text(result, "status").as_str()))
    };
    let broke = results
        .iter()
        .any(|result| !field::list(result, "backtrace").is_empty());
    let impact = field::text(control, "impact").parse::<f64>().ok();
    if broke || any(&["error"]) {
        // A test that breaks says nothing, unless another one failed.
        return if any(&["failed"]) {
            Outcome::Failed
        } else {
            Outcome::NotReviewed
        };
    }
    if impact == Some(0.0) || field::text(control, "impact") == "none" {
        return Outcome::NotApplicable;
    }
    if any(&["failed"]) {
        Outcome::Failed
    } else if any(&["passed"]) {
        Outcome::Passed
    } else {
        Outcome::NotReviewed
    }
}

fn draft_of(control: &Value, tags: &Value, id: String) -> Draft {
    let impact = field::text(control, "impact");
    let said = field::text(tags, "severity");
    let mut draft = Draft {
        title: match field::text(control, "title") {
            title if title.is_empty() => id.clone(),
            title => title,
        },
        severity: severity_of(&said, &impact),
        severity_word: if said.is_empty() { impact } else { said },
        category: "compliance".to_owned(),
        description: field::text(control, "desc"),
        remediation: described(control, "fix"),
        cwes: field::texts(tags, "cwe"),
        ..Draft::default()
    };
    draft.cwes.extend(field::texts(tags, "cweid"));
    if draft.remediation.is_empty() {
        draft.remediation = field::text(tags, "fix");
    }
    draft.ids = identifiers(tags, &id);
    // What Heimdall makes of other scanners' reports are controls too.
    if !draft.ids.is_empty() || !draft.cwes.is_empty() {
        "vulnerability".clone_into(&mut draft.category);
    }
    for (name, value) in tags.as_object().into_iter().flatten() {
        if !matches!(
            name.as_str(),
            "fix" | "check" | "severity" | "cwe" | "cweid"
        ) {
            draft.see(name, field::shown(value));
        }
    }
    draft.see("check", described(control, "check"));
    draft.see("rationale", described(control, "rationale"));
    for reference in field::list(control, "refs") {
        let text = field::first(reference, &["url", "uri", "ref"]);
        draft.references.push(text);
    }
    let none = Value::Null;
    let source = control.get("source_location").unwrap_or(&none);
    draft.see("control's source", field::text(source, "ref"));
    draft.check = id;
    draft
}

/// The published vulnerability that a control is about.
fn identifiers(tags: &Value, id: &str) -> Vec<String> {
    let mut out = Vec::new();
    for name in ["cve", "cveid", "cves", "ghsaid"] {
        for text in field::texts(tags, name) {
            // Some converters leave the prefix out.
            let named = format!("CVE-{text}");
            if is_cve(&text) || text.starts_with("GHSA-") {
                out.push(text);
            } else if is_cve(&named) {
                out.push(named);
            }
        }
    }
    if is_cve(id) {
        out.push(id.to_owned());
    }
    out
}

/// The text with a label; labels are a list or an object.
fn described(control: &Value, label: &str) -> String {
    let Some(descriptions) = control.get("descriptions") else {
        return String::new();
    };
    if descriptions.is_object() {
        return field::text(descriptions, label);
    }
    let found = field::each(descriptions)
        .iter()
        .find(|description| field::text(description, "label").eq_ignore_ascii_case(label));
    found
        .map(|found| field::text(found, "data"))
        .unwrap_or_default()
}

/// The bands that InSpec documents for an impact.
fn severity_of(word: &str, impact: &str) -> Option<Severity> {
    let named = match word.to_lowercase().as_str() {
        "critical" => Some(Severity::Critical),
        "high" => Some(Severity::High),
        "medium" | "moderate" => Some(Severity::Medium),
        "low" => Some(Severity::Low),
        _ => None,
    };
    let banded = || {
        impact.parse::<f64>().ok().map(|impact| match impact {
            impact if impact >= 0.9 => Severity::Critical,
            impact if impact >= 0.7 => Severity::High,
            impact if impact >= 0.4 => Severity::Medium,
            impact if impact >= 0.1 => Severity::Low,
            _ => Severity::Info,
        })
    };
    named.or_else(banded).or(Some(Severity::Medium))
}

/// The tests that failed, as evidence.
fn tests(results: &[Value], draft: &mut Draft) {
    let failed = results
        .iter()
        .filter(|result| field::text(result, "status") == "failed");
    let mut n_left = 0_u64;
    for (index, result) in failed.enumerate() {
        if index >= TESTS_MAX {
            n_left += 1;
            continue;
        }
        let what = field::text(result, "code_desc");
        let message = field::text(result, "message");
        let both = [what, message];
        let parts = both.iter().filter(|part| !part.is_empty());
        let line = parts.map(String::as_str).collect::<Vec<_>>().join(": ");
        draft.see("failed", line);
        if draft.first_seen.is_empty() {
            draft.first_seen = field::text(result, "start_time");
        }
    }
    if n_left > 0 {
        draft.see("failed", format!("{n_left} more tests"));
    }
}

/// `json-min`: one entry for each test.
fn minimal(document: &Value, out: &mut Collector) {
    let mut controls: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (index, result) in field::list(document, "controls").iter().enumerate() {
        match field::text(result, "id") {
            id if id.is_empty() => out.reject(format!("controls[{index}]"), "it has no id"),
            id => controls.entry(id).or_default().push(result.clone()),
        }
    }
    for (id, results) in controls {
        let control = serde_json::json!({ "id": id, "results": results });
        take(&control, id, out);
    }
}
