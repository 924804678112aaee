//! Rules of doas that ask for no password.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::text;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The last rule of `/etc/doas.conf` for each identity and command is not `permit nopass`, and
    /// none keeps the whole environment (`keepenv`) for a named command.
    ///
    /// # Why it matters
    /// As with sudo: whoever takes over the session of the user runs the command as root at once.
    ///
    /// # Example
    /// `permit nopass :wheel`
    ///
    /// # Instead
    /// `permit persist :wheel` asks once in a while. For automation name command and arguments:
    /// `permit nopass deploy as root cmd systemctl args restart app.service`.
    id: "sudo-doas-nopass",
    surface: Sudo,
    title: "doas asks for no password",
    severity: Medium,
    references: [Cwe "CWE-306", Attack "T1548.003", Man "doas.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const FILE: &str = "/etc/doas.conf";
    let Some(bytes) = cx.facts.read_if_there(FILE)? else {
        return Err(Skip::not_applicable("there is no /etc/doas.conf"));
    };
    for (line, rule) in &without_password(&bytes) {
        let all = rule.command.is_empty();
        let what = if all {
            "every command".to_owned()
        } else {
            format!("`{}`", rule.command)
        };
        let hit = Hit::new(format!(
            "`{}` may run {what} by doas without a password",
            rule.who
        ))
        .path(FILE)
        .line(*line)
        .subject(&rule.who)
        .key(&rule.command)
        .severity(if all {
            Severity::High
        } else {
            Severity::Medium
        })
        .instead("Replace `nopass` by `persist`, or name the command and its arguments.");
        cx.hit(hit);
    }
    Ok(())
}

/// A rule of doas.
pub(crate) struct Rule {
    permits: bool,
    nopass: bool,
    /// A user, or `:GROUP`.
    pub(crate) who: String,
    /// Whom the command runs as.
    pub(crate) target: String,
    /// Empty for every command.
    pub(crate) command: String,
}

/// The rules that let others than root act without a password, with their lines.
pub(crate) fn without_password(bytes: &[u8]) -> Vec<(u64, Rule)> {
    let lines = text::joined_lines(bytes);
    let rules: Vec<(u64, Rule)> = lines
        .iter()
        .filter_map(|line| Some((line.number, rule(&line.text)?)))
        .collect();
    let mut free = Vec::new();
    let mut rest = rules.into_iter();
    while let Some((line, rule)) = rest.next() {
        // The last rule that matches counts, so an equal or wider one below replaces this one.
        let replaced = rest.as_slice().iter().any(|(_, later)| {
            later.who == rule.who && (later.command.is_empty() || later.command == rule.command)
        });
        if rule.permits && rule.nopass && rule.who != "root" && !replaced {
            free.push((line, rule));
        }
    }
    free
}

fn rule(line: &str) -> Option<Rule> {
    let line = line.split('#').next()?;
    // `setenv { A B }` may hold words that look like options.
    let (before, after) = line.split_once('{').unwrap_or((line, ""));
    let (_, after) = after.split_once('}').unwrap_or(("", after));
    let mut words = before.split_whitespace().chain(after.split_whitespace());
    let permits = match words.next()? {
        "permit" => true,
        "deny" => false,
        _ => return None,
    };
    let mut nopass = false;
    let mut who = String::new();
    for word in words.by_ref() {
        match word {
            "nopass" => nopass = true,
            "persist" | "keepenv" | "setenv" | "nolog" => {}
            name => {
                who = name.to_owned();
                break;
            }
        }
    }
    let rest: Vec<&str> = words.collect();
    let behind = |mark: &str| {
        let place = rest.iter().position(|word| *word == mark)?;
        rest.get(place + 1).map(|word| (*word).to_owned())
    };
    let target = behind("as").unwrap_or_else(|| "root".to_owned());
    let command = rest
        .iter()
        .position(|word| *word == "cmd")
        .map(|place| rest.get(place + 1..).unwrap_or_default().join(" "));
    Some(Rule {
        permits,
        nopass,
        who,
        target,
        command: command.unwrap_or_default(),
    })
}
