//! CycloneDX: valid against the schema of the standard, and whole in itself.

use crate::{sample, validator};
use casemate_report::{Format, cyclonedx};
use casemate_schema::Report;
use serde_json::Value;
use std::collections::BTreeSet;

fn written(report: &Report) -> Value {
    serde_json::from_slice(&cyclonedx(report).expect("written")).expect("JSON")
}

fn judge() -> Option<jsonschema::Validator> {
    let schema = validator::schema("cyclonedx-bom-1.6.schema.json.zst")?;
    let mut registry = jsonschema::Registry::new();
    for (name, file) in [
        (
            "http://cyclonedx.org/schema/spdx.schema.json",
            "spdx.schema.json.zst",
        ),
        (
            "http://cyclonedx.org/schema/jsf-0.82.schema.json",
            "jsf-0.82.schema.json",
        ),
    ] {
        let schema = validator::schema(file)?;
        registry = registry.add(name, schema).expect("a schema");
    }
    let registry = registry.prepare().expect("a registry");
    let judge = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    Some(judge)
}

#[test]
fn documents_are_valid_against_the_schema_of_cyclonedx() {
    let Some(judge) = judge() else {
        return;
    };
    for (name, report) in sample::all() {
        let errors = validator::errors(&judge, &written(&report));
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
    let mut broken = written(&sample::mixed());
    broken["vulnerabilities"][0]["analysis"]["state"] = Value::from("muted");
    assert!(!judge.is_valid(&broken), "an unknown state is refused");
}

#[test]
fn every_vulnerability_affects_a_component_of_the_document() {
    for (name, report) in sample::all() {
        let document = written(&report);
        let references: Vec<&str> = document["components"]
            .as_array()
            .expect("a list")
            .iter()
            .chain(std::iter::once(&document["metadata"]["component"]))
            .chain(document["vulnerabilities"].as_array().expect("a list"))
            .filter_map(|component| component["bom-ref"].as_str())
            .collect();
        let unique: BTreeSet<&str> = references.iter().copied().collect();
        assert_eq!(
            references.len(),
            unique.len(),
            "{name}: references are unique"
        );
        for entry in document["vulnerabilities"].as_array().expect("a list") {
            let target = entry["affects"][0]["ref"].as_str().expect("a reference");
            assert!(unique.contains(target), "{name}: {target}");
        }
    }
}

#[test]
fn what_is_not_included_is_counted() {
    for (name, report) in sample::all() {
        let document = written(&report);
        let n = document["vulnerabilities"]
            .as_array()
            .expect("a list")
            .len();
        let properties = document["metadata"]["properties"]
            .as_array()
            .expect("a list");
        let left_out = |name: &str| {
            let of = |property: &&Value| property["name"] == name;
            let property = properties.iter().find(of);
            property.map_or(0, |p| {
                p["value"].as_str().unwrap().parse::<usize>().unwrap()
            })
        };
        let total = report.findings.len() + report.suppressed.len();
        let out = left_out("casemate:findings_not_included")
            + left_out("casemate:suppressed_not_included");
        assert_eq!(n + out, total, "{name}");
    }
}

#[test]
fn the_serial_number_follows_the_content() {
    let mut report = sample::mixed();
    let one = written(&report);
    assert_eq!(one, written(&report));
    report.findings[0].severity = casemate_schema::Severity::Info;
    report.findings[0].component = None;
    let other = sample::import();
    assert_ne!(one["serialNumber"], written(&other)["serialNumber"]);
    let canonical = serde_json_canonicalizer::to_vec(&one).expect("canonical");
    assert!(cyclonedx(&sample::mixed()).expect("written") == canonical);
}

#[test]
fn the_mixed_report_as_cyclonedx() {
    let bytes = Format::Cyclonedx.write(&sample::mixed()).expect("written");
    let value: Value = serde_json::from_slice(&bytes).expect("JSON");
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    insta::assert_snapshot!("mixed.cdx", text);
}
