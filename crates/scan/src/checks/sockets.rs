//! Checks of the surface `sockets`.

mod hidden_owner;
mod plaintext_service;
mod promiscuous_interface;
mod raw_sniffer;
mod unauthenticated_service;
mod unix_world_writable;
mod wildcard_listener;

use crate::check::Check;
use crate::facts::sockets::{Listener, Protocol, Sockets};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub(crate) static FAMILY: &[&Check] = &[
    &wildcard_listener::CHECK,
    &plaintext_service::CHECK,
    &unauthenticated_service::CHECK,
    &hidden_owner::CHECK,
    &raw_sniffer::CHECK,
    &promiscuous_interface::CHECK,
    &unix_world_writable::CHECK,
];

/// Listeners of one program on one port that other hosts can reach, all addresses together.
struct Exposed<'a> {
    protocol: Protocol,
    port: u16,
    uid: u32,
    addresses: BTreeSet<IpAddr>,
    first: &'a Listener,
}

impl Exposed<'_> {
    /// The programs that hold it.
    fn program(&self) -> String {
        self.first.holder.shown()
    }

    /// Whether any process was seen to hold it.
    fn holders_seen(&self) -> bool {
        !self.first.holder.programs.is_empty()
    }

    /// Its addresses in one line.
    fn address(&self) -> String {
        let shown = self.addresses.iter().map(|address| match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
        shown.collect::<Vec<String>>().join(", ")
    }
}

/// All listeners beyond the loopback addresses, one a protocol, port and program.
fn exposed(all: &Sockets) -> Vec<Exposed<'_>> {
    let mut groups: BTreeMap<(Protocol, u16, String), Exposed<'_>> = BTreeMap::new();
    for one in all.listeners.iter().filter(|one| !one.is_loopback()) {
        let key = (one.protocol, one.port, one.holder.shown());
        let group = groups.entry(key).or_insert_with(|| Exposed {
            protocol: one.protocol,
            port: one.port,
            uid: one.uid,
            addresses: BTreeSet::new(),
            first: one,
        });
        group.addresses.insert(one.address);
    }
    groups.into_values().collect()
}
