//! Nessus, Tenable.io, Tenable.sc and Tenable Web App Scanning: XML version 2 and the tables.
//!
//! A finding is a plugin at a host, a port and a protocol. The table has a row for each CVE of it,
//! which are put together; so are several outputs of a plugin at one place.

use super::netscan::{
    Merged, at, cves, cvss, cwes, first, host_of, is_true, list, records, service,
};
use super::netscan::{text, texts};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::Scope;
use crate::severity;
use casemate_schema::{Severity, Status};
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
        about(&items::around(input, Family::Xml, &path)?, out);
    }
    merged.finish(out);
    Ok(())
}

/// Reads a table, of whichever product.
pub(super) fn read_csv(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = records("rows[]")?;
    let mut merged = Merged::default();
    items::each(input, Family::Csv, &path, &[], &mut |scope| {
        let draft = of_row(scope.item);
        if !(draft.check.is_empty() && draft.title.is_empty()) {
            take(draft, scope, &mut merged, out);
        }
        Ok(())
    })?;
    merged.finish(out);
    Ok(())
}

fn about(root: &Value, out: &mut Collector) {
    let report = at(root, &["NessusClientData_v2", "Report"]);
    let report = list(report).into_iter().next().unwrap_or(&Value::Null);
    out.target(&text(report, &["@name"]));
    if let Some(host) = list(at(report, &["ReportHost"])).into_iter().next() {
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
fn take(draft: Draft, scope: &Scope<'_>, merged: &mut Merged, out: &mut Collector) {
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
    let result = text(item, &["compliance-result"]).to_uppercase();
    if !result.is_empty() {
        return (result, text(item, &["compliance-check-name"]));
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
    let tags = list(at(host, &["HostProperties", "tag"]));
    let mut found = tags.into_iter().filter(|tag| text(tag, &["@name"]) == name);
    found
        .next()
        .map(|tag| text(tag, &["#text"]))
        .unwrap_or_default()
}

fn of_item(scope: &Scope<'_>) -> Draft {
    let item = scope.item;
    let host = scope.parents.last().copied().unwrap_or(&Value::Null);
    let name = text(host, &["@name"]);
    let is_web = text(host, &["HostProperties"]).is_empty() && name.contains("://");
    let ids = texts(at(item, &["cve"]))
        .iter()
        .flat_map(|cve| cves(cve))
        .collect();
    let xrefs = texts(at(item, &["xref"]));
    let mut weak = texts(at(item, &["cwe"]));
    weak.extend(xrefs.iter().flat_map(|xref| cwes(xref)));
    let word = text(item, &["@severity"]);
    let risk = text(item, &["risk_factor"]);
    let mut draft = Draft {
        check: text(item, &["@pluginID"]),
        title: pick([text(item, &["@pluginName"]), text(item, &["plugin_name"])]),
        severity: level(&word, &risk),
        severity_word: pick([risk, word]),
        description: pick([text(item, &["description"]), text(item, &["synopsis"])]),
        remediation: remedy(&text(item, &["solution"])),
        host: host_of(&pick([
            name,
            property(host, "host-fqdn"),
            property(host, "host-ip"),
        ])),
        subject: service(&text(item, &["@protocol"]), &text(item, &["@port"])),
        ids,
        cwes: weak,
        references: links(&texts(at(item, &["see_also"])).join("\n")),
        cvss: [
            cvss(
                "4.0",
                &text(item, &["cvss4_vector"]),
                &text(item, &["cvss4_base_score"]),
            ),
            cvss(
                "3.0",
                &text(item, &["cvss3_vector"]),
                &pick([text(item, &["cvss3_base_score"]), text(item, &["cvssv3"])]),
            ),
            cvss(
                "2.0",
                &text(item, &["cvss_vector"]),
                &pick([text(item, &["cvss_base_score"]), text(item, &["cvss"])]),
            ),
        ]
        .into_iter()
        .flatten()
        .collect(),
        exploited: exploited(item, &xrefs, "exploit_available"),
        published: pick([
            text(item, &["vuln_publication_date"]),
            text(item, &["plugin_publication_date"]),
        ]),
        last_seen: pick([
            property(host, "HOST_END_TIMESTAMP"),
            property(host, "HOST_END"),
        ]),
        ..Draft::default()
    };
    let family = text(item, &["@pluginFamily"]);
    draft.category = category(is_web, &draft, &family);
    draft.see("plugin output", text(item, &["plugin_output"]));
    draft.see("family", family);
    for (seen, from) in [
        ("service", text(item, &["@svc_name"])),
        ("fqdn", host_of(&property(host, "host-fqdn"))),
        ("ip", property(host, "host-ip")),
        ("netbios", property(host, "netbios-name")),
        ("os", property(host, "operating-system")),
        ("cpe", texts(at(item, &["cpe"])).join(" ")),
        ("exploit ease", text(item, &["exploitability_ease"])),
        ("vpr", text(item, &["vpr_score"])),
        ("xref", xrefs.join(" ")),
        ("actual value", text(item, &["compliance-actual-value"])),
        ("policy value", text(item, &["compliance-policy-value"])),
        ("reference", text(item, &["compliance-reference"])),
    ] {
        draft.see(seen, from);
    }
    draft
}

/// The first that is not empty.
fn pick<const N: usize>(texts: [String; N]) -> String {
    let mut texts = texts.into_iter();
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

/// 0 to 4, or a word; the risk factor where that is not there.
fn level(word: &str, risk: &str) -> Option<Severity> {
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

fn exploited(item: &Value, xrefs: &[String], name: &str) -> Option<bool> {
    let is_listed = xrefs
        .iter()
        .any(|xref| xref.starts_with("CISA-KNOWN-EXPLOITED"));
    let said = ["exploited_by_nessus", "exploited_by_malware", name];
    let mut said = said
        .iter()
        .map(|name| text(item, &[name]))
        .filter(|word| !word.is_empty());
    if is_listed {
        return Some(true);
    }
    said.next()
        .map(|word| is_true(&word) || said.any(|word| is_true(&word)))
}

fn remedy(solution: &str) -> String {
    match solution.trim() {
        "n/a" | "N/A" | "None" => String::new(),
        other => other.to_owned(),
    }
}

fn links(text: &str) -> Vec<String> {
    let cut = |c: char| c.is_whitespace() || matches!(c, ',' | '\'' | '[' | ']' | '"');
    text.split(cut)
        .filter(|word| word.contains("://"))
        .map(str::to_owned)
        .collect()
}

fn category(is_web: bool, draft: &Draft, family: &str) -> String {
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

fn of_row(row: &Value) -> Draft {
    let get = |names: &[&str]| {
        let text = first(row, names);
        if matches!(text.as_str(), "null" | "N/A" | "-") {
            String::new()
        } else {
            text
        }
    };
    let word = get(&["Risk", "severity", "Severity"]);
    let risk = get(&["Risk Factor", "definition.severity"]);
    let xrefs = get(&["XREF", "Cross References", "definition.references"]);
    let address = get(&[
        "Host",
        "DNS Name",
        "asset.host_name",
        "asset.name",
        "asset.display_fqdn",
        "asset.display_ipv4_address",
        "IP Address",
        "FQDN",
        "URL",
    ]);
    let mut weak = cwes(&xrefs);
    weak.extend(
        get(&["definition.cwe", "CWE"])
            .split([',', ' ', '[', ']'])
            .map(str::to_owned),
    );
    let listed = [xrefs.clone()];
    let mut draft = Draft {
        check: get(&["Plugin ID", "Plugin", "definition.id", "plugin.id"]),
        title: get(&["Name", "Plugin Name", "definition.name", "plugin.name"]),
        severity: level(&word, &risk),
        severity_word: pick([risk, word]),
        description: get(&[
            "Description",
            "definition.description",
            "Synopsis",
            "definition.synopsis",
        ]),
        remediation: remedy(&get(&[
            "Solution",
            "definition.solution",
            "Steps to Remediate",
        ])),
        host: host_of(&address),
        subject: service(
            &get(&["Protocol", "protocol"]),
            &get(&["Port", "port", "asset.port"]),
        ),
        ids: cves(&get(&["CVE", "definition.cve", "CVEs"])),
        cwes: weak,
        references: links(&get(&["See Also", "definition.see_also"])),
        cvss: row_scores(&get),
        exploited: exploited(row, &listed, "Exploit Available")
            .or_else(|| Some(is_true(&get(&["Exploit?"]))).filter(|found| *found)),
        published: get(&[
            "Vuln Publication Date",
            "definition.vulnerability_published",
            "Plugin Publication Date",
            "definition.plugin_published",
        ]),
        first_seen: get(&["First Found", "First Discovered", "first_observed"]),
        last_seen: get(&["Last Found", "Last Observed", "last_seen"]),
        suppressed: row_state(&get),
        ..Draft::default()
    };
    let family = get(&["Plugin Family", "Family", "definition.family"]);
    draft.category = category(address.contains("://"), &draft, &family);
    let output = get(&["Plugin Output", "Plugin Text", "output"]);
    draft.see(
        "plugin output",
        output.trim_start_matches("Plugin Output:").trim(),
    );
    draft.see("family", family);
    row_evidence(&get, &xrefs, &mut draft);
    draft
}

fn row_scores(get: &dyn Fn(&[&str]) -> String) -> Vec<casemate_schema::Cvss> {
    let scores = [
        cvss(
            "4.0",
            &get(&[
                "CVSS V4 Vector",
                "CVSS v4.0 Vector",
                "definition.cvss4.base_vector",
            ]),
            &get(&[
                "CVSS v4.0 Base Score",
                "CVSS V4 Base Score",
                "definition.cvss4.base_score",
            ]),
        ),
        cvss(
            "3.0",
            &get(&[
                "CVSS3 Vector",
                "CVSS V3 Vector",
                "definition.cvss3.base_vector",
            ]),
            &get(&[
                "CVSS v3.0 Base Score",
                "CVSS3 Base Score",
                "CVSS V3 Base Score",
                "CVSSv3",
                "definition.cvss3.base_score",
            ]),
        ),
        cvss(
            "2.0",
            &get(&[
                "CVSS Vector",
                "CVSS V2 Vector",
                "definition.cvss2.base_vector",
            ]),
            &get(&[
                "CVSS v2.0 Base Score",
                "CVSS Base Score",
                "CVSS V2 Base Score",
                "CVSS",
                "definition.cvss2.base_score",
            ]),
        ),
    ];
    scores.into_iter().flatten().collect()
}

/// What the product says is done with, or accepted.
fn row_state(get: &dyn Fn(&[&str]) -> String) -> Option<(String, String, String)> {
    let state = get(&["Vulnerability State", "state"]);
    let changed = get(&["Modification", "risk_modified"]);
    let status = match (
        state.to_lowercase().as_str(),
        changed.to_lowercase().as_str(),
    ) {
        ("fixed" | "mitigated", _) => "fixed",
        (_, "accepted") => "accepted",
        _ => return None,
    };
    Some((status.to_owned(), String::new(), String::new()))
}

fn row_evidence(get: &dyn Fn(&[&str]) -> String, xrefs: &str, draft: &mut Draft) {
    for (seen, names) in [
        ("service", &["Service"] as &[&str]),
        ("fqdn", &["FQDN", "asset.display_fqdn"]),
        (
            "ip",
            &[
                "IP Address",
                "asset.display_ipv4_address",
                "asset.display_ipv6_address",
            ],
        ),
        ("mac", &["MAC Address", "asset.display_mac_address"]),
        (
            "netbios",
            &["NetBIOS Name", "NetBios", "asset.netbios_name"],
        ),
        ("os", &["OS", "asset.operating_system"]),
        ("cpe", &["CPE", "definition.cpe"]),
        (
            "exploit ease",
            &["Exploit Ease", "definition.exploitability_ease"],
        ),
        (
            "vpr",
            &[
                "Vulnerability Priority Rating (VPR)",
                "Vulnerability Priority Rating",
                "VPR Score",
                "definition.vpr.score",
            ],
        ),
    ] {
        draft.see(seen, get(names));
    }
    draft.see("xref", xrefs);
}
