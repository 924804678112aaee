//! Wazuh, vulnerabilities: the API up to version 4.7, and documents of the indexer since 4.8.

use super::netscan::{cvss, unfit};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text, texts};
use crate::input::Input;
use crate::items::{self, Family};
use crate::severity;
use casemate_schema::Component;
use serde_json::Value;

/// Reads an answer of either.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let of_api = super::netscan::records("data.affected_items[]")?;
    let root = items::around(input, Family::Json, &of_api)?;
    let is_known = [&["data", "affected_items"], &["hits", "hits"]]
        .iter()
        .any(|way| at(&root, *way).is_array());
    if !is_known && text(&root, "error") != "1" {
        return Err(unfit("wazuh", "`data.affected_items` and no `hits.hits`"));
    }
    about(&root, out)?;
    items::each(input, Family::Json, &of_api, &[], &mut |scope| {
        take(of_item(scope.item), &scope.place, out);
        Ok(())
    })?;
    let of_indexer = super::netscan::records("hits.hits[]")?;
    items::each(input, Family::Json, &of_indexer, &[], &mut |scope| {
        take(of_document(at(scope.item, "_source")), &scope.place, out);
        Ok(())
    })
}

fn about(root: &Value, out: &mut Collector) -> Result<(), ImportError> {
    if text(root, "error") == "1" {
        let reason = text(root, "message");
        return Err(ImportError::ToolFailed { reason });
    }
    for failed in list(root, "data.failed_items") {
        let agents = texts(failed, "id").join(", ");
        out.note(format!(
            "agents {agents}: {}",
            text(failed, "error.message")
        ));
    }
    if text(root, "timed_out") == "true" {
        out.note("the query timed out, so that findings may be missing");
    }
    Ok(())
}

fn take(draft: Draft, place: &dyn std::fmt::Display, out: &mut Collector) {
    if draft.ids.iter().all(String::is_empty) && draft.title.is_empty() {
        out.reject(place, "it has no vulnerability");
    } else {
        out.finding(draft);
    }
}

/// `deb`, `rpm` and so on; packages of languages as package URLs call them.
fn kind_of(format: &str) -> Option<&'static str> {
    Some(match format {
        "deb" => "deb",
        "rpm" => "rpm",
        "apk" => "apk",
        "pypi" => "pypi",
        "npm" => "npm",
        "pacman" => "alpm",
        _ => return None,
    })
}

fn of_item(item: &Value) -> Draft {
    let id = text(item, "cve");
    let condition = text(item, "condition");
    let fixed = condition
        .strip_prefix("Package less than ")
        .or_else(|| condition.strip_prefix("Package less or equal than "));
    let word = text(item, "severity");
    let scores = [
        cvss("3.1", "", &text(item, "cvss3_score")),
        cvss("2.0", "", &text(item, "cvss2_score")),
    ];
    let [name, version] = ["name", "version"].map(|part| text(item, [part]));
    let host = first(item, ["agent_name", "agent_ip", "agent_id"]);
    let mut draft = Draft {
        same_as: [id.as_str(), &name, &version, &host].join(" "),
        check: id.clone(),
        severity: severity::of_word(&word),
        severity_word: word,
        category: "vulnerability".to_owned(),
        description: text(item, "title"),
        host,
        ids: vec![id],
        references: texts(item, "external_references"),
        cvss: scores
            .into_iter()
            .flatten()
            .filter(|cvss| cvss.score > Some(0.0))
            .collect(),
        published: text(item, "published"),
        last_seen: text(item, "detection_time"),
        component: Some(Component {
            name: name.into(),
            version: (!version.is_empty()).then(|| version.into()),
            fixed_version: fixed.map(Into::into),
            ..Component::default()
        }),
        ..Draft::default()
    };
    for name in [
        "condition",
        "status",
        "architecture",
        "agent_id",
        "agent_ip",
        "type",
    ] {
        draft.see(name.replace('_', " ").as_str(), text(item, [name]));
    }
    draft
}

fn of_document(source: &Value) -> Draft {
    let known = at(source, "vulnerability");
    let package = at(source, "package");
    let id = text(known, "id");
    let word = text(known, "severity");
    let [name, version] = ["name", "version"].map(|part| text(package, [part]));
    let host = first(at(source, "agent"), ["name", "ip", "id"]);
    let links = texts(known, "reference").join(" ");
    let score = at(known, "score");
    let scored = cvss(&text(score, "version"), "", &text(score, "base"));
    let condition = text(known, "scanner.condition");
    let mut draft = Draft {
        same_as: [id.as_str(), &name, &version, &host].join(" "),
        check: id.clone(),
        severity: severity::of_word(&word),
        severity_word: word,
        category: "vulnerability".to_owned(),
        description: text(known, "description"),
        host,
        ids: vec![id],
        references: links
            .split([',', ' '])
            .filter(|word| word.contains("://"))
            .map(str::to_owned)
            .collect(),
        cvss: scored
            .filter(|cvss| cvss.score > Some(0.0))
            .into_iter()
            .collect(),
        published: text(known, "published_at"),
        first_seen: text(known, "detected_at"),
        component: Some(Component {
            name: name.into(),
            version: (!version.is_empty()).then(|| version.into()),
            kind: kind_of(&text(package, "type")).map(Into::into),
            fixed_version: condition.strip_prefix("Package less than ").map(Into::into),
            ..Component::default()
        }),
        ..Draft::default()
    };
    for (seen, from) in [
        ("condition", condition),
        ("source", text(known, "scanner.source")),
        ("os", text(source, "host.os.full")),
        ("agent id", text(source, "agent.id")),
        ("architecture", text(package, "architecture")),
        ("path", text(package, "path")),
        ("under evaluation", text(known, "under_evaluation")),
    ] {
        draft.see(seen, from);
    }
    draft
}
