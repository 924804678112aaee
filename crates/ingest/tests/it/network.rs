//! Reports of network and web scanners: the formats of one tool agree, and odd files are taken.

use casemate_ingest::{Bytes, ImportError, Imported, Input, import};
use std::path::Path;

fn read(text: &str) -> Result<Imported, ImportError> {
    let source = Bytes(text.as_bytes());
    import(&Input::new("sample", &source)?, &[])
}

fn sample(name: &str) -> Imported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("kinds")
        .join(name);
    read(&std::fs::read_to_string(path).expect("a sample")).expect("a report")
}

fn ids(imported: &Imported) -> Vec<String> {
    let mut ids: Vec<String> = imported
        .findings
        .iter()
        .map(|finding| finding.id.to_string())
        .collect();
    ids.sort();
    ids
}

#[test]
fn formats_of_one_tool_give_the_same_ids() {
    for (one, other) in [
        ("nmap.sample.xml", "nmap-text.sample.txt"),
        ("nikto.sample.json", "nikto-xml.sample.xml"),
        ("zap.sample.xml", "zap-json.sample.json"),
        ("testssl.sample.csv", "testssl-json.sample.json"),
        ("sslyze.sample.json", "sslyze-xml.sample.xml"),
        ("masscan.sample.json", "masscan-list.sample.txt"),
        ("wapiti.sample.json", "wapiti-xml.sample.xml"),
    ] {
        assert_eq!(ids(&sample(one)), ids(&sample(other)), "{one} and {other}");
    }
    // Greppable output has no scripts.
    let all = ids(&sample("nmap.sample.xml"));
    let ports = ids(&sample("nmap-grep.sample.txt"));
    assert_eq!(ports.len(), 2);
    assert!(ports.iter().all(|id| all.contains(id)), "{ports:?}");
}

#[test]
fn testssl_flat_json_is_as_the_csv() {
    let flat = r#"[
        {"id": "engine", "ip": "/", "port": "443", "severity": "WARN", "finding": "no engine"},
        {"id": "SSLv3", "ip": "www.example.com/192.0.2.30", "port": "443", "severity": "OK", "finding": "not offered"},
        {"id": "TLS1", "ip": "www.example.com/192.0.2.30", "port": "443", "severity": "LOW", "finding": "offered (deprecated)"},
        {"id": "SWEET32", "ip": "www.example.com/192.0.2.30", "port": "443", "severity": "LOW", "cve": "CVE-2016-2183 CVE-2016-6329", "cwe": "CWE-327", "finding": "uses 64 bit block ciphers"}
    ]"#;
    let flat = read(flat).expect("flat");
    let found = ids(&flat);
    assert_eq!(found.len(), 4, "a warning is a finding too");
    let csv = ids(&sample("testssl.sample.csv"));
    assert!(csv.iter().all(|id| found.contains(id)));
    let engine = flat.checks.iter().find(|check| check.id == "engine");
    let status = engine.map(|check| format!("{:?}", check.status));
    assert_eq!(status.as_deref(), Some("NotAssessed"));
}

#[test]
fn a_scan_that_failed_is_no_clean_one() {
    for text in [
        r#"[{"id": "scanProblem", "ip": "www.example.com/192.0.2.30", "port": "443", "severity": "FATAL", "finding": "Can't connect"}]"#,
        r#"{"server_scan_results": [], "server_connectivity_errors": [{"server_info": {"hostname": "www.example.com", "port": 443}, "error_message": "timed out"}], "sslyze_version": "3.0.7"}"#,
        r#"{"server_scan_results": [{"connectivity_status": "ERROR", "scan_status": "ERROR_NO_CONNECTIVITY", "scan_result": null, "connectivity_error_trace": "Traceback\nConnectionTimedOut", "server_location": {"hostname": "www.example.com", "port": 443}}], "sslyze_version": "5.0.0"}"#,
        r#"<document title="SSLScan Results" version="2.0.15"><error><![CDATA[Could not resolve hostname www.example.com]]></error></document>"#,
        r#"<nmaprun scanner="nmap" start="1700000000" version="7.94"><runstats><finished time="1" exit="error" errormsg="no route"/></runstats></nmaprun>"#,
    ] {
        let error = read(text).expect_err("a failed scan");
        assert!(matches!(error, ImportError::ToolFailed { .. }), "{error}");
    }
}

