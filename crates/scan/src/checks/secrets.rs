//! Checks of secrets that others can read.
//!
//! Values never leave the check: a report shows the first four characters and the length.

mod account_copy;
mod cloud;
mod configuration;
mod environment;
mod history;
mod private_key;

use crate::check::{Check, Cx, Hit, Limit, Skip};
use crate::facts::survey::{Candidate, Seen};
use crate::tree;
use std::path::{Path, PathBuf};

pub(crate) static FAMILY: &[&Check] = &[
    &private_key::CHECK,
    &cloud::CHECK,
    &environment::CHECK,
    &history::CHECK,
    &configuration::CHECK,
    &account_copy::CHECK,
];

/// Most bytes of a candidate that are looked at.
const BYTES_MAX: u64 = 1 << 20;

/// A file that may hold a secret, and its content.
struct Suspect {
    path: PathBuf,
    seen: Seen,
    text: String,
}

/// Candidates of a kind that `wanted` takes, with their content; what cannot be read is a limit.
fn suspects(
    cx: &mut Cx<'_>,
    kind: Candidate,
    wanted: impl Fn(&Path, &Seen) -> bool,
) -> Result<Vec<Suspect>, Skip> {
    let survey = cx.facts.survey()?;
    let mut found = Vec::new();
    for (path, seen) in survey.candidates_of(kind) {
        if !wanted(path, seen) {
            continue;
        }
        match tree::read_up_to(cx.facts.tree(), path, BYTES_MAX) {
            Ok(bytes) => found.push(Suspect {
                path: path.to_path_buf(),
                seen: *seen,
                text: String::from_utf8_lossy(&bytes).into_owned(),
            }),
            Err(error) if error.is_not_found() => {}
            Err(error) => cx.limit(Limit::from_error(&error)),
        }
    }
    survey.candidate_limits(cx, kind);
    Ok(found)
}

/// Line, what it is, and the redacted value of the first secret of a text.
type Found = (u64, String, String);

/// Reports each candidate of a kind that anybody can read and in which `find` finds a secret;
/// `command` is the beginning of the fix.
fn readable_secrets(
    cx: &mut Cx<'_>,
    kind: Candidate,
    command: &str,
    find: fn(&str) -> Option<Found>,
) -> Result<(), Skip> {
    for suspect in suspects(cx, kind, |_, seen| seen.readable_by_all())? {
        let Some((line, what, value)) = find(&suspect.text) else {
            continue;
        };
        let shown = suspect.path.display();
        let hit = Hit::new(format!("`{shown}` holds {what} that anybody can read"))
            .path(&suspect.path)
            .line(line)
            .evidence("mode", suspect.seen.metadata.mode_text())
            .evidence_at("found", value, &suspect.path, Some(line))
            .instead(format!("{command} '{shown}', and change the secret."));
        cx.hit(hit);
    }
    Ok(())
}
