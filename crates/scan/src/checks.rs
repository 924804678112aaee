//! The list of all checks, one family a surface, one file a check.

mod boot;
mod certificates;
mod containers;
mod cron;
mod files;
mod firewall;
mod integrity;
mod kernel;
mod logging;
mod mac;
mod modules;
mod mounts;
mod packages;
pub(crate) mod pam;
mod processes;
mod secrets;
mod sockets;
pub(crate) mod ssh;
pub(crate) mod sudo;
pub(crate) mod suid;
mod units;
mod users;

use crate::check::Check;

/// All families in the order of the surfaces.
pub(crate) static FAMILIES: &[&[&Check]] = &[
    processes::FAMILY,
    sockets::FAMILY,
    kernel::FAMILY,
    modules::FAMILY,
    files::FAMILY,
    suid::FAMILY,
    mac::FAMILY,
    users::FAMILY,
    sudo::FAMILY,
    pam::FAMILY,
    ssh::FAMILY,
    cron::FAMILY,
    units::FAMILY,
    mounts::FAMILY,
    firewall::FAMILY,
    logging::FAMILY,
    boot::FAMILY,
    packages::FAMILY,
    integrity::FAMILY,
    containers::FAMILY,
    certificates::FAMILY,
    secrets::FAMILY,
];
