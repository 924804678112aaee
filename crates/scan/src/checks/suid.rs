//! Checks of the surface `suid`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
