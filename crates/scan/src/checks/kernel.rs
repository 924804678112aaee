//! Checks of kernel settings.

mod core_pattern;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[&core_pattern::CHECK];
