//! Nessus, Tenable.io, Tenable.sc and Tenable Web App Scanning: XML version 2, and what the tables
//! share with it.
//!
//! A finding is a plugin at a host, a port and a protocol. The table has a row for each CVE of it,
//! which are put together; so are several outputs of a plugin at one place.

use super::netscan::{Merged, cves, cvss, cwes, host_of, records, service, unfit};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, each, flag_of, list, text, texts};
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::Scope;
use crate::severity;
use casemate_schema::{Cvss, Severity, Status};
use serde_json::Value;

/// Reads a `.nessus` file.
pub(super) fn read_xml(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = records("NessusClientData_v2.Report.ReportHost[].ReportItem[]")?;
    let mut merged = Merged::default();
    let mut is_about = false;
    items::each(input, Family::Xml, &path, &[], &mut |scope| {
        if !is_about {
            is_about = true;
            about(scope.root, out);
        }
        let draft = of_item(scope);
        take(draft, scope, &mut merged, out);
        Ok(())
    })?;
    if !is_about {
        let root = items::around(input, Family::Xml, &path)?;
        if root.get("NessusClientData_v2").is_none() {
            return Err(unfit("nessus", "`NessusClientData_v2`"));
        }
        about(&root, out);
    }
    merged.finish(out);
    Ok(())
}

fn about(root: &Value, out: &mut Collector) {
    let report = at(root, "NessusClientData_v2.Report");
    let report = each(report).iter().next().unwrap_or(&Value::Null);
    out.target(&text(report, "@name"));
    if let Some(host) = list(report, "ReportHost").iter().next() {
        let end = property(host, "HOST_END_TIMESTAMP");
        let end = if end.is_empty() {
            property(host, "HOST_END")
        } else {
            end
        };
        out.scanned_at(&end);
    }
}

/// Passed compliance checks are no findings; of the others, one place is one finding.
pub(super) fn take(draft: Draft, scope: &Scope<'_>, merged: &mut Merged, out: &mut Collector) {
    if draft.check.is_empty() && draft.title.is_empty() {
        out.reject(scope.place, "it has neither a plugin nor a name");
        return;
    }
    let (result, name) = compliance(scope.item, &draft.description);
    if result.is_empty() {
        merged.add(key_of(&draft), draft);
        return;
    }
    let id = format!("{} {name}", draft.check);
    let status = match result.as_str() {
        "PASSED" => Status::Passed,
        "FAILED" | "WARNING" => Status::Hit,
        _ => Status::NotAssessed,
    };
    let reason = (status == Status::NotAssessed).then(|| format!("the result is {result}"));
    out.check(id.trim(), "compliance", status, reason);
    if status == Status::Hit {
        let title = if name.is_empty() {
            draft.title.clone()
        } else {
            name.clone()
        };
        let draft = Draft {
            category: "compliance".to_owned(),
            key: name,
            title,
            ..draft
        };
        merged.add(key_of(&draft), draft);
    }
}

fn key_of(draft: &Draft) -> String {
    let check = if draft.check.is_empty() {
        &draft.title
    } else {
        &draft.check
    };
    let suppressed = draft.suppressed.as_ref().map_or("", |(status, ..)| status);
    let parts = [check, &draft.host, &draft.subject, &draft.key, suppressed];
    parts.join("\u{1f}")
}

/// The outcome and name of a compliance check: in elements of its own, or in the description, as
/// `"1.1 Ensure ..." : [FAILED]`.
fn compliance(item: &Value, description: &str) -> (String, String) {
    let result = text(item, "compliance-result").to_uppercase();
    if !result.is_empty() {
        return (result, text(item, "compliance-check-name"));
    }
    let line = description.lines().find(|line| !line.trim().is_empty());
    let line = line.unwrap_or_default().trim();
    let Some((name, rest)) = line.rsplit_once(':') else {
        return Default::default();
    };
    let word = rest
        .trim()
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match word {
        Some(word @ ("PASSED" | "FAILED" | "WARNING" | "ERROR" | "SKIPPED" | "INFO")) => {
            (word.to_owned(), name.trim().trim_matches('"').to_owned())
        }
        _ => Default::default(),
    }
}

/// A tag of the host, as `<tag name="host-ip">`.
fn property(host: &Value, name: &str) -> String {
    let tags = list(host, "HostProperties.tag");
    let mut found = tags.iter().filter(|tag| text(tag, "@name") == name);
    found
        .next()
        .map(|tag| text(tag, "#text"))
        .unwrap_or_default()
}

