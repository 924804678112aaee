//! OpenVAS and Greenbone: XML reports and the tables.
//!
//! A finding is a test (NVT) at a host and a port. What a test says several times of one port is
//! put together.

use super::netscan::{Merged, cves, cvss, cwes, deep_text, records, see_scores};
use super::netscan::{has_column, service, unfit};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text, texts};
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::Scope;
use crate::severity;
use casemate_schema::{Cvss, Severity};
use serde_json::Value;

/// Where the results are: in a report, in the wrapper that a download has, in an answer of GMP.
const RESULTS: [&[&str]; 4] = [
    &["report", "report"],
    &["get_reports_response", "report", "report"],
    &["get_reports_response", "report"],
    &["report"],
];

/// Reads an XML report.
pub(super) fn read_xml(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    for way in RESULTS {
        let path = records(&format!("{}.results.result[]", way.join(".")))?;
        let root = items::around(input, Family::Xml, &path)?;
        let report = at(&root, way);
        if report.get("results").is_none() && report.get("scan_start").is_none() {
            continue;
        }
        about(report, out);
        let mut merged = Merged::default();
        items::each(input, Family::Xml, &path, &[], &mut |scope| {
            take(of_result(scope.item), scope, &mut merged, out);
            Ok(())
        })?;
        merged.finish(out);
        return Ok(());
    }
    Err(unfit("openvas", "list of results"))
}

/// Reads a table.
pub(super) fn read_csv(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    if !has_column(input, &["NVT Name", "NVT OID", "nvt name", "nvt oid"]) {
        return Err(unfit("openvas-csv", "column `NVT Name`"));
    }
    let path = records("rows[]")?;
    let mut merged = Merged::default();
    items::each(input, Family::Csv, &path, &[], &mut |scope| {
        take(of_row(scope.item), scope, &mut merged, out);
        Ok(())
    })?;
    merged.finish(out);
    Ok(())
}

fn take(draft: Draft, scope: &Scope<'_>, merged: &mut Merged, out: &mut Collector) {
    if draft.check.is_empty() && draft.title.is_empty() {
        out.reject(scope.place, "it names no test");
    } else {
        merged.add(key_of(&draft), draft);
    }
}

fn about(report: &Value, out: &mut Collector) {
    out.scanned_at(&first(report, ["scan_end", "scan_start", "timestamp"]));
    let target = text(report, "task.target.name");
    let task = text(report, "task.name");
    out.target(if target.is_empty() { &task } else { &target });
    let status = text(report, "scan_run_status");
    if !status.is_empty() && status != "Done" {
        out.note(format!("the scan did not end as it should: {status}"));
    }
    for error in list(report, "errors.error") {
        let host = text(error, "host");
        let what = text(error, "description");
        out.note(format!("error at {host}: {what}"));
    }
}

fn key_of(draft: &Draft) -> String {
    let check = if draft.check.is_empty() {
        &draft.title
    } else {
        &draft.check
    };
    let suppressed = draft.suppressed.as_ref().map_or("", |(status, ..)| status);
    [check, &draft.host, &draft.subject, suppressed].join("\u{1f}")
}

/// `80/tcp`, `general/tcp`, and of old `http (80/tcp)`.
fn port_of(text: &str) -> String {
    let inner = text.split_once('(').map_or(text, |(_, inner)| inner);
    let (port, protocol) = inner.split_once('/').unwrap_or((inner, ""));
    service(protocol.trim_end_matches(')'), port)
}

/// `summary=...|insight=...`
fn tag(tags: &str, name: &str) -> String {
    let mut parts = tags.split('|').filter_map(|part| part.split_once('='));
    let found = parts.find(|(key, _)| key.trim() == name);
    found.map(|(_, value)| lines(value)).unwrap_or_default()
}

/// Text that the feed breaks at a column: each line without its indentation.
fn lines(text: &str) -> String {
    text.trim()
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join("\n")
}

fn of_result(result: &Value) -> Draft {
    let nvt = at(result, "nvt");
    let tags = text(nvt, "tags");
    let host = text(result, "host");
    let word = text(result, "threat");
    let mut refs = Vec::new();
    let mut certs = Vec::new();
    let mut ids = cves(&texts(nvt, "cve").join(" "));
    for item in list(nvt, "refs.ref") {
        let id = text(item, "@id");
        match text(item, "@type").to_lowercase().as_str() {
            "cve" => ids.extend(cves(&id)),
            "url" => refs.push(id),
            _ => certs.push(id),
        }
    }
    let xrefs = texts(nvt, "xref").join(" ");
    let links = xrefs
        .split([' ', ','])
        .map(|word| word.trim_start_matches("URL:"));
    refs.extend(links.filter(|word| word.contains("://")).map(str::to_owned));
    let vector = [
        text(nvt, "severities.severity.value"),
        tag(&tags, "cvss_base_vector"),
    ];
    let vector = vector.iter().find(|vector| !vector.is_empty());
    let score = first(nvt, ["cvss_base"]);
    let score = if score.is_empty() {
        text(result, "severity")
    } else {
        score
    };
    let solution = lines(&text(nvt, "solution"));
    let summary = tag(&tags, "summary");
    let mut draft = Draft {
        check: text(nvt, "@oid"),
        own_id: text(result, "@id"),
        title: title(nvt, result),
        severity: level(&word, &text(result, "severity")),
        severity_word: word.clone(),
        description: about_of(&summary, &tag(&tags, "insight"), &text(nvt, "description")),
        remediation: if solution.is_empty() {
            tag(&tags, "solution")
        } else {
            solution
        },
        host: host.clone(),
        subject: port_of(&text(result, "port")),
        ids,
        references: refs,
        cvss: scored(vector.map_or("", String::as_str), &score)
            .into_iter()
            .collect(),
        epss: severity::number(&text(nvt, "epss.max_severity.score")),
        last_seen: first(result, ["modification_time", "creation_time"]),
        suppressed: false_positive(&word),
        ..Draft::default()
    };
    see(result, &tags, &certs, &mut draft);
    finished(draft)
}

