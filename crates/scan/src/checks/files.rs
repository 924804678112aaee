//! Checks of the surface `files`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
