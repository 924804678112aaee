//! Checks of the surface `logging`.

mod auditd_config;
mod auditd_missing;
mod auditd_rules;
mod banner;
mod fail2ban_missing;
mod file_permissions;
mod forwards;
mod journald_volatile;
mod logrotate_insecure;
mod logrotate_missing;
mod no_remote;
mod no_syslog;
mod no_time_sync;
mod process_accounting;
mod remote_plain;
mod rsyslog_file_mode;
mod wtmp_missing;

use crate::check::{Check, Cx, Skip};
use crate::facts::services::Services;

pub(crate) static FAMILY: &[&Check] = &[
    &auditd_config::CHECK,
    &auditd_missing::CHECK,
    &auditd_rules::CHECK,
    &banner::CHECK,
    &fail2ban_missing::CHECK,
    &file_permissions::CHECK,
    &journald_volatile::CHECK,
    &logrotate_insecure::CHECK,
    &logrotate_missing::CHECK,
    &no_remote::CHECK,
    &no_syslog::CHECK,
    &no_time_sync::CHECK,
    &process_accounting::CHECK,
    &remote_plain::CHECK,
    &rsyslog_file_mode::CHECK,
    &wtmp_missing::CHECK,
];

/// Services that write log files.
const WRITERS: [&str; 6] = [
    "rsyslog",
    "syslog-ng",
    "syslog",
    "inetutils-syslogd",
    "metalog",
    "busybox-syslogd",
];
/// Their programs.
const WRITER_PROGRAMS: [&str; 5] = ["rsyslogd", "syslog-ng", "syslogd", "metalog", "socklog"];

/// The services of a host of its own; a container leaves these things to its host.
fn services<'a>(cx: &mut Cx<'a>) -> Result<&'a Services, Skip> {
    let services = cx.facts.services()?;
    cx.limits(&services.limits);
    if services.container {
        return Err(Skip::not_applicable("a container leaves this to its host"));
    }
    Ok(services)
}
