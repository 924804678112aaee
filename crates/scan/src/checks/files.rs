//! Checks of the permissions, owners and names of files.

mod compilers;
mod critical_permissions;
mod device_outside_dev;
mod odd_name;
mod old_temporary;
mod path_folder;
mod program_writable;
mod temporary_program;
mod unowned;
mod web_hidden;
mod world_writable;
mod world_writable_folder;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &world_writable::CHECK,
    &world_writable_folder::CHECK,
    &unowned::CHECK,
    &device_outside_dev::CHECK,
    &odd_name::CHECK,
    &temporary_program::CHECK,
    &program_writable::CHECK,
    &path_folder::CHECK,
    &critical_permissions::CHECK,
    &web_hidden::CHECK,
    &compilers::CHECK,
    &old_temporary::CHECK,
];

/// Folders of the system's programs.
const SYSTEM: &[&str] = &["/bin", "/boot", "/lib", "/lib32", "/lib64", "/sbin", "/usr"];
