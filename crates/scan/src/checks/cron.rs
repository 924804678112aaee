//! Checks of the surface `cron`.

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[];
