//! Rules of sudo and doas: who becomes whom, by which command, and with or without a password.

use super::builder::{At, Builder, Runner};
use crate::check::Skip;
use crate::checks::sudo::doas_nopass;
use crate::checks::sudo::nopasswd::asked_later;
use crate::checks::sudo::shell_escape::gives_shell;
use crate::facts::sudoers::{Change, Command, Item, Rule, Sudoers};
use casemate_schema::{EdgeKind, EdgeNeeds, NodeKind};
use std::collections::BTreeSet;
use std::path::Path;

const DOAS: &str = "/etc/doas.conf";

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    doas(builder)?;
    let sudoers = builder.facts.sudoers()?;
    builder.limits(&sudoers.limits);
    let on = |name: &str, change: &Change| {
        let setting = sudoers.global(name);
        setting.is_some_and(|setting| setting.change == *change)
    };
    let noexec = on("noexec", &Change::On);
    let never_asks = on("authenticate", &Change::Off);
    for (place, rule) in sudoers.rules.iter().enumerate() {
        if !sudoers.is_for_others(rule) || !is_for_this_host(builder, rule) {
            continue;
        }
        let who = subjects(builder, &sudoers.users(rule));
        for command in sudoers.commands(rule) {
            if command.negated {
                continue;
            }
            let free = command.tags.nopasswd.unwrap_or(never_asks)
                && !asked_later(sudoers, place, rule, &command);
            let needs = (!free).then_some(EdgeNeeds::Password);
            let escapes = command.text == "ALL" || gives_shell(&command, noexec);
            if escapes {
                for target in targets(builder, sudoers, &command) {
                    becomes(builder, rule, &command, &who, &target, needs);
                }
            } else if sudoers.as_root(&command) {
                program(builder, rule, &command);
            }
        }
    }
    Ok(())
}

fn is_for_this_host(builder: &Builder<'_>, rule: &Rule) -> bool {
    let name = builder.facts.os().ok().and_then(|os| os.host.name.clone());
    let name = name.unwrap_or_default();
    let short = name.split('.').next().unwrap_or_default();
    let fits = |host: &Item| {
        let text = host.text.as_str();
        // Aliases of hosts and networks cannot be told from names here, so they count.
        !host.negated && (text == "ALL" || text == name || text == short || is_alias(text))
    };
    rule.hosts.iter().any(fits)
}

fn is_alias(text: &str) -> bool {
    let upper = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    let known = |letter: char| upper(letter) || matches!(letter, '_' | '.' | '/');
    !text.is_empty() && text.chars().all(known)
}

/// The nodes of the users and groups that a rule is for.
fn subjects(builder: &mut Builder<'_>, items: &[Item]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Ok(known) = builder.facts.accounts() else {
        return found;
    };
    for item in items.iter().filter(|item| !item.negated) {
        let text = item.text.as_str();
        if text == "ALL" {
            found.insert(builder.everybody());
        } else if let Some(name) = text.strip_prefix('%') {
            let gid = match name.strip_prefix('#') {
                Some(number) => number.parse().ok(),
                None => known.group(name).map(|group| group.gid),
            };
            // A group that nobody is in gives nobody anything.
            if let Some(gid) = gid.filter(|gid| known.is_shared(*gid)) {
                found.insert(builder.group(gid));
            }
        } else if text.starts_with('+') {
            builder.limit(format!("netgroup `{text}` of sudo was not looked up"));
        } else {
            let uid = match text.strip_prefix('#') {
                Some(number) => number.parse().ok(),
                None => known.uid(text),
            };
            if let Some(uid) = uid.filter(|uid| *uid != 0) {
                found.insert(builder.user(uid));
            }
        }
    }
    found
}

/// The users that a command may run as: root, or those that the rule names.
fn targets(builder: &mut Builder<'_>, sudoers: &Sudoers, command: &Command) -> Vec<String> {
    if sudoers.as_root(command) {
        return vec![builder.user(0)];
    }
    let users = command.runas.as_ref().map(|runas| runas.users.clone());
    let users = users.unwrap_or_default();
    let all = subjects(builder, &users);
    all.into_iter()
        .filter(|id| id.starts_with("user:"))
        .collect()
}

fn becomes(
    builder: &mut Builder<'_>,
    rule: &Rule,
    command: &Command,
    who: &BTreeSet<String>,
    target: &str,
    needs: Option<EdgeNeeds>,
) {
    let asks = match needs {
        None => "NOPASSWD: ",
        Some(_) => "asks for the user's password; ",
    };
    let shown = crate::facts::cron::secrets::shown(&command.text);
    let gives = if command.text == "ALL" {
        "every command"
    } else {
        "a command that runs others or writes files as it is told"
    };
    let fact = format!("sudo for `{}`: {asks}{shown} ({gives})", rule.who());
    let at = At::line(&rule.path, Some(rule.line));
    for id in who.iter().filter(|id| *id != target) {
        builder.edge_that_needs(id, EdgeKind::MaySudo, target, &fact, at, needs);
    }
}

/// A command that does one thing: it does another one when its file is changed.
fn program(builder: &mut Builder<'_>, rule: &Rule, command: &Command) {
    let program = command.program();
    if !program.starts_with('/') || program.contains(['*', '?', '[']) {
        return;
    }
    let own = Runner {
        id: super::builder::ROOT.to_owned(),
        kind: NodeKind::User,
        label: "root".to_owned(),
        uid: 0,
        rights: String::new(),
    };
    let fact = format!("sudo lets `{}` run it as root", rule.who());
    let at = At::line(&rule.path, Some(rule.line));
    builder.takes(
        &own,
        EdgeKind::Executes,
        Path::new(program),
        &fact,
        at,
        true,
    );
}

fn doas(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let bytes = builder.facts.read_if_there(DOAS)?.unwrap_or_default();
    for (line, rule) in doas_nopass::without_password(&bytes) {
        if !rule.command.is_empty() {
            let command = Command {
                negated: false,
                text: rule.command.clone(),
                runas: None,
                tags: crate::facts::sudoers::Tags::default(),
            };
            if !gives_shell(&command, false) {
                continue;
            }
        }
        let item = |text: &str| Item {
            negated: false,
            text: text
                .strip_prefix(':')
                .map_or_else(|| text.to_owned(), |name| format!("%{name}")),
        };
        let who = subjects(builder, &[item(&rule.who)]);
        let target = builder
            .facts
            .accounts()
            .ok()
            .and_then(|known| known.uid(&rule.target));
        let Some(target) = target else { continue };
        let target = builder.user(target);
        let what = if rule.command.is_empty() {
            "every command"
        } else {
            &rule.command
        };
        let fact = format!("doas for `{}`: nopass, {what}", rule.who);
        for id in who.iter().filter(|id| **id != target) {
            let at = At::line(Path::new(DOAS), Some(line));
            builder.edge(id, EdgeKind::MaySudo, &target, &fact, at);
        }
    }
    Ok(())
}
