//! Sessions of `casemate case`, and of what was merged and is taken apart.

use crate::decide::save;
use crate::run::{CLOCK, Root, casemate};

#[test]
fn cases_are_listed_shown_and_set() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    let none = casemate(home, &["case", "list"]);
    assert_eq!(none.code, 0, "{}", none.stderr);
    assert!(none.stderr.contains("nothing is recorded"));
    assert!(!home.join(".local").exists(), "looking makes nothing");
    save(home, 1, &["a.env"]);
    let list = casemate(home, &["case", "list", "--format", "json"]).json();
    assert_eq!(list[0]["case"], "leaks");
    assert_eq!(list[0]["state"], "new");
    let arguments = [
        "case",
        "set",
        "leaks",
        "--state",
        "on-hold",
        "--verdict",
        "True positive impact",
        "--why",
        "waits",
    ];
    assert_eq!(casemate(home, &arguments).code, 0);
    let case = casemate(home, &["case", "show", "lea", "--format", "json"]).json();
    assert_eq!(case["state"], "on_hold");
    assert_eq!(case["verdict"], "true_positive_impact");
    assert_eq!(case["changes"][0]["why"], "waits");
    assert_eq!(case["findings"][0]["history"][0]["change"], "created");
    assert_eq!(casemate(home, &["case", "show", "nowhere"]).code, 2);
    let shown = casemate(home, &["case", "show", "leaks"]).text();
    assert!(
        shown.contains("on hold") && shown.contains("created by gitleaks"),
        "{shown}"
    );
}

#[test]
fn two_hosts_with_the_same_finding_are_decided_apart() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    for name in ["web1", "web2"] {
        let root = Root::new();
        root.file("etc/hostname", format!("{name}\n"));
        root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
        let arguments = [
            "assess",
            "--root",
            root.name(),
            "--save",
            "-q",
            "--clock",
            CLOCK,
        ];
        assert_eq!(casemate(home, &arguments).code, 0);
    }
    let ambiguous = casemate(home, &["decide", "ssh-root-login", "triage", "--why", "x"]);
    assert_eq!(ambiguous.code, 2);
    assert!(
        ambiguous.stderr.contains("host=web2"),
        "{}",
        ambiguous.stderr
    );
    let arguments = [
        "decide",
        "ssh-root-login",
        "host=web2",
        "out-of-scope",
        "--why",
        "another team",
        "--clock",
        CLOCK,
    ];
    let ran = casemate(home, &arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let open = |case: &str| {
        let shown = casemate(home, &["case", "show", case, "--format", "json"]).json();
        let findings = shown["findings"].as_array().expect("findings").clone();
        let mut login = findings
            .iter()
            .filter(|one| one["check"] == "ssh-root-login");
        login.next().expect("the finding")["state"]["state"].clone()
    };
    assert_eq!(open("web1"), "new");
    assert_eq!(open("web2"), "closed");
}

#[test]
fn what_a_scan_could_not_look_at_is_not_closed() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    let root = Root::new();
    root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
    let scan = |more: &[&str], clock: &str| {
        let mut arguments = vec!["assess", "--root", root.name(), "--save", "--clock", clock];
        arguments.extend_from_slice(more);
        let ran = casemate(home, &arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stderr
    };
    scan(&[], "2026-01-01T00:00:00Z");
    let narrow = scan(&["--surface", "kernel"], "2026-01-02T00:00:00Z");
    assert!(narrow.contains(" 0 closed"), "{narrow}");
    root.file("etc/ssh/sshd_config", "PermitRootLogin no\n");
    let fixed = scan(&[], "2026-01-03T00:00:00Z");
    assert!(!fixed.contains(" 0 closed"), "{fixed}");
}

/// The same weakness as two tools tell it.
const TRIVY: &str = r#"{"SchemaVersion":2,"ArtifactName":"app","ArtifactType":"filesystem","Results":[
 {"Target":"Cargo.lock","Class":"lang-pkgs","Type":"cargo","Vulnerabilities":[{"VulnerabilityID":"CVE-2026-1",
 "PkgName":"left","InstalledVersion":"1.0.0","Severity":"HIGH","Title":"bad"}]}]}"#;
const OSV: &str = r#"{"results":[{"source":{"path":"Cargo.lock","type":"lockfile"},"packages":[{"package":
 {"name":"left","version":"1.0.0","ecosystem":"crates.io"},"vulnerabilities":[{"id":"CVE-2026-1",
 "summary":"bad","affected":[]}],"groups":[{"ids":["CVE-2026-1"]}]}]}]}"#;

#[test]
fn what_was_merged_shows_its_keys_and_can_be_taken_apart() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    std::fs::write(home.join("trivy.json"), TRIVY).expect("a file");
    std::fs::write(home.join("osv.json"), OSV).expect("a file");
    let import = |clock: &str| {
        let arguments = [
            "import",
            "trivy.json",
            "osv.json",
            "--save",
            "-q",
            "--format",
            "json",
            "--clock",
            clock,
        ];
        let ran = casemate(home, &arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()
    };
    let merged = import("2026-01-01T00:00:00Z");
    assert_eq!(merged["summary"]["findings"], 1, "{merged}");
    let id = merged["findings"][0]["id"].as_str().expect("an id");
    let case = merged["findings"][0]["location"]["host"]
        .as_str()
        .unwrap_or("app");
    let shown = casemate(home, &["case", "list", "--format", "json"]).json();
    assert!(
        shown.as_array().is_some_and(|all| !all.is_empty()),
        "{case}"
    );
    let name = shown[0]["case"].as_str().expect("a case");
    let text = casemate(home, &["case", "show", name]).text();
    assert!(text.contains("merged because of: "), "{text}");
    let split = casemate(home, &["decide", id, "split", "--why", "they differ"]);
    assert_eq!(split.code, 0, "{}{}", split.text(), split.stderr);
    let apart = import("2026-01-02T00:00:00Z");
    assert_eq!(apart["summary"]["findings"], 2, "{apart}");
    assert_eq!(import("2026-01-03T00:00:00Z")["summary"]["findings"], 2);
}

#[test]
fn all_records_go_out_and_come_back() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    save(home, 1, &["a.env", "b.env"]);
    let arguments = ["decide", "path=a.env", "triage", "--why", "x"];
    assert_eq!(casemate(home, &arguments).code, 0);
    assert_eq!(
        casemate(home, &["case", "export", "-o", "all.jsonl"]).code,
        0
    );
    let other = ["--data-dir", "other"];
    let ran = casemate(home, &["case", "import", "all.jsonl", other[0], other[1]]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let again = casemate(home, &["case", "export", other[0], other[1]]);
    assert_eq!(
        again.stdout,
        std::fs::read(home.join("all.jsonl")).expect("the export")
    );
    let twice = casemate(home, &["case", "import", "all.jsonl", other[0], other[1]]);
    assert_ne!(twice.code, 0, "records are never mixed");
    std::fs::write(home.join("words"), "no records\n").expect("a file");
    let wrong = casemate(home, &["case", "import", "words", "--data-dir", "third"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("line 1"), "{}", wrong.stderr);
}

#[test]
fn damaged_and_newer_records_are_refused_with_the_next_step() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    let folder = home.join("d");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(
        folder.join("records.sqlite"),
        "only words, nothing that was recorded",
    )
    .expect("a file");
    let ran = casemate(home, &["case", "list", "--data-dir", "d"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("records.sqlite") && ran.stderr.contains("case import"),
        "{}",
        ran.stderr
    );
}
