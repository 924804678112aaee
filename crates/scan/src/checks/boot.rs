//! Checks of the surface `boot`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
