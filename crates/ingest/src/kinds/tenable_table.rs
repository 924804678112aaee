//! Nessus, Tenable.io, Tenable.sc and Tenable Web App Scanning: the tables, whose columns differ by
//! product and version.

use super::netscan::{Merged, cves, cvss, cwes, has_column, host_of, records, service, unfit};
use super::tenable::{category, exploited, level, links, pick, remedy, take};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{first, flag_of};
use crate::input::Input;
use crate::items::{self, Family};
use casemate_schema::Cvss;
use serde_json::Value;

/// Columns for the plugin's number.
const CHECK: [&str; 4] = ["Plugin ID", "Plugin", "definition.id", "plugin.id"];
/// Columns for the plugin's name.
const TITLE: [&str; 4] = ["Name", "Plugin Name", "definition.name", "plugin.name"];
/// Columns for the host, the best first.
const ADDRESS: [&str; 9] = [
    "Host",
    "DNS Name",
    "asset.host_name",
    "asset.name",
    "asset.display_fqdn",
    "asset.display_ipv4_address",
    "IP Address",
    "FQDN",
    "URL",
];

/// Reads a table, of whichever product.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    if !has_column(input, &CHECK) && !has_column(input, &TITLE) {
        return Err(unfit("nessus-csv", "column of the plugin"));
    }
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

fn of_row(row: &Value) -> Draft {
    let get = |names: &[&str]| {
        let text = first(row, names.iter().map(|name| [*name]));
        if matches!(text.as_str(), "null" | "N/A" | "-") {
            String::new()
        } else {
            text
        }
    };
    let word = get(&["Risk", "severity", "Severity"]);
    let risk = get(&["Risk Factor", "definition.severity"]);
    let xrefs = get(&["XREF", "Cross References", "definition.references"]);
    let address = get(&ADDRESS);
    let mut weak = cwes(&xrefs);
    weak.extend(
        get(&["definition.cwe", "CWE"])
            .split([',', ' ', '[', ']'])
            .map(str::to_owned),
    );
    let listed = [xrefs.clone()];
    let mut draft = Draft {
        check: get(&CHECK),
        title: get(&TITLE),
        severity: level(&word, &risk),
        severity_word: pick([word, risk]),
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
            .or_else(|| flag_of(&get(&["Exploit?"])).filter(|found| *found)),
        published: get(&[
            "Vuln Publication Date",
            "definition.vulnerability_published",
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

fn row_scores(get: &dyn Fn(&[&str]) -> String) -> Vec<Cvss> {
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
