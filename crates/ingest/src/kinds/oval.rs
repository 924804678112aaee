//! OVAL results: what `oscap oval eval --results` and other OVAL interpreters write.
//!
//! A definition of a vulnerability or a patch is a finding when it is true, one of compliance when
//! it is false.

use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::markup;
use casemate_schema::{Component, Severity, Status, Text};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

const SURFACE: &str = "oval";

/// Reads a document.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.xml()?;
    let none = Value::Null;
    let root = document.get("oval_results").unwrap_or(&none);
    let systems = root.pointer("/results/system").unwrap_or(&none);
    if systems.is_null() {
        return Err(ImportError::NotThisKind {
            kind: "oval-results".to_owned(),
            reason: "it holds definitions, and no results of a scan".to_owned(),
        });
    }
    if let Some(generator) = root.get("generator") {
        out.tool_version(&field::text(generator, "product_version"));
        out.scanned_at(&field::text(generator, "timestamp"));
    }
    let definitions = root.pointer("/oval_definitions/definitions/definition");
    let known: HashMap<String, &Value> = field::each(definitions.unwrap_or(&none))
        .iter()
        .map(|definition| (field::text(definition, "@id"), definition))
        .collect();
    for (at, system) in field::each(systems).iter().enumerate() {
        let host = system.pointer("/oval_system_characteristics/system_info/primary_host_name");
        let host = host.map(field::shown).unwrap_or_default();
        out.target(&host);
        let results = system.pointer("/definitions/definition").unwrap_or(&none);
        for (index, result) in field::each(results).iter().enumerate() {
            let id = field::text(result, "@definition_id");
            if id.is_empty() {
                let place = format!("results.system[{at}].definitions.definition[{index}]");
                out.reject(place, "it names no definition");
                continue;
            }
            let definition = known.get(&id).copied().unwrap_or(&none);
            take(result, definition, id, &host, out);
        }
    }
    Ok(())
}

fn take(result: &Value, definition: &Value, id: String, host: &str, out: &mut Collector) {
    let mut class = field::text(definition, "@class");
    if class.is_empty() {
        class = field::text(result, "@class");
    }
    // An inventory says what is installed, and nothing of what is wrong.
    if matches!(class.as_str(), "inventory" | "miscellaneous") {
        return;
    }
    let bad = if class == "compliance" {
        "false"
    } else {
        "true"
    };
    let word = field::text(result, "@result");
    let status = match word.as_str() {
        word if word == bad => Status::Hit,
        "true" | "false" => Status::Passed,
        "not applicable" => Status::NotApplicable,
        _ => Status::NotAssessed,
    };
    let needs_reason = matches!(status, Status::NotApplicable | Status::NotAssessed);
    out.check(&id, SURFACE, status, needs_reason.then_some(word));
    if status == Status::Hit {
        out.finding(draft_of(definition, &class, id, host));
    }
}

fn draft_of(definition: &Value, class: &str, id: String, host: &str) -> Draft {
    let none = Value::Null;
    let about = definition.get("metadata").unwrap_or(&none);
    let advisory = about.get("advisory").unwrap_or(&none);
    let word = field::text(advisory, "severity");
    let mut draft = Draft {
        title: field::text(about, "title"),
        severity: severity_of(&word),
        severity_word: word,
        category: if class == "compliance" {
            "compliance"
        } else {
            "vulnerability"
        }
        .to_owned(),
        description: markup::plain(&field::text(about, "description")),
        host: host.to_owned(),
        key: id.clone(),
        published: advisory
            .get("issued")
            .map(|issued| field::text(issued, "@date"))
            .unwrap_or_default(),
        ..Draft::default()
    };
    if draft.title.is_empty() {
        draft.title.clone_from(&id);
    }
    for reference in field::list(about, "reference") {
        let name = field::text(reference, "@ref_id");
        if is_cve(&name) {
            draft.ids.push(name);
        } else {
            draft.see(&field::text(reference, "@source").to_lowercase(), name);
        }
        draft.references.push(field::text(reference, "@ref_url"));
    }
    for name in field::texts(advisory, "cve") {
        if is_cve(&name) {
            draft.ids.push(name);
        }
    }
    let mut fixed: BTreeSet<(String, String)> = BTreeSet::new();
    comments(definition, 0, &mut fixed);
    if let (1, Some((name, version))) = (fixed.len(), fixed.first()) {
        draft.component = Some(Component {
            name: name.as_str().into(),
            fixed_version: Some(Text::from(version.as_str())),
            ..Component::default()
        });
    }
    if !fixed.is_empty() {
        let all = fixed
            .iter()
            .map(|(name, version)| format!("{name} to {version}"));
        let all = all.take(20).collect::<Vec<_>>().join(", ");
        draft.remediation = format!("Update {all}.");
    }
    for (name, version) in fixed {
        draft.see("fixed in", format!("{name} {version}"));
    }
    draft.see("class", class);
    draft.check = id;
    draft
}

fn severity_of(word: &str) -> Option<Severity> {
    match word.to_lowercase().as_str() {
        "critical" => Some(Severity::Critical),
        "important" | "high" => Some(Severity::High),
        "low" => Some(Severity::Low),
        "negligible" | "none" => Some(Severity::Info),
        _ => Some(Severity::Medium),
    }
}

/// Packages of criteria such as `curl is earlier than 0:7.61.1-34.el8`.
fn comments(value: &Value, depth: usize, fixed: &mut BTreeSet<(String, String)>) {
    if depth > 100 {
        return;
    }
    for name in ["criteria", "criterion"] {
        for inner in field::list(value, name) {
            let comment = field::text(inner, "@comment");
            if let Some((package, version)) = comment.split_once(" is earlier than ") {
                let package = package.rsplit(' ').next().unwrap_or(package);
                fixed.insert((package.to_owned(), version.to_owned()));
            }
            comments(inner, depth + 1, fixed);
        }
    }
}
