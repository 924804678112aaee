//! Fixes of accounts, groups and passwords.

use crate::remediate::draft::{Draft, path, place, seen, subject};
use crate::remediate::edit::{Edit, Style};
use crate::remediate::fix::{Fix, low, medium, person};
use casemate_schema::Finding;

const ACCOUNT: &str = "whose account it is, and what uses it, only a person can say";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "user-dotfiles",
        "Close files in homes that open an account",
        5,
        "who shares the account by this file can no longer do so",
        dotfiles,
    ),
    person(
        "user-duplicate-gid",
        "Give groups a gid of their own",
        30,
        "files of both groups have to be parted",
    ),
    person(
        "user-duplicate-name",
        "Remove second entries of a name",
        15,
        ACCOUNT,
    ),
    person(
        "user-duplicate-uid",
        "Give accounts a uid of their own",
        30,
        "files of both accounts have to be parted",
    ),
    medium(
        "user-empty-password",
        "Lock accounts without a password",
        5,
        "who uses the account without a password can no longer log in",
        |d, f| {
            let user = subject(f);
            d.command(&["passwd", "-l", user], &format!("passwd -u {user}"));
            d.check(format!("passwd -S {user}"));
        },
    ),
    low(
        "user-no-shadow",
        "Move hashes to the shadow file",
        10,
        "programs that read hashes from passwd fail; the passwords were readable and have to be changed",
        |d, f| {
            d.command(&["pwconv"], "pwunconv");
            d.command(&["chage", "-d", "0", subject(f)], "");
            d.check("pwck -r");
        },
    ),
    person(
        "user-home-missing",
        "Make missing homes or remove their accounts",
        10,
        ACCOUNT,
    ),
    medium(
        "user-home-owner",
        "Give homes to their users",
        10,
        "who owned it until now loses access",
        |d, f| d.chown(f, subject(f)),
    ),
    medium(
        "user-home-permissions",
        "Close homes to others",
        5,
        "web servers and others that read homes need their group",
        |d, f| d.close_kept(f, 0o027),
    ),
    medium(
        "user-hosts-equiv",
        "Stop to trust hosts without a password",
        10,
        "jobs that log in by the name of their host need a key",
        |d, f| {
            let line = subject(f).to_owned();
            d.delete(f, &line);
        },
    ),
    person(
        "user-legacy-entry",
        "Remove old NIS lines",
        10,
        "a site that still uses NIS loses its accounts",
    ),
    person("user-locked-account", "Remove locked accounts", 15, ACCOUNT),
    medium(
        "user-login-defs",
        "Tighten the rules for new accounts",
        10,
        "counts for new accounts and for passwords that are set anew",
        login_defs,
    ),
    person(
        "user-malformed-entry",
        "Repair lines of account files",
        15,
        ACCOUNT,
    ),
    person(
        "user-password-age",
        "Have old passwords changed",
        10,
        "the person has to choose a new one at the next login",
    ),
    medium(
        "user-privileged-group-members",
        "Take accounts out of groups that are worth root",
        10,
        "the account loses what the group gave it",
        privileged,
    ),
    medium(
        "user-root-path",
        "Lead PATH of root through its own folders",
        10,
        "programs in other folders need their whole path",
        root_path,
    ),
    person(
        "user-second-uid-0",
        "Remove second accounts of root",
        30,
        ACCOUNT,
    ),
    low(
        "user-shadow-permissions",
        "Close account files to others",
        5,
        "the modes are those that the distribution ships",
        account_files,
    ),
    medium(
        "user-system-account-with-shell",
        "Take shells from service accounts",
        5,
        "`su - NAME` no longer opens a shell; `runuser -u NAME` does",
        |d, f| {
            let user = subject(f);
            d.command(&["usermod", "-s", "/usr/sbin/nologin", user], "");
            d.check(format!("getent passwd {user}"));
        },
    ),
    medium(
        "user-umask",
        "Close new files to others",
        10,
        "who shares files by open modes needs a group and a set-gid folder",
        umask,
    ),
    person(
        "user-unknown-group",
        "Repair groups of accounts",
        10,
        ACCOUNT,
    ),
    person(
        "user-weak-hash",
        "Have weakly stored passwords changed",
        15,
        "the person has to choose a new one at the next login",
    ),
];

fn dotfiles(draft: &mut Draft, finding: &Finding) {
    let name = path(finding).rsplit('/').next().unwrap_or_default();
    match name {
        ".rhosts" | ".shosts" => {
            let file = path(finding);
            draft.command(
                &["mv", file, &format!("{file}.disabled")],
                &format!("mv {file}.disabled {file}"),
            );
        }
        ".netrc" | ".pgpass" | ".my.cnf" | ".git-credentials" => draft.close_kept(finding, 0o077),
        _ if path(finding).starts_with("/root") => draft.close(finding, 0o022),
        _ => draft.close_kept(finding, 0o022),
    }
}

fn login_defs(draft: &mut Draft, finding: &Finding) {
    let value = match subject(finding) {
        "PASS_MAX_DAYS" => "365",
        "PASS_MIN_DAYS" => "1",
        "PASS_WARN_AGE" => "7",
        "UMASK" => "027",
        "ENCRYPT_METHOD" => "YESCRYPT",
        "HOME_MODE" => "0750",
        "INACTIVE" => {
            return draft.command(&["useradd", "-D", "-f", "45"], "useradd -D -f -1");
        }
        _ => match seen(finding, "expected") {
            Some(value) if value.bytes().all(|b| b.is_ascii_digit()) => value,
            _ => return,
        },
    };
    draft.setting("/etc/login.defs", subject(finding), value, Style::WORDS);
}

/// The group stands in the title: `ann` is in group `disk`, which ...
fn privileged(draft: &mut Draft, finding: &Finding) {
    let group = finding
        .title
        .split_once("in group `")
        .and_then(|(_, rest)| rest.split_once('`'));
    if let Some((group, _)) = group {
        let user = subject(finding);
        draft.command(
            &["gpasswd", "-d", user, group],
            &format!("gpasswd -a {user} {group}"),
        );
        draft.check(format!("id {user}"));
        draft.then_manual(
            "Where it is the main group of the account, give it another: `usermod -g`.",
        );
    }
}

fn root_path(draft: &mut Draft, finding: &Finding) {
    let Some((path, line)) = place(finding) else {
        return;
    };
    let path = path.to_owned();
    let folder = subject(finding).to_owned();
    draft.edit(&path, Edit::Folder { line, folder });
}

fn account_files(draft: &mut Draft, finding: &Finding) {
    let secret = path(finding).contains("shadow");
    draft.close(finding, if secret { 0o137 } else { 0o133 });
}

fn umask(draft: &mut Draft, finding: &Finding) {
    let line = seen(finding, "line").unwrap_or_default();
    for open in ["000", "0000", "002", "0002", "0", "001", "020"] {
        let from = format!("umask {open}");
        if line.split(';').any(|part| part.trim().ends_with(&from)) {
            return draft.replace(finding, &from, "umask 027");
        }
    }
}
