//! Checks of the surface `packages`.

mod apt_unauthenticated;
mod end_of_life;
mod half_installed;
mod hardening_tools;
mod kernel_reboot_required;
mod list_stale;
mod no_automatic_updates;
mod obsolete_legacy;
mod security_repository_missing;
mod unsigned_repository;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &apt_unauthenticated::CHECK,
    &end_of_life::CHECK,
    &half_installed::CHECK,
    &hardening_tools::CHECK,
    &kernel_reboot_required::CHECK,
    &list_stale::CHECK,
    &no_automatic_updates::CHECK,
    &obsolete_legacy::CHECK,
    &security_repository_missing::CHECK,
    &unsigned_repository::CHECK,
];
