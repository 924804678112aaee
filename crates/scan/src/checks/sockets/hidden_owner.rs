//! Listeners that no visible process holds.

use super::exposed;
use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::sockets::Protocol;

check! {
    /// # What it checks
    /// Each TCP listener and unconnected UDP socket is held by a process that root can see. Services
    /// inside the kernel are left out by port (NFS, WireGuard, VXLAN, Geneve, L2TP, ksmbd, iSCSI); where
    /// NFS or WireGuard run, a listener on another port counts as not assessed. It needs root, and a
    /// scan outside of a container.
    ///
    /// # Why it matters
    /// A rootkit that hides a process from `/proc` often forgets its socket. A port that is open, with
    /// nobody behind it, is the trace that it leaves.
    ///
    /// # Example
    /// `tcp 0.0.0.0:31337` in `/proc/net/tcp`, and no process has its inode among its open files.
    ///
    /// # Instead
    /// Compare from outside (`nmap -p PORT HOST`) and with `ss -ltnup`. If the port answers and nobody
    /// holds it, take the host off the network and look at its disk from another system.
    id: "socket-hidden-owner",
    surface: Sockets,
    title: "Listener without a visible process",
    severity: High,
    references: [Attack "T1014", Attack "T1564"],
}

/// Ports of services inside the kernel.
const IN_KERNEL: [(Protocol, u16); 12] = [
    (Protocol::Tcp, 2049),
    (Protocol::Udp, 2049),
    (Protocol::Tcp, 445),
    (Protocol::Tcp, 3260),
    (Protocol::Udp, 1701),
    (Protocol::Udp, 4789),
    (Protocol::Udp, 8472),
    (Protocol::Udp, 6081),
    (Protocol::Udp, 51820),
    (Protocol::Udp, 7001),
    (Protocol::Tcp, 7777),
    (Protocol::Tcp, 21064),
];
/// Link text of the first process namespace (PROC_PID_INIT_INO).
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.sockets()?;
    cx.limits(&all.limits);
    cx.limits(&all.holder_limits);
    if cx.facts.options().uid != 0 {
        cx.limit(Limit {
            reason: "holders of sockets of other users are seen by root alone".to_owned(),
            privileges: true,
        });
        return Ok(());
    }
    if !all.holder_limits.is_empty() {
        return Ok(());
    }
    let own = std::path::Path::new("/proc/self/ns/pid");
    if let Ok(namespace) = cx.facts.tree().read_link(own)
        && namespace.as_os_str() != FIRST_NAMESPACE
    {
        return Err(Skip::not_assessed(
            "this scan runs in a process namespace of its own and does not see all processes",
        ));
    }
    // Both take any port: a listener without a holder is theirs or nobody's.
    let wireguard = cx.facts.exists("/sys/module/wireguard");
    let nfs = cx.facts.exists("/sys/module/lockd");
    for one in exposed(all) {
        if one.holders_seen() || IN_KERNEL.contains(&(one.protocol, one.port)) {
            continue;
        }
        if nfs || (wireguard && one.protocol == Protocol::Udp) {
            cx.limit(Limit {
                reason: "NFS or WireGuard in the kernel may hold the listeners without a process"
                    .to_owned(),
                privileges: false,
            });
            continue;
        }
        let place = format!("{} {}:{}", one.protocol.as_str(), one.address(), one.port);
        let hit = Hit::new(format!("No visible process holds {place}"))
            .subject(&place)
            .evidence("address", &place)
            .evidence("user", cx.facts.accounts()?.user(one.uid));
        cx.hit(hit);
    }
    Ok(())
}
