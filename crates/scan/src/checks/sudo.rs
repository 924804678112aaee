//! Checks of sudo, doas and polkit: who may act as root, and how.

mod all_commands;
mod defaults;
mod doas_nopass;
mod env_keep;
mod file_permissions;
mod negated_command;
mod nopasswd;
mod polkit_yes;
mod shell_escape;
mod syntax_problem;
mod wildcard;
mod writable_command;

use crate::check::Check;

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
