//! Nuclei's JSON lines and JSON list, of all versions.

use super::words;
use crate::collector::Collector;
use crate::cvss;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::ItemPath;
use crate::severity;
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::BTreeSet;

/// Longest text of a request or answer that is kept, in characters.
const MESSAGE_CHARACTERS: usize = 4000;

/// Reads the matches.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = ItemPath::parse("[]").map_err(|reason| ImportError::Mapping {
        name: "nuclei".to_owned(),
        reason,
    })?;
    let mut hits: BTreeSet<String> = BTreeSet::new();
    let mut says_all = false;
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        let record = scope.item;
        let template = field::first(record, ["template-id", "templateID", "template"]);
        if template.is_empty() && record.get("info").is_none() {
            out.reject(scope.place, "it names no template");
            return Ok(());
        }
        // With `-ms` the tool writes what did not match, too.
        if field::flag(record, "matcher-status") == Some(false) {
            says_all = true;
            let error = field::text(record, "error");
            if error.is_empty() {
                out.check(&template, "web", Status::Passed, None);
            } else {
                out.check(&template, "web", Status::NotAssessed, Some(error));
            }
            return Ok(());
        }
        hits.insert(template.clone());
        out.finding(draft(record, template));
        Ok(())
    })?;
    // Without the templates that did not match, those that did say nothing of what was checked.
    if says_all {
        for template in &hits {
            out.check(template, "web", Status::Hit, None);
        }
    }
    Ok(())
}

fn draft(record: &Value, template: String) -> Draft {
    let info = |name: &str| field::text(record, ["info", name]);
    let classified = |name: &str| field::texts(record, ["info", "classification", name]);
    let kind = field::text(record, "type");
    let matcher = field::first(record, ["matcher-name", "matcher_name"]);
    let matched = field::first(record, ["matched-at", "matched", "url", "host"]);
    let host = match words::host_of(&matched) {
        "" => words::host_of(&field::first(record, ["host", "ip"])).to_owned(),
        host => host.to_owned(),
    };
    let name = match info("name") {
        name if name.is_empty() => template.clone(),
        name => name,
    };
    let what = if matcher.is_empty() {
        name
    } else {
        format!("{name} ({matcher})")
    };
    let ids = classified("cve-id");
    let mut draft = Draft {
        title: format!("{what} at {matched}"),
        severity_word: info("severity"),
        category: category(&kind, !ids.is_empty()).to_owned(),
        description: info("description"),
        remediation: info("remediation"),
        // The place within the host: an address, or host and port.
        subject: matched,
        ids,
        cwes: classified("cwe-id"),
        references: field::texts(record, "info.reference"),
        epss: severity::number(&classified("epss-score").join("")),
        last_seen: field::text(record, "timestamp"),
        same_as: [template.as_str(), &kind, &matcher, &host].join("\u{1f}"),
        key: matcher.clone(),
        check: template,
        host,
        ..Draft::default()
    };
    if matches!(draft.severity_word.as_str(), "unknown" | "undefined") {
        draft.severity = Some(Severity::Info);
    }
    let vector = classified("cvss-metrics").join("");
    let score = severity::number(&classified("cvss-score").join(""));
    draft.cvss.extend(cvss::scored("", &vector, score, ""));
    evidence(record, &matcher, &mut draft);
    draft
}

fn evidence(record: &Value, matcher: &str, draft: &mut Draft) {
    draft.see("matcher", matcher);
    for name in ["extracted-results", "extracted_results"] {
        for result in field::texts(record, [name]) {
            draft.see("extracted", result);
        }
    }
    draft.see("extractor", field::text(record, "extractor-name"));
    draft.see("ip", field::text(record, "ip"));
    draft.see("line", field::text(record, "matched-line"));
    draft.see("tags", field::texts(record, "info.tags").join(", "));
    draft.see("impact", field::text(record, "info.impact"));
    draft.see("cpe", field::text(record, "info.classification.cpe"));
    draft.see(
        "template",
        field::first(record, ["template-url", "template-path", "template"]),
    );
    draft.see(
        "curl",
        field::first(record, ["curl-command", "curl_command"]),
    );
    for name in ["request", "response"] {
        let text = field::text(record, [name]);
        draft.see(name, words::cut(&text, MESSAGE_CHARACTERS));
    }
}

/// The category by the protocol that the template speaks.
fn category(kind: &str, has_cve: bool) -> &'static str {
    match kind {
        _ if has_cve => "vulnerability",
        "ssl" => "tls",
        "network" | "tcp" | "dns" | "whois" => "network",
        "file" | "code" => "code",
        _ => "web",
    }
}
