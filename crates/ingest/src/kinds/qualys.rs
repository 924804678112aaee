//! Qualys: asset reports and detections in XML, and the tables.
//!
//! A finding is a check (QID) at a host and a port. The severity is Qualys' own, 1 to 5.

use super::netscan::unfit;
use super::netscan::{cves, cvss, records, see_scores, service};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, flag, list, text, texts};
use crate::input::Input;
use crate::items::{self, Family};
use crate::markup;
use crate::path::Scope;
use crate::severity;
use casemate_schema::{Cvss, Severity};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Reads an asset report, or an answer of the detection API.
pub(super) fn read_xml(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = records("ASSET_DATA_REPORT.HOST_LIST.HOST[].VULN_INFO_LIST.VULN_INFO[]")?;
    let root = items::around(input, Family::Xml, &path)?;
    let report = at(&root, "ASSET_DATA_REPORT");
    if report.is_null() && root.get("HOST_LIST_VM_DETECTION_OUTPUT").is_none() {
        return Err(unfit("qualys", "asset report and no list of detections"));
    }
    out.scanned_at(&text(report, "HEADER.GENERATION_DATETIME"));
    out.target(&text(report, "HEADER.TEMPLATE"));
    let details = list(report, "GLOSSARY.VULN_DETAILS_LIST.VULN_DETAILS");
    let glossary: HashMap<String, &Value> = details
        .iter()
        .map(|entry| (text(entry, "@id"), entry))
        .collect();
    items::each(input, Family::Xml, &path, &[], &mut |scope| {
        let entry = glossary.get(&text(scope.item, "QID.@id"));
        let host = host_around(scope);
        take(
            of_info(scope.item, host, entry.copied().unwrap_or(&Value::Null)),
            scope,
            out,
        );
        Ok(())
    })?;
    let answer =
        "HOST_LIST_VM_DETECTION_OUTPUT.RESPONSE.HOST_LIST.HOST[].DETECTION_LIST.DETECTION[]";
    items::each(input, Family::Xml, &records(answer)?, &[], &mut |scope| {
        take(
            of_info(scope.item, host_around(scope), &Value::Null),
            scope,
            out,
        );
        Ok(())
    })
}

/// Reads a table, with what stands before its header.
pub(super) fn read_csv(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = records("rows[]")?;
    let header = ["QID".to_owned(), "Title".to_owned()];
    let mut not_seen = BTreeSet::new();
    items::each(input, Family::Csv, &path, &header, &mut |scope| {
        let row = scope.item;
        if first(row, ["QID", "Title"]).is_empty() {
            let status = text(row, "IP Status");
            if status.contains("not alive") || status.contains("not scanned") {
                not_seen.insert(format!("{}: {status}", text(row, "IP")));
            }
        } else {
            take(of_row(row), scope, out);
        }
        Ok(())
    })?;
    for host in not_seen {
        out.note(host);
    }
    Ok(())
}

/// The host is two elements around a detection: its list is between.
fn host_around<'a>(scope: &Scope<'a>) -> &'a Value {
    let at = scope.parents.len().checked_sub(2);
    at.and_then(|at| scope.parents.get(at))
        .copied()
        .unwrap_or(&Value::Null)
}

fn take(mut draft: Draft, scope: &Scope<'_>, out: &mut Collector) {
    if draft.check.is_empty() && draft.title.is_empty() {
        out.reject(scope.place, "it has neither a QID nor a title");
        return;
    }
    if draft.title.is_empty() {
        draft.title = format!("QID {}", draft.check);
    }
    draft.category = if !draft.ids.is_empty() || draft.severity > Some(Severity::Info) {
        "vulnerability"
    } else {
        "network"
    }
    .to_owned();
    see_scores(&mut draft);
    out.finding(draft);
}

fn level(word: &str) -> Option<Severity> {
    Some(match word.trim() {
        "1" => Severity::Info,
        "2" => Severity::Low,
        "3" => Severity::Medium,
        "4" => Severity::High,
        "5" => Severity::Critical,
        other => return severity::of_word(other),
    })
}

/// `8.1 (AV:N/AC:H/...)`
fn scored(version: &str, written: &str) -> Option<Cvss> {
    let (score, vector) = written.split_once('(').unwrap_or((written, ""));
    cvss(version, vector.trim_end_matches(')'), score)
}

/// Fixed ones stay in reports for a while.
fn state(status: &str, is_ignored: bool) -> Option<(String, String, String)> {
    let status = match status.to_lowercase().as_str() {
        "fixed" => "fixed",
        _ if is_ignored => "ignored",
        _ => return None,
    };
    Some((status.to_owned(), String::new(), String::new()))
}

