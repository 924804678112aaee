//! Verdicts on controls: the rules, their properties, and agreement with other people's mappings.

mod crosswalk;

use casemate_base::random::{Random, Seed};
use casemate_schema::{
    CheckCoverage, ControlResult, ControlStatus, Coverage, Finding, FrameworkResult, Report,
    Severity, Source, Status,
};
use casemate_testkit as testkit;
use casemate_triage::{Controls, Framework, gaps};
use proptest::prelude::*;

fn controls() -> &'static Controls {
    Controls::embedded().expect("what is part of the program can be read")
}

fn check(id: &str, surface: &str, status: Status) -> CheckCoverage {
    CheckCoverage {
        id: id.to_owned(),
        surface: surface.to_owned(),
        status,
        reason: None,
        privileges: false,
        findings: 0,
    }
}

fn finding(id: &str, tool: &str, check: &str, severity: Severity) -> Finding {
    Finding {
        id: id.into(),
        title: format!("finding {id}").into(),
        severity,
        source: Source {
            tool: tool.into(),
            check: check.into(),
            ..Source::default()
        },
        ..Finding::default()
    }
}

fn report(checks: Vec<CheckCoverage>, findings: Vec<Finding>) -> Report {
    Report {
        coverage: Coverage::from_checks(checks),
        findings,
        ..Report::default()
    }
}

fn control<'a>(result: &'a FrameworkResult, id: &str) -> &'a ControlResult {
    result
        .controls
        .iter()
        .find(|control| control.id == id)
        .expect("a control")
}

fn judged(report: &Report, framework: Framework, id: &str) -> ControlResult {
    control(&controls().evaluate(report, framework), id).clone()
}

#[test]
fn catalogues_are_whole() {
    let count = |framework| controls().catalogue(framework).expect("it").controls.len();
    assert_eq!(count(Framework::PciDss), 250);
    assert_eq!(count(Framework::NistCsf), 106);
    assert_eq!(count(Framework::Hipaa), 66);
    let nist = controls().catalogue(Framework::Nist80053).expect("it");
    let base = nist.controls.iter().filter(|c| !c.id.contains('(')).count();
    assert_eq!(base, 299);
    for catalogue in controls().catalogues() {
        for control in &catalogue.controls {
            assert!(
                !control.title.is_empty() && !control.bring.is_empty(),
                "{}",
                control.id
            );
        }
    }
}

#[test]
fn a_hit_fails_a_pass_passes_and_nothing_is_not_assessed() {
    let pci = Framework::PciDss;
    let none = report(Vec::new(), Vec::new());
    let result = controls().evaluate(&none, pci);
    assert!(result.score.is_none() && result.coverage.abs() < f64::EPSILON);
    assert!(
        result
            .controls
            .iter()
            .all(|c| c.status == ControlStatus::NotAssessed)
    );
    assert!(result.controls.iter().all(|c| c.reason.is_some()));

    let passed = check("pam-no-faillock", "pam", Status::Passed);
    let unseen = check("log-fail2ban-missing", "logging", Status::NotAssessed);
    let found = judged(
        &report(vec![passed.clone(), unseen.clone()], Vec::new()),
        pci,
        "8.3.4",
    );
    assert_eq!(found.status, ControlStatus::Pass);
    assert!(found.reason.is_some_and(|reason| reason.contains("1 of 2")));

    let found = judged(&report(vec![unseen.clone()], Vec::new()), pci, "8.3.4");
    assert_eq!(found.status, ControlStatus::NotAssessed);

    let absent = check("pam-no-faillock", "pam", Status::NotApplicable);
    let found = judged(&report(vec![absent], Vec::new()), pci, "8.3.4");
    assert_eq!(found.status, ControlStatus::NotApplicable);

    let hit = finding("a", "casemate", "ssh-session-limits", Severity::Low);
    let found = judged(&report(vec![passed, unseen], vec![hit]), pci, "8.3.4");
    assert_eq!(found.status, ControlStatus::Fail);
    assert!(found.risk > 0);
    let first = found.evidence.first().expect("evidence");
    assert_eq!(
        (first.check.as_str(), first.outcome.as_str()),
        ("ssh-session-limits", "hit")
    );
    assert_eq!(first.findings, ["a"]);
}

#[test]
fn a_pass_that_shows_nothing_is_no_pass() {
    // That no intruder was seen shows no protection from malicious software.
    let quiet = report(
        vec![check("module-hidden", "modules", Status::Passed)],
        Vec::new(),
    );
    let found = judged(&quiet, Framework::PciDss, "5.2.2");
    assert_eq!(found.status, ControlStatus::NotAssessed);
    assert!(found.evidence.is_empty());
    let sign = finding("a", "casemate", "module-hidden", Severity::High);
    let found = judged(&report(Vec::new(), vec![sign]), Framework::PciDss, "5.2.2");
    assert_eq!(found.status, ControlStatus::Fail);
}

