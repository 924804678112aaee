//! Checks of the surface `mounts`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
