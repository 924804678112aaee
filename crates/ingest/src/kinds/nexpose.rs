//! Nexpose and InsightVM: XML export, versions 1 and 2.
//!
//! A finding is a vulnerability at a host and a port; tests that prove it several times there are
//! put together. Hosts and open ports are findings of level info, as with port scanners.

use super::netscan::{Merged, cves, cvss, deep_text, service, unfit};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text, texts};
use crate::input::Input;
use crate::severity;
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::HashMap;

type Definitions<'v> = HashMap<String, &'v Value>;

/// Reads a report.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.xml()?;
    let report = at(document, "NexposeReport");
    if report.is_null() {
        return Err(unfit("nexpose", "`NexposeReport`"));
    }
    for scan in list(report, "scans.scan") {
        out.scanned_at(&time(&text(scan, "@endTime")));
        out.target(&text(scan, "@name"));
        let status = text(scan, "@status");
        if !status.is_empty() && status != "finished" {
            out.note(format!("scan {} is {status}", text(scan, "@name")));
        }
    }
    let known = list(report, "VulnerabilityDefinitions.vulnerability");
    let definitions: Definitions<'_> = known
        .iter()
        .map(|entry| (text(entry, "@id").to_lowercase(), entry))
        .collect();
    let mut merged = Merged::default();
    for node in list(report, "nodes.node") {
        of_node(node, &definitions, &mut merged, out);
    }
    merged.finish(out);
    Ok(())
}

fn of_node(node: &Value, definitions: &Definitions<'_>, merged: &mut Merged, out: &mut Collector) {
    let host = text(node, "@address");
    let names = texts(node, "names.name").join(" ");
    add(merged, is_up(node, &host, &names));
    let mut take = |tests: &Value, subject: &str| {
        for test in list(tests, "tests.test") {
            let id = text(test, "@id").to_lowercase();
            let entry = definitions.get(&id).copied().unwrap_or(&Value::Null);
            match outcome(&text(test, "@status")) {
                Outcome::Found(suppressed) => {
                    let mut draft = of_test(test, &id, entry, &names);
                    draft.host.clone_from(&host);
                    subject.clone_into(&mut draft.subject);
                    draft.suppressed = suppressed.map(|s| (s, String::new(), String::new()));
                    out.check(&id, "nexpose", Status::Hit, None);
                    add(merged, draft);
                }
                Outcome::Checked(status, reason) => {
                    out.check(&id, "nexpose", status, reason);
                }
            }
        }
    };
    take(node, "");
    let mut open = Vec::new();
    for endpoint in list(node, "endpoints.endpoint") {
        let subject = service(&text(endpoint, "@protocol"), &text(endpoint, "@port"));
        for named in list(endpoint, "services.service") {
            take(named, &subject);
            open.push(is_open(endpoint, named, &host, &subject));
        }
    }
    for draft in open {
        add(merged, draft);
    }
}

fn add(merged: &mut Merged, draft: Draft) {
    let suppressed = draft.suppressed.as_ref().map_or("", |(status, ..)| status);
    let key = [&draft.check, &draft.host, &draft.subject, suppressed].join("\u{1f}");
    merged.add(key, draft);
}

enum Outcome {
    /// The host has it, perhaps with an exception that was granted.
    Found(Option<String>),
    /// It has not, or it is not known.
    Checked(Status, Option<String>),
}

fn outcome(status: &str) -> Outcome {
    let status = status.trim().to_lowercase();
    if status.contains("exception") {
        return Outcome::Found(Some("exception".to_owned()));
    }
    match status.as_str() {
        "not-vulnerable" | "not-vulnerable-version" => Outcome::Checked(Status::Passed, None),
        "potential" | "" => Outcome::Found(None),
        other if other.starts_with("vulnerable") => Outcome::Found(None),
        other => Outcome::Checked(Status::NotAssessed, Some(format!("the test is {other}"))),
    }
}

