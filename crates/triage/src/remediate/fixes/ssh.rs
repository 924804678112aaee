//! Fixes of the SSH server, its keys, and the keys of users.

use crate::remediate::draft::{Draft, path, seen, subject};
use crate::remediate::edit::Edit;
use crate::remediate::fix::{Fix, high, low, medium, person};
use casemate_schema::Finding;

const CLIENTS: &str = "clients older than ten years may not connect any more";

pub(super) static FIXES: &[Fix] = &[
    low(
        "ssh-authorized-keys-permissions",
        "Close files of authorized keys to others",
        5,
        "nothing reads them but the server and their owner",
        |d, f| d.close(f, 0o022),
    ),
    person(
        "ssh-authorized-keys-root",
        "Restrict the keys that open root",
        20,
        "automation that logs in as root with these keys needs its address and command named",
    ),
    person(
        "ssh-authorized-keys-weak",
        "Replace weak keys of users",
        20,
        "the person needs a new key before the old line goes",
    ),
    low(
        "ssh-banner",
        "Show a warning before the login",
        5,
        "programs that parse the first lines of a session see more text",
        banner,
    ),
    medium(
        "ssh-config-permissions",
        "Close the configuration of the SSH server to others",
        5,
        "whoever maintains these files under another account can no longer write them",
        |d, f| d.close(f, 0o022),
    ),
    medium(
        "ssh-empty-passwords",
        "Refuse logins without a password",
        5,
        "accounts without a password can no longer log in",
        |d, f| d.sshd(f, Some("no")),
    ),
    medium(
        "ssh-forwarding",
        "Switch forwarding off",
        10,
        "people who reach other hosts through this one need a Match block",
        |d, f| d.sshd(f, Some("no")),
    ),
    medium(
        "ssh-host-based-authentication",
        "Stop to trust other hosts",
        10,
        "jobs that log in by the name of their host need a key",
        host_based,
    ),
    low(
        "ssh-host-key-permissions",
        "Close the server's private keys to others",
        5,
        "the server reads them as root",
        |d, f| d.close_kept(f, 0o077),
    ),
    low(
        "ssh-log-level",
        "Log logins with the key that was used",
        5,
        "the log grows by one line a login",
        |d, f| d.sshd(f, Some("VERBOSE")),
    ),
    person(
        "ssh-no-user-restriction",
        "Name the group that may log in",
        20,
        "who is not in the group is locked out, so people have to be named first",
    ),
    high(
        "ssh-password-authentication",
        "Allow keys alone",
        30,
        "who has no key is locked out: make sure that yours works in a second session first",
        |d, f| d.sshd(f, Some("no")),
    ),
    low(
        "ssh-private-key-permissions",
        "Close private keys of users to others",
        5,
        "ssh itself refuses keys that others can read",
        |d, f| d.close_kept(f, 0o077),
    ),
    person(
        "ssh-private-key-unencrypted",
        "Give private keys a passphrase",
        10,
        "only the owner can type it; automation needs its key bound on the other side instead",
    ),
    high(
        "ssh-root-login",
        "Forbid root to log in over SSH",
        10,
        "who administers as root needs an own account with sudo: try it in a second session first",
        |d, f| d.sshd(f, Some("no")),
    ),
    low(
        "ssh-session-limits",
        "Limit tries and idle sessions",
        5,
        "slow logins and idle sessions end sooner",
        limits,
    ),
    medium(
        "ssh-strict-modes",
        "Have the server look at permissions of key files",
        10,
        "keys in homes that are open to others are refused until their modes are repaired",
        |d, f| d.sshd(f, Some("yes")),
    ),
    medium(
        "ssh-user-environment",
        "Take no variables from users",
        10,
        "programs that relied on such a variable have to set it themselves",
        environment,
    ),
    medium(
        "ssh-weak-ciphers",
        "Switch weak ciphers off",
        5,
        CLIENTS,
        algorithms,
    ),
    person(
        "ssh-weak-host-key",
        "Replace weak host keys",
        20,
        "clients warn of a new key until its fingerprint was told",
    ),
    medium(
        "ssh-weak-key-algorithms",
        "Switch signatures with SHA-1 and DSA off",
        5,
        CLIENTS,
        algorithms,
    ),
    medium(
        "ssh-weak-key-exchange",
        "Switch weak key exchange off",
        5,
        CLIENTS,
        algorithms,
    ),
    medium(
        "ssh-weak-macs",
        "Switch weak message authentication off",
        5,
        CLIENTS,
        algorithms,
    ),
    low(
        "ssh-x11-forwarding",
        "Switch X11 forwarding off",
        5,
        "graphical programs are no longer shown on the client",
        |d, f| d.sshd(f, Some("no")),
    ),
];

fn banner(draft: &mut Draft, finding: &Finding) {
    let text = "Authorised use only. All activity is monitored and recorded.";
    draft.sshd(finding, Some("/etc/issue.net"));
    draft.step(crate::remediate::draft::Step::Edit {
        path: "/etc/issue.net".to_owned(),
        edit: Edit::Insert {
            text: text.to_owned(),
            anchor: crate::remediate::edit::Anchor::Top,
        },
        create: Some(String::new()),
    });
}

fn host_based(draft: &mut Draft, finding: &Finding) {
    let value = if subject(finding) == "IgnoreRhosts" {
        "yes"
    } else {
        "no"
    };
    draft.sshd(finding, Some(value));
}

fn limits(draft: &mut Draft, finding: &Finding) {
    let value = match subject(finding) {
        "MaxAuthTries" => "4",
        "LoginGraceTime" => "60",
        "MaxSessions" => "10",
        "ClientAliveInterval" => "15",
        "ClientAliveCountMax" => "3",
        _ => return,
    };
    draft.sshd(finding, Some(value));
}

fn environment(draft: &mut Draft, finding: &Finding) {
    match subject(finding) {
        "AcceptEnv" => draft.sshd(finding, Some("LANG LC_*")),
        _ => draft.sshd(finding, Some("no")),
    }
}

/// The list without its weak names. A list that then is empty goes, and the default holds.
fn algorithms(draft: &mut Draft, finding: &Finding) {
    let (Some(value), Some(weak)) = (seen(finding, "value"), seen(finding, "weak")) else {
        return;
    };
    let list = value.split_once(' ').map_or("", |(_, list)| list);
    if finding.location.line.is_none() {
        return draft.sshd(finding, Some(&format!("-{weak}")));
    }
    let weak: Vec<&str> = weak.split(',').collect();
    let (sign, names) = match list.chars().next() {
        Some(sign @ ('+' | '^')) => (sign.to_string(), list.get(1..).unwrap_or_default()),
        Some('-') => {
            let more = format!("{list},{}", weak.join(","));
            return draft.sshd(finding, Some(&more));
        }
        _ => (String::new(), list),
    };
    let kept: Vec<&str> = names
        .split(',')
        .filter(|name| !weak.contains(name))
        .collect();
    let weak_default = sign == "^" || (sign.is_empty() && kept.is_empty()) || sign == "+";
    if !kept.is_empty() && sign.is_empty() {
        draft.sshd(finding, Some(&kept.join(",")));
    } else if weak_default {
        // `+` and `^` keep the default, which holds some weak names itself.
        draft.sshd(finding, Some(&format!("-{}", weak.join(","))));
    }
    if path(finding).is_empty() {
        draft.manual(finding.remediation.as_str());
    }
}