fn of_item(scope: &Scope<'_>) -> Draft {
    let item = scope.item;
    let host = scope.parents.last().copied().unwrap_or(&Value::Null);
    let name = text(host, "@name");
    let is_web = text(host, "HostProperties").is_empty() && name.contains("://");
    let ids = texts(item, "cve")
        .iter()
        .flat_map(|cve| cves(cve))
        .collect();
    let xrefs = texts(item, "xref");
    let mut weak = texts(item, "cwe");
    weak.extend(xrefs.iter().flat_map(|xref| cwes(xref)));
    let word = text(item, "@severity");
    let risk = text(item, "risk_factor");
    let mut draft = Draft {
        check: text(item, "@pluginID"),
        title: pick([text(item, "@pluginName"), text(item, "plugin_name")]),
        severity: level(&word, &risk),
        severity_word: pick([word, risk]),
        description: pick([text(item, "description"), text(item, "synopsis")]),
        remediation: remedy(&text(item, "solution")),
        host: host_of(&pick([
            name,
            property(host, "host-fqdn"),
            property(host, "host-ip"),
        ])),
        subject: service(&text(item, "@protocol"), &text(item, "@port")),
        ids,
        cwes: weak,
        references: links(&texts(item, "see_also").join("\n")),
        cvss: scores(item),
        exploited: exploited(item, &xrefs, "exploit_available"),
        published: text(item, "vuln_publication_date"),
        last_seen: pick([
            property(host, "HOST_END_TIMESTAMP"),
            property(host, "HOST_END"),
        ]),
        ..Draft::default()
    };
    let family = text(item, "@pluginFamily");
    draft.category = category(is_web, &draft, &family);
    draft.see("plugin output", text(item, "plugin_output"));
    draft.see("family", family);
    see(item, host, &xrefs, &mut draft);
    draft
}

fn see(item: &Value, host: &Value, xrefs: &[String], draft: &mut Draft) {
    for (seen, from) in [
        ("service", text(item, "@svc_name")),
        ("fqdn", host_of(&property(host, "host-fqdn"))),
        ("ip", property(host, "host-ip")),
        ("netbios", property(host, "netbios-name")),
        ("os", property(host, "operating-system")),
        ("cpe", texts(item, "cpe").join(" ")),
        ("exploit ease", text(item, "exploitability_ease")),
        ("vpr", text(item, "vpr_score")),
        ("xref", xrefs.join(" ")),
        ("actual value", text(item, "compliance-actual-value")),
        ("policy value", text(item, "compliance-policy-value")),
        ("reference", text(item, "compliance-reference")),
    ] {
        draft.see(seen, from);
    }
}

fn scores(item: &Value) -> Vec<Cvss> {
    let scores = [
        cvss(
            "4.0",
            &text(item, "cvss4_vector"),
            &text(item, "cvss4_base_score"),
        ),
        cvss(
            "3.0",
            &text(item, "cvss3_vector"),
            &pick([text(item, "cvss3_base_score"), text(item, "cvssv3")]),
        ),
        cvss(
            "2.0",
            &text(item, "cvss_vector"),
            &pick([text(item, "cvss_base_score"), text(item, "cvss")]),
        ),
    ];
    scores.into_iter().flatten().collect()
}

/// The first that is not empty.
pub(super) fn pick<const N: usize>(texts: [String; N]) -> String {
    let mut texts = texts.into_iter();
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

/// 0 to 4, or a word; the risk factor where that is not there.
pub(super) fn level(word: &str, risk: &str) -> Option<Severity> {
    let of = |word: &str| match word.trim().trim_end_matches(".0") {
        "0" => Some(Severity::Info),
        "1" => Some(Severity::Low),
        "2" => Some(Severity::Medium),
        "3" => Some(Severity::High),
        "4" => Some(Severity::Critical),
        other => severity::of_word(other),
    };
    of(word).or_else(|| of(risk))
}

pub(super) fn exploited(item: &Value, xrefs: &[String], name: &str) -> Option<bool> {
    let is_listed = xrefs
        .iter()
        .any(|xref| xref.starts_with("CISA-KNOWN-EXPLOITED"));
    let said = ["exploited_by_nessus", "exploited_by_malware", name];
    let mut said = said
        .iter()
        .map(|name| text(item, [*name]))
        .filter(|word| !word.is_empty());
    if is_listed {
        return Some(true);
    }
    said.next()
        .map(|word| flag_of(&word) == Some(true) || said.any(|word| flag_of(&word) == Some(true)))
}

pub(super) fn remedy(solution: &str) -> String {
    match solution.trim() {
        "n/a" | "N/A" | "None" => String::new(),
        other => other.to_owned(),
    }
}

pub(super) fn links(text: &str) -> Vec<String> {
    let cut = |c: char| c.is_whitespace() || matches!(c, ',' | '\'' | '[' | ']' | '"');
    text.split(cut)
        .filter(|word| word.contains("://"))
        .map(str::to_owned)
        .collect()
}

pub(super) fn category(is_web: bool, draft: &Draft, family: &str) -> String {
    let is_tls = ["SSL", "TLS"]
        .iter()
        .any(|word| draft.title.starts_with(word));
    let word = if !draft.ids.is_empty() {
        "vulnerability"
    } else if is_web {
        "web"
    } else if is_tls {
        "tls"
    } else if draft.severity == Some(Severity::Info) || family == "Port scanners" {
        "network"
    } else {
        "vulnerability"
    };
    word.to_owned()
}
