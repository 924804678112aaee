//! Checks of the surface `users`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
