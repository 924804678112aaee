//! Fixes of pluggable authentication modules.

use crate::remediate::draft::{Draft, Step, path, place, seen, subject};
use crate::remediate::edit::{Anchor, Edit, Style};
use crate::remediate::fix::{Fix, high, medium, person};
use casemate_schema::Finding;

const LOCKED: &str =
    "a wrong line locks everybody out: keep a session of root open and try a login in a second one";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "pam-exec-writable",
        "Close programs that run at each login",
        5,
        "whoever maintains the program under another account can no longer write it",
        close,
    ),
    medium(
        "pam-no-password-history",
        "Refuse old passwords",
        15,
        LOCKED,
        history,
    ),
    high(
        "pam-missing-other",
        "Refuse services that PAM does not know",
        10,
        "programs that relied on the empty stack can no longer log anybody in",
        other,
    ),
    high(
        "pam-module-place",
        "Close modules of PAM to others",
        15,
        "who put the module there, and whether passwords went to it, has to be found out",
        close,
    ),
    high(
        "pam-no-faillock",
        "Lock accounts after wrong passwords",
        20,
        LOCKED,
        faillock,
    ),
    person(
        "pam-no-password-quality",
        "Look at new passwords",
        15,
        "the package of the module has to be installed before a line names it",
    ),
    medium(
        "pam-nullok",
        "Refuse accounts without a password",
        5,
        "accounts without a password can no longer log in",
        |d, f| {
            for word in ["nullok", "nullok_secure"] {
                let (word, holds) = (word.to_owned(), "pam_unix.so".to_owned());
                d.edit(path(f), Edit::Drop { word, holds });
            }
        },
    ),
    high(
        "pam-permit-in-auth",
        "Take out the line that lets everybody in",
        10,
        LOCKED,
        permit,
    ),
    medium(
        "pam-su-wheel",
        "Limit su to a group",
        10,
        "who uses su needs to be in the group",
        su,
    ),
    medium(
        "pam-weak-hash",
        "Store new passwords with yescrypt",
        10,
        "systems with libcrypt before 2018 cannot read the new hashes",
        hash,
    ),
];

fn close(draft: &mut Draft, finding: &Finding) {
    draft.close(finding, 0o022);
}

fn history(draft: &mut Draft, finding: &Finding) {
    draft.edit(
        path(finding),
        Edit::Insert {
            text: "password required pam_pwhistory.so remember=24 use_authtok".to_owned(),
            anchor: Anchor::BeforePam("password", "pam_unix.so"),
        },
    );
}

fn other(draft: &mut Draft, finding: &Finding) {
    let kinds: Vec<&str> = match subject(finding) {
        _ if finding.title.contains("has no service") => {
            vec!["auth", "account", "password", "session"]
        }
        kind => vec![kind],
    };
    for kind in kinds {
        for module in ["pam_warn.so", "pam_deny.so"] {
            draft.step(Step::Edit {
                path: path(finding).to_owned(),
                edit: Edit::Insert {
                    text: format!("{kind} required {module}"),
                    anchor: Anchor::End,
                },
                create: Some(String::new()),
            });
        }
    }
}

fn faillock(draft: &mut Draft, finding: &Finding) {
    let Some((file, _)) = place(finding) else {
        return;
    };
    let file = file.to_owned();
    draft.edit(
        &file,
        Edit::Insert {
            text: "auth required pam_faillock.so preauth".to_owned(),
            anchor: Anchor::BeforePam("auth", "pam_unix.so"),
        },
    );
    draft.edit(
        &file,
        Edit::Insert {
            text: "auth [default=die] pam_faillock.so authfail".to_owned(),
            anchor: Anchor::AfterPam("auth", "pam_unix.so"),
        },
    );
    draft.then_manual("Where a control of pam_unix.so jumps over lines (`success=1`), raise its number by one; put `account required pam_faillock.so` into the account stack.");
    draft.setting("/etc/security/faillock.conf", "deny", "5", Style::EQUALS);
    draft.setting(
        "/etc/security/faillock.conf",
        "unlock_time",
        "900",
        Style::EQUALS,
    );
    draft.check("faillock");
}

fn permit(draft: &mut Draft, finding: &Finding) {
    draft.delete(finding, "pam_permit.so");
}

fn su(draft: &mut Draft, finding: &Finding) {
    draft.edit(
        path(finding),
        Edit::Insert {
            text: "auth required pam_wheel.so use_uid group=sudo".to_owned(),
            anchor: Anchor::AfterPam("auth", "pam_rootok.so"),
        },
    );
}

fn hash(draft: &mut Draft, finding: &Finding) {
    let arguments = seen(finding, "arguments").unwrap_or_default();
    let methods = ["md5", "bigcrypt", "sha256", "blowfish", "des"];
    let word = |wanted: &dyn Fn(&str) -> bool| arguments.split_whitespace().find(|it| wanted(it));
    let is_strong = arguments.contains("yescrypt") || arguments.contains("sha512");
    if let Some(rounds) = word(&|it| it.starts_with("rounds=")).filter(|_| is_strong) {
        draft.replace(finding, rounds, "rounds=500000");
    } else if let Some(weak) = word(&|it| methods.contains(&it)) {
        draft.replace(finding, weak, if is_strong { "" } else { "yescrypt" });
    } else {
        draft.replace(finding, "pam_unix.so", "pam_unix.so yescrypt");
    }
}
