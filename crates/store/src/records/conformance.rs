//! What every implementation of [`Records`] has to do, as a suite that drives one.
//!
//! An adapter's test calls [`all`] with a function that makes empty records. The suite panics where
//! an implementation does something else.
#![expect(
    clippy::expect_used,
    reason = "a suite for tests: a panic is how it says no"
)]

mod random;

use super::{
    Author, Batch, CaseChange, Group, GroupMember, ImportRecord, Looked, Proposal, Record, Records,
    RecordsError, Scope, Seen,
};
use casemate_base::Timestamp;
use casemate_schema::{CaseState, Changes, Severity, State, Text};
use casemate_triage::states::{Verb, decided};
use std::collections::{BTreeMap, BTreeSet};

/// Makes empty records.
pub type Make<'a> = &'a mut dyn FnMut() -> Box<dyn Records>;

/// Runs the whole suite.
pub fn all(make: Make<'_>) {
    reports_create_close_and_reopen(make().as_mut());
    only_a_report_that_looked_closes(make().as_mut());
    an_older_report_changes_nothing(make().as_mut());
    the_same_report_counts_once(make().as_mut());
    a_comparison_keeps_nothing(make().as_mut());
    decisions_hold_and_a_stale_plan_does_not(make().as_mut());
    an_approval_ends_the_waiting(make().as_mut());
    what_is_taken_apart_stays_apart(make().as_mut());
    cases_have_state_and_verdict(make().as_mut());
    baselines_count_hosts_and_reports(make().as_mut());
    everything_goes_out_and_comes_back(make);
    for seed in 0..40 {
        random::histories(make().as_mut(), seed);
    }
}

pub(super) fn at(day: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_767_225_600 + day * 86_400).expect("a time")
}

pub(super) fn seen(name: &str) -> Seen {
    Seen {
        key: format!("check:{name}").into(),
        id: format!("check:{name}").into(),
        host: "web1".into(),
        case: "web1".into(),
        tool: "tool".into(),
        check: "check".into(),
        title: format!("Something is wrong with {name}").into(),
        category: "files".into(),
        severity: Severity::High,
        risk: Some(62),
        path: Some("/etc/passwd".into()),
        subject: None,
        vulnerability: None,
        component: None,
    }
}

pub(super) fn report(tool: &str, day: i64, names: &[&str]) -> ImportRecord {
    ImportRecord {
        report: format!("{tool} {day} {names:?}").into(),
        scope: Scope {
            host: Text::default(),
            tool: tool.into(),
            target: "web1".into(),
        },
        at: at(day),
        findings: names.iter().map(|name| seen(name)).collect(),
        suppressed: BTreeSet::new(),
        looked: Looked::Except(BTreeSet::new()),
        rejected: Vec::new(),
    }
}

pub(super) fn take(records: &mut dyn Records, import: ImportRecord) -> Changes {
    let batch = Batch {
        now: import.at,
        imports: vec![import],
        groups: Vec::new(),
        chains: BTreeMap::new(),
    };
    records.record(&batch).expect("recorded").remove(0)
}

fn names(list: &[Text]) -> Vec<&str> {
    list.iter()
        .map(|id| id.strip_prefix("check:").expect("an id"))
        .collect()
}

pub(super) fn author(who: &str, day: i64) -> Author {
    Author {
        who: who.into(),
        sudo_user: None,
        when: at(day),
    }
}

pub(super) fn finding(records: &dyn Records, name: &str) -> Record {
    let key = format!("check:{name}");
    records.finding(&key).expect("read").expect("a finding")
}

pub(super) fn proposal(record: &Record, verb: Verb, until: Option<&str>) -> Option<Proposal> {
    let (to, reason) = decided(&record.standing, verb, until).ok()?;
    Some(Proposal {
        key: record.seen.key.clone(),
        standing: record.standing.clone(),
        waiting: record.waiting,
        verb: verb.as_str().into(),
        to,
        reason,
        until: until.map(Text::from),
        duplicate_of: None,
        answers: None,
        pending: false,
    })
}

fn decide(records: &mut dyn Records, name: &str, verb: Verb, day: i64) {
    let proposal = proposal(&finding(records, name), verb, None).expect("allowed");
    let done = records.decide(&author("alice", day), "because", &[proposal]);
    assert!(matches!(done.expect("decided").as_slice(), [Some(_)]));
}

