//! JSON, NDJSON and the published schema say the same.

use crate::sample;
use casemate_schema::{
    Error, Report, Severity, Status, json_schema, read_report, to_canonical, to_ndjson,
};
use proptest::prelude::*;

fn full() -> Report {
    sample::report(
        vec![
            sample::finding("ssh-a", "one", Severity::High),
            sample::finding("ssh-b", "two", Severity::Info),
        ],
        vec![
            sample::check("ssh-a", Status::Hit, 1),
            sample::check("ssh-b", Status::Hit, 1),
            sample::check("ssh-c", Status::NotAssessed, 0),
            sample::check("sudo-d", Status::NotApplicable, 0),
            sample::check("sudo-e", Status::Passed, 0),
        ],
    )
}

#[test]
fn json_and_ndjson_are_lossless_against_each_other() {
    let report = full();
    let json = to_canonical(&report).expect("json");
    let ndjson = to_ndjson(&report).expect("ndjson");
    assert_eq!(read_report(&json).expect("json"), report);
    assert_eq!(read_report(&ndjson).expect("ndjson"), report);
    let again = to_canonical(&read_report(&ndjson).expect("ndjson")).expect("json");
    assert_eq!(again, json);
}

#[test]
fn a_report_is_valid_against_the_published_schema_and_a_broken_one_is_not() {
    let schema: serde_json::Value = serde_json::from_str(json_schema()).expect("schema");
    let validator = jsonschema::validator_for(&schema).expect("schema compiles");
    for report in [full(), sample::report(Vec::new(), Vec::new())] {
        let value = serde_json::to_value(&report).expect("value");
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let mut broken = value.clone();
        broken["partial"] = "no".into();
        assert!(!validator.is_valid(&broken));
        let mut broken = value;
        broken.as_object_mut().expect("object").remove("coverage");
        assert!(!validator.is_valid(&broken));
    }
}

#[test]
fn damaged_documents_name_the_place() {
    let json = to_canonical(&full()).expect("json");
    let cut = &json[..json.len() / 2];
    assert!(matches!(read_report(cut), Err(Error::Json { line: 1, .. })));
    assert!(matches!(read_report(b"{}"), Err(Error::Json { .. })));
    let mut other = full();
    other.schema_version = "2.0".to_owned();
    let bytes = to_canonical(&other).expect("json");
    assert!(matches!(read_report(&bytes), Err(Error::Version { .. })));
    let ndjson = String::from_utf8(to_ndjson(&full()).expect("ndjson")).expect("text");
    let without_summary: Vec<&str> = ndjson
        .lines()
        .filter(|line| !line.contains("\"kind\":\"summary\""))
        .collect();
    let error = read_report(without_summary.join("\n").as_bytes()).expect_err("no summary");
    assert_eq!(error.to_string(), "line 0: no line of kind `summary`");
    let twice = format!("{ndjson}{}", ndjson.lines().next().expect("line"));
    assert!(matches!(
        read_report(twice.as_bytes()),
        Err(Error::Line { .. })
    ));
}

proptest! {
    #[test]
    fn any_bytes_end_as_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(read_report(&bytes));
    }

    #[test]
    fn a_mutated_report_never_panics(position in 0_usize..2000, byte in any::<u8>()) {
        let mut bytes = to_ndjson(&full()).expect("ndjson");
        let length = bytes.len();
        bytes[position % length] = byte;
        drop(read_report(&bytes));
    }
}