#[test]
fn reports_without_findings_are_recognised() {
    for (text, kind) in [
        (
            r#"{"@version": "2.14.0", "@generated": "Fri, 1 Mar 2024 10:00:00", "site": []}"#,
            "zap-json",
        ),
        (
            r#"<OWASPZAPReport version="2.14.0" generated="Fri, 1 Mar 2024 10:00:00"></OWASPZAPReport>"#,
            "zap",
        ),
        (
            r#"<nmaprun scanner="nmap" start="1700000000" version="7.94"><runstats><finished exit="success"/></runstats></nmaprun>"#,
            "nmap",
        ),
        (
            "# Nmap 7.94 scan initiated Tue Nov 14 22:13:20 2023 as: nmap x\n# Nmap done at Tue Nov 14 22:13:40 2023 -- 1 IP address (0 hosts up)\n",
            "nmap-text",
        ),
        (
            r#"{"host": "www.example.com", "ip": "192.0.2.40", "port": "443", "banner": "", "vulnerabilities": []}"#,
            "nikto",
        ),
        (
            "<?xml version=\"1.0\" ?><niktoscan></niktoscan>",
            "nikto-xml",
        ),
        (
            "\"Nikto - v2.5.0/\"\n\"www.example.com\",\"192.0.2.40\",\"443\",\"\",\"\",\"\",\"nginx\"\n",
            "nikto-csv",
        ),
        (
            "\"id\",\"fqdn/ip\",\"port\",\"severity\",\"finding\",\"cve\",\"cwe\"\n",
            "testssl",
        ),
        ("#masscan\n# end\n", "masscan-list"),
    ] {
        let imported = read(text).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!((imported.kind.as_str(), imported.findings.len()), (kind, 0));
    }
}

