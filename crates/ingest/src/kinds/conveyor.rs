//! Submissions of Assemblyline, also as MITRE's Conveyor runs it: what each service said of each
//! file.
//!
//! A section with a heuristic that scores is a finding. A result that scores nothing says that the
//! service looked and found nothing, and an error that it could not look.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::text;
use crate::input::Input;
use crate::path::text_of;
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::BTreeMap;

/// Deepest nesting of archives that is followed.
const DEPTH_MAX: usize = 64;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let root = input.json()?;
    let message = text(root, "api_error_message");
    let Some(response) = root.get("api_response").filter(|value| value.is_object()) else {
        return Err(if message.is_empty() {
            ImportError::damaged("api_response", "there is no response")
        } else {
            ImportError::ToolFailed { reason: message }
        });
    };
    out.tool_version(&text(root, "api_server_version"));
    if let Some(times) = response.get("times") {
        out.scanned_at(&text(times, "completed"));
    }
    let first = response.get("files").and_then(|files| files.get(0));
    out.target(&first.map(|file| text(file, "name")).unwrap_or_default());
    let mut names = BTreeMap::new();
    if let Some(tree) = response.get("file_tree") {
        names_of(tree, 0, &mut names);
    }
    for (key, result) in members(response, "results") {
        one_result(key, result, &names, out);
    }
    for (_, error) in members(response, "errors") {
        let said = error.get("response").unwrap_or(&Value::Null);
        let service = text(said, "service_name");
        let message = text(said, "message");
        let last = message.lines().last().unwrap_or_default().trim();
        let file = names.get(&text(error, "sha256")).cloned();
        let file = file.unwrap_or_else(|| text(error, "sha256"));
        let reason = format!("{file}: {last}");
        out.check(&service, "services", Status::NotAssessed, Some(reason));
    }
    Ok(())
}

fn one_result(key: &str, result: &Value, names: &BTreeMap<String, String>, out: &mut Collector) {
    let response = result.get("response").unwrap_or(&Value::Null);
    let (hash, rest) = key.split_once('.').unwrap_or((key, ""));
    let mut service = text(response, "service_name");
    if service.is_empty() {
        rest.split('.')
            .next()
            .unwrap_or_default()
            .clone_into(&mut service);
    }
    let inner = result.get("result").unwrap_or(&Value::Null);
    let sections = inner.get("sections").and_then(Value::as_array);
    let mut n_hits = 0;
    for section in sections.into_iter().flatten() {
        let heuristic = section.get("heuristic").unwrap_or(&Value::Null);
        let score = heuristic.get("score").and_then(Value::as_i64).unwrap_or(0);
        if score <= 0 {
            continue;
        }
        n_hits += 1;
        let mut draft = draft_of(&service, section, heuristic, score);
        draft.path = names.get(hash).cloned().unwrap_or_default();
        if draft.path.is_empty() {
            hash.clone_into(&mut draft.subject);
        }
        draft.title = format!("{} ({})", draft.title, draft.path.as_str());
        draft.see("sha256", hash);
        draft.see("service_version", text(response, "service_version"));
        out.finding(draft);
    }
    let status = if n_hits > 0 {
        Status::Hit
    } else {
        Status::Passed
    };
    out.check(&service, "services", status, None);
}

fn draft_of(service: &str, section: &Value, heuristic: &Value, score: i64) -> Draft {
    let body = match section.get("body") {
        Some(Value::String(body)) => body.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let after = |name: &str| {
        let line = body.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(str::trim).unwrap_or_default()
    };
    let message = after("Message:");
    let title = text(section, "title_text");
    let mut draft = Draft {
        check: text(heuristic, "heur_id"),
        title: if message.is_empty() {
            format!("{service}: {title}")
        } else {
            format!("{service}: {message}")
        },
        severity: Some(level(score)),
        severity_word: score.to_string(),
        category: category(service).to_owned(),
        line: after("Line number:").parse().ok(),
        ..Draft::default()
    };
    let attacks = heuristic.get("attack").and_then(Value::as_array);
    for attack in attacks.into_iter().flatten() {
        draft.techniques.push(text(attack, "attack_id"));
    }
    let signatures = heuristic.get("signature").and_then(Value::as_array);
    for signature in signatures.into_iter().flatten() {
        draft.see("signature", text(signature, "name"));
    }
    draft.see("service", service);
    draft.see("heuristic", text(heuristic, "name"));
    draft.description = body;
    draft
}

/// Assemblyline's bands: from 300 suspicious, from 700 highly suspicious, from 1000 malicious.
const fn level(score: i64) -> Severity {
    match score {
        1000.. => Severity::Critical,
        700..1000 => Severity::High,
        300..700 => Severity::Medium,
        _ => Severity::Low,
    }
}

fn category(service: &str) -> &'static str {
    match service {
        "CodeQuality" => "code",
        // They judge packages by their age, their project and their CVEs.
        "Moldy" | "Hipcheck" | "Stigma" | "SBOM" => "vulnerability",
        _ => "malware",
    }
}

/// Names of files by their digest, from the tree of what was in what.
fn names_of(tree: &Value, depth: usize, out: &mut BTreeMap<String, String>) {
    if depth > DEPTH_MAX {
        return;
    }
    let Value::Object(nodes) = tree else { return };
    for (hash, node) in nodes {
        let name = node.get("name").map(|names| match names {
            Value::Array(all) => all.first().and_then(text_of).unwrap_or_default(),
            one => text_of(one).unwrap_or_default(),
        });
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            out.entry(hash.clone()).or_insert(name);
        }
        if let Some(children) = node.get("children") {
            names_of(children, depth + 1, out);
        }
    }
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let object = value.get(name).and_then(Value::as_object);
    object
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}
