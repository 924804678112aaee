//! The workflow without a face: panics, resumption, errors that the caller must mend.

use super::*;
use casemate_base::Timestamp;
use casemate_flow::{Checkpoint, Step};
use casemate_schema::{Finding, Severity, Source};

fn knowledge() -> Knowledge {
    let now = Timestamp::from_unix_seconds(1_767_323_045).expect("time");
    Knowledge::bare(now, 2)
}

fn report() -> Report {
    let finding = |at: usize, severity| Finding {
        id: format!("ssh-x:{at:012}").into(),
        title: format!("finding {at}").into(),
        category: "ssh".into(),
        severity,
        source: Source {
            tool: "casemate".into(),
            check: "ssh-x".into(),
            ..Source::default()
        },
        remediation: "Mend it.".into(),
        ..Finding::default()
    };
    let severities = Severity::ALL.into_iter().cycle().take(12);
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        findings: severities
            .enumerate()
            .map(|(at, s)| finding(at, s))
            .collect(),
        ..Report::default()
    }
}

fn request<'a>(knowledge: &'a Knowledge, ingest: Ingest<'a>, write: Write<'a>) -> Request<'a> {
    Request {
        knowledge,
        fault: None,
        ingest,
        write,
    }
}

/// Runs, and is killed before every step if asked: then only the bytes of the checkpoint are left.
fn bytes(is_killed: bool) -> Vec<u8> {
    let knowledge = knowledge();
    let request = request(&knowledge, &|| Ok(report()), &|_, _| Ok(()));
    let graph = graph(&request).expect("graph");
    let mut run = graph.start(start(&knowledge));
    loop {
        if is_killed {
            let kept = serde_json::to_vec(&run.checkpoint()).expect("bytes");
            let read: Checkpoint<Work> = serde_json::from_slice(&kept).expect("checkpoint");
            run = graph.resume(read).expect("the same graph");
        }
        if run.advance(&mut Host::plain()).expect("runs") == Step::Done {
            let work = run.into_checkpoint().into_state();
            return casemate_schema::to_canonical(&work.report).expect("report");
        }
    }
}

#[test]
fn killed_after_every_stage_the_report_is_the_same_bytes() {
    let whole = bytes(false);
    assert!(whole.len() > 2_000, "a real report");
    assert_eq!(bytes(true), whole);
}

#[test]
fn a_stage_that_panics_is_named_and_skipped() {
    let knowledge = knowledge();
    let outcome = run(&request(&knowledge, &|| panic!("boom"), &|_, _| Ok(())));
    let report = outcome.expect("a report").report;
    assert!(report.partial);
    let stages = &report.case.as_ref().expect("case").stages;
    let first = stages.first().expect("stage");
    assert_eq!(
        (first.stage.as_str(), first.status),
        ("ingest", StageStatus::Skipped)
    );
    assert_eq!(first.reason.as_deref(), Some("it panicked: boom"));
}

#[test]
fn what_the_caller_must_mend_ends_the_run_and_a_failed_fallback_too() {
    let knowledge = knowledge();
    let refuse = || Err(StageFailure::fatal("no such file"));
    let error = run(&request(&knowledge, &refuse, &|_, _| Ok(()))).expect_err("fatal");
    assert!(error.to_string().contains("no such file"), "{error}");
    let write = |_: &Report, _| Err(StageFailure::new("disk full"));
    let error = run(&request(&knowledge, &|| Ok(report()), &write)).expect_err("nothing written");
    assert!(error.to_string().contains("`plain` failed"), "{error}");
}

#[test]
fn the_score_is_that_of_triage() {
    let knowledge = knowledge();
    let outcome = run(&request(&knowledge, &|| Ok(report()), &|_, _| Ok(())));
    let mut expected = report();
    casemate_triage::rank(&mut expected);
    let mut turned = report();
    turned.findings.reverse();
    let again = run(&request(&knowledge, &|| Ok(turned.clone()), &|_, _| Ok(())));
    let ranked = outcome.expect("report").report;
    assert_eq!(ranked.findings, expected.findings);
    let again = again.expect("report").report;
    assert_eq!(again, ranked, "the order of the findings changes nothing");
}

#[test]
fn the_analysis_fits_and_advice_is_given_once() {
    for bound in [1, 5, 40, 512] {
        let answer = node(report(), &knowledge(), bound).expect("answer");
        assert!(tokens_of(&answer.analysis) <= bound, "{}", answer.analysis);
        assert_eq!(answer.recommendations.len(), 1);
    }
}
