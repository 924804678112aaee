//! Checks of the surface `units`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
