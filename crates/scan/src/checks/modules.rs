//! Checks of kernel modules.

mod file_writable;
mod hidden;
mod loadable;
mod rare_protocols;
mod removable_storage;
mod srcversion_mismatch;
mod taint;
mod uncommon_filesystems;
mod without_file;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &file_writable::CHECK,
    &hidden::CHECK,
    &rare_protocols::CHECK,
    &removable_storage::CHECK,
    &srcversion_mismatch::CHECK,
    &taint::CHECK,
    &uncommon_filesystems::CHECK,
    &without_file::CHECK,
];
