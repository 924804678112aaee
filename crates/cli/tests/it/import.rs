//! Sessions of `casemate import`: what is taken, what is refused, and what is said of it.

use crate::run::{CLOCK, casemate};
use casemate_testkit::data_or_skip;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const GITLEAKS: &str = r#"[{"RuleID":"aws-key","Description":"AWS key","StartLine":3,"File":"a.env",
  "Secret":"x","Match":"x","Commit":"c1","Fingerprint":"c1:a.env:aws-key:3"},
 {"RuleID":"aws-key","Description":"AWS key","StartLine":9,"File":"b.env",
  "Secret":"x","Match":"x","Commit":"c1","Fingerprint":"c1:b.env:aws-key:9"}]"#;

fn put(home: &Path, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(home.join(name), content).expect("a file");
}

#[test]
fn the_kind_is_found_and_the_file_counted() {
    let home = tempfile::tempdir().expect("folder");
    put(home.path(), "leaks", GITLEAKS);
    let ran = casemate(home.path(), &["import", "leaks", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.text().contains("leaks  gitleaks  2"), "{}", ran.text());
    assert!(
        ran.stderr
            .contains("1 file taken: 2 created, 0 closed, 0 rejected")
    );
    let json = casemate(
        home.path(),
        &["import", "leaks", "--format", "json", "--clock", CLOCK],
    )
    .json();
    assert_eq!(json["summary"]["findings"], 2);
    assert_eq!(json["summary"]["counts"]["created"], 2);
    assert_eq!(json["inputs"][0]["kind"], "gitleaks");
    assert_eq!(json["scan"]["mode"], "import");
}

#[test]
fn packed_files_archives_and_standard_input_are_the_same() {
    let home = tempfile::tempdir().expect("folder");
    put(home.path(), "leaks", GITLEAKS);
    let plain = casemate(
        home.path(),
        &["import", "leaks", "--format", "json", "--clock", CLOCK],
    )
    .json();
    let mut child = crate::run::program(home.path())
        .args(["import", "-", "--format", "json", "--clock", CLOCK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(GITLEAKS.as_bytes()).expect("written");
    drop(stdin);
    let piped = crate::run::ran(child.wait_with_output().expect("ends")).json();
    assert_eq!(plain["findings"], piped["findings"]);
}

#[test]
fn a_saved_import_says_what_is_new_and_gone() {
    let home = tempfile::tempdir().expect("folder");
    put(home.path(), "leaks", GITLEAKS);
    let first = casemate(home.path(), &["import", "leaks", "--save"]);
    assert!(first.stderr.contains("2 created"), "{}", first.stderr);
    let again = casemate(home.path(), &["import", "leaks"]);
    assert!(
        again
            .stderr
            .contains("0 created, 0 closed, 0 rejected, 2 untouched"),
        "{}",
        again.stderr
    );
    put(home.path(), "leaks", GITLEAKS.replace("b.env", "c.env"));
    let changed = casemate(home.path(), &["import", "leaks", "--save"]);
    assert!(
        changed.stderr.contains("1 created, 1 closed"),
        "{}",
        changed.stderr
    );
    put(home.path(), "leaks", GITLEAKS);
    let back = casemate(home.path(), &["import", "leaks", "--dry-run"]);
    assert!(
        back.stderr.contains("1 closed") && back.stderr.contains("1 reopened"),
        "{}",
        back.stderr
    );
}

#[test]
fn bad_input_is_refused_with_file_place_and_reason() {
    let home = tempfile::tempdir().expect("folder");
    let deep = format!("[{}", "[".repeat(100_000));
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \
                \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><unknown>&b;</unknown>";
    let packed: Vec<u8> = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    for (name, content, said) in [
        ("cut.json", GITLEAKS.as_bytes()[..90].to_vec(), "line "),
        ("deep.json", deep.into_bytes(), "line 1"),
        ("bomb.xml", bomb.as_bytes().to_vec(), "no known kind"),
        (
            "latin.json",
            b"[{\"RuleID\": \"\xff\"}]".to_vec(),
            "byte 13",
        ),
        ("other.json", b"{\"hello\": 1}".to_vec(), "`hello`"),
        (
            "words",
            b"these are only words\n".to_vec(),
            "these are only words",
        ),
        ("empty", Vec::new(), "empty"),
        ("cut.gz", packed, "gzip"),
    ] {
        put(home.path(), name, content);
        let ran = casemate(home.path(), &["import", name]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{name}");
        assert!(
            ran.stderr.contains(name) && ran.stderr.contains(said),
            "{name}: {}",
            ran.stderr
        );
    }
    put(home.path(), "leaks", GITLEAKS);
    let ran = casemate(
        home.path(),
        &["import", "cut.json", "leaks", "--format", "json"],
    );
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("cut.json"));
    assert_eq!(ran.json()["summary"]["findings"], 2);
    assert_eq!(ran.json()["partial"], true);
    let none = casemate(home.path(), &["import", "cut.json", "words"]);
    assert_eq!(none.code, 2);
    assert!(
        none.stderr.contains("cut.json") && none.stderr.contains("words"),
        "{}",
        none.stderr
    );
}

#[test]
fn nothing_found_is_no_failure() {
    let home = tempfile::tempdir().expect("folder");
    put(home.path(), "none", "[]\n");
    let ran = casemate(home.path(), &["import", "none"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    put(home.path(), "nothing", "");
    let ran = casemate(home.path(), &["import", "nothing", "--kind", "gitleaks"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn kinds_are_listed_and_a_wrong_one_gets_the_nearest() {
    let home = tempfile::tempdir().expect("folder");
    let list = casemate(home.path(), &["import", "--list-kinds", "--format", "json"]).json();
    let names: Vec<&str> = list
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|kind| kind["kind"].as_str())
        .collect();
    assert!(
        names.contains(&"gitleaks") && names.is_sorted(),
        "{names:?}"
    );
    put(home.path(), "leaks", GITLEAKS);
    let ran = casemate(home.path(), &["import", "leaks", "--kind", "gitleak"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("did you mean `gitleaks`"),
        "{}",
        ran.stderr
    );
    let ran = casemate(home.path(), &["import", "leaks", "--kind", "casemate"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

#[test]
fn a_mapping_of_the_site_is_checked_and_used() {
    let home = tempfile::tempdir().expect("folder");
    let mapping = r#"
kind = "acme"
title = "ACME"
tool = "ACME"
family = "csv"
[[detect]]
has = ["Host", "Rule", "Level"]
[[items]]
category = "network"
check = "Rule"
title = { text = "{Rule} on {Host}" }
severity = { from = "Level", map = { "1" = "low", "3" = "high" } }
host = "Host"
"#;
    put(home.path(), "acme.toml", mapping);
    put(
        home.path(),
        "scan.csv",
        "Host;Rule;Level\r\n192.0.2.1;open;3\r\n192.0.2.2;open;1\r\n",
    );
    let lint = casemate(home.path(), &["import", "--mapping", "acme.toml"]);
    assert_eq!(lint.code, 0, "{}", lint.stderr);
    let json = casemate(
        home.path(),
        &[
            "import",
            "--mapping",
            "acme.toml",
            "scan.csv",
            "--format",
            "json",
        ],
    )
    .json();
    assert_eq!(json["summary"]["by_severity"]["high"], 1);
    assert_eq!(json["findings"][0]["source"]["tool"], "ACME");
    put(
        home.path(),
        "wrong.toml",
        mapping.replace("host = \"Host\"", "hots = \"Host\""),
    );
    let wrong = casemate(home.path(), &["import", "--mapping", "wrong.toml"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("hots") && wrong.stderr.contains("line"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn an_own_report_comes_back_as_it_was() {
    let home = tempfile::tempdir().expect("folder");
    put(home.path(), "leaks", GITLEAKS);
    for format in ["json", "ndjson"] {
        let written = casemate(
            home.path(),
            &["assess", "leaks", "--format", format, "--clock", CLOCK],
        );
        put(home.path(), "own", &written.stdout);
        let again = casemate(home.path(), &["report", "own", "--to", format]);
        assert_eq!(again.code, 0, "{}", again.stderr);
        assert!(again.stdout == written.stdout, "{format} loses something");
    }
}

#[test]
fn bytes_do_not_depend_on_threads_or_on_the_order_of_the_files() {
    let Some(folder) = data_or_skip("scanner_reports") else {
        return;
    };
    let home = tempfile::tempdir().expect("folder");
    let files: Vec<String> = [
        "nikto/tdh.xml",
        "zap/juicy2.xml",
        "trivy/issue_9333.json",
        "semgrep/cwe_list.json",
    ]
    .iter()
    .map(|name| folder.join(format!("{name}.zst")).display().to_string())
    .collect();
    let run = |threads: &str, files: &[String]| {
        let mut arguments = vec![
            "import",
            "--format",
            "json",
            "--clock",
            CLOCK,
            "--threads",
            threads,
        ];
        arguments.extend(files.iter().map(String::as_str));
        casemate(home.path(), &arguments).stdout
    };
    let one = run("1", &files);
    assert!(!one.is_empty());
    assert!(one == run("2", &files), "threads change the bytes");
    let turned: Vec<String> = files.iter().rev().cloned().collect();
    assert!(one == run("8", &turned), "the order changes the bytes");
}

#[test]
fn what_does_not_count_stands_apart_with_the_reason() {
    let home = tempfile::tempdir().expect("folder");
    put(home.path(), "leaks", GITLEAKS);
    put(
        home.path(),
        ".casemateignore.yaml",
        "secrets:\n  - id: aws-key\n    paths: [\"a.*\"]\n    statement: a test key\n  \
         - id: old\n    expired_at: 2020-01-01\n  - id: nothing\n",
    );
    let ran = casemate(
        home.path(),
        &["import", "leaks", "--format", "json", "--clock", CLOCK],
    );
    let json = ran.json();
    assert_eq!(json["summary"]["findings"], 1);
    assert_eq!(json["summary"]["counts"]["suppressed"], 1);
    assert_eq!(
        json["suppressed"][0]["suppression"]["statement"],
        "a test key"
    );
    assert!(ran.stderr.contains("`old` has expired"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("`nothing` fits no finding"),
        "{}",
        ran.stderr
    );
    let hidden = casemate(home.path(), &["import", "leaks", "--format", "sarif"]).json();
    assert_eq!(
        hidden["runs"][0]["results"].as_array().map(Vec::len),
        Some(1)
    );
    put(
        home.path(),
        "wrong.yaml",
        "secrets:\n  - id: x\n    pathes: [y]\n",
    );
    let wrong = casemate(
        home.path(),
        &["import", "leaks", "--ignore-file", "wrong.yaml"],
    );
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(
        wrong.stderr.contains("wrong.yaml") && wrong.stderr.contains("pathes"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_vex_document_rules_out_what_does_not_apply() {
    let home = tempfile::tempdir().expect("folder");
    put(
        home.path(),
        "bom.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[
        {"type":"library","bom-ref":"a","name":"left-pad","version":"1.0.0","purl":"pkg:npm/left-pad@1.0.0"}],
        "vulnerabilities":[{"id":"CVE-2025-1000","ratings":[{"severity":"high"}],"affects":[{"ref":"a"}]}]}"#,
    );
    put(
        home.path(),
        "vex.json",
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.com/vex/1","author":"Site",
        "timestamp":"2026-01-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2025-1000"},
        "products":[{"@id":"pkg:npm/left-pad@1.0.0"}],"status":"not_affected",
        "justification":"vulnerable_code_not_in_execute_path"}]}"#,
    );
    let plain = casemate(home.path(), &["import", "bom.json", "--format", "json"]).json();
    assert_eq!(plain["summary"]["findings"], 1);
    for arguments in [
        [
            "import", "bom.json", "--vex", "vex.json", "--format", "json",
        ]
        .as_slice(),
        &["assess", "bom.json", "vex.json", "--format", "json"],
    ] {
        let json = casemate(home.path(), arguments).json();
        assert_eq!(json["summary"]["findings"], 0, "{arguments:?}: {json}");
        let why = json["suppressed"]
            .as_array()
            .expect("suppressed")
            .iter()
            .find(|finding| finding["suppression"]["by"] == "openvex")
            .expect("by the document");
        assert_eq!(
            why["suppression"]["justification"],
            "vulnerable_code_not_in_execute_path"
        );
        assert!(
            why["suppression"]["source"]
                .as_str()
                .is_some_and(|s| s.contains("example.com/vex/1"))
        );
    }
}
