//! Services that every address of the host offers.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sockets::{self, Listener, Protocol};
use casemate_schema::Severity;
use std::collections::{BTreeMap, BTreeSet};

check! {
    /// # What it checks
    /// Every TCP listener and every unconnected UDP socket that is bound to all addresses of the host
    /// (`0.0.0.0` or `[::]`) is reported with port, program and user: one finding a protocol, port and
    /// program, for both versions of IP. Ports that the kernel chose count as one a program, as they
    /// are others after each start. An IPv6 wildcard takes IPv4 connections as well, unless the program
    /// set IPV6_V6ONLY, which cannot be seen from outside.
    ///
    /// # Why it matters
    /// What listens on all addresses is open to every network that the host is, or will be, attached
    /// to. Each is a door that must be wanted, patched and filtered.
    ///
    /// # Example
    /// `tcp 0.0.0.0:8081`, held by `/usr/bin/python3` of root.
    ///
    /// # Instead
    /// Stop what is not needed (`systemctl disable --now UNIT`). Bind the rest to the address that
    /// needs it (`ListenAddress`, `bind`, `listen_addresses`), or allow its peers alone in the firewall.
    id: "socket-wildcard-listener",
    surface: Sockets,
    title: "Service listens on all addresses",
    severity: Low,
    references: [Cwe "CWE-1327", Attack "T1133", Cis "Debian 12 2.1.22"],
}

/// Ports whose services are attacked first: remote desktops, file shares, databases, management.
const SENSITIVE: [u16; 24] = [
    21, 23, 111, 135, 139, 445, 512, 513, 514, 873, 1433, 1521, 2049, 2375, 3306, 3389, 5432, 5900,
    6379, 8080, 9200, 10250, 11211, 27017,
];

/// Small services of each host that need the wildcard: DHCP, NTP, mDNS, LLMNR, SSDP.
const USUAL_UDP: [u16; 8] = [67, 68, 123, 546, 547, 1900, 5353, 5355];

#[derive(Default)]
struct Group<'a> {
    listeners: Vec<&'a Listener>,
    dynamic: bool,
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.sockets()?;
    cx.limits(&all.limits);
    let (first, last) = sockets::ephemeral_ports(cx.facts);
    let mut groups: BTreeMap<(Protocol, Option<u16>, String, u32), Group<'_>> = BTreeMap::new();
    for listener in all.listeners.iter().filter(|one| one.is_wildcard()) {
        let dynamic = (first..=last).contains(&listener.port);
        let port = (!dynamic).then_some(listener.port);
        let key = (
            listener.protocol,
            port,
            listener.holder.shown(),
            listener.uid,
        );
        let group = groups.entry(key).or_default();
        group.listeners.push(listener);
        group.dynamic = dynamic;
    }
    for ((protocol, port, program, uid), group) in groups {
        report(cx, protocol, port, &program, uid, &group)?;
    }
    Ok(())
}

fn report(
    cx: &mut Cx<'_>,
    protocol: Protocol,
    port: Option<u16>,
    program: &str,
    uid: u32,
    group: &Group<'_>,
) -> Result<(), Skip> {
    let accounts = cx.facts.accounts()?;
    let ports: BTreeSet<u16> = group.listeners.iter().map(|one| one.port).collect();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let addresses: BTreeSet<String> = group
        .listeners
        .iter()
        .map(|one| {
            if one.address.is_ipv6() {
                "[::]"
            } else {
                "0.0.0.0"
            }
            .to_owned()
        })
        .collect();
    let addresses: Vec<String> = addresses.into_iter().collect();
    let (addresses, ports) = (addresses.join(" and "), ports.join(", "));
    let mut users: BTreeSet<String> = BTreeSet::from([accounts.user(uid)]);
    for one in &group.listeners {
        users.extend(one.holder.uids.iter().map(|uid| accounts.user(*uid)));
    }
    let user = users.into_iter().collect::<Vec<String>>().join(", ");
    let name = protocol.as_str();
    let title = format!("{program} ({user}) listens on {name} {addresses}, port {ports}");
    let subject = match port {
        Some(port) => format!("{name} port {port}"),
        None => format!("{name} ports chosen by the kernel"),
    };
    let mut hit = Hit::new(title)
        .subject(subject)
        .key(program)
        .key(accounts.user(uid))
        .severity(severity(protocol, port, group))
        .evidence("address", addresses)
        .evidence("port", ports)
        .evidence("program", program)
        .evidence("user", user);
    let units: BTreeSet<&String> = group
        .listeners
        .iter()
        .flat_map(|one| &one.holder.units)
        .collect();
    for unit in units {
        hit = hit.evidence("unit", unit);
    }
    cx.hit(hit);
    Ok(())
}

fn severity(protocol: Protocol, port: Option<u16>, group: &Group<'_>) -> Severity {
    let sensitive = port.is_some_and(|port| SENSITIVE.contains(&port));
    let root = group
        .listeners
        .iter()
        .any(|one| one.uid == 0 || one.holder.uids.contains(&0));
    match (protocol, port) {
        (Protocol::Udp, None) => Severity::Info,
        (Protocol::Udp, Some(port)) if USUAL_UDP.contains(&port) => Severity::Info,
        _ if sensitive => Severity::Medium,
        // A web or shell server of the system starts as root; anything else as root is more.
        (Protocol::Tcp, Some(22 | 25 | 53 | 80 | 443)) => Severity::Low,
        (Protocol::Tcp, _) if root => Severity::Medium,
        _ => Severity::Low,
    }
}
