//! What the last saved import of the same thing held, and what has changed since.
//!
//! One small file a scope (kind and target, or kind and file name when the report names no target)
//! under `imports/` of the data directory. It is derived from saved reports: losing it makes the
//! next import count everything as created, nothing else.

use crate::error::Error;
use crate::reports;
use casemate_base::hash;
use casemate_schema::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// How a file's findings compare with those of the last saved import of the same thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Not known before.
    pub created: u64,
    /// Known and open before.
    pub untouched: u64,
    /// Known before, gone for a while, and back.
    pub reactivated: u64,
    /// Open before, and not in this file.
    pub closed: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    version: u32,
    scope: String,
    /// Digest of the saved report.
    report: String,
    open: BTreeSet<Text>,
    closed: BTreeSet<Text>,
}

/// What a file's state is kept under.
pub(super) fn scope(kind: &str, target: &str) -> String {
    format!("{kind} {target}")
}

fn file_name(scope: &str) -> String {
    format!("{}.json", hash::blake3(scope.as_bytes()).to_hex())
}

fn load(data_dir: &Path, scope: &str) -> Option<State> {
    let path = data_dir.join("imports").join(file_name(scope));
    let bytes = std::fs::read(path).ok()?;
    let state: State = serde_json::from_slice(&bytes).ok()?;
    (state.version == 1 && state.scope == scope).then_some(state)
}

/// Compares a file's findings with the last saved ones.
pub(super) fn compare(data_dir: Option<&Path>, scope: &str, ids: &[Text]) -> Changes {
    let Some(known) = data_dir.and_then(|dir| load(dir, scope)) else {
        return Changes {
            created: ids.len() as u64,
            ..Changes::default()
        };
    };
    let mut changes = Changes::default();
    let now: BTreeSet<&Text> = ids.iter().collect();
    for id in &now {
        if known.open.contains(*id) {
            changes.untouched += 1;
        } else if known.closed.contains(*id) {
            changes.reactivated += 1;
        } else {
            changes.created += 1;
        }
    }
    changes.closed = known.open.iter().filter(|id| !now.contains(id)).count() as u64;
    changes
}

/// Keeps a file's findings as the last ones of its scope.
pub(super) fn save(data_dir: &Path, scope: &str, ids: &[Text], report: &str) -> Result<(), Error> {
    let known = load(data_dir, scope).unwrap_or_default();
    let open: BTreeSet<Text> = ids.iter().cloned().collect();
    let gone = known.open.into_iter().chain(known.closed);
    let closed = gone.filter(|id| !open.contains(id)).collect();
    let state = State {
        version: 1,
        scope: scope.to_owned(),
        report: report.to_owned(),
        open,
        closed,
    };
    let bytes = casemate_schema::to_canonical(&state).map_err(|error| Error::Format {
        format: "json",
        source: error.into(),
    })?;
    reports::write(&data_dir.join("imports"), &file_name(scope), &bytes)
}
