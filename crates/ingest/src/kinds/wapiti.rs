//! Wapiti's JSON and XML: what was found, by the kind of weakness.

use super::words;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::path::text_of;
use casemate_schema::Severity;
use serde_json::Value;

/// The parts of a report: name in JSON, name of an element in XML.
const PARTS: [(&str, &str); 3] = [
    ("vulnerabilities", "vulnerability"),
    ("anomalies", "anomaly"),
    ("additionals", "additional"),
];

/// A kind of weakness, as the report describes it.
#[derive(Default)]
struct Weakness {
    name: String,
    description: String,
    solution: String,
    /// Title and address.
    references: Vec<(String, String)>,
}

/// Reads JSON.
pub(super) fn read_json(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    let about = |name: &str| field::text(document, ["infos", name]);
    let target = start(&about("target"), &about("version"), &about("date"), out);
    for (part, _) in PARTS {
        let kinds = document.get(part).and_then(Value::as_object);
        for (name, entries) in kinds.into_iter().flatten() {
            let known = field::at(document, ["classifications", name.as_str()]);
            let references = known.get("ref").and_then(Value::as_object);
            let weakness = Weakness {
                name: name.clone(),
                description: field::text(known, "desc"),
                solution: field::text(known, "sol"),
                references: references
                    .into_iter()
                    .flatten()
                    .map(|(title, url)| (title.clone(), text_of(url).unwrap_or_default()))
                    .collect(),
            };
            for entry in field::each(entries) {
                weakness.entry(entry, &target, out);
            }
        }
    }
    Ok(())
}

/// Reads XML.
pub(super) fn read_xml(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.xml()?;
    let Some(report) = document.get("report") else {
        return Err(ImportError::NotThisKind {
            kind: "wapiti-xml".to_owned(),
            reason: "there is no `report`".to_owned(),
        });
    };
    let about = |name: &str| {
        field::list(report, "report_infos.info")
            .iter()
            .find(|info| field::text(info, "@name") == name)
            .and_then(text_of)
            .unwrap_or_default()
    };
    let version = about("generatorVersion");
    let version = if version.is_empty() {
        about("version")
    } else {
        version
    };
    let target = start(&about("target"), &version, &about("date"), out);
    for (part, element) in PARTS {
        for found in field::list(report, [part, element]) {
            let reference = |one: &Value| (field::text(one, "title"), field::text(one, "url"));
            let weakness = Weakness {
                name: field::text(found, "@name"),
                description: field::text(found, "description"),
                solution: field::text(found, "solution"),
                references: field::list(found, "references.reference")
                    .iter()
                    .map(reference)
                    .collect(),
            };
            for entry in field::list(found, "entries.entry") {
                weakness.entry(entry, &target, out);
            }
        }
    }
    Ok(())
}

/// Takes what is said of the scan, and returns its target.
fn start(target: &str, version: &str, date: &str, out: &mut Collector) -> String {
    out.target(target);
    out.tool_version(version.trim_start_matches("Wapiti "));
    out.scanned_at(date);
    target.to_owned()
}

impl Weakness {
    fn entry(&self, entry: &Value, target: &str, out: &mut Collector) {
        let get = |name: &str| field::text(entry, [name]);
        let (info, level) = (get("info"), get("level"));
        let place = address(target, &get("path"));
        let what = if info.starts_with(&self.name) || info.is_empty() {
            info.clone()
        } else {
            format!("{}: {info}", self.name)
        };
        let mut draft = Draft {
            check: self.name.clone(),
            title: format!(
                "{} ({place})",
                if what.is_empty() { &self.name } else { &what }
            ),
            severity: match level.as_str() {
                "4" => Some(Severity::Critical),
                "3" => Some(Severity::High),
                "2" => Some(Severity::Medium),
                "1" => Some(Severity::Low),
                _ => Some(Severity::Info),
            },
            severity_word: level.clone(),
            category: "web".to_owned(),
            description: self.description.clone(),
            remediation: self.solution.clone(),
            host: words::host_of(target).to_owned(),
            subject: format!("{} {place}", get("method")).trim_start().to_owned(),
            key: get("parameter"),
            same_as: [&self.name, &info, &level]
                .map(String::as_str)
                .join("\u{1f}"),
            ..Draft::default()
        };
        for (title, url) in &self.references {
            if title.starts_with("CWE") {
                draft.cwes.push(title.clone());
            } else {
                draft.references.push(url.clone());
            }
        }
        draft.see("parameter", get("parameter"));
        draft.see("module", get("module"));
        draft.see("wstg", field::texts(entry, "wstg").join(", "));
        draft.see("request", get("http_request"));
        draft.see("curl", get("curl_command"));
        out.finding(draft);
    }
}

/// The path below the scheme and host of the target.
fn address(target: &str, path: &str) -> String {
    let start = target.find("://").map_or(0, |at| at + 3);
    let end = target.get(start..).and_then(|rest| rest.find('/'));
    let origin = end
        .and_then(|end| target.get(..start + end))
        .unwrap_or(target);
    if path.contains("://") {
        path.to_owned()
    } else {
        format!("{origin}{path}")
    }
}
