//! A packet filter that forgets IPv6.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sysctl;

check! {
    /// # What it checks
    /// Where files filter IPv4 input, IPv6 input must be filtered too: `IPV6=yes` of ufw, a table of
    /// the family `inet` or `ip6` for nftables, `rules.v6` for iptables. Left out where the kernel has
    /// IPv6 disabled.
    ///
    /// # Why it matters
    /// Most hosts have IPv6 addresses without anybody having set them up. All that the filter closes
    /// is then open on that way.
    ///
    /// # Example
    /// `/etc/iptables/rules.v4` with `:INPUT DROP`, and no `rules.v6`.
    ///
    /// # Instead
    /// `IPV6=yes` in `/etc/default/ufw` and `ufw reload`; `table inet filter` in `/etc/nftables.conf`;
    /// `ip6tables-save > /etc/iptables/rules.v6` after writing the rules.
    id: "firewall-ipv6-unfiltered",
    surface: Firewall,
    title: "IPv6 is not filtered",
    severity: Medium,
    references: [Cwe "CWE-1327", Attack "T1190", Man "ip6tables(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let firewall = cx.facts.firewall()?;
    let disabled = sysctl::live(cx.facts, "net/ipv6/conf/all/disable_ipv6")?;
    if disabled.as_deref() != Some("0") {
        return Err(Skip::not_applicable("the kernel has IPv6 disabled"));
    }
    let Some(first) = firewall.inputs.iter().find(|input| input.ipv4) else {
        return Err(Skip::not_applicable("no file filters IPv4 input"));
    };
    cx.limits(&firewall.limits);
    if !firewall.inputs.iter().any(|input| input.ipv6) {
        let hit = Hit::new("IPv4 is filtered and IPv6 is not")
            .path(&first.path)
            .evidence_at("ipv4", &first.text, &first.path, first.line)
            .evidence("ipv6", "no rules for input")
            .evidence_at(
                "disable_ipv6",
                "0",
                "/proc/sys/net/ipv6/conf/all/disable_ipv6",
                Some(1),
            );
        cx.hit(hit);
    }
    Ok(())
}
