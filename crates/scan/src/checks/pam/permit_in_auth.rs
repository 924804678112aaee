//! Stacks that let everybody in.

use super::place;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::pam::{Answer, Entry, Kind};
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::path::PathBuf;

check! {
    /// # What it checks
    /// Each service's `auth` stack is run as PAM runs it, with every module that asks for something
    /// failing and `pam_permit` succeeding: the result must be a failure. Services that have no
    /// password by design (autologin, greeters of display managers) are left out.
    ///
    /// # Why it matters
    /// One `sufficient pam_permit.so` at the top, or a jump that skips `pam_deny.so`, makes every
    /// password right. It looks like the lines around it, and is a known way to leave a door open.
    ///
    /// # Example
    /// `auth sufficient pam_permit.so` as the first line of `/etc/pam.d/common-auth`
    ///
    /// # Instead
    /// Delete the line; on Debian `pam-auth-update --force` writes the shared files anew. Find out who
    /// put it there.
    id: "pam-permit-in-auth",
    surface: Pam,
    title: "Every password is right",
    severity: Critical,
    references: [Cwe "CWE-287", Attack "T1556.003", Man "pam.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const PASSWORDLESS: [&str; 4] = [
        "autologin",
        "greeter",
        "launch-environment",
        "initial-login",
    ];
    const ENTRANCES: [&str; 7] = [
        "sshd",
        "login",
        "su",
        "sudo",
        "common-auth",
        "system-auth",
        "password-auth",
    ];
    let mut open: BTreeMap<(PathBuf, u64, String), Vec<&str>> = BTreeMap::new();
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    for service in pam.names() {
        if PASSWORDLESS.iter().any(|part| service.contains(part)) {
            continue;
        }
        if !pam.verdict(service, Kind::Auth, &answer) {
            continue;
        }
        let modules = pam.modules(service, Kind::Auth);
        // One line in a shared file opens many services and is one thing to repair.
        let permit = modules.iter().find(|entry| entry.name() == "pam_permit");
        let place = permit.map_or_else(
            || (place(&modules, service), 0, String::new()),
            |entry| {
                let text = format!("auth {} {}", entry.control_text, entry.module);
                (entry.path.clone(), entry.line, text)
            },
        );
        open.entry(place).or_default().push(service);
    }
    for ((path, line, text), services) in open {
        let entrance = services.iter().any(|service| ENTRANCES.contains(service));
        let hit = Hit::new(format!(
            "{} lets everybody in: {}",
            path.display(),
            services.join(", ")
        ))
        .path(&path)
        .line(line)
        .severity(if entrance {
            Severity::Critical
        } else {
            Severity::High
        })
        .key(&text)
        .evidence("line", text)
        .evidence("services", services.join(", "));
        cx.hit(hit);
    }
    Ok(())
}

/// What modules say to somebody who knows no password and is nobody.
pub(crate) fn answer(entry: &Entry) -> Answer {
    match entry.name() {
        "pam_permit" => Answer::Success,
        "pam_env" | "pam_faildelay" | "pam_nologin" | "pam_warn" | "pam_debug" | "pam_echo"
        | "pam_group" | "pam_cap" | "pam_mount" | "pam_gnome_keyring" | "pam_kwallet5"
        | "pam_selinux" | "pam_keyinit" | "pam_motd" => Answer::Ignore,
        "pam_faillock" if entry.has("preauth") => Answer::Ignore,
        _ => Answer::Failure,
    }
}
