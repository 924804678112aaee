//! Two programs that both think the packet filter is theirs.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Whether more than one of ufw, firewalld, nftables.service and netfilter-persistent is enabled.
    ///
    /// # Why it matters
    /// Each of them loads its rules at boot and some begin by removing all others. Which rules are in
    /// force then depends on the order, and a change in one of them is lost.
    ///
    /// # Example
    /// `ENABLED=yes` in `/etc/ufw/ufw.conf` and `nftables.service` enabled with `flush ruleset`.
    ///
    /// # Instead
    /// Choose one and disable the others: `systemctl disable --now nftables` or `ufw disable`.
    id: "firewall-several-managers",
    surface: Firewall,
    title: "Several programs manage the packet filter",
    severity: Low,
    references: [Cwe "CWE-1188", Cis "Debian 12 4.1.1", Man "nft(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let firewall = cx.facts.firewall()?;
    if firewall.enabled.is_empty() {
        return Err(Skip::not_applicable(
            "no manager of a packet filter is enabled",
        ));
    }
    if firewall.enabled.len() > 1 {
        let names: Vec<&str> = firewall
            .enabled
            .iter()
            .map(|manager| manager.as_str())
            .collect();
        let hit = Hit::new(format!("{} all manage the packet filter", names.join(", ")))
            .subject("packet filter")
            .evidence("enabled", names.join(" "));
        cx.hit(hit);
    }
    Ok(())
}
