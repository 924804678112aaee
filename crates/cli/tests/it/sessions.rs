//! The contract of the command line: flags, files, exit codes, errors with a next step.

use crate::run::{CLOCK, Root, casemate, program, ran};
use std::io::Write;

fn planted() -> Root {
    let root = Root::new();
    root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
    root.file("srv/open", "x");
    root.mode("srv/open", 0o666);
    root
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("home")
}

/// The report of a planted root, in a file below the home.
fn report(home: &tempfile::TempDir, name: &str, root: &Root) -> String {
    let path = home.path().join(name);
    let path = path.to_str().expect("UTF-8");
    let ran = casemate(
        home.path(),
        &[
            "scan",
            "--root",
            root.name(),
            "--format",
            "json",
            "--clock",
            CLOCK,
            "-o",
            path,
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    path.to_owned()
}

#[test]
fn assess_writes_four_files_and_says_where() {
    let (home, root) = (home(), planted());
    let ran = casemate(
        home.path(),
        &["assess", "--root", root.name(), "--clock", CLOCK],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for ending in ["html", "json", "ndjson", "sarif"] {
        let name = format!("casemate-report/report.{ending}");
        assert!(home.path().join(&name).is_file(), "{name}");
        assert!(
            ran.text().contains(&name),
            "{name} is named: {}",
            ran.text()
        );
    }
    assert!(
        !home.path().join(".local").exists(),
        "nothing is kept without --save"
    );
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    let (home, root) = (home(), planted());
    let before = casemate(
        home.path(),
        &[
            "--format",
            "json",
            "--clock",
            CLOCK,
            "--threads",
            "2",
            "scan",
            "--root",
            root.name(),
        ],
    );
    let after = casemate(
        home.path(),
        &[
            "scan",
            "--root",
            root.name(),
            "--threads",
            "2",
            "--clock",
            CLOCK,
            "--format",
            "json",
        ],
    );
    assert_eq!(before.code, 0, "{}", before.stderr);
    assert_eq!(before.stdout, after.stdout);
}

#[test]
fn fail_on_ends_with_3_only_when_a_finding_is_that_bad() {
    let (home, root) = (home(), planted());
    let run = |more: &[&str]| {
        let mut arguments = vec!["assess", "--root", root.name(), "--format", "json"];
        arguments.extend_from_slice(more);
        casemate(home.path(), &arguments).code
    };
    assert_eq!(run(&[]), 0, "findings alone are no failure");
    assert_eq!(run(&["--fail-on", "low"]), 3);
    assert_eq!(run(&["--fail-on", "low", "--exit-code", "7"]), 7);
    assert_eq!(run(&["--fail-on", "critical", "--surface", "boot"]), 0);
    assert_eq!(run(&["--fail-on", "terrible"]), 2);
}

#[test]
fn save_keeps_the_report_by_its_digest_and_twice_is_once() {
    let (home, root) = (home(), planted());
    let data = home.path().join("data");
    for _ in 0..2 {
        let ran = casemate(
            home.path(),
            &[
                "assess",
                "--root",
                root.name(),
                "--save",
                "--data-dir",
                data.to_str().expect("UTF-8"),
                "--clock",
                CLOCK,
                "--format",
                "json",
            ],
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("saved "), "{}", ran.stderr);
    }
    let kept: Vec<_> = std::fs::read_dir(data.join("reports"))
        .expect("reports")
        .collect();
    assert_eq!(kept.len(), 1);
}

#[test]
fn a_report_is_taken_from_a_file_from_standard_input_and_packed() {
    let (home, root) = (home(), planted());
    let path = report(&home, "a.json", &root);
    let direct = casemate(
        home.path(),
        &[
            "assess",
            "--root",
            root.name(),
            "--format",
            "json",
            "--clock",
            CLOCK,
        ],
    );
    let taken = casemate(home.path(), &["assess", &path, "--format", "json"]);
    assert_eq!(taken.code, 0, "{}", taken.stderr);
    // With the tree at hand actions hold diffs; all else is the same.
    let but_actions = |bytes: &[u8]| {
        let mut report: serde_json::Value = serde_json::from_slice(bytes).expect("json");
        report["case"]["actions"].take();
        report
    };
    assert_eq!(
        but_actions(&taken.stdout),
        but_actions(&direct.stdout),
        "ranked from the file as from the scan"
    );
    let bytes = std::fs::read(&path).expect("report");
    let mut child = program(home.path())
        .args(["report", "-", "--to", "ndjson"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("run");
    child
        .stdin
        .take()
        .expect("stdin")
        .write_all(&bytes)
        .expect("write");
    let piped = ran(child.wait_with_output().expect("run"));
    assert_eq!(piped.code, 0);
    let ndjson = home.path().join("b.ndjson");
    std::fs::write(&ndjson, &piped.stdout).expect("write");
    let again = casemate(
        home.path(),
        &[
            "report",
            ndjson.to_str().expect("UTF-8"),
            "--to",
            "json",
            "-o",
            "-",
        ],
    );
    assert_eq!(again.stdout, bytes, "there and back");
}

#[test]
fn a_refused_report_beside_a_good_one_is_partial_and_alone_it_is_an_error() {
    let (home, root) = (home(), planted());
    let good = report(&home, "good.json", &root);
    let bad = home.path().join("bad.json");
    std::fs::write(&bad, "{\"schema_version\":\n 12").expect("write");
    let bad = bad.to_str().expect("UTF-8");
    let both = casemate(home.path(), &["assess", &good, bad, "--format", "json"]);
    assert_eq!(both.code, 4, "{}", both.stderr);
    assert_eq!(both.json()["partial"], true);
    assert!(
        both.stderr.contains("bad.json") && both.stderr.contains("line 2"),
        "{}",
        both.stderr
    );
    let alone = casemate(home.path(), &["assess", bad, "--format", "json"]);
    assert_eq!(alone.code, 2);
    assert!(alone.stderr.contains("error: ") && alone.stderr.contains("caused by: "));
    assert!(alone.stderr.contains("hint: "), "{}", alone.stderr);
    let causes = alone.stderr.matches("caused by: ").count();
    assert_eq!(causes, 1, "a cause is said once: {}", alone.stderr);
    let missing = casemate(home.path(), &["assess", "nowhere.json", "--format", "json"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("nowhere.json"));
}

#[test]
fn diff_says_new_gone_and_what_cannot_be_compared() {
    let (home, root) = (home(), planted());
    let before = report(&home, "before.json", &root);
    root.file("etc/ssh/sshd_config", "PermitRootLogin no\n");
    root.file("srv/second", "x");
    root.mode("srv/second", 0o666);
    let after = report(&home, "after.json", &root);
    let ran = casemate(home.path(), &["diff", &before, &after, "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let diff = ran.json();
    let checks = |part: &str| -> Vec<String> {
        let list = diff[part].as_array().expect("list");
        list.iter()
            .map(|f| f["source"]["check"].as_str().expect("check").to_owned())
            .collect()
    };
    assert_eq!(checks("new"), ["file-world-writable"]);
    assert_eq!(checks("gone"), ["ssh-root-login"]);
    assert!(diff["not_compared"].is_array());
    let text = casemate(home.path(), &["diff", &before, &after]).text();
    assert!(text.contains("/srv/second"), "{text}");
}

#[test]
fn explain_takes_a_check_and_a_finding_and_suggests() {
    let home = home();
    let ran = casemate(home.path(), &["explain", "kernel-core-pattern"]);
    assert_eq!(ran.code, 0);
    for section in [
        "What it checks",
        "Why it matters",
        "Example",
        "Instead",
        "CWE-732",
    ] {
        assert!(ran.text().contains(section), "{section}");
    }
    let finding = casemate(
        home.path(),
        &["explain", "kernel-core-pattern:7f0666f572a9"],
    );
    assert_eq!(finding.stdout, ran.stdout);
    let wrong = casemate(home.path(), &["explain", "kernel-core-patern"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("did you mean `kernel-core-pattern`"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn checks_list_has_at_least_a_hundred_and_knows_json() {
    let home = home();
    let list = casemate(home.path(), &["checks", "list", "--format", "json"]).json();
    let list = list.as_array().expect("list");
    assert!(list.len() >= 100, "{} checks", list.len());
    let ssh = casemate(home.path(), &["checks", "list", "--surface", "ssh"]).text();
    assert!(
        ssh.lines().skip(1).all(|line| line.starts_with("ssh-")),
        "{ssh}"
    );
}

#[test]
fn config_shows_origins_and_refuses_unknown_keys_with_a_suggestion() {
    let home = home();
    let path = home.path().join("c.toml");
    std::fs::write(&path, "[scan]\ndeep = true\n").expect("write");
    let path = path.to_str().expect("UTF-8").to_owned();
    let ran = casemate(home.path(), &["config", "show", "--config", &path]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.text().contains(&format!("{path}:2")), "{}", ran.text());
    std::fs::write(&path, "[scan]\nsurface = [\"ssh\"]\n").expect("write");
    let ran = casemate(home.path(), &["config", "check", "--config", &path]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("did you mean `scan.surfaces`"),
        "{}",
        ran.stderr
    );
    std::fs::write(home.path().join("casemate.toml"), "nonsense").expect("write");
    assert_eq!(
        casemate(home.path(), &["config", "check"]).code,
        0,
        "never the current folder"
    );
}

#[test]
fn wrong_usage_is_2_and_says_what_to_do() {
    let home = home();
    for arguments in [
        &["scan", "--surface", "shh"][..],
        &["scan", "--root", "/nonexistent"],
        &["scan", "--format", "xlsx"],
        &["assess", "--clock", "yesterday"],
        &["scan", "--threads", "0"],
    ] {
        let ran = casemate(home.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(
            !ran.stderr.is_empty() && ran.stdout.is_empty(),
            "{arguments:?}"
        );
    }
    std::fs::write(home.path().join("file"), "x").expect("write");
    let ran = casemate(home.path(), &["scan", "--root", "file"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("`file` is not of the expected kind"),
        "{}",
        ran.stderr
    );
    let ran = casemate(home.path(), &["scan", "--surface", "shh"]);
    assert!(ran.stderr.contains("did you mean `ssh`"), "{}", ran.stderr);
}

#[test]
fn a_clean_tree_is_a_good_report_and_what_it_lacks_is_not_assessed() {
    let root = Root::new();
    let report = root.scan(&["--surface", "processes,kernel,sockets,ssh"]);
    assert_eq!(
        report["findings"].as_array().map(Vec::len),
        Some(0),
        "{report}"
    );
    for entry in report["coverage"]["checks"].as_array().expect("checks") {
        let status = entry["status"].as_str().expect("status");
        // Checks of sockets look at a running system: a tree without one says nothing.
        if entry["surface"] == "sockets" {
            assert_ne!(status, "passed", "{entry}");
        }
        if status != "passed" {
            assert!(entry["reason"].is_string(), "{entry}");
        }
    }
    assert_eq!(
        crate::run::status(&report, "proc-deleted-exe"),
        "not_assessed"
    );
    assert_eq!(
        crate::run::status(&report, "ssh-root-login"),
        "not_applicable"
    );
}

#[test]
fn quiet_says_nothing_and_doctor_answers() {
    let (home, root) = (home(), planted());
    let ran = casemate(
        home.path(),
        &[
            "-q",
            "assess",
            "--root",
            root.name(),
            "--save",
            "--format",
            "json",
        ],
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let doctor = casemate(home.path(), &["doctor", "--format", "json"]);
    assert_eq!(doctor.code, 0, "{}", doctor.stderr);
    assert!(doctor.json()["probes"].as_array().expect("probes").len() >= 6);
}

const SEQUENCE: &str = r#"
id: suid-then-empty
title: "{host} got a set-user-id program, then let empty passwords in"
why: "Whoever made the first wants to come back."
severity: high
techniques: [T1548.001, T1556]
break_at: "find out who made the program"
sequence:
  - {check: ["suid-*"]}
  - {check: ["ssh-empty-passwords"]}
within_days: 14
tests:
  - name: first one, then the other
    reports:
      - {day: 0, findings: []}
      - {day: 1, findings: [suid-shell]}
      - {day: 3, findings: [suid-shell, ssh-empty-passwords]}
    chains: 1
"#;

#[test]
fn a_baseline_tells_what_appeared_after_what() {
    let (home, root) = (home(), planted());
    let data = home.path().join("data");
    let rule = home.path().join("suid-then-empty.yaml");
    std::fs::write(&rule, SEQUENCE).expect("rule");
    let assess = |clock: &str| {
        let ran = casemate(
            home.path(),
            &[
                "assess",
                "--root",
                root.name(),
                "--baseline",
                "--rules",
                rule.to_str().expect("UTF-8"),
                "--data-dir",
                data.to_str().expect("UTF-8"),
                "--clock",
                clock,
                "--format",
                "json",
            ],
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()
    };
    let first = assess("2026-01-02T03:04:05Z");
    let chains = |report: &serde_json::Value| -> Vec<String> {
        let all = report["case"]["chains"].as_array().expect("chains");
        all.iter()
            .filter_map(|chain| chain["rule"].as_str().map(str::to_owned))
            .collect()
    };
    assert!(!chains(&first).contains(&"suid-then-empty".to_owned()));
    // A set-user-id file appears, and two days later empty passwords are let in.
    root.file("usr/local/bin/sh2", "\x7fELF");
    root.mode("usr/local/bin/sh2", 0o4755);
    assess("2026-01-03T03:04:05Z");
    root.file(
        "etc/ssh/sshd_config",
        "PermitRootLogin yes\nPermitEmptyPasswords yes\n",
    );
    let third = assess("2026-01-05T03:04:05Z");
    let novel = third["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["state"]["seen"] == 1)
        .count();
    assert!(novel > 0, "what is new is known: {}", third["findings"]);
    assert!(
        chains(&third).contains(&"suid-then-empty".to_owned()),
        "{:?} {:?}",
        chains(&third),
        third["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|finding| finding["source"]["check"].to_string())
            .collect::<Vec<_>>()
    );
}
