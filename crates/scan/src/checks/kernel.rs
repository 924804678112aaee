//! Checks of kernel settings.

mod cmdline_weakened;
mod core_dumps_suid;
mod core_limits;
mod core_pattern;
mod cpu_vulnerabilities;
mod kexec;
mod lockdown;
mod magic_sysrq;
mod modules_unsigned;
mod reboot_pending;
mod sysctl_drift;
mod sysctl_files;
mod sysctl_hardening;
mod sysctl_network;
mod table;
mod tainted;
mod unprivileged_userns;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &cmdline_weakened::CHECK,
    &core_dumps_suid::CHECK,
    &core_limits::CHECK,
    &core_pattern::CHECK,
    &cpu_vulnerabilities::CHECK,
    &kexec::CHECK,
    &lockdown::CHECK,
    &magic_sysrq::CHECK,
    &modules_unsigned::CHECK,
    &reboot_pending::CHECK,
    &sysctl_drift::CHECK,
    &sysctl_files::CHECK,
    &sysctl_hardening::CHECK,
    &sysctl_network::CHECK,
    &tainted::CHECK,
    &unprivileged_userns::CHECK,
];
