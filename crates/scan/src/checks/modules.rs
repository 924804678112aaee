//! Checks of the surface `modules`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
