//! Checks of the packet filter.

mod default_policy;
mod ipv6_unfiltered;
mod none;
mod several_managers;
mod ufw_disabled;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &default_policy::CHECK,
    &ipv6_unfiltered::CHECK,
    &none::CHECK,
    &several_managers::CHECK,
    &ufw_disabled::CHECK,
];
