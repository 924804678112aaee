//! Results of InSpec profiles, which Heimdall calls its data format: each control with the results
//! of its tests.

use super::peek::{at, first, joined, list, text, texts};
use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::input::Input;
use crate::{markup, severity};
use casemate_schema::{Severity, Status};
use serde_json::Value;

/// Most tests of a control that are named.
const TESTS_MAX: usize = 100;

/// Reads a report; a control that did not pass is one finding, however many of its tests failed.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let root = input.json()?;
    if at(root, "profiles").is_null() {
        return Err(ImportError::NotThisKind {
            kind: "hdf".to_owned(),
            reason: "there is no `profiles`".to_owned(),
        });
    }
    out.tool_version(&text(root, "version"));
    out.scanned_at(&text(root, "profiles.controls.results.start_time"));
    let host = text(root, "platform.target_id");
    out.target(&host);
    for profile in list(root, "profiles") {
        if text(profile, "status") == "failed" {
            let words = joined(
                &[&text(profile, "name"), &text(profile, "status_message")],
                ": ",
            );
            out.note(format!("a profile could not be run: {words}"));
        }
        for (number, control) in list(profile, "controls").into_iter().enumerate() {
            if text(control, "id").is_empty() && text(control, "title").is_empty() {
                out.reject(
                    format!("control {number} of {}", text(profile, "name")),
                    "it has neither id nor title",
                );
            } else {
                take(control, profile, &host, out);
            }
        }
    }
    Ok(())
}

fn take(control: &Value, profile: &Value, host: &str, out: &mut Collector) {
    let results = list(control, "results");
    let n = |word: &str| {
        let is = |result: &&&Value| text(result, "status").eq_ignore_ascii_case(word);
        results.iter().filter(is).count()
    };
    // A profile that wraps another one repeats its controls without results.
    if results.is_empty() && !at(control, "results").is_null() && is_wrapper(profile) {
        return;
    }
    let impact = severity::number(&text(control, "impact"));
    let waived = text(control, "waiver_data.skipped_due_to_waiver") == "true"
        || !text(control, "waiver_data.justification").is_empty();
    let (n_failed, n_errors) = (n("failed"), n("error"));
    let (status, reason) = if n_failed > 0 && impact == Some(0.0) {
        (Status::NotApplicable, Some("its impact is none".to_owned()))
    } else if n_failed > 0 {
        (Status::Hit, None)
    } else if n_errors > 0 {
        (Status::NotAssessed, Some(words(&results, "error")))
    } else if n("passed") > 0 {
        (Status::Passed, None)
    } else if impact == Some(0.0) {
        (Status::NotApplicable, Some(words(&results, "skipped")))
    } else {
        (Status::NotAssessed, Some(words(&results, "skipped")))
    };
    let id = first(control, &["id", "title"]);
    let reason = reason.filter(|reason| !reason.is_empty());
    out.check(&id, &text(profile, "name"), status, reason);
    if status != Status::Hit {
        return;
    }
    let mut draft = draft(control, profile, &results);
    host.clone_into(&mut draft.host);
    if waived {
        let words = text(control, "waiver_data.justification");
        draft.suppressed = Some(("accepted".to_owned(), String::new(), words));
    }
    out.finding(draft);
}

fn is_wrapper(profile: &Value) -> bool {
    !list(profile, "depends").is_empty()
}

/// What the results of a state say, for the reason.
fn words(results: &[&Value], status: &str) -> String {
    let all: Vec<String> = results
        .iter()
        .filter(|result| text(result, "status").eq_ignore_ascii_case(status))
        .map(|result| first(result, &["skip_message", "message", "code_desc"]))
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    joined(&all, "; ")
}

fn draft(control: &Value, profile: &Value, results: &[&Value]) -> Draft {
    let tags = at(control, "tags");
    let check = text(control, "id");
    let title = text(control, "title");
    let fix = labelled(control, "fix");
    let mut draft = Draft {
        title: if title.is_empty() {
            check.clone()
        } else {
            title
        },
        severity: severity::number(&text(control, "impact")).map(level),
        severity_word: first(tags, &["severity"]),
        category: "compliance".to_owned(),
        description: markup::plain(&first(control, &["desc"])),
        remediation: markup::plain(&if fix.is_empty() {
            text(tags, "fix")
        } else {
            fix
        }),
        cwes: texts(tags, "cweid"),
        ids: texts(tags, "cve"),
        check,
        ..Draft::default()
    };
    if draft.description.is_empty() {
        draft.description = markup::plain(&labelled(control, "default"));
    }
    for id in texts(tags, "cveid") {
        let id = if is_cve(&id) { id } else { format!("CVE-{id}") };
        draft.ids.push(id);
    }
    draft.ids.extend(texts(tags, "ghsaid"));
    if !draft.ids.is_empty() {
        "vulnerability".clone_into(&mut draft.category);
    }
    for reference in list(control, "refs") {
        draft.references.extend(texts(reference, "url"));
        draft.references.extend(texts(reference, "uri"));
    }
    let failed = |result: &&&Value| text(result, "status").eq_ignore_ascii_case("failed");
    for result in results.iter().filter(failed).take(TESTS_MAX) {
        let words = [text(result, "code_desc"), text(result, "message")];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        draft.see("failed", joined(&words, ": "));
    }
    for (name, path) in [
        ("nist", "nist"),
        ("cci", "cci"),
        ("rule", "rid"),
        ("stig", "stig_id"),
        ("group", "gid"),
        ("cis", "cis_controls"),
    ] {
        draft.see(name, text(tags, path));
    }
    draft.see("profile", first(profile, &["title", "name"]));
    draft.see("how it was checked", labelled(control, "check"));
    draft
}

/// A description by its label: a list of them, or an object.
fn labelled(control: &Value, label: &str) -> String {
    match at(control, "descriptions") {
        Value::Array(all) => all
            .iter()
            .find(|one| text(one, "label") == label)
            .map(|one| text(one, "data"))
            .unwrap_or_default(),
        other => text(other, label),
    }
}

/// Bands that InSpec's documentation gives for the impact of 0 to 1.
fn level(impact: f64) -> Severity {
    match impact {
        impact if impact >= 0.9 => Severity::Critical,
        impact if impact >= 0.7 => Severity::High,
        impact if impact >= 0.4 => Severity::Medium,
        impact if impact > 0.0 => Severity::Low,
        _ => Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;
    use serde_json::json;

    #[test]
    fn a_control_is_one_finding() {
        let control = |id: &str, impact: f64, states: &[&str]| {
            let results: Vec<Value> = states
                .iter()
                .map(|state| json!({"status": state, "code_desc": "d"}))
                .collect();
            json!({"id": id, "impact": impact, "results": results})
        };
        let document = json!({"profiles": [{"name": "p", "controls": [
            control("a", 0.7, &["failed", "failed", "passed"]),
            control("b", 0.5, &["passed"]),
            control("c", 0.5, &["skipped"]),
            control("d", 0.0, &["failed"]),
        ]}]});
        let text = document.to_string();
        let source = Bytes(text.as_bytes());
        let input = Input::new("x", &source).expect("text");
        let mut out = Collector::new("hdf", "InSpec");
        read(&input, &mut out).expect("read");
        let out = out.finish().expect("finished");
        assert_eq!(out.findings.len(), 1);
        assert_eq!(out.findings[0].severity, Severity::High);
        let states: Vec<Status> = out.checks.iter().map(|check| check.status).collect();
        use Status::{Hit, NotApplicable, NotAssessed, Passed};
        assert_eq!(states, [Hit, Passed, NotAssessed, NotApplicable]);
    }
}
