//! Fixes of programs that run with another user's rights.

use crate::remediate::draft::{Draft, path};
use crate::remediate::fix::{Fix, medium, person};
use casemate_schema::Finding;

const USERS: &str = "users who start it lose the rights that it gave them";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "suid-capabilities",
        "Take capabilities from programs",
        10,
        USERS,
        capabilities,
    ),
    person(
        "suid-hard-link",
        "Remove other names of set-id programs",
        20,
        "which name is the right one only a person can say",
    ),
    medium(
        "suid-in-user-folder",
        "Take set-id bits from programs in folders of users",
        10,
        USERS,
        |d, f| d.close_kept(f, 0o6000),
    ),
    medium(
        "suid-shell",
        "Take set-id bits from shells and tools",
        10,
        USERS,
        |d, f| d.close_kept(f, 0o6000),
    ),
    medium(
        "suid-unexpected",
        "Take set-id bits from unexpected programs",
        10,
        USERS,
        |d, f| d.close_kept(f, 0o6000),
    ),
    medium(
        "suid-writable",
        "Close set-id programs to others",
        5,
        "whoever maintains the program under another account can no longer write it",
        |d, f| d.close_kept(f, 0o022),
    ),
];

fn capabilities(draft: &mut Draft, finding: &Finding) {
    let file = path(finding);
    draft.command(&["setcap", "-r", file], "");
    draft.check(format!("getcap {file}"));
}
