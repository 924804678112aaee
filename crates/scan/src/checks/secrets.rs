//! Checks of the surface `secrets`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
