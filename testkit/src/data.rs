//! Where the real data is: `CASEMATE_DATA`, else `shared/data` beside the workspace.

use std::path::{Path, PathBuf};

/// A part of the real data, if it is on this machine.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by this variable where the data is"
)]
pub fn data(part: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("CASEMATE_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join(part);
    path.exists().then_some(path)
}

/// As [`data`], with a loud word on standard error when it is missing.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
pub fn data_or_skip(part: &str) -> Option<PathBuf> {
    let found = data(part);
    if found.is_none() {
        eprintln!("SKIPPED: the real data `{part}` is not there; set CASEMATE_DATA");
    }
    found
}
