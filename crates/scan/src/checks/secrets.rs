//! Checks of secrets that others can read.
//!
//! Values never leave the check: a report shows the first four characters and the length.

mod account_copy;
mod cloud;
mod configuration;
mod environment;
mod history;
mod private_key;

use crate::check::{Check, Cx, Limit};
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
) -> Result<Vec<Suspect>, crate::check::Skip> {
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
