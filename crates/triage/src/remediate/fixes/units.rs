//! Fixes of systemd units; what the distribution ships is changed by drop-ins alone.

use crate::remediate::draft::{Draft, place, seen, subject};
use crate::remediate::edit::{Anchor, Edit};
use crate::remediate::fix::{Fix, high, medium, person};
use casemate_schema::Finding;

const OWNER: &str = "whoever maintains it under another account can no longer write it";
const SANDBOX: &str =
    "a service that needs what is taken away fails at its next start: try one at a time";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "unit-environment-file-writable",
        "Close environment files of units",
        5,
        OWNER,
        |d, f| d.close(f, 0o022),
    ),
    medium(
        "unit-environment-path",
        "Have units load code from folders of root",
        10,
        "programs and libraries in the other folders are no longer found",
        environment,
    ),
    high("unit-exposure", "Confine services", 30, SANDBOX, exposure),
    medium(
        "unit-file-writable",
        "Close unit files to others",
        5,
        OWNER,
        |d, f| d.close(f, 0o022),
    ),
    medium(
        "unit-legacy-init",
        "Close start scripts to others",
        5,
        OWNER,
        |d, f| d.close(f, 0o022),
    ),
    person(
        "unit-program-missing",
        "Remove units whose program is gone",
        10,
        "whether the program is to come back only a person can say",
    ),
    medium(
        "unit-program-writable",
        "Close programs of units",
        5,
        OWNER,
        |d, f| d.close(f, 0o022),
    ),
    medium(
        "unit-protection-masked",
        "Start masked protections again",
        10,
        "somebody masked it for a reason",
        unmask,
    ),
    medium(
        "unit-root-shell",
        "Switch off shells without a password",
        10,
        "nothing but debugging needs it",
        shell,
    ),
    person(
        "unit-secret-in-environment",
        "Give secrets to units as credentials",
        30,
        "the secret was readable and has to be changed where it is used",
    ),
    medium(
        "unit-setting-ignored",
        "Make hardening of units count",
        10,
        SANDBOX,
        ignored,
    ),
    medium(
        "unit-socket-mode",
        "Close local sockets of units",
        10,
        "programs of other users that speak to it need its group",
        socket_mode,
    ),
    person(
        "unit-socket-wildcard",
        "Bind sockets of units to the addresses that need them",
        20,
        "whoever reaches the service over the network has to be known first",
    ),
    person(
        "unit-suspicious-command",
        "Find out about units with suspicious commands",
        60,
        "who made it, and whether it is wanted, only a person can say",
    ),
    person(
        "unit-vendor-replaced",
        "Keep the difference to the distribution's unit in a drop-in",
        20,
        "what was changed, and why, only its author knows",
    ),
];

/// Directives that few services miss.
const BASE: [(&str, &str); 10] = [
    ("NoNewPrivileges", "yes"),
    ("PrivateTmp", "yes"),
    ("ProtectSystem", "full"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectControlGroups", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("RestrictRealtime", "yes"),
    ("LockPersonality", "yes"),
    ("RestrictNamespaces", "yes"),
];

fn exposure(draft: &mut Draft, finding: &Finding) {
    let listed = finding.evidence.iter().map(|seen| seen.name.as_str());
    let units: Vec<&str> = [subject(finding)]
        .into_iter()
        .chain(listed)
        .filter(|name| name.ends_with(".service"))
        .collect();
    for unit in units {
        for (key, value) in BASE {
            draft.unit(unit, "Service", key, value);
        }
        draft.check(format!("systemd-analyze security {unit}"));
        draft.then(&["systemctl", "try-restart", unit]);
    }
}

fn environment(draft: &mut Draft, finding: &Finding) {
    let unit = subject(finding);
    let Some(name) = [
        "PATH",
        "LD_LIBRARY_PATH",
        "PYTHONPATH",
        "PERL5LIB",
        "RUBYLIB",
        "NODE_PATH",
    ]
    .into_iter()
    .find(|name| seen(finding, name).is_some()) else {
        return;
    };
    let value = if name == "PATH" {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()
    } else {
        // An empty list means the current folder; this one is searched in any case.
        format!("{name}=/usr/lib")
    };
    let path = format!("/etc/systemd/system/{unit}.d/60-casemate.conf");
    let text = format!("Environment={value}");
    draft.own(
        &path,
        Edit::Insert {
            text: "[Service]".to_owned(),
            anchor: Anchor::End,
        },
    );
    draft.own(
        &path,
        Edit::Insert {
            text,
            anchor: Anchor::End,
        },
    );
    draft.then(&["systemctl", "daemon-reload"]);
}

fn unmask(draft: &mut Draft, finding: &Finding) {
    let unit = subject(finding);
    draft.command(
        &["systemctl", "unmask", unit],
        &format!("systemctl mask {unit}"),
    );
    draft.command(
        &["systemctl", "enable", "--now", unit],
        &format!("systemctl disable --now {unit}"),
    );
    draft.check(format!("systemctl is-enabled {unit}"));
}

fn shell(draft: &mut Draft, finding: &Finding) {
    let unit = subject(finding);
    if unit == "debug-shell.service" {
        super::boot::mask(draft, unit);
    } else if seen(finding, "ExecStart").is_some_and(|command| command.contains("--autologin")) {
        draft.manual(finding.remediation.as_str());
    } else {
        draft.command(
            &["systemctl", "disable", "--now", unit],
            &format!("systemctl enable --now {unit}"),
        );
        draft.command(
            &["systemctl", "mask", unit],
            &format!("systemctl unmask {unit}"),
        );
    }
}

/// The setting goes where it counts: into a drop-in's `[Service]`, as `yes` or `no`.
fn ignored(draft: &mut Draft, finding: &Finding) {
    let unit = subject(finding);
    let Some((key, value)) = finding
        .evidence
        .first()
        .map(|seen| (seen.name.as_str(), seen.value.as_str()))
    else {
        return;
    };
    // A unit that systemd refuses as a whole has to be repaired where it stands.
    if !finding.title.contains("has no effect") {
        return;
    }
    let value = match value.to_ascii_lowercase().as_str() {
        "enabled" | "enable" => "yes",
        "disabled" | "disable" => "no",
        _ => value,
    };
    let (key, value) = (key.to_owned(), value.to_owned());
    if let Some((path, line)) = place(finding)
        && path.starts_with("/etc/systemd/system/")
    {
        let path = path.to_owned();
        draft.edit(
            &path,
            Edit::Delete {
                line,
                holds: key.clone(),
            },
        );
    }
    draft.unit(unit, "Service", &key, &value);
    draft.check(format!("systemd-analyze verify {unit}"));
}

fn socket_mode(draft: &mut Draft, finding: &Finding) {
    let unit = subject(finding);
    let set = crate::remediate::draft::evidence(finding, "SocketMode");
    match set.and_then(|set| set.path.as_deref().zip(set.line).zip(Some(&set.value))) {
        // A file of the site may be read after ours: it is changed where it stands.
        Some(((path, line), mode)) if path.starts_with("/etc/systemd/system/") => {
            let edit = Edit::Replace {
                line,
                from: mode.to_string(),
                to: "0660".to_owned(),
            };
            draft.edit(path, edit);
            draft.then(&["systemctl", "daemon-reload"]);
        }
        _ => draft.unit(unit, "Socket", "SocketMode", "0660"),
    }
    draft.then(&["systemctl", "restart", unit]);
}
