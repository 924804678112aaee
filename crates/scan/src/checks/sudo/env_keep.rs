//! Variables of the user that reach commands of root.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sudoers::{Change, Setting, Sudoers};
use crate::facts::text::wildcard;
use casemate_schema::Severity;
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// `env_reset` is on, `setenv` is off, no rule has the tag `SETENV` for a named command, and
    /// `env_keep` holds none of the variables that make programs load code: `LD_*`, `PYTHONPATH`,
    /// `PERL5LIB`, `RUBYLIB`, `NODE_OPTIONS`, `BASH_ENV` and their like, also through a wildcard.
    /// Later lines take back what earlier ones add.
    ///
    /// # Why it matters
    /// With `LD_PRELOAD` kept, the user's own library runs inside the first command that sudo starts
    /// as root, whatever command that is.
    ///
    /// # Example
    /// `Defaults env_keep += "LD_PRELOAD"`
    ///
    /// # Instead
    /// Delete the variable from `env_keep`; keep `Defaults env_reset`.
    id: "sudo-env-keep",
    surface: Sudo,
    title: "Environment of the user reaches root",
    severity: High,
    references: [Cwe "CWE-426", Attack "T1574.006", Man "sudoers(5)"],
}

const LOADING: [&str; 18] = [
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PERL5LIB",
    "PERLLIB",
    "PERL5OPT",
    "RUBYLIB",
    "RUBYOPT",
    "NODE_PATH",
    "NODE_OPTIONS",
    "BASH_ENV",
    "ENV",
    "GCONV_PATH",
    "JAVA_TOOL_OPTIONS",
    "IFS",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    let mut kept: BTreeMap<(&str, String), &Setting> = BTreeMap::new();
    let mut flags: BTreeMap<(&str, &str), &Setting> = BTreeMap::new();
    for setting in &sudoers.defaults {
        let scope = setting.scope.as_str();
        match setting.name.as_str() {
            "env_keep" => keep(&mut kept, setting),
            "env_reset" | "setenv" => {
                flags.insert((scope, setting.name.as_str()), setting);
            }
            _ => {}
        }
    }
    for ((scope, pattern), setting) in kept {
        let bare = pattern.split('=').next().unwrap_or_default();
        let Some(variable) = LOADING
            .iter()
            .find(|name| wildcard(bare.as_bytes(), name.as_bytes()))
        else {
            continue;
        };
        let hit = Hit::new(format!(
            "sudo keeps `{pattern}` of the user{}",
            scoped(scope)
        ))
        .path(&setting.path)
        .line(setting.line)
        .subject(&pattern)
        .key(scope)
        .evidence("lets in", *variable);
        cx.hit(hit);
    }
    for ((scope, name), setting) in flags {
        let bad = if name == "env_reset" {
            Change::Off
        } else {
            Change::On
        };
        if setting.change == bad {
            let shown = if name == "env_reset" {
                "!env_reset"
            } else {
                "setenv"
            };
            let hit = Hit::new(format!(
                "`Defaults {shown}` lets users choose the environment of root{}",
                scoped(scope)
            ))
            .path(&setting.path)
            .line(setting.line)
            .subject(shown)
            .key(scope)
            .instead(format!("Delete `{shown}` from {}.", setting.path.display()));
            cx.hit(hit);
        }
    }
    tagged(cx, sudoers);
    Ok(())
}

/// Rules whose tag lets the user set variables for a named command.
fn tagged(cx: &mut Cx<'_>, sudoers: &Sudoers) {
    for rule in sudoers.rules_of_others() {
        // ALL brings SETENV with it and is the business of other checks.
        let named = |c: &crate::facts::sudoers::Command| {
            !c.negated && c.text != "ALL" && c.tags.setenv == Some(true) && sudoers.as_root(c)
        };
        let commands: Vec<String> = sudoers
            .commands(rule)
            .into_iter()
            .filter(named)
            .map(|c| c.text)
            .collect();
        if !commands.is_empty() {
            let hit = Hit::new(format!(
                "`{}` may choose the environment of commands of root",
                rule.who()
            ))
            .path(&rule.path)
            .line(rule.line)
            .subject(rule.who())
            .severity(Severity::Medium)
            .evidence("commands", commands.join(", "))
            .instead("Delete the tag `SETENV:` from the rule.");
            cx.hit(hit);
        }
    }
}

fn scoped(scope: &str) -> String {
    if scope.is_empty() {
        String::new()
    } else {
        format!(" (for `{scope}`)")
    }
}

fn keep<'a>(kept: &mut BTreeMap<(&'a str, String), &'a Setting>, setting: &'a Setting) {
    let scope = setting.scope.as_str();
    match &setting.change {
        Change::On => {}
        Change::Off => kept.retain(|(of, _), _| *of != scope),
        Change::Set(names) => {
            kept.retain(|(of, _), _| *of != scope);
            for name in names.split_whitespace() {
                kept.insert((scope, name.to_owned()), setting);
            }
        }
        Change::Add(names) => {
            for name in names.split_whitespace() {
                kept.insert((scope, name.to_owned()), setting);
            }
        }
        Change::Remove(names) => {
            for name in names.split_whitespace() {
                kept.remove(&(scope, name.to_owned()));
            }
        }
    }
}
