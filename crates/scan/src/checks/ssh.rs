//! Checks of the surface `ssh`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
