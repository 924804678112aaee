//! Checks of the surface `firewall`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
