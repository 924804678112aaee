//! cargo-audit, JSON.

use super::netscan::{cvss, unfit};
use super::package_url::fixed;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, each, first, list, text, texts};
use crate::input::Input;
use casemate_schema::{Component, Cvss, Severity};
use serde_json::Value;

/// Reads a report. Warnings (unmaintained, unsound, yanked) are no vulnerabilities to the tool; they
/// are told as notes.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    if document.get("vulnerabilities").is_none() {
        return Err(unfit("cargo-audit", "`vulnerabilities`"));
    }
    for (index, entry) in list(document, "vulnerabilities.list").iter().enumerate() {
        if first(at(entry, "advisory"), ["id", "title"]).is_empty() {
            out.reject(
                format!("vulnerabilities.list[{index}]"),
                "it has no advisory",
            );
        } else {
            out.finding(of_vulnerability(entry));
        }
    }
    let warnings = at(document, "warnings");
    let kinds = warnings
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, all)| each(all));
    let old = warnings.as_array().into_iter().flatten();
    for warning in kinds.chain(old) {
        let [name, version] = ["name", "version"].map(|part| text(warning, ["package", part]));
        let kind = text(warning, "kind");
        let advisory = at(warning, "advisory");
        let said = ["id", "title"].map(|part| text(advisory, [part]));
        let said = said.join(": ");
        let said = said.trim_matches([':', ' ']);
        let dot = if said.is_empty() { "" } else { ": " };
        out.note(format!("warning, {name} {version} is {kind}{dot}{said}"));
    }
    Ok(())
}

fn of_vulnerability(entry: &Value) -> Draft {
    let advisory = at(entry, "advisory");
    let id = text(advisory, "id");
    let name = text(entry, "package.name");
    let name = if name.is_empty() {
        text(advisory, "package")
    } else {
        name
    };
    let version = text(entry, "package.version");
    let patched = texts(entry, "versions.patched");
    let mut ids = vec![id.clone()];
    ids.extend(texts(advisory, "aliases"));
    let mut references = texts(advisory, "references");
    references.push(text(advisory, "url"));
    if id.starts_with("RUSTSEC-") {
        references.push(format!("https://rustsec.org/advisories/{id}"));
    }
    let fix = patched
        .iter()
        .filter_map(|range| fixed(range))
        .collect::<Vec<_>>()
        .join(" or ");
    let scores: Vec<Cvss> = cvss("3.1", &text(advisory, "cvss"), "")
        .into_iter()
        .collect();
    let mut draft = Draft {
        check: id.clone(),
        title: format!("{} in {name} {version}", text(advisory, "title")),
        // Most advisories have no score; a vulnerability in a dependency is taken seriously then.
        severity: scores.is_empty().then_some(Severity::High),
        category: "vulnerability".to_owned(),
        description: text(advisory, "description"),
        remediation: match fix.as_str() {
            "" => "No fixed version is known.".to_owned(),
            fix => format!("Update {name} to {fix}."),
        },
        ids,
        references,
        cvss: scores,
        published: text(advisory, "date"),
        same_as: [id.as_str(), &name, &version].join(" "),
        component: Some(Component {
            name: name.as_str().into(),
            version: Some(version.into()),
            kind: Some("cargo".into()),
            fixed_version: (!fix.is_empty()).then(|| fix.into()),
            ..Component::default()
        }),
        ..Draft::default()
    };
    let functions = at(entry, "affected.functions").as_object();
    let functions: Vec<&str> = functions
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    draft.see("affected functions", functions.join(", "));
    draft.see("categories", texts(advisory, "categories").join(", "));
    draft.see("keywords", texts(advisory, "keywords").join(", "));
    draft.see("source", text(entry, "package.source"));
    draft
}
