//! Checks of the surface `processes`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
