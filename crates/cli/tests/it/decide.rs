//! Sessions of `casemate decide`: what a decision changes, what it does not, and that none is lost.

use crate::run::{Ran, casemate, program};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// A report of gitleaks about these files.
pub(crate) fn leaks(files: &[&str]) -> String {
    let entries: Vec<String> = files
        .iter()
        .map(|file| {
            format!(
                r#"{{"RuleID":"aws-key","Description":"AWS key","StartLine":3,"File":"{file}",
                "Secret":"x","Match":"x","Commit":"c1","Fingerprint":"c1:{file}:aws-key:3"}}"#
            )
        })
        .collect();
    format!("[{}]", entries.join(","))
}

/// Imports that report on a day of January 2026 and records it.
pub(crate) fn save(home: &Path, day: u32, files: &[&str]) -> Ran {
    std::fs::write(home.join("leaks"), leaks(files)).expect("a file");
    let clock = format!("2026-01-{day:02}T00:00:00Z");
    let ran = casemate(home, &["import", "leaks", "--save", "--clock", &clock]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

/// The id of the finding in a file.
fn id(home: &Path, file: &str) -> String {
    let case = casemate(home, &["case", "show", "leaks", "--format", "json"]).json();
    let findings = case["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["path"] == file);
    let id = found.expect("the finding")["id"].as_str();
    id.expect("an id").to_owned()
}

fn decide(home: &Path, day: u32, arguments: &[&str]) -> Ran {
    let clock = format!("2026-01-{day:02}T12:00:00Z");
    let mut all = vec!["decide"];
    all.extend_from_slice(arguments);
    all.extend(["--clock", &clock]);
    casemate(home, &all)
}

fn report(home: &Path, day: u32) -> Value {
    let clock = format!("2026-01-{day:02}T13:00:00Z");
    let arguments = ["import", "leaks", "--format", "json", "--clock", &clock];
    casemate(home, &arguments).json()
}

#[test]
fn a_false_positive_stays_one() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    save(home, 1, &["a.env", "b.env"]);
    let a = id(home, "a.env");
    let ran = decide(home, 1, &[&a, "false-positive", "--why", "a test key"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.text().contains("recorded 1"), "{}", ran.text());
    let again = save(home, 2, &["a.env", "b.env"]);
    assert!(again.stderr.contains("2 untouched"), "{}", again.stderr);
    let report = report(home, 3);
    assert_eq!(report["summary"]["findings"], 1);
    assert_eq!(report["findings"][0]["state"]["seen"], 1);
    let ruled_out = &report["suppressed"][0];
    assert_eq!(ruled_out["suppression"]["by"], "decision");
    assert_eq!(ruled_out["suppression"]["status"], "false_positive");
    assert_eq!(ruled_out["suppression"]["statement"], "a test key");
    assert_eq!(ruled_out["state"]["decision"]["verb"], "false-positive");
    save(home, 4, &["b.env"]);
    let back = save(home, 5, &["a.env", "b.env"]);
    assert!(back.stderr.contains("2 untouched"), "{}", back.stderr);
}

#[test]
fn a_newer_report_says_what_it_changed_by_number_and_name() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    save(home, 1, &["a.env", "b.env", "c.env"]);
    let (a, b) = (id(home, "a.env"), id(home, "b.env"));
    decide(home, 1, &[&b, "fixed", "--why", "rotated"]);
    let gone = save(home, 2, &["b.env", "d.env"]);
    for part in ["1 created", "2 closed", "1 reopened"] {
        assert!(gone.stderr.contains(part), "{part}: {}", gone.stderr);
    }
    assert!(
        gone.text().contains(&a) && gone.text().contains(&b),
        "{}",
        gone.text()
    );
    let now = report(home, 3);
    let changes = &now["changes"];
    assert_eq!(changes["untouched"].as_array().map(Vec::len), Some(2));
    let older = casemate(
        home,
        &[
            "import",
            "leaks",
            "--save",
            "--clock",
            "2025-12-01T00:00:00Z",
        ],
    );
    assert!(
        older.stderr.contains("2 in reports older"),
        "{}",
        older.stderr
    );
}

#[test]
fn an_acceptance_ends() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    save(home, 1, &["a.env"]);
    let a = id(home, "a.env");
    for (arguments, said) in [
        (vec![&*a, "accept", "--why", "x"], "--until"),
        (
            vec![&*a, "accept", "--why", "x", "--until", "2025-01-01"],
            "has passed",
        ),
        (
            vec![&*a, "accept", "--why", "x", "--until", "2027-06-01"],
            "accept_days_max",
        ),
        (
            vec![&*a, "accept", "--why", "x", "--until", "soon"],
            "YYYY-MM-DD",
        ),
        (
            vec![&*a, "accept", "--why", " ", "--until", "2026-01-10"],
            "--why",
        ),
        (
            vec![&*a, "triage", "--why", "x", "--until", "2026-01-10"],
            "--until",
        ),
    ] {
        let ran = decide(home, 1, &arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
    let arguments = [
        &*a,
        "accept",
        "--why",
        "behind a wall",
        "--until",
        "2026-01-10",
    ];
    assert_eq!(decide(home, 1, &arguments).code, 0);
    assert_eq!(report(home, 10)["summary"]["findings"], 0);
    assert_eq!(report(home, 11)["summary"]["findings"], 1);
    let back = save(home, 12, &["a.env"]);
    assert!(back.stderr.contains("1 reopened"), "{}", back.stderr);
}

#[test]
fn a_second_person_approves_and_nobody_their_own() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    save(home, 1, &["a.env"]);
    let a = id(home, "a.env");
    let config = home.join("site.toml");
    std::fs::write(&config, "[decisions]\nsecond_person = [\"accept\"]\n").expect("a file");
    let config = config.to_str().expect("a path");
    let arguments = [
        &*a,
        "accept",
        "--why",
        "x",
        "--until",
        "2026-01-10",
        "--config",
        config,
    ];
    let ran = decide(home, 1, &arguments);
    assert!(
        ran.text().contains("waits for a second person"),
        "{}",
        ran.text()
    );
    let shown = report(home, 2);
    assert_eq!(shown["summary"]["findings"], 1, "it does not hold yet");
    assert_eq!(shown["findings"][0]["state"]["waiting"]["verb"], "accept");
    let own = decide(home, 2, &[&a, "approve", "--why", "I agree with myself"]);
    assert_eq!(own.code, 6, "{}", own.text());
    let sudo = program(home)
        .env("SUDO_USER", "somebody-else")
        .args(["decide", &a, "approve", "--why", "as another"])
        .output()
        .expect("starts");
    assert_eq!(sudo.status.code(), Some(6), "the environment is no proof");
    assert_eq!(report(home, 2)["summary"]["findings"], 1);
    assert_eq!(decide(home, 2, &[&a, "reject", "--why", "no"]).code, 0);
    assert!(report(home, 2)["findings"][0]["state"]["waiting"].is_null());
}

#[test]
fn a_filter_shows_asks_and_skips() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    save(home, 1, &["a/x.env", "a/y.env", "b/z.env"]);
    let filter = "path=a/* state=new";
    let shown = decide(home, 1, &[filter, "start", "--why", "x", "--dry-run"]);
    assert_eq!(shown.code, 0);
    assert!(shown.text().contains("would change 2"), "{}", shown.text());
    let asked = decide(home, 1, &[filter, "start", "--why", "x"]);
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(asked.stderr.contains("--yes"), "{}", asked.stderr);
    let done = decide(home, 1, &[filter, "start", "--why", "x", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let arguments = [
        "check=*aws*",
        "triage",
        "--why",
        "x",
        "--yes",
        "--format",
        "json",
    ];
    let mixed = decide(home, 2, &arguments);
    assert_eq!(mixed.code, 0, "{}", mixed.stderr);
    let json = mixed.json();
    assert_eq!(json["changed"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["skipped"].as_array().map(Vec::len), Some(2));
    for (selector, said) in [
        ("chek=x", "did you mean `check`"),
        ("severity>=worst", "`worst` is no severity"),
        ("host=nowhere", "not in the records"),
        ("no-such:123", "not in the records"),
    ] {
        let ran = decide(home, 2, &[selector, "triage", "--why", "x"]);
        assert_eq!(ran.code, 2, "{selector}");
        assert!(ran.stderr.contains(said), "{selector}: {}", ran.stderr);
    }
    let z = id(home, "b/z.env");
    let ran = decide(home, 2, &[&z, "duplicate", "--of", &z, "--why", "x"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.text().contains("no duplicate of itself"),
        "{}",
        ran.text()
    );
    let x = id(home, "a/x.env");
    let ran = decide(home, 2, &[&z, "duplicate", "--of", &x, "--why", "x"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let both = format!("{x},{z}");
    assert_eq!(decide(home, 3, &[&both, "reopen", "--why", "x"]).code, 0);
}

#[test]
fn decisions_are_told_as_openvex() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    save(home, 1, &["a.env", "b.env", "c.env"]);
    let none = casemate(home, &["report", "leaks", "--to", "openvex"]);
    assert_eq!(none.code, 2, "{}", none.stderr);
    decide(
        home,
        1,
        &[&id(home, "a.env"), "not-affected", "--why", "unused"],
    );
    decide(home, 1, &[&id(home, "b.env"), "fixed", "--why", "rotated"]);
    let arguments = [
        &*id(home, "c.env"),
        "accept",
        "--why",
        "y",
        "--until",
        "2026-01-10",
    ];
    decide(home, 1, &arguments);
    let arguments = [
        "report",
        "leaks",
        "--to",
        "openvex",
        "--clock",
        "2026-01-02T00:00:00Z",
    ];
    let vex = casemate(home, &arguments).json();
    let mut said: Vec<&str> = vex["statements"]
        .as_array()
        .expect("statements")
        .iter()
        .filter_map(|statement| statement["status"].as_str())
        .collect();
    said.sort_unstable();
    assert_eq!(said, ["affected", "fixed", "not_affected"]);
    if let Some(schema) = casemate_testkit::data_or_skip("schemas/openvex_json_schema.json") {
        let schema = std::fs::read(schema).expect("a schema");
        let schema: Value = serde_json::from_slice(&schema).expect("JSON");
        let errors: Vec<String> = jsonschema::validator_for(&schema)
            .expect("a schema")
            .iter_errors(&vex)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

/// How often the program is killed; `cargo xtask soak` asks for more.
fn kills() -> u32 {
    let asked = std::env::var("CASEMATE_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(50)
}

/// Runs the program, kills it after a while, and returns what it had printed.
fn killed(home: &Path, arguments: &[&str], after: Duration) -> String {
    let mut child = program(home)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    std::thread::sleep(after);
    // It may have ended by itself.
    drop(child.kill());
    let output = child.wait_with_output().expect("ends");
    String::from_utf8(output.stdout).expect("text")
}

/// The lines of an export, by kind.
fn exported(home: &Path) -> BTreeMap<String, Vec<Value>> {
    let ran = casemate(home, &["case", "export"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut out: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in ran.text().lines() {
        let row: Value = serde_json::from_str(line).expect("a line");
        let kind = row["kind"].as_str().expect("a kind").to_owned();
        out.entry(kind).or_default().push(row);
    }
    out
}

/// How long a run takes here that nobody kills.
fn takes(home: &Path, arguments: &[&str]) -> Duration {
    let start = std::time::Instant::now();
    assert_eq!(casemate(home, arguments).code, 0);
    start.elapsed()
}

#[test]
fn a_kill_loses_no_decision_and_doubles_none() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    let kills = kills();
    let files: Vec<String> = (0..=kills).map(|number| format!("{number}.env")).collect();
    save(
        home,
        1,
        &files.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let case = casemate(home, &["case", "show", "leaks", "--format", "json"]).json();
    let ids: Vec<String> = case["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["id"].as_str().expect("an id").to_owned())
        .collect();
    let arguments = |id: &'static str| ["decide", id, "triage", "--why", "x"];
    let (first, rest) = ids.split_first().expect("findings");
    let whole = takes(home, &arguments(first.clone().leak()));
    let mut acknowledged = 1;
    for (number, id) in (0_u32..).zip(rest) {
        let after = whole * (number % 25) / 12;
        let said = killed(home, &arguments(id.clone().leak()), after);
        let known: BTreeMap<String, usize> = counted(home);
        let times = known.get(id).copied().unwrap_or_default();
        if said.contains("recorded") {
            acknowledged += 1;
            assert_eq!(times, 1, "an acknowledged decision is recorded once");
        }
        assert!(times <= 1, "a decision is doubled");
    }
    let verified = casemate(home, &["case", "verify", "--format", "json"]).json();
    let entries = verified["entries"].as_u64().expect("a count");
    assert!(entries >= acknowledged, "{entries} of {acknowledged}");
    assert!(acknowledged > 1, "some runs got through");
    assert!(entries <= u64::from(kills), "some runs were killed in time");
}

/// Decisions by finding.
fn counted(home: &Path) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for row in exported(home).remove("journal").unwrap_or_default() {
        let subject = row["subject"].as_str().expect("a subject").to_owned();
        *out.entry(subject).or_default() += 1;
    }
    out
}

#[test]
fn a_killed_import_can_be_run_again() {
    let home = tempfile::tempdir().expect("folder");
    let home = home.path();
    let files: Vec<String> = (0..200).map(|number| format!("{number}.env")).collect();
    let all: Vec<&str> = files.iter().map(String::as_str).collect();
    save(home, 1, &all);
    let whole = takes(
        home,
        &[
            "import",
            "leaks",
            "--save",
            "--clock",
            "2026-01-01T00:00:00Z",
        ],
    );
    for number in 0..kills() {
        // Each report shows another half.
        let half = usize::try_from(number % 2).expect("small");
        let shown: Vec<&str> = all.iter().skip(half).step_by(2).copied().collect();
        let text = leaks(&shown).replace("AWS key", &format!("AWS key {number}"));
        std::fs::write(home.join("leaks"), text).expect("a file");
        let clock = format!("2026-02-01T{:02}:{:02}:00Z", number / 60 % 24, number % 60);
        let arguments = ["import", "leaks", "--save", "-q", "--clock", &clock];
        killed(home, &arguments, whole * (number % 25) / 12);
        assert_eq!(casemate(home, &arguments).code, 0);
        let records = exported(home);
        let findings = records.get("finding").expect("findings");
        assert_eq!(findings.len(), 200, "none is lost, none is doubled");
        let open = findings.iter().filter(|row| row["state"] != "closed");
        assert_eq!(open.count(), 100, "those that the last report shows");
        let seen: u64 = findings
            .iter()
            .filter_map(|row| row["times"].as_u64())
            .sum();
        assert_eq!(
            seen,
            200 + 100 * (u64::from(number) + 1),
            "each report counts once"
        );
    }
    assert_eq!(casemate(home, &["case", "verify"]).code, 0);
}
