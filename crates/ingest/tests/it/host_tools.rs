//! Readers of host tools: formats of one tool agree, and texts are read however a terminal, a
//! transfer or a full disk left them.

use casemate_ingest::{Bytes, ImportError, Imported, Input, import};
use casemate_schema::{Status, read_report, to_ndjson};
use std::path::{Path, PathBuf};

fn take(bytes: &[u8]) -> Result<Imported, ImportError> {
    let source = Bytes(bytes);
    import(&Input::new("sample", &source)?, &[])
}

fn taken(text: &str) -> Imported {
    take(text.as_bytes()).expect("a report")
}

fn ids(imported: &Imported) -> Vec<String> {
    let all = imported.findings.iter().chain(&imported.suppressed);
    let mut ids: Vec<String> = all.map(|finding| finding.id.to_string()).collect();
    ids.sort();
    ids
}

fn kinds_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kinds")
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(kinds_folder().join(name)).expect("a sample")
}

#[test]
fn our_own_report_is_the_same_as_json_and_as_ndjson() {
    let json = sample("casemate.sample.json");
    let report = read_report(json.as_bytes()).expect("a report");
    let lines = to_ndjson(&report).expect("lines");
    for bytes in [json.as_bytes(), &lines] {
        let imported = take(bytes).expect("a report");
        assert_eq!(imported.kind, "casemate");
        assert_eq!(imported.report.as_deref(), Some(&report));
        assert_eq!(imported.target.as_deref(), Some("host.example.com"));
    }
}

#[test]
fn long_files_of_lines_are_read_as_a_stream() {
    let alerts = sample("falco.sample.json").repeat(50);
    let whole = taken(&alerts);
    let source = Bytes(alerts.as_bytes());
    let input = Input::with_whole_bytes("sample", &source, 2 << 10).expect("text");
    let streamed = import(&input, &[]).expect("alerts");
    assert_eq!(whole.findings.len(), 100);
    assert_eq!(ids(&streamed), ids(&whole));
}

/// One finding twice, one path under two scanners, a passed control.
const SYS_SCAN: &str = r#"{
  "collection_warnings": [{"scanner": "processes", "code": "walk_error"}],
  "meta": {"hostname": "h", "tool_version": "6.0.0", "json_schema_version": "2"},
  "results": [
    {"scanner": "network", "findings": []},
    {"scanner": "world_writable", "findings": [{"id": "/usr/bin/x", "title": "File capabilities binary", "severity": "medium", "description": "d", "metadata": {}}]},
    {"scanner": "suid_sgid", "findings": [{"id": "/usr/bin/x", "title": "SUID/SGID binary", "severity": "medium", "description": "d", "metadata": {"mitre_techniques": "T1548,T1068"}}]},
    {"scanner": "systemd_units", "findings": [
      {"id": "systemd:PrivateTmp:a.service", "title": "a.service PrivateTmp", "severity": "low", "description": "d", "metadata": {"unit": "a.service"}},
      {"id": "systemd:PrivateTmp:a.service", "title": "a.service PrivateTmp", "severity": "low", "description": "d", "metadata": {"unit": "a.service"}}]},
    {"scanner": "pci_compliance", "findings": [{"id": "pci_dss_4_0:7.1", "title": "pci_dss_4_0 control 7.1", "severity": "high", "description": "d", "metadata": {"passed": "true"}}]}
  ],
  "scanner_errors": [], "summary": {"finding_count_emitted": 5}, "summary_extension": {}
}"#;

#[test]
fn the_formats_of_sys_scan_agree_on_ids() {
    let document: serde_json::Value = serde_json::from_str(SYS_SCAN).expect("json");
    let mut lines = String::from(
        "{\"type\":\"meta\",\"tool_version\":\"6.0.0\",\"schema\":\"2\",\"hostname\":\"h\",\"cmdline\":\"x\"}\n",
    );
    let mut results = Vec::new();
    let mut enriched = Vec::new();
    for block in document["results"].as_array().expect("blocks") {
        for finding in block["findings"].as_array().expect("findings") {
            let line = serde_json::json!({
                "type": "finding", "scanner": block["scanner"], "id": finding["id"],
                "severity": finding["severity"], "base_severity_score": 30,
            });
            lines.push_str(&format!("{line}\n"));
            let title = finding["title"].as_str().expect("title");
            results.push(serde_json::json!({
                "ruleId": finding["id"], "level": finding["severity"],
                "message": {"text": format!("{title} - d")},
            }));
            enriched.push(finding.clone());
        }
    }
    let sarif = serde_json::json!({"version": "2.1.0", "runs": [
        {"tool": {"driver": {"name": "sys-scan"}}, "results": results}]});
    let pack = serde_json::json!({"fact_pack_version": "3", "host_id": "h", "findings": enriched,
        "correlations": [{"id": "c", "title": "Both", "related_finding_ids": ["/usr/bin/x"]}]});
    let agent = serde_json::json!({"version": "agent_mvp_1", "correlations": [], "reductions": {},
        "enriched_findings": enriched});
    let json = taken(SYS_SCAN);
    assert_eq!(ids(&json).len(), 5);
    for other in [
        lines,
        sarif.to_string(),
        pack.to_string(),
        agent.to_string(),
    ] {
        assert_eq!(ids(&taken(&other)), ids(&json), "{other}");
    }
    let pack = taken(&pack.to_string());
    let correlated = |name: &str| name == "correlation";
    assert!(
        pack.findings[0]
            .evidence
            .iter()
            .any(|seen| correlated(&seen.name))
    );
}

