//! Checks of the surface `certificates`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
