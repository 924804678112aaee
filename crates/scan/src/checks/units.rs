//! Checks of the surface `units`.

mod environment_file_writable;
mod environment_path;
mod exposure;
mod file_writable;
mod legacy_init;
mod program_missing;
mod program_writable;
mod protection_masked;
mod root_shell;
mod secret_in_environment;
mod setting_ignored;
mod socket_mode;
mod socket_wildcard;
mod suspicious_command;
mod vendor_replaced;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &exposure::CHECK,
    &program_writable::CHECK,
    &program_missing::CHECK,
    &suspicious_command::CHECK,
    &file_writable::CHECK,
    &environment_path::CHECK,
    &environment_file_writable::CHECK,
    &secret_in_environment::CHECK,
    &socket_wildcard::CHECK,
    &socket_mode::CHECK,
    &root_shell::CHECK,
    &protection_masked::CHECK,
    &setting_ignored::CHECK,
    &legacy_init::CHECK,
    &vendor_replaced::CHECK,
];
