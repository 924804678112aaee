//! Checks of the surface `processes`.

mod deleted_exe;
mod deleted_file_open;
mod deleted_library;
mod exe_in_temporary_folder;
mod exe_writable;
mod fake_kernel_thread;
mod ld_so_preload;
mod many_capabilities;
mod memfd_exe;
mod preload;
mod script_writable;
mod secret_in_arguments;
mod traced;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &deleted_exe::CHECK,
    &memfd_exe::CHECK,
    &exe_writable::CHECK,
    &exe_in_temporary_folder::CHECK,
    &script_writable::CHECK,
    &preload::CHECK,
    &ld_so_preload::CHECK,
    &fake_kernel_thread::CHECK,
    &traced::CHECK,
    &secret_in_arguments::CHECK,
    &deleted_library::CHECK,
    &deleted_file_open::CHECK,
    &many_capabilities::CHECK,
];
