//! How long does it take to record an import, the first time and again?
//!
//! Measures, does not judge: `cargo run -p casemate-store --example record_import [FINDINGS]...`,
//! 2681 and 100000 findings unless told. Writes into a temporary folder.
#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use casemate_base::Timestamp;
use casemate_base::time::{Clock as _, SystemClock};
use casemate_schema::Severity;
use casemate_store::records::{
    Batch, ImportRecord, Looked, Records as _, Scope, Seen, SqliteRecords,
};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

/// A large real report, and the size that the records must bear.
const COUNTS: [usize; 2] = [2_681, 100_000];

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<usize> = std::env::args()
        .skip(1)
        .map(|argument| argument.parse())
        .collect::<Result<_, _>>()?;
    let counts = if given.is_empty() {
        COUNTS.to_vec()
    } else {
        given
    };
    for count in counts {
        let folder = tempfile::tempdir()?;
        let mut records = SqliteRecords::open(folder.path())?;
        let clock = SystemClock::new();
        records.record(&batch(count, "first"))?;
        let new = clock.monotonic();
        records.record(&batch(count, "second"))?;
        let again = clock.monotonic().saturating_sub(new);
        println!("{count} findings: {new:?} new, {again:?} again");
    }
    Ok(())
}

/// One report of one host in which every finding is of the same check.
fn batch(count: usize, report: &str) -> Batch {
    let findings = (0..count).map(|number| Seen {
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
        report: report.into(),
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
