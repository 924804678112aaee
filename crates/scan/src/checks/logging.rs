//! Checks of the surface `logging`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
