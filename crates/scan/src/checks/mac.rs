//! Checks of the surface `mac`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
