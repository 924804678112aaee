//! Checks of sudo, doas and polkit: who may act as root, and how.

mod all_commands;
mod defaults;
pub(crate) mod doas_nopass;
mod env_keep;
mod file_permissions;
mod negated_command;
pub(crate) mod nopasswd;
mod polkit_yes;
pub(crate) mod shell_escape;
mod syntax_problem;
mod wildcard;
mod writable_command;

use crate::check::{Check, Cx, Hit};
use crate::facts::sudoers::Rule;

pub(crate) static FAMILY: &[&Check] = &[
    &all_commands::CHECK,
    &defaults::CHECK,
    &doas_nopass::CHECK,
    &env_keep::CHECK,
    &file_permissions::CHECK,
    &negated_command::CHECK,
    &nopasswd::CHECK,
    &polkit_yes::CHECK,
    &shell_escape::CHECK,
    &syntax_problem::CHECK,
    &wildcard::CHECK,
    &writable_command::CHECK,
];

/// Reports each of a rule's commands once, with the title that `title` makes of it.
fn report_commands(
    cx: &mut Cx<'_>,
    rule: &Rule,
    mut commands: Vec<String>,
    title: impl Fn(&str) -> String,
) {
    commands.sort_unstable();
    commands.dedup();
    for command in commands {
        let hit = Hit::new(title(&command))
            .path(&rule.path)
            .line(rule.line)
            .subject(rule.who())
            .key(&command)
            .evidence("command", &command);
        cx.hit(hit);
    }
}
