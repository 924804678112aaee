//! CSV: what a reader that nobody here wrote takes out is what the report holds.

use crate::sample;
use casemate_base::text::printable_lines;
use casemate_report::{Format, csv};
use casemate_schema::{Finding, Report};
use std::collections::BTreeMap;

type Rows = Vec<BTreeMap<String, String>>;

fn rows(report: &Report) -> Rows {
    let bytes = csv(report).expect("written");
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(bytes.as_slice());
    reader
        .deserialize()
        .map(|row| row.expect("as many cells as columns"))
        .collect()
}

fn all(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().chain(&report.suppressed)
}

#[test]
fn every_finding_is_a_row_that_can_be_read_back() {
    for (name, report) in sample::all() {
        let rows = rows(&report);
        let mut ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
        let mut expected: Vec<String> = all(&report)
            .map(|finding| printable_lines(&finding.id).into_owned())
            .collect();
        ids.sort_unstable();
        expected.sort();
        assert_eq!(ids, expected, "{name}");
        let suppressed = rows.iter().filter(|row| !row["suppressed_by"].is_empty());
        assert_eq!(suppressed.count(), report.suppressed.len(), "{name}");
    }
}

#[test]
fn values_are_those_of_the_finding() {
    let report = sample::mixed();
    let rows = rows(&report);
    let row = |check: &str| {
        rows.iter()
            .find(|row| row["check"] == check && row["suppressed_by"].is_empty())
            .expect("a row")
    };
    let log4shell = row("CVE-2021-44228");
    for (column, value) in [
        ("severity", "critical"),
        ("risk", "90"),
        ("tool", "trivy"),
        ("host", ""),
        ("component", "org.apache.logging.log4j:log4j-core"),
        ("version", "2.14.1"),
        ("fixed_version", "2.15.0"),
        ("vulnerability_ids", "CVE-2021-44228; GHSA-jfh8-c2jp-5v3q"),
        ("cvss_version", "3.1"),
        ("cvss_score", "10"),
        ("epss", "0.975"),
        ("exploited", "true"),
        ("cwe", "CWE-502; CWE-400"),
        ("first_seen", "2026-02-01T00:00:00Z"),
    ] {
        assert_eq!(log4shell[column], value, "{column}");
    }
    assert_eq!(row("GHSA-xxxx-yyyy-zzzz")["tools"], "grype; npm-audit");
    assert_eq!(row("open-port")["host"], "192.0.2.7");
    assert_eq!(row("ssh-root-login")["host"], "db-07");
    assert_eq!(row("40012")["evidence"], "parameter=q\nattack==1+1");
}

#[test]
fn no_cell_is_a_formula() {
    let mut report = sample::hostile();
    for (number, finding) in report.findings.iter_mut().enumerate() {
        let lead = ["=", "+", "-", "@", "\t", "\r", "\n", "\u{ff1d}"][number % 8];
        let text = format!("{lead}cmd|' /C calc'!A0,\"x\"");
        finding.title = text.as_str().into();
        finding.description = text.as_str().into();
        finding.source.check = text.as_str().into();
        finding.location.subject = Some(text.into());
    }
    for row in rows(&report) {
        for (column, cell) in row {
            let is_number = cell.parse::<f64>().is_ok();
            let first = cell.chars().next().unwrap_or('x');
            assert!(
                is_number || !"=+-@\t\r\n\u{ff1d}".contains(first),
                "{column}: {cell:?}"
            );
        }
    }
}

#[test]
fn lines_end_as_rfc_4180_says() {
    let text = String::from_utf8(csv(&sample::empty()).expect("written")).expect("UTF-8");
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == 1);
    assert!(!text.starts_with('\u{feff}'));
    let text = String::from_utf8(csv(&sample::large(3)).expect("written")).expect("UTF-8");
    assert_eq!(text.matches("\r\n").count(), 4);
}

#[test]
fn the_mixed_report_as_csv() {
    let bytes = Format::Csv.write(&sample::mixed()).expect("written");
    let text = String::from_utf8(bytes).expect("UTF-8");
    insta::assert_snapshot!("mixed.csv", text.replace("\r\n", "\n"));
}
