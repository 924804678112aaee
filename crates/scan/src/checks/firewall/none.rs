//! Whether any packet filter stands between the network and the host.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::in_container;

check! {
    /// # What it checks
    /// That ufw, firewalld, nftables or iptables rules start at boot, or that the kernel has tables of
    /// a filter. Rules in force cannot be read without asking the kernel over a socket: where nf_tables
    /// is loaded and no manager is enabled, the check says that it could not look.
    ///
    /// # Why it matters
    /// Every service that listens can be reached by everybody on the network, also one that is
    /// installed or left behind by accident.
    ///
    /// # Example
    /// A fresh server: no `ufw`, `nftables.service` disabled, `/proc/net/ip_tables_names` empty.
    ///
    /// # Instead
    /// `apt install ufw`, `ufw allow OpenSSH`, `ufw enable`; or `/etc/nftables.conf` with
    /// `type filter hook input priority 0; policy drop;` and `systemctl enable --now nftables`.
    id: "firewall-none",
    surface: Firewall,
    title: "No packet filter is in force",
    severity: Medium,
    references: [Cwe "CWE-1188", Attack "T1190", Man "nft(8)", Man "ufw(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let firewall = cx.facts.firewall()?;
    if !firewall.enabled.is_empty() {
        return Ok(());
    }
    let Some(tables) = &firewall.tables else {
        cx.limits(&firewall.limits);
        return Ok(());
    };
    if tables.iter().any(|table| table == "filter") {
        return Ok(());
    }
    if firewall.nf_tables == Some(true) {
        return Err(Skip::not_assessed(
            "nf_tables is loaded and no manager is enabled: its rules are not shown in /proc",
        ));
    }
    if in_container(cx.facts) {
        return Err(Skip::not_applicable(
            "a container's packets are filtered by its host",
        ));
    }
    let nf_tables = match firewall.nf_tables {
        Some(_) => "not loaded",
        None => "this kernel has no modules; nothing would load its rules at boot",
    };
    let hit = Hit::new("No packet filter is in force or started at boot")
        .subject("packet filter")
        .evidence(
            "managers",
            "none of ufw, firewalld, nftables, iptables is enabled",
        )
        .evidence_at(
            "tables",
            "no table filter",
            "/proc/net/ip_tables_names",
            None,
        )
        .evidence("nf_tables", nf_tables);
    cx.hit(hit);
    Ok(())
}
