//! Programs that read packets past the firewall.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// No program holds a packet or raw socket, apart from those that configure the network or answer
    /// it with such sockets: DHCP clients and servers, NetworkManager, systemd-networkd, wpa_supplicant,
    /// LLDP and routing daemons, arpwatch, keepalived, chronyd. A packet socket is medium, a raw one low.
    ///
    /// # Why it matters
    /// A packet socket sees all traffic before the packet filter does. Backdoors (BPFDoor) wait there
    /// for a magic packet without any open port, and sniffers collect passwords.
    ///
    /// # Example
    /// `/dev/shm/kdmtmpflush` of root with a packet socket for all protocols.
    ///
    /// # Instead
    /// Find out whether somebody captures traffic (tcpdump, an IDS). If not: `ls -l /proc/PID/exe`, keep
    /// a copy, stop it. Take `CAP_NET_RAW` from services that need it not.
    id: "socket-raw-sniffer",
    surface: Sockets,
    title: "Program reads raw packets",
    severity: Medium,
    references: [Attack "T1205.002", Attack "T1040", Man "packet(7)"],
}

const KNOWN: [&str; 22] = [
    "dhclient",
    "dhcpcd",
    "udhcpc",
    "dhcpd",
    "dnsmasq",
    "NetworkManager",
    "nm-dhcp-helper",
    "systemd-networkd",
    "systemd-network",
    "wpa_supplicant",
    "hostapd",
    "lldpd",
    "keepalived",
    "bgpd",
    "ospfd",
    "zebra",
    "bird",
    "arpwatch",
    "avahi-autoipd",
    "radvd",
    "chronyd",
    "connmand",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.sockets()?;
    cx.limits(&all.limits);
    cx.limits(&all.holder_limits);
    let accounts = cx.facts.accounts()?;
    let mut found = BTreeSet::new();
    for raw in &all.raw {
        let folders = ["/usr/", "/sbin/", "/bin/"];
        let known = |program: &String| {
            let name = program.rsplit('/').next().unwrap_or_default();
            KNOWN.contains(&name) && folders.iter().any(|folder| program.starts_with(folder))
        };
        if raw.holder.programs.is_empty() || !raw.holder.programs.iter().all(known) {
            let kind = if raw.table == "packet" {
                "packet"
            } else {
                "raw"
            };
            found.insert((kind, raw.holder.shown(), raw.uid, raw.protocol));
        }
    }
    for (kind, program, uid, protocol) in found {
        let user = accounts.user(uid);
        // ETH_P_ALL: everything that passes.
        let (severity, what) = match (kind, protocol) {
            ("packet", 3) => (Severity::Medium, "all traffic".to_owned()),
            ("packet", _) => (
                Severity::Medium,
                format!("Ethernet protocol {protocol:#06x}"),
            ),
            (_, 1) | (_, 58) => (Severity::Low, "ICMP".to_owned()),
            _ => (Severity::Low, format!("IP protocol {protocol}")),
        };
        let hit = Hit::new(format!(
            "{program} ({user}) reads {what} through a {kind} socket"
        ))
        .subject(&program)
        .key(kind)
        .key(&what)
        .key(&user)
        .severity(severity)
        .evidence("socket", kind)
        .evidence("protocol", what)
        .evidence("user", user);
        cx.hit(hit);
    }
    Ok(())
}
