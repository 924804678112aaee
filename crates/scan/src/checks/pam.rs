//! Checks of the surface `pam`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
