//! What the packet filter does with packets that no rule names.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::firewall::Input;
use std::collections::BTreeMap;
use std::path::Path;

check! {
    /// # What it checks
    /// The files of the enabled managers: `DEFAULT_INPUT_POLICY` of ufw, the target of firewalld's
    /// default zone, the policy of nftables chains that hook into input, and `:INPUT` of saved
    /// iptables rules. A last rule that drops everything counts as a policy.
    ///
    /// # Why it matters
    /// With the policy `accept`, the filter stops only what somebody thought of. A new service is
    /// open to the network at once.
    ///
    /// # Example
    /// `chain input { type filter hook input priority 0; policy accept; tcp dport 3306 drop; }`
    ///
    /// # Instead
    /// First a rule for SSH, then the policy: `ufw default deny incoming`; `policy drop;` in
    /// `/etc/nftables.conf`; `:INPUT DROP [0:0]` in `/etc/iptables/rules.v4`.
    id: "firewall-default-policy",
    surface: Firewall,
    title: "The packet filter takes what no rule names",
    severity: Medium,
    references: [Cwe "CWE-276", Attack "T1190", Man "nft(8)", Man "iptables(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let firewall = cx.facts.firewall()?;
    if firewall.enabled.is_empty() {
        return Err(Skip::not_applicable(
            "no manager of a packet filter is enabled",
        ));
    }
    cx.limits(&firewall.limits);
    if firewall.inputs.is_empty() && firewall.limits.is_empty() {
        let names: Vec<&str> = firewall
            .enabled
            .iter()
            .map(|manager| manager.as_str())
            .collect();
        let hit = Hit::new(format!(
            "{} starts at boot and filters no input",
            names.join(", ")
        ))
        .subject("no input rules")
        .evidence("enabled", names.join(" "));
        cx.hit(hit);
    }
    // Chains of one hook run one after the other: a packet must pass all of them.
    let mut open: BTreeMap<&Path, (&Input, Vec<&str>)> = BTreeMap::new();
    for family in ["IPv4", "IPv6"] {
        let covers = |input: &&Input| {
            if family == "IPv4" {
                input.ipv4
            } else {
                input.ipv6
            }
        };
        let Some(first) = firewall.inputs.iter().find(covers) else {
            continue;
        };
        if firewall
            .inputs
            .iter()
            .filter(covers)
            .all(|input| input.open)
        {
            let entry = open
                .entry(&first.path)
                .or_insert_with(|| (first, Vec::new()));
            entry.1.push(family);
        }
    }
    for (path, (input, families)) in open {
        let title = format!(
            "The packet filter takes {} packets that no rule names",
            families.join(" and ")
        );
        let mut hit =
            Hit::new(title)
                .path(path)
                .evidence_at("policy", &input.text, path, input.line);
        if let Some(line) = input.line {
            hit = hit.line(line);
        }
        cx.hit(hit);
    }
    Ok(())
}