fn reports_create_close_and_reopen(records: &mut dyn Records) {
    let first = take(records, report("a", 1, &["x", "y", "z"]));
    assert_eq!(names(&first.created), ["x", "y", "z"]);
    decide(records, "z", Verb::FalsePositive, 1);
    decide(records, "y", Verb::Fixed, 1);
    let second = take(records, report("a", 2, &["z"]));
    assert_eq!(names(&second.closed), ["x", "y"]);
    assert_eq!(names(&second.untouched), ["z"], "a decision is kept");
    let third = take(records, report("a", 3, &["x", "y", "z"]));
    assert_eq!(names(&third.reopened), ["x", "y"]);
    let x = finding(records, "x");
    assert_eq!(
        (x.standing.state, x.first_seen, x.last_seen, x.times),
        (State::New, at(1), at(3), 2)
    );
    let changes: Vec<Text> = records
        .history("check:x")
        .expect("a history")
        .into_iter()
        .map(|event| event.change)
        .collect();
    assert_eq!(changes, ["created", "closed", "reopened"].map(Text::from));
    take(records, report("a", 4, &["x"]));
    assert_eq!(
        finding(records, "z").standing.reason.map(|r| r.as_str()),
        Some("false_positive"),
        "what a person closed is not closed again as fixed"
    );
}

fn only_a_report_that_looked_closes(records: &mut dyn Records) {
    take(records, report("a", 1, &["x", "y"]));
    take(records, report("b", 1, &["y"]));
    let blind = ImportRecord {
        looked: Looked::Only(BTreeSet::new()),
        ..report("a", 2, &[])
    };
    let blind = take(records, blind);
    assert_eq!(names(&blind.not_looked), ["x", "y"]);
    assert!(blind.closed.is_empty());
    let ruled_out = ImportRecord {
        suppressed: BTreeSet::from(["check:x".into()]),
        ..report("a", 3, &[])
    };
    let ruled_out = take(records, ruled_out);
    assert_eq!(names(&ruled_out.untouched), ["x", "y"]);
    let other = take(records, report("c", 9, &[]));
    assert_eq!(other, Changes::default(), "another scope says nothing");
    assert!(names(&take(records, report("a", 4, &[])).closed) == ["x"]);
    assert!(names(&take(records, report("b", 4, &[])).closed) == ["y"]);
}

fn an_older_report_changes_nothing(records: &mut dyn Records) {
    take(records, report("a", 5, &["x"]));
    let before = records.findings(None).expect("findings");
    let older = take(records, report("a", 4, &["y"]));
    assert_eq!(names(&older.older), ["y"]);
    assert!(older.created.is_empty() && older.closed.is_empty());
    assert_eq!(records.findings(None).expect("findings"), before);
}

fn the_same_report_counts_once(records: &mut dyn Records) {
    take(records, report("a", 1, &["x"]));
    let before = records.findings(None).expect("findings");
    let again = take(records, report("a", 1, &["x"]));
    assert_eq!(names(&again.untouched), ["x"]);
    assert_eq!(records.findings(None).expect("findings"), before);
}

fn a_comparison_keeps_nothing(records: &mut dyn Records) {
    let batch = Batch {
        now: at(1),
        imports: vec![report("a", 1, &["x"])],
        groups: Vec::new(),
        chains: BTreeMap::new(),
    };
    let said = records.compare(&batch).expect("compared");
    assert!(records.findings(None).expect("findings").is_empty());
    assert_eq!(records.record(&batch).expect("recorded"), said);
}

fn decisions_hold_and_a_stale_plan_does_not(records: &mut dyn Records) {
    take(records, report("a", 1, &["x"]));
    let stale = proposal(&finding(records, "x"), Verb::Start, None).expect("allowed");
    decide(records, "x", Verb::FalsePositive, 2);
    let done = records
        .decide(&author("bob", 2), "because", &[stale])
        .expect("answered");
    assert_eq!(done, [None], "the plan is of a state that no longer holds");
    let x = finding(records, "x");
    assert_eq!((x.standing.state, x.decision), (State::Closed, Some(1)));
    assert_eq!(records.entries(Some("check:x")).expect("entries").len(), 1);
    let end = records.verify().expect("whole");
    assert_eq!(end.entries, 1);
}

fn an_approval_ends_the_waiting(records: &mut dyn Records) {
    take(records, report("a", 1, &["x"]));
    let plan = proposal(&finding(records, "x"), Verb::Accept, Some("2026-02-01"));
    let plan = Proposal {
        pending: true,
        ..plan.expect("allowed")
    };
    records
        .decide(&author("alice", 1), "because", std::slice::from_ref(&plan))
        .expect("decided");
    let x = finding(records, "x");
    assert_eq!((x.standing.state, x.waiting), (State::New, Some(1)));
    let approval = Proposal {
        verb: "approve".into(),
        answers: Some(1),
        waiting: Some(1),
        pending: false,
        ..plan
    };
    records
        .decide(&author("bob", 2), "agreed", &[approval])
        .expect("approved");
    let x = finding(records, "x");
    assert_eq!(
        (x.standing.state, x.waiting, x.decision),
        (State::Closed, None, Some(1))
    );
    assert_eq!(x.standing.until.as_deref(), Some("2026-02-01"));
}

