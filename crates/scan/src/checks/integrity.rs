//! Checks of the surface `integrity`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
