//! Fixes of scheduled jobs.

use crate::remediate::draft::{Draft, Step, path, place, subject};
use crate::remediate::edit::Edit;
use crate::remediate::fix::{Fix, medium, person};
use casemate_schema::Finding;

const OWNER: &str = "whoever maintains it under another account can no longer write it";
const AUTHOR: &str = "whether the job is wanted, and by whom, only a person can say";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "cron-access-control",
        "Name who may schedule jobs",
        10,
        "users who are not named can no longer change their jobs",
        access,
    ),
    person(
        "cron-broken-table",
        "Repair lines that cron cannot read",
        10,
        AUTHOR,
    ),
    person(
        "cron-download-and-run",
        "Find out about jobs that run what they download",
        60,
        AUTHOR,
    ),
    person(
        "cron-encoded-command",
        "Find out about jobs that run encoded text",
        60,
        AUTHOR,
    ),
    medium(
        "cron-file-permissions",
        "Close scheduled jobs to others",
        5,
        OWNER,
        close,
    ),
    medium(
        "cron-foreign-owner",
        "Give tables of jobs to their owner",
        5,
        "read what the job runs first: somebody else could write it",
        owner,
    ),
    person(
        "cron-ignored-file",
        "Rename or remove job files that never run",
        10,
        AUTHOR,
    ),
    person(
        "cron-missing-program",
        "Remove jobs whose program is gone",
        10,
        AUTHOR,
    ),
    medium(
        "cron-path-writable",
        "Lead the search path of jobs through folders of root",
        10,
        "programs in other folders need their whole path",
        search_path,
    ),
    medium(
        "cron-program-writable",
        "Close programs of jobs to others",
        5,
        OWNER,
        |d, f| d.close(f, 0o022),
    ),
    person(
        "cron-relative-program",
        "Name programs of jobs by their whole path",
        10,
        AUTHOR,
    ),
    person(
        "cron-secret-in-command",
        "Take secrets out of tables of jobs",
        30,
        "the secret was readable and has to be changed where it is used",
    ),
    person(
        "cron-temporary-program",
        "Move programs of jobs out of temporary folders",
        30,
        AUTHOR,
    ),
    person(
        "cron-unknown-user",
        "Repair jobs of users that do not exist",
        10,
        AUTHOR,
    ),
    person(
        "cron-wildcard-argument",
        "Write `./*` where a job's program takes names of files",
        20,
        AUTHOR,
    ),
];

fn access(draft: &mut Draft, finding: &Finding) {
    draft.step(Step::NewFile {
        path: path(finding).to_owned(),
        content: "root\n".to_owned(),
        mode: "0640",
    });
    draft.then_manual("Add the users who need jobs, a line each.");
}

fn owner(draft: &mut Draft, finding: &Finding) {
    let path = path(finding);
    // Tables of users belong to the user whose name they have.
    match path.rsplit_once('/') {
        Some((folder, name)) if folder.ends_with("/crontabs") || folder == "/var/spool/cron" => {
            draft.chown(finding, name);
        }
        _ => draft.chown(finding, "root"),
    }
}

fn search_path(draft: &mut Draft, finding: &Finding) {
    if let Some((path, line)) = place(finding) {
        let (path, folder) = (path.to_owned(), subject(finding).to_owned());
        draft.edit(&path, Edit::Folder { line, folder });
    }
}

/// Tables of users are theirs alone, those of the system are read by all.
fn close(draft: &mut Draft, finding: &Finding) {
    if path(finding).starts_with("/var/spool/") {
        draft.close_kept(finding, 0o077);
    } else {
        draft.close(finding, 0o022);
    }
}
