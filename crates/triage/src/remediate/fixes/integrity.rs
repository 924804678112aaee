//! Fixes of installed files that differ.

use crate::remediate::fix::{Fix, person};

pub(super) static FIXES: &[Fix] = &[
    person(
        "integrity-package-files",
        "Find out who changed files of packages",
        60,
        "installing again destroys what an inquiry would need",
    ),
    person(
        "integrity-unowned-binary",
        "Find out where programs without a package come from",
        30,
        "what a person installed by hand is needed by somebody",
    ),
];
