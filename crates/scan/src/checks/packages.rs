//! Checks of the surface `packages`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