#[test]
fn imports_fail_controls_and_pass_them_where_they_list_what_passed() {
    let rule = "xccdf_org.ssgproject.content_rule_accounts_password_pam_minlen";
    let pci = Framework::PciDss;
    let hit = finding("a", "OpenSCAP", rule, Severity::Medium);
    let found = judged(&report(Vec::new(), vec![hit.clone()]), pci, "8.3.6");
    assert_eq!(found.status, ControlStatus::Fail);
    let passed = report(vec![check(rule, "xccdf", Status::Passed)], Vec::new());
    assert_eq!(judged(&passed, pci, "8.3.6").status, ControlStatus::Pass);
    // A remark is no weakness, and a scanner that was silent is no rule that passed.
    let remark = finding("a", "OpenSCAP", rule, Severity::Info);
    let found = judged(&report(Vec::new(), vec![remark]), pci, "8.3.6");
    assert_eq!(found.status, ControlStatus::NotAssessed);
    let silent = report(vec![check("auditd", "host", Status::Passed)], Vec::new());
    assert_eq!(
        judged(&silent, pci, "10.2.1").status,
        ControlStatus::NotAssessed
    );
    // What a person decided not to count fails nothing and shows nothing.
    let mut decided = report(vec![check(rule, "xccdf", Status::Hit)], Vec::new());
    decided.suppressed = vec![hit];
    assert_eq!(
        judged(&decided, pci, "8.3.6").status,
        ControlStatus::NotAssessed
    );
}

#[test]
fn vulnerabilities_speak_of_patching_and_of_nothing_else() {
    let mut hole = finding("a", "Trivy", "CVE-2021-44228", Severity::High);
    hole.category = "vulnerability".into();
    let of = controls().of_finding(&hole);
    for expected in [
        "pci_dss:6.3.3",
        "pci_dss:11.3.1",
        "hipaa:164.308(a)(1)(ii)(A)",
        "hipaa:164.308(a)(1)(ii)(B)",
        "nist_csf:ID.RA-01",
        "nist_csf:PR.PS-02",
        "nist_800_53:SI-2",
        "nist_800_53:RA-5",
    ] {
        assert!(
            of.iter().any(|control| control == expected),
            "{expected} in {of:?}"
        );
    }
    assert_eq!(of.len(), 9, "{of:?}");
    // The scan requirement of PCI is about high and critical ones.
    hole.severity = Severity::Low;
    assert!(
        !controls()
            .of_finding(&hole)
            .iter()
            .any(|control| control == "pci_dss:11.3.1")
    );
    let result = controls().evaluate(&report(Vec::new(), vec![hole]), Framework::PciDss);
    assert_eq!(control(&result, "6.3.3").status, ControlStatus::Fail);
    assert_eq!(
        control(&result, "11.3.1").status,
        ControlStatus::NotAssessed
    );
}

#[test]
fn every_link_has_its_reason() {
    for check in controls().checks() {
        for link in controls().of_check(check) {
            assert!(link.why.len() > 10, "{check} {}", link.control);
        }
    }
}

/// A report of real checks in random states, with findings of ours and of others.
fn any_report(seed: u64) -> Report {
    let mut random = Random::new(&Seed::from(seed));
    let states = [
        Status::Passed,
        Status::Passed,
        Status::Hit,
        Status::NotApplicable,
        Status::NotAssessed,
    ];
    let mut made = testkit::report(seed, 20);
    let mut checks = Vec::new();
    for id in controls().checks() {
        let pick = usize::try_from(random.below(8)).expect("small");
        let Some(status) = states.get(pick) else {
            continue;
        };
        checks.push(check(id, "any", *status));
        if *status == Status::Hit {
            let number = made.findings.len();
            made.findings.push(finding(
                &format!("f{number}"),
                "casemate",
                id,
                Severity::Medium,
            ));
        }
    }
    made.coverage = Coverage::from_checks(checks);
    made
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn verdicts_follow_from_their_evidence(seed in 0u64..1000) {
        let made = any_report(seed);
        for result in controls().evaluate_all(&made, &Framework::ALL) {
            let count = |status| result.controls.iter().filter(|c| c.status == status).count();
            for control in &result.controls {
                let has = |outcome: &str| control.evidence.iter().any(|e| e.outcome == outcome);
                match control.status {
                    ControlStatus::Fail => prop_assert!(has("hit")),
                    ControlStatus::Pass => prop_assert!(has("passed") && !has("hit")),
                    ControlStatus::NotApplicable => {
                        prop_assert!(control.evidence.iter().all(|e| e.outcome == "not_applicable"));
                    }
                    ControlStatus::NotAssessed => prop_assert!(!has("hit") && !has("passed")),
                }
            }
            let (passed, failed) = (count(ControlStatus::Pass), count(ControlStatus::Fail));
            match result.score {
                None => prop_assert_eq!(passed + failed, 0),
                Some(score) => {
                    let all = u32::try_from(passed + failed).expect("small");
                    let expected = f64::from(u32::try_from(passed).expect("small"));
                    prop_assert!((score * f64::from(all) - expected).abs() < 1e-9);
                }
            }
            prop_assert!(gaps(&result).is_sorted_by(|a, b| a.risk >= b.risk));
        }
    }

    #[test]
    fn the_order_of_findings_and_checks_does_not_matter(seed in 0u64..1000, other in 0u64..1000) {
        let made = any_report(seed);
        let mut turned = made.clone();
        let mut random = Random::new(&Seed::from(other));
        random.shuffle(&mut turned.findings);
        random.shuffle(&mut turned.coverage.checks);
        let judge = |report: &Report| controls().evaluate_all(report, &Framework::ALL);
        prop_assert_eq!(judge(&made), judge(&turned));
    }

    #[test]
    fn one_more_finding_never_mends_a_control(seed in 0u64..1000) {
        let made = any_report(seed);
        let mut worse = made.clone();
        worse.findings.push(finding("more", "casemate", "mac-none", Severity::High));
        for framework in Framework::ALL {
            let before = controls().evaluate(&made, framework);
            let after = controls().evaluate(&worse, framework);
            for (before, after) in before.controls.iter().zip(&after.controls) {
                if before.status == ControlStatus::Fail {
                    prop_assert_eq!(after.status, ControlStatus::Fail);
                }
                prop_assert!(after.risk >= before.risk);
            }
        }
    }
}