#[test]
fn what_sys_scan_could_not_see_is_not_clean() {
    let json = taken(SYS_SCAN);
    let status = |id: &str| {
        let check = json.checks.iter().find(|check| check.id == id);
        check.map(|check| check.status)
    };
    assert_eq!(status("processes"), Some(Status::NotAssessed));
    assert_eq!(status("network"), Some(Status::NotAssessed));
    assert_eq!(status("suid_sgid"), Some(Status::Hit));
    assert_eq!(json.findings.len() + json.suppressed.len(), 5);
    let passed = json.suppressed.iter().map(|finding| {
        let state = finding.suppression.as_ref();
        (&*finding.source.check, state.map(|it| it.status.as_str()))
    });
    let passed: Vec<_> = passed.collect();
    assert_eq!(passed, [("pci_dss_4_0:7.1", Some("passed"))]);
    assert_eq!(status("pci_dss_4_0:7.1"), Some(Status::Passed));
    assert_eq!(status("pci_compliance"), Some(Status::Passed));
    assert!(json.notes.iter().any(|note| note.contains("walk_error")));
    let techniques = json.findings[1].references.iter();
    assert_eq!(techniques.count(), 2);
    let fleet = r#"{"host_count": 1, "top_outlier_hosts": [], "newly_common_modules": [], "risk_distribution": []}"#;
    let refused = take(fleet.as_bytes()).expect_err("no findings in it");
    assert!(refused.to_string().contains("fleet"), "{refused}");
}

/// The samples of text kinds.
fn texts() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(kinds_folder()).expect("the kinds");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let kinds = names.filter_map(|name| name.strip_suffix(".sample.txt").map(str::to_owned));
    kinds
        .map(|kind| (kind.clone(), sample(&format!("{kind}.sample.txt"))))
        .collect()
}

#[test]
fn line_ends_and_colours_change_nothing() {
    // A document of tags is written to files alone, never to a terminal.
    for (kind, text) in texts()
        .into_iter()
        .filter(|(kind, _)| kind != "spdx-tag-value")
    {
        let plain = taken(&text);
        let windows = text.replace('\n', "\r\n");
        let coloured: String = text
            .lines()
            .map(|line| format!("\u{1b}[1;31m{line}\u{1b}[0m\n"))
            .collect();
        for changed in [windows, coloured] {
            let imported = taken(&changed);
            assert_eq!(imported.kind, kind);
            assert_eq!(ids(&imported), ids(&plain), "{kind}");
        }
    }
}

#[test]
fn a_cut_text_gives_what_it_holds() {
    for (kind, text) in texts() {
        let n_whole = ids(&taken(&text)).len();
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            // Refused or read, but never more than the whole holds.
            if let Ok(imported) = take(&text.as_bytes()[..end]) {
                let n = ids(&imported).len();
                assert!(imported.kind != kind || n <= n_whole, "{kind} at {end}");
            }
        }
    }
}

#[test]
fn what_is_no_report_of_a_text_tool_is_refused() {
    for text in [
        "Access denied.\n",
        "Hello world, this is a text about /etc/passwd.\n",
        "2026-01-02 host sshd[1]: Accepted password for root from 192.0.2.1\n",
        "drwxr-xr-x 2 root root 4096 Jan 1 00:00 /etc\n",
        "# rule file\nkey=value\n",
        "int main(void) { return 0; }\n",
        "-rw-r--r-- 1 root root 10 Jan 1 00:00 a\n-rw-r--r-- 1 root root 10 Jan 1 00:00 b\n",
        "M src/lib.rs\nA docs/x.md\n",
        "GET /index.html\nPOST /login\n",
        "Warning: the disk is nearly full\n",
        "Searching for updates...\ndone\n",
    ] {
        let found = take(text.as_bytes()).map(|imported| imported.kind);
        assert!(found.is_err(), "{text:?} is read as {found:?}");
    }
}