fn see(result: &Value, tags: &str, certs: &[String], draft: &mut Draft) {
    let nvt = at(result, "nvt");
    draft.see("result", deep_text_kept(at(result, "description")));
    for (seen, from) in [
        ("hostname", text(result, "host.hostname")),
        ("qod", text(result, "qod.value")),
        ("family", text(nvt, "family")),
        ("impact", tag(tags, "impact")),
        ("affected", tag(tags, "affected")),
        ("detection", tag(tags, "vuldetect")),
        ("certs", certs.join(" ")),
    ] {
        draft.see(seen, from);
    }
}

/// The test's name; the result's own is a number in some exports.
fn title(nvt: &Value, result: &Value) -> String {
    let name = text(nvt, "name");
    let name = if name.is_empty() {
        text(result, "name")
    } else {
        name
    };
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was seen, line by line.
fn deep_text_kept(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        other => deep_text(other),
    }
}

fn about_of(summary: &str, insight: &str, old: &str) -> String {
    let parts = [summary, insight].map(str::trim);
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        old.trim().to_owned()
    } else {
        parts.join("\n\n")
    }
}

/// The tool's word; the score where there is none.
fn level(word: &str, score: &str) -> Option<Severity> {
    severity::of_word(word).or_else(|| severity::number(score).map(severity::of_cvss))
}

/// The version of the scores is said by the vector alone.
fn scored(vector: &str, score: &str) -> Option<Cvss> {
    let version = if vector.contains("Au:") { "2.0" } else { "" };
    cvss(version, vector, score)
}

fn false_positive(word: &str) -> Option<(String, String, String)> {
    word.eq_ignore_ascii_case("false positive")
        .then(|| ("false_positive".to_owned(), String::new(), String::new()))
}

fn finished(mut draft: Draft) -> Draft {
    let is_tls = ["SSL/TLS", "SSL", "TLS"]
        .iter()
        .any(|word| draft.title.starts_with(word));
    draft.category = if !draft.ids.is_empty() {
        "vulnerability"
    } else if is_tls {
        "tls"
    } else if draft.severity == Some(Severity::Info) {
        "network"
    } else {
        "vulnerability"
    }
    .to_owned();
    see_scores(&mut draft);
    draft
}

/// The columns of a row in lower case: exports differ in it.
fn of_row(row: &Value) -> Draft {
    let get = |name: &str| -> String {
        let fields = row.as_object().into_iter().flatten();
        let mut found = fields.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found
            .next()
            .and_then(|(_, value)| value.as_str())
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let word = get("Severity");
    let address = get("IP");
    let mut draft = Draft {
        check: get("NVT OID"),
        own_id: get("Result ID"),
        title: get("NVT Name")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        severity: level(&word, &get("CVSS")),
        severity_word: word.clone(),
        description: about_of(
            &lines(&get("Summary")),
            &lines(&get("Vulnerability Insight")),
            "",
        ),
        remediation: lines(&get("Solution")),
        host: if address.is_empty() {
            get("Hostname")
        } else {
            address
        },
        subject: service(&get("Port Protocol"), &get("Port")),
        ids: cves(&get("CVEs")),
        cwes: cwes(&format!("CWE-{}", get("CWEID"))),
        references: get("Other References")
            .split([',', ' ', '\n'])
            .filter(|word| word.contains("://"))
            .map(|word| word.trim_start_matches("URL:").to_owned())
            .collect(),
        cvss: scored("", &get("CVSS")).into_iter().collect(),
        epss: severity::number(&get("Max Severity EPSS score")),
        last_seen: get("Timestamp"),
        suppressed: false_positive(&word).or_else(|| {
            let said = get("FalsePositive").eq_ignore_ascii_case("true");
            false_positive(if said { "false positive" } else { "" })
        }),
        ..Draft::default()
    };
    draft.see("result", get("Specific Result"));
    for (seen, column) in [
        ("hostname", "Hostname"),
        ("qod", "QoD"),
        ("impact", "Impact"),
        ("affected", "Affected Software/OS"),
        ("detection", "Vulnerability Detection Method"),
        ("product", "Product Detection Result"),
        ("certs", "CERTs"),
        ("bids", "BIDs"),
    ] {
        draft.see(seen, lines(&get(column)));
    }
    finished(draft)
}
