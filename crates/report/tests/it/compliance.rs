//! Verdicts on controls as OSCAL, CSV, page and text.

use crate::sample;
use crate::validator::{errors, schema};
use casemate_report::{
    Compliance, compliance_csv, compliance_html, compliance_markdown, compliance_table, oscal,
};
use casemate_schema::{ControlEvidence, ControlResult, ControlStatus, FrameworkResult, Report};
use serde_json::Value;

fn control(
    id: &str,
    status: ControlStatus,
    risk: u8,
    evidence: Vec<ControlEvidence>,
) -> ControlResult {
    ControlResult {
        id: id.into(),
        title: format!("Title of {id}").into(),
        status,
        evidence,
        risk,
        reason: (status == ControlStatus::NotAssessed).then(|| "a person would bring it".into()),
    }
}

fn evidence(check: &str, outcome: &str, findings: &[&str]) -> ControlEvidence {
    ControlEvidence {
        check: check.into(),
        outcome: outcome.into(),
        findings: findings.iter().map(|id| (*id).into()).collect(),
        reasoning: "=it speaks of it".into(),
    }
}

fn report() -> Report {
    let mut report = sample::full();
    report.scan.started_at = "2026-01-02T03:04:05Z".to_owned();
    report
}

fn result(framework: &str, ids: [&str; 4]) -> FrameworkResult {
    let [low, high, passed, unseen] = ids;
    let hit = |id: &str| {
        vec![
            evidence("check\u{202e}-a", "hit", &[id]),
            evidence("b", "passed", &[]),
        ]
    };
    FrameworkResult {
        framework: framework.into(),
        title: "A framework".into(),
        version: "1".into(),
        controls: vec![
            control(low, ControlStatus::Fail, 10, hit("x")),
            control(high, ControlStatus::Fail, 90, hit("y")),
            control(
                passed,
                ControlStatus::Pass,
                0,
                vec![evidence("b", "passed", &[])],
            ),
            control(unseen, ControlStatus::NotAssessed, 0, Vec::new()),
        ],
        score: Some(1.0 / 3.0),
        coverage: 0.75,
    }
}

fn with<T>(
    framework: &str,
    ids: [&str; 4],
    gaps_only: bool,
    f: impl Fn(&Compliance<'_>) -> T,
) -> T {
    let (report, result) = (report(), result(framework, ids));
    let groups = vec!["Group".to_owned(); 4];
    f(&Compliance {
        report: &report,
        result: &result,
        source: "https://example.org/",
        published: "2026-01",
        groups: &groups,
        gaps_only,
    })
}

const PCI: [&str; 4] = ["1.2.1", "2.2.2", "3.3.3", "4.2.1.1"];

#[test]
fn oscal_is_valid_whole_and_the_same_twice() {
    let frameworks = [
        ("pci_dss", PCI),
        (
            "hipaa",
            [
                "164.308(a)(1)(i)",
                "164.308(a)(1)(ii)(A)",
                "164.310(b)",
                "164.312(b)",
            ],
        ),
        ("nist_csf", ["PR.AA-01", "PR.AA-05", "DE.CM-01", "GV.OC-01"]),
        ("nist_800_53", ["AC-6(10)", "AC-6", "SI-2", "PM-1"]),
    ];
    let schema = schema("oscal_assessment-results_schema.json.zst");
    for (framework, ids) in frameworks {
        let bytes = with(framework, ids, false, |view| oscal(view).expect("written"));
        assert_eq!(
            bytes,
            with(framework, ids, false, |view| oscal(view).expect("written"))
        );
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        let result = &document["assessment-results"]["results"][0];
        let states: Vec<&str> = result["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .filter_map(|finding| finding["target"]["status"]["state"].as_str())
            .collect();
        assert_eq!(states, ["not-satisfied", "not-satisfied", "satisfied"]);
        let href = document["assessment-results"]["import-ap"]["href"]
            .as_str()
            .expect("href");
        let plan = document["assessment-results"]["back-matter"]["resources"][0]["uuid"].as_str();
        assert_eq!(href.strip_prefix('#'), plan);
        if let Some(schema) = &schema {
            let validator = jsonschema::validator_for(schema).expect("a schema");
            assert_eq!(
                errors(&validator, &document),
                Vec::<String>::new(),
                "{framework}"
            );
        }
    }
}

#[test]
fn a_report_without_a_time_is_no_oscal() {
    let (mut report, result) = (report(), result("pci_dss", PCI));
    report.scan.started_at = "yesterday".to_owned();
    let view = Compliance {
        report: &report,
        result: &result,
        source: "",
        published: "",
        groups: &[],
        gaps_only: false,
    };
    assert!(oscal(&view).is_err());
}

#[test]
fn csv_has_a_row_for_everything_and_no_formula() {
    let text = with("pci_dss", PCI, false, compliance_csv);
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(text.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .expect("CSV");
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row.len() == 12));
    assert!(
        rows.iter()
            .all(|row| !row.iter().any(|cell| cell.starts_with('=')))
    );
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn gaps_stand_first_and_alone() {
    let table = with("pci_dss", PCI, true, compliance_table);
    let place = |id: &str| table.find(id);
    assert!(
        place("2.2.2") < place("1.2.1") && place("2.2.2").is_some(),
        "{table}"
    );
    assert!(place("3.3.3").is_none());
    let text = with("pci_dss", PCI, false, compliance_markdown);
    assert!(text.contains("not assessed") && text.contains("a person would bring it"));
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn the_page_stands_alone() {
    let page = with("pci_dss", PCI, false, |view| {
        compliance_html(view).expect("written")
    });
    for banned in ["<script", "src=", "<link", "@import", "\u{202e}"] {
        assert!(!page.contains(banned), "{banned}");
    }
    for id in PCI {
        assert!(page.contains(&format!("id=\"c-{id}\"")), "{id}");
    }
    assert!(page.contains("33.3"));
    let gaps = with("pci_dss", PCI, true, |view| {
        compliance_html(view).expect("written")
    });
    assert!(gaps.contains("2.2.2") && !gaps.contains("3.3.3"));
}
