//! Checks of PAM: who is let in, and how passwords are set.

mod exec_writable;
mod history;
mod missing_other;
mod module_place;
mod no_faillock;
mod no_password_quality;
mod nullok;
pub(crate) mod permit_in_auth;
mod su_wheel;
mod weak_hash;

use crate::check::{Check, Skip};
use crate::facts::pam::{Entry, Kind, Pam};
use std::path::{Path, PathBuf};

pub(crate) static FAMILY: &[&Check] = &[
    &exec_writable::CHECK,
    &history::CHECK,
    &missing_other::CHECK,
    &module_place::CHECK,
    &no_faillock::CHECK,
    &no_password_quality::CHECK,
    &nullok::CHECK,
    &permit_in_auth::CHECK,
    &su_wheel::CHECK,
    &weak_hash::CHECK,
];

/// The service that changes passwords on this host, and its modules.
fn password_service(pam: &Pam) -> Result<(&'static str, Vec<&Entry>), Skip> {
    for service in ["passwd", "common-password", "system-auth"] {
        let modules = pam.modules(service, Kind::Password);
        if !modules.is_empty() {
            return Ok((service, modules));
        }
    }
    Err(Skip::not_applicable("no service of PAM changes passwords"))
}

/// The file that a finding about a stack points to: where most of it stands, else the service's.
fn place(modules: &[&Entry], service: &str) -> PathBuf {
    let unix = modules.iter().find(|entry| entry.name() == "pam_unix");
    unix.or(modules.first()).map_or_else(
        || Path::new("/etc/pam.d").join(service),
        |entry| entry.path.clone(),
    )
}
