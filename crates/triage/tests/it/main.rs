//! Ranking and joining on whole reports.

mod compliance;
mod real;
mod remediate;
mod suppress;
mod versions;
mod vulns;
mod vulns_csaf;
mod vulns_labels;
mod vulns_real;
mod vulns_speed;

use casemate_base::random::{Random, Seed};
use casemate_schema::{Report, Status};
use casemate_testkit as testkit;
use casemate_triage::{merge, rank};

fn shuffled(report: &Report, seed: u64) -> Report {
    let mut report = report.clone();
    Random::new(&Seed::from(seed)).shuffle(&mut report.findings);
    report
}

#[test]
fn the_ranking_does_not_depend_on_the_order_of_the_findings() {
    let mut first = testkit::report(1, 300);
    rank(&mut first);
    let scores: Vec<u8> = first
        .findings
        .iter()
        .filter_map(|f| Some(f.risk.as_ref()?.score))
        .collect();
    assert_eq!(scores.len(), 300);
    assert!(scores.is_sorted_by(|a, b| a >= b), "highest first");
    for seed in 0..5 {
        let mut other = shuffled(&first, seed);
        rank(&mut other);
        assert_eq!(first, other);
    }
}

#[test]
fn one_report_stays_and_none_is_none() {
    let report = testkit::report(2, 20);
    assert_eq!(merge(vec![report.clone()]), Some(report));
    assert_eq!(merge(Vec::new()), None);
}

#[test]
fn two_reports_of_one_host_hold_each_finding_once() {
    let whole = testkit::report(3, 40);
    let part = |range: std::ops::Range<usize>| {
        let mut part = whole.clone();
        part.findings = whole.findings[range].to_vec();
        part
    };
    let joined = merge(vec![part(0..30), part(10..40)]).expect("report");
    assert_eq!(joined.findings.len(), whole.findings.len());
    assert_eq!(joined.summary.findings, 40);
    assert!(
        joined
            .findings
            .iter()
            .all(|finding| finding.location.host.is_none())
    );
}

#[test]
fn two_hosts_keep_their_findings_apart_and_unseen_stays_unseen() {
    let one = testkit::report(4, 10);
    let mut two = one.clone();
    two.host.name = Some("other".to_owned());
    for check in &mut two.coverage.checks {
        if check.status == Status::Passed {
            check.status = Status::NotAssessed;
            check.reason = Some("no permission".to_owned());
        }
    }
    let joined = merge(vec![one, two]).expect("report");
    assert_eq!(joined.findings.len(), 20);
    assert!(
        joined
            .findings
            .iter()
            .all(|finding| finding.location.host.is_some())
    );
    assert_eq!(joined.coverage.count(Status::Passed), 0);
    assert_eq!(joined.scan.target, "reports");
}
