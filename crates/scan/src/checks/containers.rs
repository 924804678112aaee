//! Checks of the surface `containers`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
