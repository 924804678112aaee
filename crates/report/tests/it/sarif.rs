//! SARIF: valid against the OASIS schema whatever the report holds (defect D2 of formats.md), and
//! one result a finding.

use crate::sample;
use casemate_report::sarif;
use casemate_schema::{Report, Status};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[expect(clippy::disallowed_methods, reason = "tests find their data by it")]
fn data() -> PathBuf {
    std::env::var_os("CASEMATE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    )
}

fn written(report: &Report) -> Value {
    serde_json::from_slice(&sarif(report).expect("written")).expect("JSON")
}

#[test]
fn d2_sarif_is_valid_against_the_oasis_schema() {
    let path = data().join("schemas/sarif-schema-2.1.0.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!(
            "SKIPPED: no SARIF schema at {}; set CASEMATE_DATA",
            path.display()
        );
        return;
    };
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    for (name, report) in sample::all() {
        let errors: Vec<String> = validator
            .iter_errors(&written(&report))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .take(5)
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
    let mut broken = written(&sample::full());
    broken["runs"][0]["results"][0]["level"] = Value::from("critical");
    assert!(
        !validator.is_valid(&broken),
        "the level of defect D2 is refused"
    );
}

#[test]
fn one_result_a_finding_with_its_rule() {
    for (_, report) in sample::all() {
        let log = written(&report);
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results");
        let fingerprints: BTreeSet<&str> = results
            .iter()
            .filter_map(|result| result["partialFingerprints"]["casemateFindingId/v1"].as_str())
            .collect();
        let all = report.findings.iter().chain(&report.suppressed);
        let ids: BTreeSet<&str> = all.map(|f| f.id.as_str()).collect();
        assert_eq!(fingerprints, ids);
        assert_eq!(results.len(), ids.len());
        let suppressed = results
            .iter()
            .filter(|result| result.get("suppressions").is_some());
        assert_eq!(suppressed.count(), report.suppressed.len());
        for result in results {
            let index =
                usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
            assert_eq!(
                run["tool"]["driver"]["rules"][index]["id"],
                result["ruleId"]
            );
        }
    }
}

#[test]
fn checks_that_could_not_look_are_notifications_and_passed_ones_are_nothing() {
    let report = sample::full();
    let log = written(&report);
    let invocation = &log["runs"][0]["invocations"][0];
    let told = invocation["toolExecutionNotifications"]
        .as_array()
        .expect("a list");
    assert_eq!(
        told.len() as u64,
        report.coverage.count(Status::NotAssessed)
    );
    let text = serde_json::to_string(&log["runs"][0]["results"]).expect("JSON");
    assert!(!text.contains("ssh-empty-passwords"));
    assert_eq!(
        written(&sample::blind())["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
}

#[test]
fn taxonomies_are_referred_to_by_their_place() {
    let log = written(&sample::full());
    let run = &log["runs"][0];
    let mut seen = 0;
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        for relation in rule["relationships"].as_array().into_iter().flatten() {
            let target = &relation["target"];
            let place =
                |value: &Value| usize::try_from(value.as_u64().expect("index")).expect("small");
            let taxonomy = &run["taxonomies"][place(&target["toolComponent"]["index"])];
            assert_eq!(
                taxonomy["taxa"][place(&target["index"])]["id"],
                target["id"]
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}

#[test]
fn rules_of_other_tools_carry_their_score() {
    let log = written(&sample::mixed());
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules");
    let score = |id: &str| {
        let rule = rules.iter().find(|rule| rule["id"] == id).expect("a rule");
        rule["properties"]["security-severity"].clone()
    };
    assert_eq!(score("trivy/CVE-2021-44228"), "10.0");
    assert_eq!(score("gitleaks/aws-access-key"), "8.0");
    assert_eq!(score("ssh-root-login"), "8.0");
}

#[test]
fn the_mixed_report_as_sarif() {
    let log = serde_json::to_string_pretty(&written(&sample::mixed())).expect("JSON");
    insta::assert_snapshot!("mixed.sarif", log);
    let canonical =
        serde_json_canonicalizer::to_vec(&written(&sample::mixed())).expect("canonical");
    assert!(sarif(&sample::mixed()).expect("written") == canonical);
}

#[test]
fn the_full_report_as_sarif() {
    let log = serde_json::to_string_pretty(&written(&sample::full())).expect("JSON");
    insta::assert_snapshot!("full.sarif", log);
    let canonical = serde_json_canonicalizer::to_vec(&written(&sample::full())).expect("canonical");
    assert!(sarif(&sample::full()).expect("written") == canonical);
}
