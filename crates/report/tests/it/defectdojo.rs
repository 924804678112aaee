//! DefectDojo: only members that its documentation names, of the types and lengths that it names.

use crate::sample;
use casemate_report::{Format, defectdojo};
use casemate_schema::Report;
use serde_json::{Map, Value};

/// What the documentation of the generic import says of a member.
#[derive(Clone, Copy)]
enum Kind {
    /// Text of at most so many letters; 0 is without limit.
    Text(usize),
    Date,
    Number(f64),
    Integer,
    Boolean,
    Texts,
}

/// The members that both the present documentation and that of two years ago name, of those that
/// we write or could: an unknown one stops DefectDojo's import.
const DOCUMENTED: [(&str, Kind); 36] = [
    ("title", Kind::Text(511)),
    ("severity", Kind::Text(8)),
    ("description", Kind::Text(0)),
    ("date", Kind::Date),
    ("cwe", Kind::Integer),
    ("cve", Kind::Text(50)),
    ("vulnerability_ids", Kind::Texts),
    ("epss_score", Kind::Number(1.0)),
    ("epss_percentile", Kind::Number(1.0)),
    ("cvssv3", Kind::Text(0)),
    ("cvssv3_score", Kind::Number(10.0)),
    ("cvssv4", Kind::Text(0)),
    ("cvssv4_score", Kind::Number(10.0)),
    ("mitigation", Kind::Text(0)),
    ("impact", Kind::Text(0)),
    ("severity_justification", Kind::Text(0)),
    ("references", Kind::Text(0)),
    ("active", Kind::Boolean),
    ("verified", Kind::Boolean),
    ("false_p", Kind::Boolean),
    ("out_of_scope", Kind::Boolean),
    ("risk_accepted", Kind::Boolean),
    ("under_review", Kind::Boolean),
    ("is_mitigated", Kind::Boolean),
    ("line", Kind::Integer),
    ("file_path", Kind::Text(4000)),
    ("component_name", Kind::Text(500)),
    ("component_version", Kind::Text(100)),
    ("static_finding", Kind::Boolean),
    ("dynamic_finding", Kind::Boolean),
    ("unique_id_from_tool", Kind::Text(500)),
    ("vuln_id_from_tool", Kind::Text(500)),
    ("publish_date", Kind::Date),
    ("tags", Kind::Texts),
    ("known_exploited", Kind::Boolean),
    ("fix_available", Kind::Boolean),
];

fn written(report: &Report) -> Vec<Map<String, Value>> {
    let bytes = defectdojo(report).expect("written");
    let value: Value = serde_json::from_slice(&bytes).expect("JSON");
    let object = value.as_object().expect("an object");
    assert_eq!(object.keys().collect::<Vec<_>>(), ["findings"]);
    let findings = value["findings"].as_array().expect("a list").iter();
    findings
        .map(|finding| finding.as_object().expect("an object").clone())
        .collect()
}

fn is_date(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect();
    shape == "0000-00-00"
}

fn fits(kind: Kind, value: &Value) -> bool {
    let text = |max: usize, value: &Value| {
        value
            .as_str()
            .is_some_and(|text| !text.is_empty() && (max == 0 || text.chars().count() <= max))
    };
    match kind {
        Kind::Text(max) => text(max, value),
        Kind::Date => value.as_str().is_some_and(is_date),
        Kind::Number(max) => value.as_f64().is_some_and(|n| (0.0..=max).contains(&n)),
        Kind::Integer => value.is_u64(),
        Kind::Boolean => value.is_boolean(),
        Kind::Texts => value
            .as_array()
            .is_some_and(|all| all.iter().all(|v| text(0, v))),
    }
}

#[test]
fn only_documented_members_of_documented_types_are_written() {
    for (name, report) in sample::all() {
        let findings = written(&report);
        assert_eq!(
            findings.len(),
            report.findings.len() + report.suppressed.len()
        );
        for finding in findings {
            for required in ["title", "severity", "description"] {
                assert!(finding.contains_key(required), "{name}: {required}");
            }
            for (member, value) in &finding {
                if member == "endpoints" {
                    continue;
                }
                let (_, kind) = DOCUMENTED
                    .iter()
                    .find(|(documented, _)| documented == member)
                    .unwrap_or_else(|| panic!("{name}: {member} is not documented"));
                assert!(fits(*kind, value), "{name}: {member} = {value}");
            }
            let severity = finding["severity"].as_str().expect("text");
            assert!(["Info", "Low", "Medium", "High", "Critical"].contains(&severity));
            let both = finding.contains_key("cve") && finding.contains_key("vulnerability_ids");
            assert!(!both, "{name}: a list would end up inside of a list");
        }
    }
}

#[test]
fn identities_are_unique_and_endpoints_can_be_read() {
    for (name, report) in sample::all() {
        let findings = written(&report);
        let mut ids: Vec<&Value> = findings.iter().map(|f| &f["unique_id_from_tool"]).collect();
        ids.sort_by_key(|id| id.to_string());
        ids.dedup();
        assert_eq!(ids.len(), findings.len(), "{name}");
        for finding in &findings {
            for endpoint in finding
                .get("endpoints")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let endpoint = endpoint.as_str().expect("text");
                let host = endpoint.split("://").last().unwrap_or_default();
                let host = host.split(['/', ':', '?']).next().unwrap_or_default();
                assert!(
                    !host.is_empty()
                        && host
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || b".-_[]".contains(&b)),
                    "{name}: {endpoint}"
                );
            }
            for tag in finding["tags"].as_array().expect("a list") {
                let tag = tag.as_str().expect("text");
                assert!(!tag.contains([' ', ',', '"', '\'']), "{name}: {tag}");
            }
        }
    }
}

#[test]
fn what_does_not_count_is_not_active() {
    let findings = written(&sample::mixed());
    let inactive: Vec<_> = findings.iter().filter(|f| f["active"] == false).collect();
    assert_eq!(inactive.len(), 2);
    assert!(
        inactive
            .iter()
            .any(|finding| finding.get("false_p") == Some(&Value::Bool(true)))
    );
    assert!(
        inactive
            .iter()
            .any(|finding| finding.get("risk_accepted") == Some(&Value::Bool(true)))
    );
}

#[test]
fn the_mixed_report_for_defectdojo() {
    let bytes = Format::Defectdojo.write(&sample::mixed()).expect("written");
    let value: Value = serde_json::from_slice(&bytes).expect("JSON");
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    insta::assert_snapshot!("mixed.defectdojo", text);
}
