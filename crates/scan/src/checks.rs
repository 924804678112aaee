//! The list of all checks, one family a surface, one file a check.

mod kernel;

use crate::check::Check;

/// All families in the order of the surfaces.
pub(crate) static FAMILIES: &[&[&Check]] = &[kernel::FAMILY];
