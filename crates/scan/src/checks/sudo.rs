//! Checks of the surface `sudo`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
