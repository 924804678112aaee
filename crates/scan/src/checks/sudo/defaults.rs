//! Settings of sudo.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::sudoers::{Change, Setting, Sudoers};
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::path::Path;

check! {
    /// # What it checks
    /// The last value of each of these settings: `authenticate` on, `timestamp_timeout` between 0
    /// and 15 minutes, `timestamp_type` not `global`, `targetpw`, `rootpw`, `runaspw` and
    /// `visiblepw` off, no `exempt_group`, `use_pty` on, a `logfile` or recorded sessions, and a
    /// `secure_path` that only root may write to.
    ///
    /// # Why it matters
    /// Each loosens what sudo promises: who proves to be themselves, for how long that counts, and
    /// what is left to read afterwards. Without `use_pty` a program started by sudo can type into
    /// the user's terminal after it ended.
    ///
    /// # Example
    /// `Defaults !authenticate`, `Defaults timestamp_timeout=-1`
    ///
    /// # Instead
    /// `Defaults use_pty`, `Defaults logfile="/var/log/sudo.log"`, `Defaults timestamp_timeout=5`,
    /// `Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"`, written
    /// with `visudo`.
    id: "sudo-defaults",
    surface: Sudo,
    title: "Setting of sudo is weak",
    severity: Low,
    references: [Cwe "CWE-16", Cis "Debian 12 5.2.2", Cis "Debian 12 5.2.3", Cis "Debian 12 5.2.6", Man "sudoers(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    let mut last: BTreeMap<(&str, &str), &Setting> = BTreeMap::new();
    for setting in &sudoers.defaults {
        last.insert((&setting.scope, &setting.name), setting);
    }
    for ((_, name), setting) in &last {
        if let Some((severity, problem, fix)) = weak(name, &setting.change) {
            report(cx, setting, severity, problem, fix);
        }
        if *name == "secure_path"
            && let Change::Set(value) = &setting.change
        {
            secure_path(cx, setting, value);
        }
    }
    missing(cx, sudoers);
    Ok(())
}

/// Severity, what is wrong, and the line to write; `None` for a fine value.
fn weak(name: &str, change: &Change) -> Option<(Severity, &'static str, &'static str)> {
    let on = *change == Change::On;
    match name {
        "authenticate" if *change == Change::Off => Some((
            Severity::High,
            "no password is asked for",
            "Delete `!authenticate`.",
        )),
        "targetpw" | "rootpw" | "runaspw" if on => Some((
            Severity::Low,
            "the password of the target is asked for, so that people share it",
            "Delete the setting, and give people passwords of their own.",
        )),
        "visiblepw" if on => Some((
            Severity::Medium,
            "a password is taken where the terminal shows it",
            "`Defaults !visiblepw`",
        )),
        "exempt_group" if matches!(change, Change::Set(_)) => Some((
            Severity::Medium,
            "members of that group are asked for no password",
            "Delete `exempt_group`.",
        )),
        "use_pty" if *change == Change::Off => Some((
            Severity::Low,
            "commands keep the user's own terminal",
            "`Defaults use_pty`",
        )),
        "timestamp_timeout" => timeout(change),
        "timestamp_type" if *change == Change::Set("global".to_owned()) => Some((
            Severity::Low,
            "one password counts for all terminals and sessions of the user",
            "`Defaults timestamp_type=tty`",
        )),
        "tty_tickets" if *change == Change::Off => Some((
            Severity::Low,
            "one password counts for all terminals of the user",
            "`Defaults tty_tickets`",
        )),
        _ => None,
    }
}

fn timeout(change: &Change) -> Option<(Severity, &'static str, &'static str)> {
    let Change::Set(value) = change else {
        return None;
    };
    let minutes: f64 = value.trim().parse().ok()?;
    if minutes < 0.0 {
        return Some((
            Severity::Medium,
            "a password counts until the next boot",
            "`Defaults timestamp_timeout=5`",
        ));
    }
    (minutes > 15.0).then_some((
        Severity::Low,
        "a password counts for longer than 15 minutes",
        "`Defaults timestamp_timeout=5`",
    ))
}

fn report(cx: &mut Cx<'_>, setting: &Setting, severity: Severity, problem: &str, fix: &str) {
    let value = match &setting.change {
        Change::On => setting.name.clone(),
        Change::Off => format!("!{}", setting.name),
        Change::Set(value) | Change::Add(value) | Change::Remove(value) => {
            format!("{}={value}", setting.name)
        }
    };
    let scope = if setting.scope.is_empty() {
        String::new()
    } else {
        format!(" for `{}`", setting.scope)
    };
    let hit = Hit::new(format!("`{value}` of sudo{scope}: {problem}"))
        .path(&setting.path)
        .line(setting.line)
        .subject(&setting.name)
        .key(&setting.scope)
        .severity(severity)
        .evidence("value", value)
        .instead(format!(
            "{fix} Edit with `visudo -f {}`.",
            setting.path.display()
        ));
    cx.hit(hit);
}

fn secure_path(cx: &mut Cx<'_>, setting: &Setting, value: &str) {
    for part in value.split(':') {
        let problem = if !part.starts_with('/') {
            format!("holds the relative folder `{part}`")
        } else {
            match trust::weak_spot(cx.facts, Path::new(part), &[]) {
                Ok(None) => continue,
                Ok(Some(weak)) => format!("holds {part}, which {} may change", weak.who),
                Err(error) if error.is_not_found() => continue,
                Err(error) => {
                    cx.limit(Limit::from_error(&error));
                    continue;
                }
            }
        };
        let hit = Hit::new(format!("`secure_path` of sudo {problem}"))
            .path(&setting.path)
            .line(setting.line)
            .subject("secure_path")
            .key(part)
            .severity(Severity::High)
            .evidence("value", value)
            .instead(format!(
                "Take `{part}` out of secure_path with `visudo -f {}`.",
                setting.path.display()
            ));
        cx.hit(hit);
    }
}

fn missing(cx: &mut Cx<'_>, sudoers: &Sudoers) {
    let unset = |name: &str| sudoers.global(name).is_none();
    let logged = ["logfile", "log_output", "log_input", "iolog_dir"]
        .iter()
        .any(|name| {
            sudoers
                .global(name)
                .is_some_and(|setting| setting.change != Change::Off)
        });
    let all = [
        (
            unset("use_pty"),
            "use_pty",
            Severity::Info,
            "is not set (sudo before 1.9.14 then uses the user's own terminal)",
            "`Defaults use_pty`",
        ),
        (
            !logged,
            "logfile",
            Severity::Info,
            "is not set: commands are in the system log alone",
            "`Defaults logfile=\"/var/log/sudo.log\"`",
        ),
        (
            unset("secure_path"),
            "secure_path",
            Severity::Low,
            "is not set: commands of root are looked up in the user's PATH",
            "`Defaults secure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"`",
        ),
    ];
    for (missing, name, severity, problem, fix) in all {
        if missing {
            let hit = Hit::new(format!("`{name}` of sudo {problem}"))
                .path("/etc/sudoers")
                .subject(name)
                .severity(severity)
                .evidence("value", "not set")
                .instead(format!("{fix}, written with `visudo`."));
            cx.hit(hit);
        }
    }
}
