//! Checks of the surface `cron`.

mod access_control;
mod broken_table;
mod download_and_run;
mod encoded_command;
mod file_permissions;
mod foreign_owner;
mod ignored_file;
mod missing_program;
mod path_writable;
mod program_writable;
mod relative_program;
mod secret_in_command;
mod temporary_program;
mod unknown_user;
mod wildcard_argument;

use crate::check::{Check, Cx, Skip};
use crate::facts::cron::Cron;

pub(crate) static FAMILY: &[&Check] = &[
    &access_control::CHECK,
    &broken_table::CHECK,
    &download_and_run::CHECK,
    &encoded_command::CHECK,
    &file_permissions::CHECK,
    &foreign_owner::CHECK,
    &ignored_file::CHECK,
    &missing_program::CHECK,
    &path_writable::CHECK,
    &program_writable::CHECK,
    &relative_program::CHECK,
    &secret_in_command::CHECK,
    &temporary_program::CHECK,
    &unknown_user::CHECK,
    &wildcard_argument::CHECK,
];

/// The jobs of the host; not applicable when there are none. Passes on what was not seen.
fn jobs<'a>(cx: &mut Cx<'a>) -> Result<&'a Cron, Skip> {
    let cron = cx.facts.cron()?;
    cx.limits(&cron.limits);
    if cron.jobs.is_empty() && cron.limits.is_empty() {
        return Err(Skip::not_applicable("no job is scheduled by cron or at"));
    }
    Ok(cron)
}

/// Whether a program in a pipe runs what it reads: a shell or interpreter without a script.
fn reads_code(stage: &crate::facts::cron::shell::Stage<'_>) -> bool {
    let inline = stage
        .arguments
        .iter()
        .any(|word| matches!(word.text.as_str(), "-c" | "-e" | "-m" | "-ne" | "-pe"));
    stage.is_interpreter() && stage.script().is_none() && !inline
}
