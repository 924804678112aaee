//! What else the server forwards.

use super::hit_of;
use crate::check::{Cx, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `GatewayPorts` and `PermitTunnel` are off; `AllowTcpForwarding` and `AllowAgentForwarding`,
    /// which are on by default, are reported as info. `DisableForwarding yes` turns all off.
    ///
    /// # Why it matters
    /// Who has any account gets through the firewall with it: connections come from this server.
    /// With `GatewayPorts` the way is open to all other hosts, with `PermitTunnel` networks are
    /// joined. A forwarded agent lets root of this server use the keys of its visitors.
    ///
    /// # Example
    /// `GatewayPorts yes` in `/etc/ssh/sshd_config`
    ///
    /// # Instead
    /// `DisableForwarding yes`, with a Match block for people who need it:
    /// `Match Group tunnels` and `AllowTcpForwarding local`.
    id: "ssh-forwarding",
    surface: Ssh,
    title: "SSH server forwards connections",
    severity: Low,
    references: [Cwe "CWE-441", Cis "Debian 12 5.1.8", Attack "T1572", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    if sshd.is("disableforwarding", "yes") {
        return Ok(());
    }
    let all = [
        (
            "GatewayPorts",
            Severity::Medium,
            "SSH server opens forwarded ports to other hosts",
        ),
        (
            "PermitTunnel",
            Severity::Medium,
            "SSH server joins networks by tunnel devices",
        ),
        (
            "AllowTcpForwarding",
            Severity::Info,
            "SSH server forwards TCP connections",
        ),
        (
            "AllowAgentForwarding",
            Severity::Info,
            "SSH server forwards key agents",
        ),
    ];
    for (keyword, severity, problem) in all {
        let values = sshd.values(&keyword.to_ascii_lowercase());
        for value in values {
            // A block that repeats what holds for all is no news.
            if value.word() != "no" {
                let fix = format!("{keyword} no");
                cx.hit(hit_of(&value, keyword, problem, &fix).severity(severity));
            }
        }
    }
    Ok(())
}
