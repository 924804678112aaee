//! Units that give a root shell without a password.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::units::{self, Entry};
use crate::systemd::name::UnitKind;

check! {
    /// # What it checks
    /// No started service runs a shell on a terminal as root without a login: `debug-shell.service`,
    /// or a service of any name with `TTYPath=` or `StandardInput=tty` whose program is a plain shell;
    /// nor does a getty log somebody in by itself (`--autologin`). Masked units are no hit.
    ///
    /// # Why it matters
    /// Whoever reaches the keyboard, the serial line or the console of the virtual machine is root
    /// (or the named user) without a password: Ctrl-Alt-F9 is enough for `debug-shell.service`.
    ///
    /// # Example
    /// `systemctl enable debug-shell.service`
    ///
    /// # Instead
    /// `systemctl disable --now debug-shell.service` and `systemctl mask debug-shell.service`; take
    /// `--autologin` out of the command of the getty.
    id: "unit-root-shell",
    surface: Units,
    title: "Terminal with a shell but without a password",
    severity: High,
    references: [Cwe "CWE-306", Attack "T1078.003", Man "systemd-debug-generator(8)", Man "agetty(8)"],
}

const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox"];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.running().filter(|entry| entry.started) {
        let unit = &entry.unit;
        if unit.kind != UnitKind::Service {
            continue;
        }
        for (command, setting) in entry
            .commands()
            .into_iter()
            .filter(|(_, setting)| setting.key == "ExecStart")
        {
            let program = command
                .program
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            let words: Vec<_> = command
                .arguments
                .iter()
                .map(|word| word.to_string_lossy())
                .collect();
            let autologin = program.contains("getty")
                && words
                    .iter()
                    .any(|word| word == "-a" || word.starts_with("--autologin"));
            let plain = words
                .iter()
                .skip(1)
                .all(|word| word.starts_with('-') && word != "-c");
            let shell = SHELLS.contains(&program.as_ref()) && plain && has_terminal(entry);
            if !(autologin || shell) {
                continue;
            }
            let name = unit.name.as_str();
            let user = units::user_text(entry.user_of(&command).as_deref());
            let title = if autologin {
                format!("`{name}` logs in without a password")
            } else {
                format!("`{name}` gives a shell of {user} without a password")
            };
            let hit = Hit::new(title)
                .subject(name)
                .evidence_at(
                    &setting.key,
                    &setting.value,
                    &setting.file,
                    Some(u64::from(setting.line)),
                )
                .instead(if autologin {
                    format!(
                        "Take the option out of `{}` (a drop-in needs an empty `ExecStart=` first), then \
                         run `systemctl daemon-reload && systemctl restart {name}`.",
                        setting.file.display()
                    )
                } else {
                    format!("Run `systemctl disable --now {name}` and `systemctl mask {name}`.")
                });
            cx.hit(hit);
        }
    }
    Ok(())
}

fn has_terminal(entry: &Entry) -> bool {
    let input = entry.unit.value("Service", "StandardInput");
    input.is_some_and(|input| input.value.starts_with("tty"))
}
