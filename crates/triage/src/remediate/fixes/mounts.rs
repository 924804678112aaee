//! Fixes of mounted file systems.

use crate::remediate::draft::{Draft, path, seen, subject};
use crate::remediate::edit::Edit;
use crate::remediate::fix::{Fix, medium, person};
use casemate_schema::Finding;

const RUN: &str = "programs, set-uid bits or devices on it no longer work";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "mount-data-options",
        "Mount data without set-uid bits and devices",
        10,
        RUN,
        missing,
    ),
    person(
        "mount-fstab-credentials",
        "Take passwords out of fstab",
        30,
        "the password was readable and has to be changed on the server",
    ),
    person(
        "mount-fstab-drift",
        "Mount what fstab asks for",
        15,
        "why it differs only its owner knows",
    ),
    medium(
        "mount-network-options",
        "Mount network file systems without set-uid bits and devices",
        10,
        RUN,
        missing,
    ),
    medium(
        "mount-nfs-exports",
        "Restrict NFS exports",
        15,
        "clients lose rights that they used",
        exports,
    ),
    person(
        "mount-overmount",
        "Find out what a mount hides",
        30,
        "the host may be taken over: look before ending it",
    ),
    medium(
        "mount-proc-hidepid",
        "Hide processes of other users",
        15,
        "monitoring and logind need to be in the group that may see all",
        |d, _| {
            d.edit(
                "/etc/fstab",
                Edit::Insert {
                    text: "proc /proc proc defaults,hidepid=2 0 0".to_owned(),
                    anchor: crate::remediate::edit::Anchor::End,
                },
            );
            d.then(&["mount", "-o", "remount,hidepid=2", "/proc"]);
            d.check("findmnt --verify");
        },
    ),
    medium(
        "mount-removable-options",
        "Mount removable media without set-uid bits and devices",
        10,
        RUN,
        removable,
    ),
    person(
        "mount-separate",
        "Give data volumes of their own",
        240,
        "partitions change with the next installation",
    ),
    medium(
        "mount-tmp-options",
        "Mount temporary folders without programs and devices",
        10,
        RUN,
        missing,
    ),
];

/// Words of a title behind `without `: `nosuid,nodev`.
fn wanted(finding: &Finding) -> Vec<String> {
    let words = finding
        .title
        .rsplit_once(" without ")
        .map_or("", |(_, words)| words);
    words
        .split(',')
        .map(|word| word.trim().to_owned())
        .filter(|word| word.starts_with("no"))
        .collect()
}

/// The opposite of an option, which must not stand beside it.
fn opposite(option: &str) -> Option<String> {
    option.strip_prefix("no").map(str::to_owned)
}

fn missing(draft: &mut Draft, finding: &Finding) {
    let add = wanted(finding);
    let point = path(finding);
    if add.is_empty() || point.is_empty() {
        return;
    }
    let drop = add.iter().filter_map(|word| opposite(word)).collect();
    draft.edit(
        "/etc/fstab",
        Edit::Mount {
            point: point.to_owned(),
            add: add.clone(),
            drop,
        },
    );
    draft.then(&["mount", "-o", &format!("remount,{}", add.join(",")), point]);
    draft.check(format!("findmnt {point}"));
}

fn removable(draft: &mut Draft, finding: &Finding) {
    let add = wanted(finding);
    let point = if subject(finding).is_empty() {
        path(finding)
    } else {
        subject(finding)
    };
    if add.is_empty() || path(finding) != "/etc/fstab" {
        return;
    }
    let drop = add.iter().filter_map(|word| opposite(word)).collect();
    draft.edit(
        "/etc/fstab",
        Edit::Mount {
            point: point.to_owned(),
            add,
            drop,
        },
    );
    draft.check("findmnt --verify");
}

fn exports(draft: &mut Draft, finding: &Finding) {
    let options = seen(finding, "options").unwrap_or_default();
    if options.contains("no_root_squash") {
        draft.replace(finding, "no_root_squash", "root_squash");
        draft.then(&["exportfs", "-ra"]);
        draft.check("exportfs -v");
    }
}
