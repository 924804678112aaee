//! Checks of the surface `sockets`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