/// `20210211T162340221` as a time that is read elsewhere.
fn time(text: &str) -> String {
    let digits = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    match text.as_bytes() {
        [first, .., _] if text.len() >= 15 && first.is_ascii_digit() && digits(8, 9) == "T" => {
            format!(
                "{}-{}-{}T{}:{}:{}Z",
                digits(0, 4),
                digits(4, 6),
                digits(6, 8),
                digits(9, 11),
                digits(11, 13),
                digits(13, 15)
            )
        }
        _ => text.to_owned(),
    }
}

/// Nexpose's scale of 0 to 10, in the words that its console shows.
fn level(number: &str) -> Option<Severity> {
    let number = severity::number(number)?;
    Some(match number {
        number if number >= 9.0 => Severity::Critical,
        number if number >= 7.0 => Severity::High,
        number if number >= 4.0 => Severity::Medium,
        number if number > 0.0 => Severity::Low,
        _ => Severity::Info,
    })
}

fn of_test(test: &Value, id: &str, entry: &Value, names: &str) -> Draft {
    let word = text(entry, "@severity");
    let mut ids = Vec::new();
    let mut links = Vec::new();
    let mut others = Vec::new();
    for item in list(entry, "references.reference") {
        let (source, value) = (text(item, "@source"), text(item, "#text"));
        match source.as_str() {
            "CVE" => ids.extend(cves(&value)),
            _ if value.contains("://") => links.push(value),
            _ => others.push(format!("{source} {value}")),
        }
    }
    for exploit in list(entry, "exploits.exploit") {
        links.push(text(exploit, "@link"));
    }
    let status = text(test, "@status");
    let three = text(entry, "@cvssV3Vector");
    let mut draft = Draft {
        check: id.to_owned(),
        title: text(entry, "@title"),
        severity: level(&word),
        severity_word: word,
        category: if ids.is_empty() {
            "misconfiguration"
        } else {
            "vulnerability"
        }
        .to_owned(),
        description: deep_text(at(entry, "description")),
        remediation: deep_text(at(entry, "solution")),
        cvss: [
            cvss("3.0", &three, &text(entry, "@cvssV3Score")),
            cvss(
                "2.0",
                &text(entry, "@cvssVector"),
                &text(entry, "@cvssScore"),
            ),
        ]
        .into_iter()
        .flatten()
        .collect(),
        ids,
        references: links,
        published: time(&text(entry, "@published")),
        first_seen: time(&text(test, "@vulnerable-since")),
        ..Draft::default()
    };
    draft.see("proof", deep_text(test));
    for (seen, from) in [
        ("status", status),
        ("key", text(test, "@key")),
        ("names", names.to_owned()),
        ("pci", text(test, "@pci-compliance-status")),
        ("risk score", text(entry, "@riskScore")),
        ("references", others.join(", ")),
        ("tags", texts(entry, "tags.tag").join(", ")),
    ] {
        draft.see(seen, from);
    }
    draft
}

fn is_up(node: &Value, host: &str, names: &str) -> Draft {
    let mut draft = Draft {
        check: "host-up".to_owned(),
        title: format!("Host {host} is up"),
        severity: Some(Severity::Info),
        category: "network".to_owned(),
        host: host.to_owned(),
        ..Draft::default()
    };
    draft.see("names", names);
    let prints = list(node, "fingerprints.os");
    if let Some(os) = prints.first() {
        let parts = ["@vendor", "@product", "@version"].map(|name| text(os, [name]));
        draft.see("os", parts.join(" "));
    }
    draft.see("risk score", text(node, "@risk-score"));
    draft
}

fn is_open(endpoint: &Value, named: &Value, host: &str, subject: &str) -> Draft {
    let mut draft = Draft {
        check: "open-port".to_owned(),
        title: format!("Open port {subject} on {host}"),
        severity: Some(Severity::Info),
        category: "network".to_owned(),
        host: host.to_owned(),
        subject: subject.to_owned(),
        ..Draft::default()
    };
    draft.see("service", text(named, "@name"));
    draft.see("status", text(endpoint, "@status"));
    for print in list(named, "fingerprints.fingerprint") {
        let parts = ["@product", "@version"].map(|name| first(print, [name]));
        draft.see("product", parts.join(" "));
    }
    draft
}
