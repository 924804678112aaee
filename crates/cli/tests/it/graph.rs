//! The workflow: broken stages, timings, drawings, and the workflow as a node of another graph.

use crate::run::{CLOCK, Ran, Root, casemate, program, ran};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;

const STAGES: [&str; 7] = [
    "ingest",
    "enrich",
    "correlate",
    "score",
    "controls",
    "remediate",
    "report",
];

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

fn assess(home: &Path, root: &Root, more: &[&str]) -> Ran {
    let mut arguments = vec!["assess", "--root", root.name(), "--clock", CLOCK];
    arguments.extend_from_slice(more);
    casemate(home, &arguments)
}

/// The program with this on standard input.
fn fed(home: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = program(home)
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("run");
    child
        .stdin
        .take()
        .expect("stdin")
        .write_all(input)
        .expect("fed");
    ran(child.wait_with_output().expect("ran"))
}

#[test]
fn each_broken_stage_is_named_and_the_report_is_still_valid() {
    let (home, root) = (home(), planted());
    let whole = assess(home.path(), &root, &["--format", "json"]);
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    assert_eq!(whole.json()["partial"], false);
    for broken in STAGES {
        let ran = assess(home.path(), &root, &["--format", "json", "--fault", broken]);
        assert_eq!(ran.code, 4, "{broken}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(&format!("stage {broken} ")),
            "{broken}: {}",
            ran.stderr
        );
        let report = ran.json();
        assert_eq!(report["partial"], true, "{broken}");
        let stages = report["case"]["stages"].as_array().expect("stages");
        for stage in stages {
            let name = stage["stage"].as_str().expect("name");
            let expected = match name {
                "report" if name == broken => "degraded",
                _ if name == broken => "skipped",
                _ => "done",
            };
            assert_eq!(stage["status"], expected, "{broken}: {name}");
            assert_eq!(
                stage.get("reason").is_some(),
                expected != "done",
                "{broken}: {name}"
            );
        }
        assert!(
            stages.iter().any(|stage| stage["stage"] == broken),
            "{broken} is named"
        );
        let n_findings = report["findings"].as_array().expect("findings").len();
        assert_eq!(n_findings == 0, broken == "ingest", "{broken}");
        // What was written can be read again.
        let path = home.path().join(format!("{broken}.json"));
        std::fs::write(&path, &ran.stdout).expect("file");
        let again = casemate(
            home.path(),
            &["report", path.to_str().expect("UTF-8"), "--to", "csv"],
        );
        assert_eq!(again.code, 4, "{broken}: {}", again.stderr);
    }
}

