//! Fixes of listening sockets.

use crate::remediate::draft::{Draft, subject};
use crate::remediate::fix::{Fix, medium, person};
use casemate_schema::Finding;

const PEERS: &str = "whoever reaches the service over the network has to be known first";

pub(super) static FIXES: &[Fix] = &[
    person(
        "socket-hidden-owner",
        "Find out who holds a hidden port",
        60,
        "the host may be taken over: compare from outside first",
    ),
    person(
        "socket-plaintext-service",
        "Replace services without encryption",
        60,
        PEERS,
    ),
    medium(
        "socket-promiscuous-interface",
        "Have interfaces take their own packets alone",
        5,
        "captures and bridges need the mode",
        promiscuous,
    ),
    person(
        "socket-raw-sniffer",
        "Find out who reads all traffic",
        30,
        "sensors and DHCP clients do so by design",
    ),
    person(
        "socket-unauthenticated-service",
        "Bind open services to this host or ask for a password",
        30,
        PEERS,
    ),
    medium(
        "socket-unix-world-writable",
        "Close local sockets to others",
        5,
        "programs of other users that speak to it need its group; the service opens it anew at its next start",
        |d, f| d.close_kept(f, 0o002),
    ),
    person(
        "socket-wildcard-listener",
        "Bind services to the addresses that need them",
        20,
        PEERS,
    ),
];

fn promiscuous(draft: &mut Draft, finding: &Finding) {
    let name = subject(finding);
    draft.command(
        &["ip", "link", "set", name, "promisc", "off"],
        &format!("ip link set {name} promisc on"),
    );
    draft.check(format!("ip -d link show {name}"));
}
