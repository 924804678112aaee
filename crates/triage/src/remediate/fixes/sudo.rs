//! Fixes of sudo, doas and polkit.

use crate::remediate::draft::{Draft, path, place, seen, subject};
use crate::remediate::edit::{Anchor, Default, Edit};
use crate::remediate::fix::{Fix, high, low, medium, person};
use casemate_schema::Finding;

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const AUTOMATION: &str = "automation that becomes root this way stops until its commands are named";

pub(super) static FIXES: &[Fix] = &[
    person(
        "sudo-all-commands",
        "Name the commands that are needed",
        30,
        AUTOMATION,
    ),
    medium(
        "sudo-defaults",
        "Tighten the defaults of sudo",
        10,
        "programs in other folders need their whole path under sudo",
        defaults,
    ),
    medium(
        "sudo-doas-nopass",
        "Have doas ask for a password",
        10,
        AUTOMATION,
        |d, f| d.replace(f, "nopass", "persist"),
    ),
    medium(
        "sudo-env-keep",
        "Take dangerous variables out of env_keep",
        10,
        "scripts that rely on the variable have to set it themselves",
        env_keep,
    ),
    low(
        "sudo-file-permissions",
        "Close the rules of sudo to others",
        5,
        "only root and sudo read them",
        permissions,
    ),
    person(
        "sudo-negated-command",
        "List allowed commands instead of forbidden ones",
        30,
        AUTOMATION,
    ),
    high(
        "sudo-nopasswd",
        "Have sudo ask for a password",
        15,
        AUTOMATION,
        |d, f| d.replace(f, "NOPASSWD:", ""),
    ),
    medium(
        "sudo-polkit-yes",
        "Have polkit ask for a password",
        15,
        "programs of the desktop ask where they did not",
        polkit,
    ),
    person(
        "sudo-shell-escape-command",
        "Replace commands that open a shell",
        30,
        AUTOMATION,
    ),
    person(
        "sudo-syntax-problem",
        "Repair the rules of sudo",
        15,
        "a rule that was passed over begins to count",
    ),
    person(
        "sudo-wildcard-argument",
        "Write arguments of commands out",
        30,
        AUTOMATION,
    ),
    medium(
        "sudo-writable-command",
        "Close commands that sudo allows",
        5,
        "whoever maintains the program under another account can no longer write it",
        |d, f| d.close(f, 0o022),
    ),
];

fn permissions(draft: &mut Draft, finding: &Finding) {
    // Folders need their execute bits, files lose all that others have.
    let bits = if path(finding).ends_with(".d") {
        0o027
    } else {
        0o227
    };
    draft.close(finding, bits);
}

fn defaults(draft: &mut Draft, finding: &Finding) {
    if finding.location.line.is_some() {
        return default_at(draft, finding);
    }
    let text = match subject(finding) {
        "use_pty" => "Defaults use_pty".to_owned(),
        "logfile" => "Defaults logfile=\"/var/log/sudo.log\"".to_owned(),
        "timestamp_timeout" => "Defaults timestamp_timeout=5".to_owned(),
        "secure_path" => format!("Defaults secure_path=\"{PATH}\""),
        _ => return,
    };
    let file = match path(finding) {
        "" => "/etc/sudoers",
        path => path,
    };
    let anchor = Anchor::AfterLast("Defaults");
    draft.edit(file, Edit::Insert { text, anchor });
}

/// A default that stands there with another value.
fn default_at(draft: &mut Draft, finding: &Finding) {
    let name = subject(finding);
    let text = match name {
        "authenticate" | "use_pty" | "env_reset" => name.to_owned(),
        "visiblepw" | "targetpw" | "rootpw" | "runaspw" => format!("!{name}"),
        "secure_path" => format!("secure_path=\"{PATH}\""),
        "timestamp_timeout" => "timestamp_timeout=5".to_owned(),
        _ => return,
    };
    default(draft, finding, name, Default::Set(text));
}

fn default(draft: &mut Draft, finding: &Finding, name: &str, change: Default) {
    if let Some((path, line)) = place(finding) {
        let (path, name) = (path.to_owned(), name.to_owned());
        draft.edit(&path, Edit::Default { line, name, change });
    }
}

fn env_keep(draft: &mut Draft, finding: &Finding) {
    match subject(finding) {
        "!env_reset" => default(
            draft,
            finding,
            "env_reset",
            Default::Set("env_reset".to_owned()),
        ),
        _ if seen(finding, "lets in").is_none() => draft.replace(finding, "SETENV:", ""),
        word => default(
            draft,
            finding,
            "env_keep",
            Default::Without(word.to_owned()),
        ),
    }
}

fn polkit(draft: &mut Draft, finding: &Finding) {
    let line = seen(finding, "line").unwrap_or_default();
    if line.contains("polkit.Result.YES") {
        draft.replace(
            finding,
            "polkit.Result.YES",
            "polkit.Result.AUTH_ADMIN_KEEP",
        );
    } else if let Some((key, "yes")) = line.split_once('=') {
        let (from, to) = (format!("{key}=yes"), format!("{key}=auth_admin_keep"));
        draft.replace(finding, &from, &to);
    }
}