#[test]
fn asset_report_format_and_results_alone_are_xccdf() {
    let results = r#"<TestResult xmlns="http://checklists.nist.gov/xccdf/1.2" id="t" end-time="2026-01-02T03:04:05Z">
      <target>h</target>
      <rule-result idref="a" severity="high"><result>fail</result><ident system="http://cve.mitre.org">CVE-2026-0001</ident></rule-result>
      <rule-result idref="b"><result>fail</result><instance>root</instance></rule-result>
      <rule-result idref="b"><result>fail</result><instance>daemon</instance></rule-result>
      <rule-result idref="c"><result>error</result><message>no probe</message></rule-result>
      <rule-result idref="d"><result>notselected</result></rule-result>
      <rule-result idref="e"><result>fixed</result></rule-result>
    </TestResult>"#;
    let arf = format!(
        "<arf:asset-report-collection xmlns:arf=\"x\"><arf:report-requests><arf:report-request><arf:content>\
         <ds:data-stream-collection xmlns:ds=\"y\"><ds:component><xccdf:Benchmark id=\"z\"><xccdf:Group id=\"g\">\
         <xccdf:Rule id=\"a\"><xccdf:title>A title</xccdf:title></xccdf:Rule></xccdf:Group></xccdf:Benchmark>\
         </ds:component></ds:data-stream-collection></arf:content></arf:report-request></arf:report-requests>\
         <arf:reports><arf:report><arf:content>{results}</arf:content></arf:report></arf:reports></arf:asset-report-collection>"
    );
    let alone = taken(results);
    let wrapped = taken(&arf);
    assert_eq!(ids(&alone), ids(&wrapped));
    assert_eq!(wrapped.findings[0].title.as_str(), "A title");
    assert_eq!(wrapped.findings[0].category.as_str(), "vulnerability");
    let statuses: Vec<Status> = alone.checks.iter().map(|check| check.status).collect();
    assert_eq!(
        statuses,
        [
            Status::Hit,
            Status::Hit,
            Status::NotAssessed,
            Status::NotApplicable,
            Status::Passed
        ]
    );
    let checklist = "<Benchmark id=\"x\"><status>draft</status><Rule id=\"a\"/></Benchmark>";
    assert!(take(checklist.as_bytes()).is_err());
}

#[test]
fn controls_are_counted_once_and_waived_ones_do_not_count() {
    let text = r#"{"platform": {"name": "x"}, "statistics": {}, "version": "6", "profiles": [
      {"name": "child", "parent_profile": "", "controls": [{"id": "a", "impact": 0.5, "results": []}]},
      {"name": "base", "parent_profile": "child", "controls": [
        {"id": "a", "impact": 0.5, "results": [{"status": "failed"}]},
        {"id": "b", "impact": 0, "results": [{"status": "failed"}]},
        {"id": "c", "impact": 0.9, "waiver_data": {"justification": "later"}, "results": [{"status": "failed"}]},
        {"id": "d", "impact": 0.9, "results": [{"status": "failed", "backtrace": ["x"]}, {"status": "error"}]},
        {"id": "e", "impact": 1, "tags": {"severity": "low"}, "results": [{"status": "failed"}]}]}]}"#;
    let imported = taken(text);
    let checks: Vec<(&str, Status)> = imported
        .checks
        .iter()
        .map(|check| (check.id.as_str(), check.status))
        .collect();
    assert_eq!(
        checks,
        [
            ("a", Status::Hit),
            ("b", Status::NotApplicable),
            ("c", Status::Hit),
            ("d", Status::Hit),
            ("e", Status::Hit)
        ]
    );
    assert_eq!((imported.findings.len(), imported.suppressed.len()), (3, 1));
}

/// Where the values of a document are.
fn pointers(value: &serde_json::Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        serde_json::Value::Object(map) => {
            for (name, member) in map {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(member, &format!("{at}/{name}"), out);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), out);
            }
        }
        _ => {}
    }
}

#[test]
fn other_types_where_something_is_expected_are_no_reason_to_panic() {
    let others = serde_json::json!([null, 7, [], {}, "x", ["y"], [[1]], {"a": {"b": 1}}]);
    let others = others.as_array().expect("a list");
    for kind in ["sys-scan-graph", "sys-scan-sarif", "aide-json", "inspec"] {
        let document: serde_json::Value =
            serde_json::from_str(&sample(&format!("{kind}.sample.json"))).expect("json");
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        for (pointer, other) in all.iter().flat_map(|p| others.iter().map(move |o| (p, o))) {
            let mut changed = document.clone();
            *changed.pointer_mut(pointer).expect("it is there") = other.clone();
            let text = changed.to_string();
            let source = Bytes(text.as_bytes());
            let input = Input::new("sample", &source).expect("text");
            // Read or refused.
            drop(casemate_ingest::import_as(&input, kind, &[]));
        }
    }
}
