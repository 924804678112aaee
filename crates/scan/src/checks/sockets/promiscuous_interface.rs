//! Network interfaces that take packets for others.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::read_or_limit;
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// No network interface is in promiscuous mode (flag 0x100). Members of a bridge, a bond or Open
    /// vSwitch need it and are low; interfaces of containers and virtual machines (`veth*`, `tap*`,
    /// `vnet*`) that are members are left out.
    ///
    /// # Why it matters
    /// The interface takes in traffic of other hosts: somebody captures packets, or forgot to stop.
    ///
    /// # Example
    /// `/sys/class/net/eth0/flags` is `0x1103`.
    ///
    /// # Instead
    /// `ip link set eth0 promisc off`; if it comes back, find the program with a packet socket
    /// (`ss -0pb`).
    id: "socket-promiscuous-interface",
    surface: Sockets,
    title: "Network interface takes packets for others",
    severity: Medium,
    references: [Attack "T1040", Man "netdevice(7)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const PROMISCUOUS: u64 = 0x100;
    let folder = Path::new("/sys/class/net");
    let names = cx.facts.list_if_there(folder)?;
    if names.is_empty() {
        return Err(Skip::not_assessed(
            "the tree holds no /sys of a running system",
        ));
    }
    for name in names {
        let place = folder.join(&name);
        let mut limits: Vec<Limit> = Vec::new();
        let bytes = read_or_limit(cx.facts, place.join("flags"), &mut limits).unwrap_or_default();
        cx.limits(&limits);
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        let digits = text.strip_prefix("0x").unwrap_or_default();
        let flags = u64::from_str_radix(digits, 16).unwrap_or(0);
        if flags & PROMISCUOUS == 0 {
            continue;
        }
        let name = name.to_string_lossy().into_owned();
        let member = cx.facts.tree().link_metadata(&place.join("master")).is_ok();
        let guest = ["veth", "tap", "vnet", "cali", "lxc"];
        if member && guest.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let severity = if member {
            Severity::Low
        } else {
            Severity::Medium
        };
        let hit = Hit::new(format!("Interface {name} is in promiscuous mode"))
            .subject(&name)
            .severity(severity)
            .evidence_at("flags", text, place.join("flags"), Some(1))
            .instead(format!("`ip link set {name} promisc off`"));
        cx.hit(hit);
    }
    Ok(())
}
