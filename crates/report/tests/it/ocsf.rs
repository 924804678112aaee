//! OCSF: every event keeps the rules of the compiled schema of OCSF 1.6.0.

mod schema;

use crate::{sample, validator};
use casemate_report::{Format, ocsf, write_ocsf_lines};
use casemate_schema::Report;
use schema::Schema;
use serde_json::{Value, json};

/// Something that breaks an event.
type Change = fn(&mut Value);

fn written(report: &Report) -> Vec<Value> {
    serde_json::from_slice(&ocsf(report).expect("written")).expect("a list")
}

fn judge() -> Option<Schema> {
    Some(Schema::new(validator::schema(
        "ocsf-1.6.0.compiled.json.zst",
    )?))
}

#[test]
fn events_keep_the_rules_of_the_schema() {
    let Some(judge) = judge() else {
        return;
    };
    for (name, report) in sample::all() {
        let events = written(&report);
        assert_eq!(
            events.len(),
            report.findings.len() + report.suppressed.len()
        );
        for event in &events {
            let problems = judge.problems(event);
            assert!(problems.is_empty(), "{name}: {problems:#?}\n{event:#}");
        }
    }
}

#[test]
fn the_judge_refuses_what_the_schema_forbids() {
    let Some(judge) = judge() else {
        return;
    };
    let events = written(&sample::mixed());
    let event = events
        .iter()
        .find(|event| event["class_uid"] == 2002)
        .expect("an event");
    let broken = |change: Change| {
        let mut event = event.clone();
        change(&mut event);
        judge.problems(&event)
    };
    let cases: [(&str, Change); 8] = [
        ("required", |e| {
            drop(e.as_object_mut().unwrap().remove("time"));
        }),
        ("unknown attribute", |e| e["nonsense"] = json!(1)),
        ("no value of the enum", |e| e["severity_id"] = json!(42)),
        ("not a", |e| e["time"] = json!("now")),
        ("required", |e| {
            drop(e["metadata"].as_object_mut().unwrap().remove("product"));
        }),
        ("just one", |e| {
            e["vulnerabilities"][0]["cwe"] = json!({ "uid": "CWE-1" });
        }),
        ("at least one", |e| e["device"] = json!({ "type_id": 0 })),
        ("profile", |e| e["risk_score"] = json!(1)),
    ];
    for (expected, change) in cases {
        let problems = broken(change);
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{expected}: {problems:?}"
        );
    }
}

#[test]
fn classes_follow_what_was_found() {
    let events = written(&sample::mixed());
    let class = |check: &str| {
        let of = |event: &&Value| event["finding_info"]["analytic"]["uid"] == check;
        events.iter().find(of).expect("an event")["class_uid"].clone()
    };
    assert_eq!(class("CVE-2021-44228"), 2002);
    assert_eq!(class("ssh-root-login"), 2003);
    assert_eq!(class("aws-access-key"), 2004);
    let suppressed: Vec<_> = events
        .iter()
        .filter(|event| event["status_id"] == 3)
        .collect();
    assert_eq!(suppressed.len(), 2);
    assert!(
        events
            .iter()
            .all(|event| event["time"] == 1_772_600_767_000_i64)
    );
}

#[test]
fn lines_hold_the_same_events() {
    let mut lines = Vec::new();
    write_ocsf_lines(&sample::mixed(), &mut lines).expect("written");
    let lines = String::from_utf8(lines).expect("UTF-8");
    let events: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(events, written(&sample::mixed()));
}

#[test]
fn the_mixed_report_as_ocsf() {
    let bytes = Format::Ocsf.write(&sample::mixed()).expect("written");
    let value: Value = serde_json::from_slice(&bytes).expect("JSON");
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    insta::assert_snapshot!("mixed.ocsf", text);
}
