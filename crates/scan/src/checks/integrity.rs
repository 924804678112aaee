//! Checks of the surface `integrity`.

mod dpkg_info;
mod package_files;
mod unowned_binary;
mod verify;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[&package_files::CHECK, &unowned_binary::CHECK];
