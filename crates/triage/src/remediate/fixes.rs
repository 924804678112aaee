//! The fixes, one file a surface: tables with small functions where a table does not reach.

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
mod pam;
mod processes;
mod secrets;
mod sockets;
mod ssh;
mod sudo;
mod suid;
mod units;
mod users;

use super::fix::Fix;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static TABLES: [&[Fix]; 22] = [
    boot::FIXES,
    certificates::FIXES,
    containers::FIXES,
    cron::FIXES,
    files::FIXES,
    firewall::FIXES,
    integrity::FIXES,
    kernel::FIXES,
    logging::FIXES,
    mac::FIXES,
    modules::FIXES,
    mounts::FIXES,
    packages::FIXES,
    pam::FIXES,
    processes::FIXES,
    secrets::FIXES,
    sockets::FIXES,
    ssh::FIXES,
    sudo::FIXES,
    suid::FIXES,
    units::FIXES,
    users::FIXES,
];

static BY_CHECK: LazyLock<BTreeMap<&'static str, &'static Fix>> = LazyLock::new(|| {
    TABLES
        .iter()
        .flat_map(|table| table.iter())
        .map(|fix| (fix.check, fix))
        .collect()
});

/// The fix of a check of ours.
pub(crate) fn of(check: &str) -> Option<&'static Fix> {
    BY_CHECK.get(check).copied()
}

/// The checks that have a fix, sorted.
pub(crate) fn checks() -> impl Iterator<Item = &'static str> {
    BY_CHECK.keys().copied()
}
