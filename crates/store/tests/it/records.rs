//! SQLite does what every store of records has to do, and what only a file can show.

use casemate_base::Timestamp;
use casemate_schema::Severity;
use casemate_store::records::{
    Author, Batch, FILE, ImportRecord, Looked, Proposal, Records, RecordsError, Scope, Seen,
    SqliteRecords, conformance,
};
use casemate_triage::states::{Standing, Verb, decided};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn batch(n: usize) -> Batch {
    let findings = (0..n).map(|number| Seen {
        key: format!("check:{number:012}").into(),
        id: format!("check:{number:012}").into(),
        host: "web1".into(),
        case: "web1".into(),
        tool: "tool".into(),
        check: "check".into(),
        title: format!("Something is wrong with number {number}").into(),
        category: "files".into(),
        severity: Severity::Medium,
        risk: Some(42),
        path: Some(format!("/etc/{number}").into()),
        subject: None,
        vulnerability: None,
        component: None,
    });
    let import = ImportRecord {
        report: "digest".into(),
        scope: Scope {
            tool: "tool".into(),
            ..Scope::default()
        },
        at: Timestamp::UNIX_EPOCH,
        findings: findings.collect(),
        suppressed: BTreeSet::new(),
        looked: Looked::Except(BTreeSet::new()),
        rejected: Vec::new(),
    };
    Batch {
        now: Timestamp::UNIX_EPOCH,
        imports: vec![import],
        groups: Vec::new(),
        chains: BTreeMap::new(),
    }
}

#[test]
fn the_suite_passes_in_memory_and_in_a_file() {
    conformance::all(&mut || Box::new(SqliteRecords::in_memory().expect("records")));
    let dir = tempfile::tempdir().expect("folder");
    let mut n = 0;
    // The random histories need no disk twice.
    conformance::all(&mut || {
        n += 1;
        if n > 15 {
            return Box::new(SqliteRecords::in_memory().expect("records"));
        }
        let folder = dir.path().join(n.to_string());
        Box::new(SqliteRecords::open(&folder).expect("records"))
    });
}

#[test]
fn nobody_else_can_read_the_file_and_a_link_is_not_followed() {
    let dir = tempfile::tempdir().expect("folder");
    let mut records = SqliteRecords::open(dir.path()).expect("records");
    records.record(&batch(3)).expect("recorded");
    for entry in std::fs::read_dir(dir.path()).expect("a folder") {
        let entry = entry.expect("a file");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
    drop(records);
    let other = tempfile::tempdir().expect("folder");
    let target = dir.path().join(FILE);
    std::os::unix::fs::symlink(target, other.path().join(FILE)).expect("a link");
    let refused = SqliteRecords::open(other.path());
    assert!(matches!(refused, Err(RecordsError::Open { .. })));
}

#[test]
fn an_altered_decision_is_found() {
    let dir = tempfile::tempdir().expect("folder");
    let mut records = SqliteRecords::open(dir.path()).expect("records");
    records.record(&batch(3)).expect("recorded");
    for number in 0..3 {
        decide(&mut records, &format!("check:{number:012}"));
    }
    assert_eq!(records.verify().expect("whole").entries, 3);
    drop(records);
    for (sql, said) in [
        (
            "UPDATE journal SET body = replace (body, 'because', 'whatever') WHERE number = 2",
            "entry 2 of the journal was altered: its text",
        ),
        (
            "DELETE FROM journal WHERE number = 2",
            "entry 2 of the journal was altered: it is missing",
        ),
    ] {
        let altered = tempfile::tempdir().expect("folder");
        std::fs::copy(dir.path().join(FILE), altered.path().join(FILE)).expect("a copy");
        by_hand(altered.path(), sql);
        let records = SqliteRecords::open(altered.path()).expect("records");
        let error = records.verify().expect_err("altered").to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// What somebody does who can write the file, past the triggers that keep honest programs out.
fn by_hand(folder: &Path, sql: &str) {
    let file = rusqlite::Connection::open(folder.join(FILE)).expect("the file");
    assert!(file.execute_batch(sql).is_err(), "the triggers refuse");
    file.execute_batch("DROP TRIGGER journal_is_not_altered; DROP TRIGGER journal_is_not_removed; PRAGMA foreign_keys = OFF;")
        .expect("no triggers");
    file.execute_batch(sql).expect("altered");
}

fn decide(records: &mut SqliteRecords, key: &str) -> bool {
    let record = records.finding(key).expect("read").expect("a finding");
    let verb = if record.standing.state.as_str() == "closed" {
        Verb::Reopen
    } else {
        Verb::FalsePositive
    };
    let (to, reason) = decided(&record.standing, verb, None).expect("allowed");
    let proposal = Proposal {
        key: key.into(),
        standing: Standing { ..record.standing },
        waiting: None,
        verb: verb.as_str().into(),
        to,
        reason,
        until: None,
        duplicate_of: None,
        answers: None,
        pending: false,
    };
    let author = Author {
        who: "alice".into(),
        sudo_user: None,
        when: Timestamp::UNIX_EPOCH,
    };
    let done = records.decide(&author, "because", &[proposal]);
    done.expect("decided").iter().all(Option::is_some)
}

#[test]
fn two_at_once_lose_nothing() {
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().to_path_buf();
    let mut first = SqliteRecords::open(&path).expect("records");
    first.record(&batch(40)).expect("recorded");
    let done: Vec<usize> = std::thread::scope(|scope| {
        let decider = |keys: std::ops::Range<usize>| {
            let path = path.clone();
            scope.spawn(move || {
                let mut records = SqliteRecords::open(&path).expect("records");
                keys.filter(|number| decide(&mut records, &format!("check:{number:012}")))
                    .count()
            })
        };
        let deciders = [decider(0..20), decider(20..40)];
        for _ in 0..10 {
            first.record(&batch(40)).expect("recorded");
        }
        deciders
            .into_iter()
            .map(|thread| thread.join().expect("ends"))
            .collect()
    });
    assert_eq!(done, [20, 20]);
    assert_eq!(first.verify().expect("whole").entries, 40);
    let closed = first.findings(None).expect("findings");
    assert!(closed.iter().all(|record| record.decision.is_some()));
}
