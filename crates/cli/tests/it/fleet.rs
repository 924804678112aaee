//! Sessions of `casemate fleet`: hosts by their worth, and a file that nobody can read.

use crate::run::casemate;
use std::path::Path;

const INVENTORY: &str = r#"
[[host]]
host = "web2"
owner = "Web Team"
value = "critical"

[[host]]
host = "web*"
value = "low"
"#;

/// Reports of three hosts with the same findings, and what the site says of them.
fn site(home: &Path) {
    for name in ["web1", "web2", "web3"] {
        let mut report = casemate_testkit::report(7, 3);
        report.host.name = Some(name.to_owned());
        let bytes = casemate_schema::to_canonical(&report).expect("json");
        std::fs::write(home.join(format!("{name}.json")), bytes).expect("a file");
    }
    std::fs::write(home.join("site.toml"), INVENTORY).expect("a file");
}

#[test]
fn hosts_are_listed_by_what_they_are_worth() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    site(home);
    let arguments = [
        "fleet",
        "web1.json",
        "web2.json",
        "web3.json",
        "--inventory",
        "site.toml",
        "--format",
        "json",
    ];
    let ran = casemate(home, &arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let json = ran.json();
    assert_eq!(json["host_count"], 3);
    assert_eq!(json["report_count"], 3);
    assert_eq!(json["finding_count"], 9);
    let hosts = json["hosts"].as_array().expect("hosts");
    let of = |key: &str| -> Vec<&str> {
        let texts = hosts.iter().map(|host| host[key].as_str());
        texts.map(|text| text.expect("a text")).collect()
    };
    assert_eq!(of("host"), ["web2", "web1", "web3"]);
    assert_eq!(of("value"), ["critical", "low", "low"]);
}

#[test]
fn a_file_that_is_no_report_is_said_and_the_rest_is_shown() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    site(home);
    std::fs::write(home.join("odd.json"), "no report").expect("a file");
    let files = ["fleet", "web1.json", "odd.json", "web2.json", "web3.json"];
    let ran = casemate(home, &files);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("odd.json"), "{}", ran.stderr);
    let table = ran.text();
    assert!(
        table.starts_with("3 hosts, 3 reports, 9 findings;"),
        "{table}"
    );
    let lines = table.lines();
    let hosts = lines.filter(|line| line.trim_start().starts_with("web"));
    assert_eq!(hosts.count(), 3, "{table}");
    assert!(table.contains("Hosts by business impact"), "{table}");
}
