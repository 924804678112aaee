//! Fixes of secrets that others can read.

use crate::remediate::draft::Draft;
use crate::remediate::fix::{Fix, medium};
use casemate_schema::Finding;

const READERS: &str = "a service that runs as another user needs the file through its own group; the secret was readable and has to be changed";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "secret-shadow-copy",
        "Close copies of password hashes",
        20,
        READERS,
        close,
    ),
    medium(
        "secret-cloud-credentials",
        "Close files with keys of clouds",
        20,
        READERS,
        close,
    ),
    medium(
        "secret-config-password",
        "Close files with passwords",
        20,
        READERS,
        close,
    ),
    medium(
        "secret-environment-file",
        "Close environment files with secrets",
        20,
        READERS,
        close,
    ),
    medium(
        "secret-shell-history",
        "Close histories with passwords",
        20,
        "the line has to go, and the password has to be changed",
        close,
    ),
    medium(
        "secret-private-key-readable",
        "Close private keys that anybody can read",
        20,
        READERS,
        close,
    ),
];

fn close(draft: &mut Draft, finding: &Finding) {
    draft.close_kept(finding, 0o077);
    draft.then_manual("Change the secret where it is used: others could read it.");
}
