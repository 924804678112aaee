//! JSON and NDJSON: canonical, of the published schema, and the same content.

use crate::sample;
use casemate_report::{Error, Format, diff_json, json, ndjson};
use casemate_schema::{Report, diff, from_ndjson, json_schema, read_report};

fn reports() -> Vec<(&'static str, Report)> {
    sample::all()
}

#[test]
fn an_independent_library_writes_the_same_bytes() {
    for (name, report) in reports() {
        let ours = json(&report).expect("written");
        let theirs = serde_json_canonicalizer::to_vec(&report).expect("canonical");
        assert!(ours == theirs, "{name}");
        assert!(ours.last() == Some(&b'}'), "{name}: no newline at the end");
    }
}

#[test]
fn json_is_valid_against_the_published_schema() {
    let schema: serde_json::Value = serde_json::from_str(json_schema()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (name, mut report) in reports() {
        // What no scanner writes: the schema refuses it, the writers survive it.
        if name == "hostile" {
            report.scan.target = "host".to_owned();
            let suppressed = report.suppressed.iter_mut();
            for finding in report.findings.iter_mut().chain(suppressed) {
                finding.location.line = None;
                finding.evidence[0].line = None;
                if let Some(vulnerability) = &mut finding.vulnerability {
                    vulnerability.epss = None;
                    vulnerability.cvss[0].score = None;
                }
            }
        }
        let value = serde_json::from_slice(&json(&report).expect("written")).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
    let mut broken = sample::full();
    broken.findings[0].title = String::new().into();
    let value = serde_json::from_slice(&json(&broken).expect("written")).expect("JSON");
    assert!(!validator.is_valid(&value), "an empty title is refused");
}

#[test]
fn ndjson_and_json_carry_each_other_without_loss() {
    for (name, report) in reports() {
        let from_lines = from_ndjson(&ndjson(&report).expect("written")).expect("read");
        let from_object = read_report(&json(&report).expect("written")).expect("read");
        assert_eq!(from_lines, report, "{name}");
        assert_eq!(from_object, report, "{name}");
        let there_and_back = json(&from_lines).expect("written");
        assert!(there_and_back == json(&report).expect("written"), "{name}");
        let back_and_there = ndjson(&from_object).expect("written");
        assert!(
            back_and_there == ndjson(&report).expect("written"),
            "{name}"
        );
    }
}

#[test]
fn the_full_report_as_json_and_lines() {
    let report = sample::full();
    let json = String::from_utf8(json(&report).expect("written")).expect("UTF-8");
    let lines = String::from_utf8(ndjson(&report).expect("written")).expect("UTF-8");
    insta::assert_snapshot!("full.json", json);
    insta::assert_snapshot!("full.ndjson", lines);
}

#[test]
fn a_comparison_is_canonical_too() {
    let (a, b) = (sample::empty(), sample::full());
    let comparison = diff(&a, &b);
    let ours = diff_json(&comparison).expect("written");
    let theirs = serde_json_canonicalizer::to_vec(&comparison).expect("canonical");
    assert!(ours == theirs);
}

/// Whether somebody decided about a finding: OpenVEX has something to state then.
fn is_decided(report: &Report) -> bool {
    report.findings.iter().any(|finding| {
        let state = finding.state.as_deref();
        state.is_some_and(|state| state.decision.is_some())
    })
}

#[test]
fn every_format_writes_every_report() {
    for (name, report) in reports() {
        for format in Format::ALL {
            let once = format.write(&report);
            if format == Format::Openvex && !is_decided(&report) {
                // The format has no document without a statement.
                assert!(matches!(once, Err(Error::NoDecision)), "{name}: {once:?}");
                continue;
            }
            let once = once.expect("written");
            let twice = format.write(&report).expect("written");
            assert!(!once.is_empty() && once == twice, "{name} as {format}");
        }
    }
}

/// Fails after so many bytes.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let n_written = bytes.len().min(self.0);
        self.0 -= n_written;
        Ok(n_written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_in_every_format() {
    let report = sample::assessed();
    for format in Format::ALL {
        let whole = format.write(&report).expect("written");
        for room in [0, 10, whole.len() - 1] {
            let result = format.write_to(&report, &mut Full(room));
            assert!(result.is_err(), "{format} in {room} bytes");
        }
        assert!(format.write_to(&report, &mut Full(whole.len())).is_ok());
    }
}