fn group(head: &str, other: &str) -> Group {
    let member = |tool: &str, name: &str| GroupMember {
        key: format!("check:{name}").into(),
        id: format!("check:{name}").into(),
        tool: tool.into(),
        check: "check".into(),
        title: name.into(),
    };
    Group {
        head: format!("check:{head}").into(),
        words: vec!["vulnerability CVE-2026-1".into()],
        members: vec![member("a", head), member("b", other)],
    }
}

fn what_is_taken_apart_stays_apart(records: &mut dyn Records) {
    let batch = Batch {
        now: at(1),
        imports: vec![report("a", 1, &["x"]), report("b", 1, &["y"])],
        groups: vec![group("x", "y")],
        chains: BTreeMap::new(),
    };
    records.record(&batch).expect("recorded");
    assert_eq!(records.groups().expect("groups"), [group("x", "y")]);
    assert_eq!(finding(records, "y").head.as_deref(), Some("check:x"));
    let out = BTreeSet::new();
    let split = records.split(&author("alice", 2), "not the same", &group("x", "y"), &out);
    assert_eq!(split.expect("split").verb, "split");
    assert!(records.groups().expect("groups").is_empty());
    assert_eq!(finding(records, "y").head, None);
    let apart = records.apart().expect("pairs");
    assert!(apart.holds(&"check:y".into(), &"check:x".into()));
}

fn cases_have_state_and_verdict(records: &mut dyn Records) {
    let mut change = CaseChange {
        case: "web1".into(),
        state: Some(CaseState::OnHold),
        verdict: Some("expected".into()),
        who: "alice".into(),
        sudo_user: None,
        when: at(1).to_string().into(),
        why: "because".into(),
    };
    records.set_case(&change).expect("set");
    change.state = None;
    change.verdict = Some(Text::default());
    records.set_case(&change).expect("set");
    let cases = records.cases().expect("cases");
    let case = cases.get("web1").expect("the case");
    assert_eq!((case.state, &case.verdict), (CaseState::OnHold, &None));
    assert_eq!(records.entries(Some("web1")).expect("entries").len(), 2);
}

fn baselines_count_hosts_and_reports(records: &mut dyn Records) {
    let facts = |names: &[&str]| -> BTreeSet<Text> { names.iter().map(|n| (*n).into()).collect() };
    for (host, report, day, names) in [
        ("web1", "r1", 1, vec!["module kvm"]),
        ("web1", "r1", 1, vec!["module kvm"]),
        ("web1", "r2", 3, vec!["module kvm"]),
        ("db1", "r3", 2, vec!["module kvm", "module odd"]),
    ] {
        let seen = records.observe(host, report, at(day), &facts(&names));
        seen.expect("observed");
    }
    let known = records.baseline(&facts(&["module kvm", "module none"]));
    let known = known.expect("known");
    assert_eq!(known.len(), 1);
    let kvm = known.get("module kvm").expect("known");
    assert_eq!((kvm.first_seen, kvm.last_seen), (at(1), at(3)));
    let hosts: Vec<(&str, u64)> = kvm.hosts.iter().map(|(h, n)| (h.as_str(), *n)).collect();
    assert_eq!(hosts, [("db1", 1), ("web1", 2)]);
    assert_eq!(records.baseline_hosts().expect("hosts").len(), 2);
}

fn everything_goes_out_and_comes_back(make: Make<'_>) {
    let mut records = make();
    what_is_taken_apart_stays_apart(records.as_mut());
    baselines_count_hosts_and_reports(records.as_mut());
    cases_have_state_and_verdict(records.as_mut());
    take(records.as_mut(), report("a", 5, &["z \u{202e}\n\"\u{0}"]));
    let mut lines = Vec::new();
    records.export(&mut lines).expect("exported");
    let mut copy = make();
    copy.import(&mut lines.as_slice()).expect("taken in");
    let mut again = Vec::new();
    copy.export(&mut again).expect("exported");
    assert!(again == lines, "something was lost");
    assert_eq!(
        copy.findings(None).expect("findings"),
        records.findings(None).expect("findings")
    );
    let twice = copy.import(&mut lines.as_slice());
    assert!(matches!(twice, Err(RecordsError::NotEmpty)));
    // A decision that was altered on the way is found.
    let text = String::from_utf8(lines).expect("text");
    let forged = text.replace("not the same", "not the sane");
    assert_ne!(forged, text);
    let mut third = make();
    let refused = third.import(&mut forged.as_bytes());
    assert!(matches!(refused, Err(RecordsError::Altered { .. })));
    assert!(third.findings(None).expect("findings").is_empty());
}
