//! DefectDojo's own format for findings of any tool, as JSON and as CSV.
//!
//! The fields are those of its documentation ("Generic Findings Import"). In JSON each entry is a
//! finding; in CSV rows of the same severity, title and description are one finding with several
//! addresses.

use crate::collector::Collector;
use crate::cvss;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::{ItemPath, text_of};
use crate::severity;
use casemate_schema::{Component, Cvss, Severity, Text};
use serde_json::Value;

/// Reads the JSON form.
pub(super) fn json(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = item_path("findings[]")?;
    let about = items::around(input, Family::Json, &path)?;
    if about.get("findings").is_none() {
        return Err(ImportError::NotThisKind {
            kind: "generic".to_owned(),
            reason: "there is no `findings`".to_owned(),
        });
    }
    let root = Record(&about);
    let name = root.text(&["type", "name"]);
    out.tool(&name);
    out.tool_version(&root.text(&["version"]));
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        match draft_of(scope.item) {
            Some(draft) => out.finding(draft),
            None => out.reject(scope.place, "it has neither a title nor a description"),
        }
        Ok(())
    })
}

/// Reads the table form.
pub(super) fn csv(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let header = ["Title".to_owned(), "Severity".to_owned()];
    let path = item_path("[]")?;
    items::each(input, Family::Csv, &path, &header, &mut |scope| {
        match draft_of(scope.item) {
            Some(mut draft) => {
                let record = Record(scope.item);
                draft.same_as = format!(
                    "{}\u{1f}{}\u{1f}{}",
                    record.text(&["Severity"]),
                    draft.title,
                    record.text(&["Description"])
                );
                out.finding(draft);
            }
            None => out.reject(scope.place, "it has neither a title nor a description"),
        }
        Ok(())
    })
}

fn item_path(text: &str) -> Result<ItemPath, ImportError> {
    ItemPath::parse(text).map_err(|reason| ImportError::Mapping {
        name: "generic".to_owned(),
        reason,
    })
}

/// An entry, whose fields have one name in JSON and another in CSV.
struct Record<'a>(&'a Value);

impl Record<'_> {
    /// The first of these that says something.
    fn text(&self, names: &[&str]) -> String {
        let values = names.iter().filter_map(|name| self.0.get(*name));
        values.filter_map(text_of).next().unwrap_or_default()
    }

    /// All values of these, lists taken apart.
    fn texts(&self, names: &[&str]) -> Vec<String> {
        let mut out = Vec::new();
        for value in names.iter().filter_map(|name| self.0.get(*name)) {
            match value {
                Value::Array(items) => out.extend(items.iter().filter_map(text_of)),
                other => out.extend(text_of(other)),
            }
        }
        out
    }

    fn number(&self, names: &[&str]) -> Option<f64> {
        severity::number(&self.text(names))
    }

    fn flag(&self, names: &[&str]) -> Option<bool> {
        match self.text(names).to_ascii_lowercase().as_str() {
            "" => None,
            text => Some(text.starts_with('t') || text.starts_with('y') || text == "1"),
        }
    }
}