fn of_info(info: &Value, host: &Value, entry: &Value) -> Draft {
    let qid = text(info, "QID");
    let qid = if qid.is_empty() {
        text(info, "QID.@id")
    } else {
        qid
    };
    let plain = |name: &str| markup::plain(&text(entry, [name]));
    let cve = list(entry, "CVE_ID_LIST.CVE_ID");
    let vendor = list(entry, "VENDOR_REFERENCE_LIST.VENDOR_REFERENCE");
    let links = cve.iter().chain(vendor).map(|item| text(item, "URL"));
    let severity = text(entry, "SEVERITY");
    let severity = if severity.is_empty() {
        text(info, "SEVERITY")
    } else {
        severity
    };
    let ids = cve
        .iter()
        .flat_map(|item| cves(&text(item, "ID")))
        .collect();
    let mut draft = Draft {
        check: qid.trim_start_matches("qid_").to_owned(),
        title: plain("TITLE"),
        severity: level(&severity),
        severity_word: severity,
        description: plain("THREAT"),
        remediation: plain("SOLUTION"),
        host: first(host, ["IP", "DNS", "ID"]),
        subject: service(&text(info, "PROTOCOL"), &text(info, "PORT")),
        ids,
        references: links.filter(|url| url.contains("://")).collect(),
        cvss: scores(info, entry),
        first_seen: first(info, ["FIRST_FOUND", "FIRST_FOUND_DATETIME"]),
        last_seen: first(info, ["LAST_FOUND", "LAST_FOUND_DATETIME"]),
        key: text(info, "INSTANCE"),
        suppressed: state(
            &first(info, ["VULN_STATUS", "STATUS"]),
            flag(info, "IS_IGNORED") == Some(true),
        ),
        ..Draft::default()
    };
    see(info, host, entry, &mut draft);
    draft
}

/// The base scores, else what the site makes of them.
fn scores(info: &Value, entry: &Value) -> Vec<Cvss> {
    let base = [
        scored("3.1", &text(entry, "CVSS3_SCORE.CVSS3_BASE")),
        scored("2.0", &text(entry, "CVSS_SCORE.CVSS_BASE")),
    ];
    let last = [
        scored("3.1", &text(info, "CVSS3_FINAL")),
        scored("2.0", &text(info, "CVSS_FINAL")),
    ];
    let mut scores: Vec<Cvss> = base.into_iter().flatten().collect();
    if scores.is_empty() {
        scores = last.into_iter().flatten().collect();
    }
    scores
}

fn see(info: &Value, host: &Value, entry: &Value, draft: &mut Draft) {
    draft.see("result", markup::plain(&first(info, ["RESULT", "RESULTS"])));
    draft.see("impact", markup::plain(&text(entry, "IMPACT")));
    for (seen, from) in [
        ("category", text(entry, "CATEGORY")),
        ("type", text(info, "TYPE")),
        ("status", first(info, ["VULN_STATUS", "STATUS"])),
        ("dns", first(host, ["DNS", "FQDN"])),
        ("netbios", text(host, "NETBIOS")),
        ("os", first(host, ["OPERATING_SYSTEM", "OS"])),
        ("ssl", text(info, "SSL")),
        ("times found", first(info, ["TIMES_FOUND"])),
        (
            "vendor reference",
            texts(entry, "VENDOR_REFERENCE_LIST.VENDOR_REFERENCE.ID").join(" "),
        ),
    ] {
        draft.see(seen, from);
    }
}

fn of_row(row: &Value) -> Draft {
    let get = |name: &str| text(row, [name]);
    let plain = |name: &str| markup::plain(&text(row, [name]));
    let severity = get("Severity");
    let mut draft = Draft {
        check: get("QID").trim_start_matches("QID-").to_owned(),
        title: plain("Title"),
        severity: level(&severity),
        severity_word: severity,
        description: plain("Threat"),
        remediation: plain("Solution"),
        host: first(row, ["IP", "FQDN", "DNS"]),
        subject: service(&get("Protocol"), &get("Port")),
        ids: cves(&first(row, ["CVE ID", "CVE"])),
        cvss: [
            scored(
                "3.1",
                &first(row, [["CVSS3.1 Base"], ["CVSS3 Base"], ["CVSS3"]]),
            ),
            scored("2.0", &first(row, ["CVSS Base", "CVSS"])),
        ]
        .into_iter()
        .flatten()
        .collect(),
        first_seen: get("First Detected"),
        last_seen: get("Last Detected"),
        key: get("Instance"),
        suppressed: state(&get("Vuln Status"), false),
        ..Draft::default()
    };
    draft.see("result", plain("Results"));
    draft.see("impact", plain("Impact"));
    for (seen, column) in [
        ("category", "Category"),
        ("type", "Type"),
        ("status", "Vuln Status"),
        ("dns", "DNS"),
        ("fqdn", "FQDN"),
        ("netbios", "NetBIOS"),
        ("os", "OS"),
        ("ssl", "SSL"),
        ("times found", "Times Detected"),
        ("vendor reference", "Vendor Reference"),
        ("exploits", "Exploitability"),
        ("malware", "Associated Malware"),
    ] {
        draft.see(seen, get(column));
    }
    draft
}
