//! A POSIX shell script: without `--apply` it changes nothing and says what it would do.
//!
//! Files are changed by `patch` without fuzz, after a copy was kept; a file that its program then
//! refuses is put back. Every value stands in single quotes or in a quoted here-document.

use super::{FilePatch, Remediation, ids, is_of_ecosystem, is_reload, line, others};
use casemate_schema::{Action, Change, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const HEAD: &str = include_str!("shell/head.sh");
const FAIL: &str = include_str!("shell/fail.sh");
const KEEP: &str = include_str!("shell/keep.sh");
const PATCH: &str = include_str!("shell/patch.sh");
const FILE: &str = include_str!("shell/file.sh");
const PERMISSIONS: &str = include_str!("shell/permissions.sh");
const COMMAND: &str = include_str!("shell/command.sh");
const UPGRADE: &str = include_str!("shell/upgrade.sh");
const MANUAL: &str = include_str!("shell/manual.sh");
const TAIL: &str = include_str!("shell/tail.sh");

/// The actions as a shell script.
#[must_use]
pub fn shell(remediation: &Remediation<'_>) -> String {
    let body = Body::of(remediation);
    let mut out = format!(
        "#!/bin/sh\n# Changes for {}, written by {}.\n",
        line(remediation.subject),
        line(remediation.tool)
    );
    out.push_str(HEAD);
    let changes_files = !body.patches.is_empty() || !body.files.is_empty();
    for (used, text) in [
        (
            changes_files || body.permissions || body.commands || body.upgrades,
            FAIL,
        ),
        (changes_files, KEEP),
        (!body.patches.is_empty(), PATCH),
        (!body.files.is_empty(), FILE),
        (body.permissions, PERMISSIONS),
        (body.commands, COMMAND),
        (body.upgrades, UPGRADE),
        (body.manual, MANUAL),
    ] {
        if used {
            out.push_str(text);
        }
    }
    out.push_str("\n# What is done to files; several actions on one file are one change.\nfiles() {\n    :\n");
    out.push_str(&body.patches);
    out.push_str(&body.files);
    out.push_str("}\n\n# What else is done, action by action.\nsteps() {\n    :\n");
    out.push_str(&body.steps);
    out.push_str("}\n\n# What makes changed files count.\nreload() {\n    :\n");
    out.push_str(&body.reload);
    out.push_str("}\n\n# How to see that it worked.\nlook() {\n    :\n");
    out.push_str(&body.look);
    out.push_str("}\n\n");
    out.push_str(TAIL);
    out
}

#[derive(Default)]
struct Body {
    patches: String,
    files: String,
    steps: String,
    reload: String,
    look: String,
    permissions: bool,
    commands: bool,
    upgrades: bool,
    manual: bool,
}

/// A word in single quotes.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A here-document whose end stands in none of its lines.
fn here(out: &mut String, call: &str, text: &str) {
    let mut end = "CASEMATE_END".to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let _infallible = write!(out, "    {call} <<'{end}'\n{text}{newline}{end}\n");
}

impl Body {
    fn of(remediation: &Remediation<'_>) -> Self {
        let mut body = Self::default();
        let mut made: BTreeMap<(&str, &str), Vec<&FilePatch>> = BTreeMap::new();
        for file in remediation.files {
            match &file.content {
                None => {
                    let note = ids(&file.actions);
                    body.patches.push_str(&format!("    # {}\n", line(&note)));
                    let call = format!("change_file {}", quoted(&file.path));
                    here(&mut body.patches, &call, &file.diff);
                }
                Some(content) => made
                    .entry((content.as_str(), file.mode.as_str()))
                    .or_default()
                    .push(file),
            }
        }
        for ((content, mode), files) in made {
            let paths: Vec<String> = files.iter().map(|file| quoted(&file.path)).collect();
            let add = files.iter().all(|file| file.is_drop_in());
            let call = format!(
                "make_file {} {} \\\n        {}",
                if add { "add" } else { "replace" },
                quoted(mode),
                paths.join(" \\\n        ")
            );
            here(&mut body.files, &call, content);
        }
        let mut seen = BTreeSet::new();
        for action in remediation.actions {
            body.action(action, &mut seen);
        }
        body
    }

    fn action(&mut self, action: &Action, seen: &mut BTreeSet<Vec<Text>>) {
        let head = format!("    # {}: {}\n", line(&action.id), line(&action.title));
        let mut steps = String::new();
        for change in others(action) {
            self.change(change, &mut steps, seen);
        }
        if !steps.is_empty() {
            self.steps.push_str(&head);
            self.steps.push_str(&steps);
        }
        for text in &action.verify {
            let call = format!("    say {}\n", quoted(&format!("verify: {}", line(text))));
            if !self.look.contains(&call) {
                self.look.push_str(&call);
            }
        }
    }

    fn change(&mut self, change: &Change, steps: &mut String, seen: &mut BTreeSet<Vec<Text>>) {
        match change {
            Change::Diff { .. } | Change::NewFile { .. } => {}
            Change::Permissions {
                path,
                mode,
                owner,
                group,
            } => {
                self.permissions = true;
                let owner = match (owner, group) {
                    (Some(owner), Some(group)) => format!("{owner}:{group}"),
                    (Some(owner), None) => owner.to_string(),
                    (None, Some(group)) => format!(":{group}"),
                    (None, None) => String::new(),
                };
                let mode = mode.as_deref().unwrap_or_default();
                steps.push_str(&format!(
                    "    permissions {} {} {}\n",
                    quoted(path),
                    quoted(mode),
                    quoted(&owner)
                ));
            }
            Change::Command { argv } => {
                if !seen.insert(argv.clone()) {
                    return;
                }
                self.commands = true;
                let words: Vec<String> = argv.iter().map(|word| quoted(word)).collect();
                let call = format!("    run_command {}\n", words.join(" "));
                if is_reload(argv) {
                    self.reload.push_str(&call);
                } else {
                    steps.push_str(&call);
                }
            }
            Change::Upgrade { package, version } if is_of_ecosystem(package) => {
                let to = version.as_deref().unwrap_or("the newest release");
                self.by_hand(steps, &format!("bring {package} to {to}"));
            }
            Change::Upgrade { package, version } => {
                self.upgrades = true;
                let version = version.as_deref().unwrap_or_default();
                steps.push_str(&format!(
                    "    upgrade {} {}\n",
                    quoted(package),
                    quoted(version)
                ));
            }
            Change::Setting {
                path,
                text,
                no_diff,
            } => {
                let text = text.lines().map(line).collect::<Vec<_>>().join("; ");
                self.by_hand(steps, &format!("in {path}: {text} (no diff: {no_diff})"));
            }
            Change::Manual { text } => self.by_hand(steps, text),
        }
    }

    fn by_hand(&mut self, steps: &mut String, text: &str) {
        self.manual = true;
        steps.push_str(&format!("    by_hand {}\n", quoted(&line(text))));
    }
}
