//! Checks of mandatory access control.

mod apparmor_complain;
mod config_drift;
mod none;
mod selinux_permissive;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &apparmor_complain::CHECK,
    &config_drift::CHECK,
    &none::CHECK,
    &selinux_permissive::CHECK,
];
