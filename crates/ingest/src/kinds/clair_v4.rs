//! Clair 4: packages and vulnerabilities apart, joined by their numbers.

use super::netscan::cves;
use super::trivy::naming;
use crate::collector::Collector;
use crate::cvss;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::text;
use crate::input::Input;
use crate::path::text_of;
use casemate_schema::{Component, Cvss, Text};
use serde_json::Value;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let root = input.json()?;
    match root {
        Value::Array(all) => all.iter().for_each(|report| take(report, out)),
        one => take(one, out),
    }
    Ok(())
}

fn take(report: &Value, out: &mut Collector) {
    out.target(&text(report, "manifest_hash"));
    let pairs = report
        .get("package_vulnerabilities")
        .and_then(Value::as_object);
    for (package, numbers) in pairs.into_iter().flatten() {
        for number in numbers.as_array().into_iter().flatten().filter_map(text_of) {
            let entry = report
                .get("vulnerabilities")
                .and_then(|all| all.get(&number));
            match entry {
                Some(entry) => out.finding(draft(report, package, &number, entry)),
                None => {
                    let place = format!("package_vulnerabilities.{package}");
                    out.reject(place, format!("there is no vulnerability {number}"));
                }
            }
        }
    }
}

fn draft(report: &Value, package: &str, number: &str, entry: &Value) -> Draft {
    let none = Value::Null;
    let inner = |name: &str, key: &str| report.get(name).and_then(|all| all.get(key));
    let found = inner("packages", package)
        .or_else(|| entry.get("package"))
        .unwrap_or(&none);
    let place = inner("environments", package)
        .and_then(|all| all.get(0))
        .unwrap_or(&none);
    let system = inner("distributions", &text(place, "distribution_id"))
        .or_else(|| entry.get("distribution"))
        .unwrap_or(&none);
    let (name, version) = (text(found, "name"), text(found, "version"));
    let fixed = text(entry, "fixed_in_version");
    let links = text(entry, "links");
    let words = text(entry, "name");
    let mut ids = cves(&words);
    if ids.is_empty() {
        let advisory = words.split([' ', ',']).next().unwrap_or(&words);
        ids = cves(&links);
        ids.push(advisory.trim_end_matches(':').to_owned());
    }
    let id = ids.first().cloned().unwrap_or_default();
    let levels = ["normalized_severity", "severity"].map(|key| text(entry, key));
    let mut draft = Draft {
        check: id.clone(),
        title: format!("{id} in {name} {version}").trim_end().to_owned(),
        category: "vulnerability".to_owned(),
        severity_word: levels
            .into_iter()
            .find(|it| !it.is_empty())
            .unwrap_or_default(),
        description: text(entry, "description"),
        ids,
        references: links.split_whitespace().map(str::to_owned).collect(),
        published: text(entry, "issued"),
        component: Some(Component {
            name: Text::from(name.as_str()),
            version: Some(Text::from(version)),
            kind: Some(Text::from(naming::package_type(&text(system, "did")))),
            fixed_version: Some(Text::from(fixed.as_str())),
            ..Component::default()
        }),
        cvss: scores(report, number),
        ..Draft::default()
    };
    if !fixed.is_empty() {
        draft.remediation = format!("Upgrade {name} to {fixed}.");
    }
    // The database of the system's packages is no place; that of a language is.
    let database = text(place, "package_db");
    if system.is_null() {
        database.clone_into(&mut draft.path);
    }
    draft.see("distribution", text(system, "pretty_name"));
    draft.see("package database", database);
    draft.see("layer", text(place, "introduced_in"));
    draft.see("data from", text(entry, "updater"));
    draft.see("advisory", words);
    let source = found.get("source").map(|source| text(source, "name"));
    draft.see("source package", source.unwrap_or_default());
    draft
}

/// The scores that another part of Clair adds.
fn scores(report: &Value, number: &str) -> Vec<Cvss> {
    let kinds = report.get("enrichments").and_then(Value::as_object);
    let lists = kinds
        .into_iter()
        .flatten()
        .filter(|(kind, _)| kind.contains("cvss"));
    let maps = lists.flat_map(|(_, list)| list.as_array().into_iter().flatten());
    let scores = maps.filter_map(|map| map.get(number)?.as_array()).flatten();
    let read = |score: &Value| {
        let number = score.get("baseScore").and_then(Value::as_f64);
        let [version, vector] = ["version", "vectorString"].map(|name| text(score, name));
        cvss::stated(&version, &vector, number, "nvd")
    };
    scores.filter_map(read).collect()
}