fn draft_of(item: &Value) -> Option<Draft> {
    let record = Record(item);
    let title = record.text(&["title", "Title"]);
    let description = record.text(&["description", "Description"]);
    if title.is_empty() && description.is_empty() {
        return None;
    }
    let word = record.text(&["severity", "Severity"]);
    let check = record.text(&["vuln_id_from_tool", "VulnIdFromTool"]);
    let separators = |c: char| matches!(c, ',' | ';') || c.is_whitespace();
    let split = |texts: Vec<String>| -> Vec<String> {
        let pieces = texts.iter().flat_map(|text| text.split(separators));
        pieces
            .filter(|piece| !piece.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut draft = Draft {
        check: if check.is_empty() {
            title.clone()
        } else {
            check
        },
        own_id: record.text(&["unique_id_from_tool", "UniqueIdFromTool"]),
        title,
        severity: severity::of_word(&word).or((!word.is_empty()).then_some(Severity::Info)),
        severity_word: word,
        description,
        remediation: record.text(&["mitigation", "Mitigation"]),
        path: record.text(&["file_path", "FilePath", "sast_source_file_path"]),
        line: record
            .text(&["line", "Line", "sast_source_line"])
            .parse()
            .ok()
            .filter(|line| *line > 0),
        ids: split(record.texts(&["cve", "CVE", "vulnerability_ids", "Vulnerability Id"])),
        cwes: split(record.texts(&["cwe", "cwes", "CweId", "CweIds"])),
        references: split(record.texts(&["references", "References"])),
        cvss: cvss(&record),
        epss: record.number(&["epss_score", "EPSS_score"]),
        exploited: record.flag(&["known_exploited"]),
        published: record.text(&["publish_date"]),
        first_seen: record.text(&["date", "Date"]),
        suppressed: suppressed(&record),
        component: component(&record),
        ..Draft::default()
    };
    draft.references.retain(|text| text.contains("://"));
    places(item, &mut draft);
    draft.category = category(&draft).to_owned();
    more(&record, &mut draft);
    Some(draft)
}

/// What else it says that a reader wants to see.
fn more(record: &Record<'_>, draft: &mut Draft) {
    for (name, names) in [
        ("impact", &["impact", "Impact"][..]),
        ("steps", &["steps_to_reproduce"]),
        ("severity_reason", &["severity_justification"]),
        ("parameter", &["param"]),
        ("payload", &["payload"]),
        ("service", &["service"]),
        ("source", &["sast_source_object"]),
        ("sink", &["sast_sink_object"]),
        ("verified", &["verified", "Verified"]),
        ("active", &["active", "Active"]),
        ("confidence", &["scanner_confidence"]),
        ("effort", &["effort_for_fixing"]),
        ("planned_remediation", &["planned_remediation_date"]),
        ("planned_version", &["planned_remediation_version"]),
        ("fix_available", &["fix_available"]),
        ("epss_percentile", &["epss_percentile"]),
        ("ransomware", &["ransomware_used"]),
        ("exploited_since", &["kev_date"]),
        ("occurrences", &["nb_occurences", "nb_occurrences"]),
        ("references", &["references", "References"]),
    ] {
        // Addresses are among the references already.
        let text = record.text(names);
        if name != "references" || draft.references.is_empty() {
            draft.see(name, text);
        }
    }
    let tags = record.texts(&["tags", "Tags"]);
    draft.see("tags", tags.join(", "));
    if draft.component.is_none() {
        draft.see("fix_version", record.text(&["fix_version"]));
    }
}

fn component(record: &Record<'_>) -> Option<Component> {
    let name = record.text(&["component_name", "ComponentName"]);
    let some = |text: String| (!text.is_empty()).then(|| Text::from(text));
    (!name.is_empty()).then(|| Component {
        name: name.into(),
        version: some(record.text(&["component_version", "ComponentVersion"])),
        fixed_version: some(record.text(&["fix_version"])),
        ..Component::default()
    })
}

fn cvss(record: &Record<'_>) -> Vec<Cvss> {
    let mut out = Vec::new();
    for (version, vector, score) in [
        (
            "3.1",
            ["cvssv3", "CVSSV3"],
            ["cvssv3_score", "CVSSV3_score"],
        ),
        (
            "4.0",
            ["cvssv4", "CVSSV4"],
            ["cvssv4_score", "CVSSV4_score"],
        ),
    ] {
        let score = record.number(&score);
        out.extend(cvss::scored(version, &record.text(&vector), score, ""));
    }
    out
}

/// Why it does not count any more, the strongest reason first.
fn suppressed(record: &Record<'_>) -> Option<(String, String, String)> {
    let reasons: [(&[&str], &str, &str); 5] = [
        (
            &["false_p", "FalsePositive"],
            "false_positive",
            "false_positive",
        ),
        (&["is_mitigated", "IsMitigated"], "fixed", "mitigated"),
        (&["risk_accepted"], "accepted", "risk_accepted"),
        (&["out_of_scope"], "not_affected", "out_of_scope"),
        (&["duplicate", "Duplicate"], "duplicate", "duplicate"),
    ];
    let (names, status, word) = reasons
        .into_iter()
        .find(|(names, _, _)| record.flag(names) == Some(true))?;
    let since = match names.first() {
        Some(&"is_mitigated") => record.text(&["mitigated", "MitigatedDate"]),
        _ => String::new(),
    };
    Some((status.to_owned(), word.to_owned(), since))
}

/// Where it is on the network: the first address is the subject, the others are evidence.
fn places(item: &Value, draft: &mut Draft) {
    let mut found: Vec<(String, String)> = Vec::new();
    match item.get("endpoints") {
        Some(Value::Array(all)) => found.extend(all.iter().filter_map(place)),
        Some(one) => found.extend(place(one)),
        None => {}
    }
    found.extend(item.get("Url").and_then(place));
    let mut found = found.into_iter();
    if let Some((host, address)) = found.next() {
        draft.host = host;
        draft.subject = address;
    }
    for (_, address) in found {
        draft.see("also", address);
    }
}

/// Host and address of an endpoint, which is a text or an object of an address's parts.
fn place(endpoint: &Value) -> Option<(String, String)> {
    if !endpoint.is_object() {
        let address = text_of(endpoint)?;
        let rest = address
            .split_once("://")
            .map_or(address.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        return Some((host.to_owned(), address));
    }
    let part = |name: &str| endpoint.get(name).and_then(text_of).unwrap_or_default();
    let host = part("host");
    let mut address = String::new();
    let around = |before: &str, text: String, after: &str| {
        if text.is_empty() {
            text
        } else {
            format!("{before}{text}{after}")
        }
    };
    address.push_str(&around("", part("protocol"), "://"));
    address.push_str(&host);
    address.push_str(&around(":", part("port"), ""));
    address.push_str(&around(
        "/",
        part("path").trim_start_matches('/').to_owned(),
        "",
    ));
    address.push_str(&around("?", part("query"), ""));
    address.push_str(&around("#", part("fragment"), ""));
    (!address.is_empty()).then_some((host, address))
}

fn category(draft: &Draft) -> &'static str {
    if draft.component.is_some() || !draft.ids.is_empty() {
        "vulnerability"
    } else if !draft.path.is_empty() {
        "code"
    } else if draft.subject.contains("://") {
        "web"
    } else {
        "vulnerability"
    }
}