#[test]
fn a_stage_is_listed_as_done_only_when_it_did_something() {
    let (home, root) = (home(), planted());
    let report = assess(home.path(), &root, &["--format", "json"]).json();
    let stages: Vec<&str> = report["case"]["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .map(|stage| stage["stage"].as_str().expect("name"))
        .collect();
    let drawing = casemate(home.path(), &["graph", "assess", "--format", "json"]).json();
    let working: Vec<&str> = drawing["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter(|node| node["class"] != "idle")
        .map(|node| node["id"].as_str().expect("id"))
        .filter(|id| STAGES.contains(id))
        .collect();
    assert_eq!(stages, working);
    assert!(stages.contains(&"score"), "{stages:?}");
}

#[test]
fn a_report_that_cannot_be_written_as_asked_is_plain_json() {
    let (home, root) = (home(), planted());
    for format in ["sarif", "html"] {
        let ran = assess(
            home.path(),
            &root,
            &["--format", format, "--fault", "report"],
        );
        assert_eq!(ran.code, 4);
        assert_eq!(ran.json()["partial"], true);
        assert!(
            ran.stderr.contains("stage report fell back to plain JSON"),
            "{}",
            ran.stderr
        );
    }
    let ran = assess(home.path(), &root, &["--fault", "report", "--out", "out"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.text().contains("out/report.json"), "{}", ran.text());
    let written = std::fs::read(home.path().join("out/report.json")).expect("written");
    let report: Value = serde_json::from_slice(&written).expect("JSON");
    assert_eq!(
        report["case"]["stages"]
            .as_array()
            .and_then(|all| all.last())
            .expect("stage")["stage"],
        "report"
    );
    assert!(!home.path().join("out/report.html").exists());
}

#[test]
fn what_the_caller_must_mend_is_an_error_and_no_skipped_stage() {
    let home = home();
    let ran = casemate(home.path(), &["assess", "missing.json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("hint: check the path"),
        "{}",
        ran.stderr
    );
    let ran = casemate(home.path(), &["assess", "--fault", "lunch"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

#[test]
fn the_case_is_the_same_bytes_and_holds_no_timing() {
    let (home, root) = (home(), planted());
    let run = |more: &[&str]| {
        let ran = assess(home.path(), &root, &[&["--format", "json"], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran
    };
    let first = run(&["--threads", "1"]);
    let timed = run(&["--threads", "8", "-v", "--timings", "times.json"]);
    assert_eq!(first.stdout, timed.stdout);
    assert!(timed.stderr.contains("score"), "{}", timed.stderr);
    let times = std::fs::read(home.path().join("times.json")).expect("timings");
    let times: Value = serde_json::from_slice(&times).expect("JSON");
    let nodes: Vec<&str> = times["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .inspect(|node| assert!(node["seconds"].as_f64().is_some_and(|s| s >= 0.0)))
        .map(|node| node["node"].as_str().expect("name"))
        .collect();
    let [before @ .., report] = STAGES.as_slice() else {
        panic!("stages")
    };
    assert_eq!(nodes, [before, &["case", report]].concat());
}

#[test]
fn the_workflow_is_drawn() {
    let home = home();
    let mermaid = casemate(home.path(), &["graph", "assess"]);
    assert_eq!(mermaid.code, 0, "{}", mermaid.stderr);
    assert!(
        mermaid.text().starts_with("flowchart TB\n"),
        "{}",
        mermaid.text()
    );
    let svg = casemate(home.path(), &["graph", "assess", "--format", "svg"]).text();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    for stage in STAGES {
        assert!(mermaid.text().contains(&format!("\"{stage}")), "{stage}");
        assert!(svg.contains(&format!(">{stage}</text>")), "{stage}");
    }
    let ran = casemate(
        home.path(),
        &["graph", "assess", "--format", "svg", "-o", "w.svg"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        std::fs::read_to_string(home.path().join("w.svg")).expect("file"),
        svg
    );
    assert_eq!(
        casemate(home.path(), &["graph", "assess", "--format", "csv"]).code,
        2
    );
}

/// A report with one attack path, in a file below the home.
fn with_chain(home: &Path, root: &Root) {
    let mut report = assess(home, root, &["--format", "json"]).json();
    let step = |from: &str, to: &str, edge: &str, fact: &str| json!({ "from": from, "to": to, "edge": edge, "fact": fact });
    report["case"]["chains"] = json!([{
        "id": "chain:0123456789ab",
        "rule": "attack-path",
        "title": "From a service to root",
        "severity": "critical",
        "risk": 97,
        "members": [],
        "steps": [
            step("user:www", "file:/srv/open", "may_write", "mode 0666"),
            step("file:/srv/open", "user:root", "starts", "cron runs it as root"),
        ],
        "techniques": ["T1053.003"],
        "break_at": "chmod 0644 /srv/open",
        "why": "It becomes root.",
    }]);
    std::fs::write(home.join("chain.json"), report.to_string()).expect("file");
}

#[test]
fn attack_paths_are_drawn() {
    let (home, root) = (home(), planted());
    with_chain(home.path(), &root);
    for more in [&[][..], &["--chain", "chain:0123456789ab"]] {
        let arguments = [&["graph", "chains", "chain.json"], more].concat();
        let mermaid = casemate(home.path(), &arguments);
        assert_eq!(mermaid.code, 0, "{}", mermaid.stderr);
        assert!(
            mermaid.text().contains("may write<br>mode 0666"),
            "{}",
            mermaid.text()
        );
        let svg = casemate(
            home.path(),
            &[&arguments[..], &["--format", "svg"]].concat(),
        )
        .text();
        assert!(svg.contains(">cron runs it as root</text>"), "{svg}");
    }
    let ran = casemate(
        home.path(),
        &["graph", "chains", "chain.json", "--chain", "chain:x"],
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("there are chain:0123456789ab"),
        "{}",
        ran.stderr
    );
    let scanned = root.scan(&[]).to_string();
    std::fs::write(home.path().join("scan.json"), scanned).expect("file");
    let ran = casemate(home.path(), &["graph", "chains", "scan.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("holds no case"), "{}", ran.stderr);
}

#[test]
fn the_workflow_is_a_node_of_another_graph() {
    let (home, root) = (home(), planted());
    let report = assess(home.path(), &root, &["--format", "json"]).json();
    let findings = report["findings"].as_array().expect("findings");
    let state = json!({ "findings": findings, "messages": ["of somebody else"] }).to_string();
    let ran = fed(
        home.path(),
        &["graph", "node", "--clock", CLOCK],
        state.as_bytes(),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let answer = ran.json();
    let members: Vec<&String> = answer.as_object().expect("object").keys().collect();
    assert_eq!(members, ["analysis", "recommendations"]);
    let first = findings[0]["title"].as_str().expect("title");
    let analysis = answer["analysis"].as_str().expect("text");
    assert!(analysis.contains(first), "{analysis}");
    let all = answer["recommendations"].as_array().expect("list");
    let mut named: Vec<&str> = all
        .iter()
        .flat_map(|one| one["findings"].as_array().expect("ids"))
        .map(|id| id.as_str().expect("id"))
        .collect();
    named.sort_unstable();
    let n_named = named.len();
    named.dedup();
    assert_eq!(
        named.len(),
        n_named,
        "each finding is in one recommendation"
    );
    assert_eq!(
        n_named,
        findings.len(),
        "every finding of a scan has advice"
    );
    let risks: Vec<u64> = all
        .iter()
        .map(|one| one["risk"].as_u64().expect("risk"))
        .collect();
    assert!(risks.is_sorted_by(|a, b| a >= b), "{risks:?}");

    // The order of the findings does not matter, and the whole report is a state too.
    let mut turned = findings.clone();
    turned.reverse();
    let turned = json!({ "findings": turned }).to_string();
    let again = fed(
        home.path(),
        &["graph", "node", "--clock", CLOCK],
        turned.as_bytes(),
    );
    assert_eq!(again.stdout, ran.stdout);
    let whole = report.to_string();
    let again = fed(
        home.path(),
        &["graph", "node", "--clock", CLOCK],
        whole.as_bytes(),
    );
    assert_eq!(again.stdout, ran.stdout);
}

#[test]
fn the_analysis_is_bounded_and_foreign_findings_are_taken() {
    let home = home();
    let state = |more: Value| {
        let finding = |at: usize| {
            json!({
                "title": format!("Weak cipher number {at} is offered"),
                "severity": "High",
                "description": "An attacker may read the traffic.",
                "mitigation": "Switch it off.",
            })
        };
        let mut state = json!({ "findings": (0..400).map(finding).collect::<Vec<_>>() });
        for (name, value) in more.as_object().expect("object") {
            state[name] = value.clone();
        }
        state.to_string()
    };
    let mut lengths = Vec::new();
    for bound in [20_usize, 128, 512] {
        let state = state(json!({ "max_tokens": bound }));
        let ran = fed(home.path(), &["graph", "node"], state.as_bytes());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let answer = ran.json();
        let analysis = answer["analysis"].as_str().expect("text").to_owned();
        let n_tokens = casemate_app::workflow::tokens_of(&analysis);
        assert!(
            n_tokens <= bound && n_tokens > bound / 4,
            "{n_tokens} of {bound}: {analysis}"
        );
        lengths.push(analysis.len());
        let all = answer["recommendations"].as_array().expect("list");
        let mut ids: Vec<&str> = all
            .iter()
            .flat_map(|one| one["findings"].as_array().expect("ids"))
            .filter_map(|id| id.as_str())
            .collect();
        assert_eq!(ids.len(), 400);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 400, "no finding is advised on twice");
    }
    assert!(lengths.is_sorted(), "{lengths:?}");
    // Without a bound there is one all the same.
    let ran = fed(home.path(), &["graph", "node"], state(json!({})).as_bytes());
    let analysis = ran.json()["analysis"].as_str().expect("text").to_owned();
    assert!(casemate_app::workflow::tokens_of(&analysis) <= 512);
    for wrong in [&b"{}"[..], b"", b"[1]", b"{\"findings\": 3}", b"\xff\xfe"] {
        let ran = fed(home.path(), &["graph", "node"], wrong);
        assert_eq!(ran.code, 2, "{wrong:?}: {} {}", ran.text(), ran.stderr);
    }
    let ran = fed(
        home.path(),
        &["graph", "node"],
        state(json!({ "max_tokens": 0 })).as_bytes(),
    );
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}