#[test]
fn masscan_ends_its_list_in_many_ways() {
    let record = r#"{"ip": "192.0.2.7", "timestamp": "1700000000", "ports": [{"port": 443, "proto": "tcp", "status": "open"}]}"#;
    for text in [
        format!("[\n{record}\n]"),
        format!("[\n{record},\n]"),
        format!("[\n{record}\n,\n{{finished: 1}}\n]"),
        format!("[\n{record}\n,\n{record}\n,\n]\n"),
        format!("{record}\n"),
    ] {
        let imported = read(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(imported.findings.len(), 1, "{text}");
        assert!(imported.rejected.is_empty(), "{text}");
    }
    let damaged = r#"[{"ip": "192.0.2.7", "ports": [{"port": 443, "proto": "tcp"}]}, {"ip": "#;
    assert!(matches!(read(damaged), Err(ImportError::Damaged { .. })));
}

#[test]
fn records_with_odd_types_are_taken() {
    let nuclei = r#"{"template-id": "x", "info": {"name": "X", "severity": "unknown", "tags": "a,b", "reference": null, "classification": {"cve-id": null, "cwe-id": "cwe-79", "cvss-score": "7.5"}}, "type": "http", "host": "192.0.2.1", "matched-at": null, "extracted-results": "one"}"#;
    let imported = read(nuclei).expect("nuclei");
    let finding = imported.findings.first().expect("a finding");
    assert_eq!(finding.location.host.as_deref(), Some("192.0.2.1"));
    assert_eq!(finding.severity.as_str(), "info");
    let zap = r#"{"@version": "2.9", "@generated": "x", "site": {"@name": "http://a.example.com", "alerts": {"pluginid": 10010, "alert": "A", "riskcode": 1, "confidence": 0, "desc": null, "instances": {"uri": "http://a.example.com/", "method": "GET"}}}}"#;
    let imported = read(zap).expect("zap");
    assert_eq!(
        imported.suppressed.len(),
        1,
        "a false positive is set aside"
    );
    let ssh = r#"{"banner": {"protocol": "2.0", "raw": null, "software": null}, "kex": [{"algorithm": "x", "notes": {"fail": "broken"}}], "key": [], "enc": ["aes128-ctr"], "mac": null, "target": "[2001:db8::1]:22"}"#;
    let imported = read(ssh).expect("ssh-audit");
    assert_eq!(imported.findings.len(), 1);
    let host = imported
        .findings
        .first()
        .and_then(|finding| finding.location.host.as_deref());
    assert_eq!(host, Some("2001:db8::1"));
}

#[test]
fn nikto_writes_json_by_hand() {
    let text = r#"{"host":"www.example.com","ip":"192.0.2.40","port":"80","banner":"nginx","vulnerabilities":[{"id":999957,"OSVDB":0,"method":"GET","url":"/","msg":"No X-Frame-Options, says \"x\"."},{"id":001675,"OSVDB":3092,"method":"GET","url":"/admin/","msg":"This might be interesting."},],}"#;
    let imported = read(text).expect("nikto");
    let checks: Vec<&str> = imported
        .findings
        .iter()
        .map(|finding| finding.source.check.as_ref())
        .collect();
    assert_eq!(checks, ["999957", "001675"]);
}

#[test]
fn nmap_text_from_a_screen() {
    let text = "Starting Nmap 7.80 ( https://nmap.org ) at 2024-03-01 10:00 UTC
Nmap scan report for 192.0.2.11 [host down, received no-response]
Nmap scan report for 192.0.2.12
Host is up, received syn-ack (0.0010s latency).
rDNS record for 192.0.2.12: db.example.com
Not shown: 997 closed ports
PORT     STATE         SERVICE REASON         VERSION
53/udp   open|filtered domain  no-response
80/tcp   filtered      http    no-response
3306/tcp open          mysql?  syn-ack ttl 64 MySQL 5.7.33-0ubuntu0.16.04.1 (Ubuntu)
| mysql-info: 
|   Protocol: 10
|_  State: running
8443/tcp open          ssl/http syn-ack ttl 64
Service detection performed.
Nmap done: 2 IP addresses (1 host up) scanned in 3.00 seconds
";
    let imported = read(text).expect("nmap");
    assert_eq!(imported.kind, "nmap-text");
    assert_eq!(imported.scanned_at.as_deref(), Some("2024-03-01T10:00:00Z"));
    assert!(imported.notes.is_empty(), "{:?}", imported.notes);
    let subjects: Vec<_> = imported
        .findings
        .iter()
        .filter_map(|finding| finding.location.subject.as_deref())
        .collect();
    assert_eq!(subjects, ["3306/tcp", "8443/tcp"]);
    let mysql = imported.findings.first().expect("a finding");
    assert_eq!(
        mysql.title.as_ref() as &str,
        "Open port 3306/tcp (mysql) on db.example.com (192.0.2.12)"
    );
    let component = mysql.component.as_deref().expect("a component");
    assert_eq!(component.name.as_ref() as &str, "MySQL");
    assert_eq!(
        component.version.as_deref(),
        Some("5.7.33-0ubuntu0.16.04.1")
    );
    let script = mysql
        .evidence
        .iter()
        .find(|item| item.name == "script mysql-info");
    assert!(script.is_some_and(|item| item.value.contains("Protocol: 10")));
}

#[test]
fn masscan_in_the_formats_of_nmap() {
    let xml = r#"<?xml version="1.0"?><!-- masscan v1.0 scan --><nmaprun scanner="masscan" start="1700000000" version="1.0-BETA" xmloutputversion="1.03">
        <scaninfo type="syn" protocol="tcp" />
        <host endtime="1700000000"><address addr="192.0.2.7" addrtype="ipv4"/><ports><port protocol="tcp" portid="443"><state state="open" reason="syn-ack" reason_ttl="57"/></port></ports></host>
        <host endtime="1700000001"><address addr="192.0.2.7" addrtype="ipv4"/><ports><port protocol="tcp" portid="443"><state state="open" reason="response" reason_ttl="57"/><service name="title" banner="Welcome"></service></port></ports></host>
        <host endtime="1700000002"><address addr="192.0.2.9" addrtype="ipv4"/><ports><port protocol="udp" portid="53"><state state="open" reason="none" reason_ttl="57"/></port></ports></host>
        <runstats><finished time="1700000002" timestr="2023-11-14 22:13:22" elapsed="2" /><hosts up="2" down="0" total="2" /></runstats></nmaprun>"#;
    let grep = "# Masscan 1.3.2 scan initiated Tue Nov 14 22:13:20 2023\n# Ports scanned: TCP(1;443-443) UDP(1;53-53)\nTimestamp: 1700000000\tHost: 192.0.2.7 ()\tPorts: 443/open/tcp//https//\nTimestamp: 1700000002\tHost: 192.0.2.9 ()\tPorts: 53/open/udp//domain//\n# Masscan done at Tue Nov 14 22:13:22 2023\n";
    let lines = "{\"ip\":\"192.0.2.7\",\"timestamp\":\"1700000000\",\"port\":443,\"proto\":\"tcp\",\"rec_type\":\"status\",\"data\":{\"status\":\"open\",\"reason\":\"syn-ack\",\"ttl\":57}}\n{\"ip\":\"192.0.2.9\",\"timestamp\":\"1700000002\",\"port\":53,\"proto\":\"udp\",\"rec_type\":\"status\",\"data\":{\"status\":\"open\"}}\n";
    let json = ids(&sample("masscan.sample.json"));
    let banner = read(xml)
        .expect("masscan")
        .findings
        .first()
        .is_some_and(|finding| {
            let mut evidence = finding.evidence.iter();
            evidence.any(|item| item.value.contains("Welcome"))
        });
    assert!(banner, "what a later record adds is kept");
    for text in [xml, grep, lines] {
        assert_eq!(ids(&read(text).expect("masscan")), json, "{text}");
    }
}
