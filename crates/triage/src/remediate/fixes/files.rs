//! Fixes of permissions and owners of files.

use crate::remediate::draft::{Draft, path, place, seen, subject, weak};
use crate::remediate::edit::{Anchor, Edit};
use crate::remediate::fix::{Fix, low, medium, person};
use casemate_schema::Finding;

const OTHERS: &str = "programs of other users that write there fail; let them share a group";

pub(super) static FIXES: &[Fix] = &[
    person(
        "file-compiler-for-all",
        "Remove compilers or limit them to a group",
        20,
        "builds on this host need them",
    ),
    low(
        "file-critical-permissions",
        "Tighten permissions of system files",
        5,
        "the mode is the one that the distribution ships",
        at_most,
    ),
    person(
        "file-device-outside-dev",
        "Remove devices outside of /dev",
        20,
        "some chroots need a null or random device",
    ),
    person(
        "file-hidden-name",
        "Find out about files with hidden names",
        20,
        "what it is and who made it only a person can say",
    ),
    low(
        "file-old-temporary",
        "Clear old temporary files",
        15,
        "somebody may miss a file that nobody opened for long",
        |d, _| {
            d.own(
                "/etc/tmpfiles.d/60-casemate.conf",
                Edit::Insert {
                    text: "q /tmp 1777 root root 10d".to_owned(),
                    anchor: Anchor::End,
                },
            );
            d.own(
                "/etc/tmpfiles.d/60-casemate.conf",
                Edit::Insert {
                    text: "q /var/tmp 1777 root root 30d".to_owned(),
                    anchor: Anchor::End,
                },
            );
            d.then(&["systemd-tmpfiles", "--clean"]);
        },
    ),
    medium(
        "file-path-folder-writable",
        "Close folders that are searched for programs",
        5,
        OTHERS,
        folder,
    ),
    medium(
        "file-program-writable",
        "Close programs to others",
        5,
        OTHERS,
        |d, f| d.close(f, 0o022),
    ),
    person(
        "file-temporary-program",
        "Find out about programs in temporary folders",
        20,
        "builds and installers leave some, intruders too",
    ),
    person(
        "file-unowned",
        "Give files without an owner to somebody",
        20,
        "whose they are only a person can say",
    ),
    person(
        "file-web-repository",
        "Move files out of the web server's folder",
        20,
        "a deployment may need it to update itself",
    ),
    medium(
        "file-world-writable",
        "Close files that anybody may change",
        5,
        OTHERS,
        |d, f| d.close_kept(f, 0o002),
    ),
    medium(
        "file-world-writable-folder",
        "Protect folders that anybody may change",
        5,
        OTHERS,
        shared,
    ),
];

fn at_most(draft: &mut Draft, finding: &Finding) {
    let limit = seen(finding, "mode_at_most").and_then(|mode| u32::from_str_radix(mode, 8).ok());
    if let Some(limit) = limit {
        draft.close(finding, !limit & 0o7777);
    }
}

fn folder(draft: &mut Draft, finding: &Finding) {
    match place(finding) {
        Some((file, line)) if finding.location.line.is_some() => {
            let (file, folder) = (file.to_owned(), subject(finding).to_owned());
            draft.edit(&file, Edit::Folder { line, folder });
        }
        _ => draft.close(finding, 0o022),
    }
}

/// Shared folders of the system get the sticky bit, all others are closed.
fn shared(draft: &mut Draft, finding: &Finding) {
    if matches!(
        path(finding),
        "/tmp" | "/var/tmp" | "/dev/shm" | "/var/crash" | "/run/lock"
    ) {
        let weak = weak(finding);
        draft.permissions(weak, Some(0o1777), None);
    } else {
        draft.close_kept(finding, 0o002);
    }
}
