//! Whether guessing passwords has an end.

use super::services;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Where the SSH server is enabled, something should shut out addresses that guess passwords: fail2ban, sshguard, CrowdSec or DenyHosts.
    ///
    /// # Why it matters
    /// Every reachable SSH server is tried by robots all day. A tool that bans them keeps the log readable and slows guessing.
    ///
    /// # Example
    /// `ssh.service` is enabled, `fail2ban.service` is not.
    ///
    /// # Instead
    /// `apt install fail2ban && systemctl enable --now fail2ban`; better still, allow keys alone: `PasswordAuthentication no`.
    id: "log-fail2ban-missing",
    surface: Logging,
    title: "Nothing shuts out password guessing over SSH",
    severity: Info,
    references: [Cwe "CWE-307", Attack "T1110", Man "fail2ban(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let services = services(cx)?;
    let Some(server) = services.enabled(&["ssh", "sshd", "ssh.socket", "sshd.socket"])? else {
        return Err(Skip::not_applicable("no SSH server is enabled"));
    };
    if !cx.facts.exists("/usr/sbin/sshd") {
        return Err(Skip::not_applicable("no SSH server is installed"));
    }
    let guards = ["fail2ban", "sshguard", "crowdsec", "denyhosts"];
    if services.enabled(&guards)?.is_none() {
        let hit = Hit::new("Nothing shuts out password guessing over SSH")
            .subject("ssh")
            .evidence("server", server.to_string_lossy());
        cx.hit(hit);
    }
    Ok(())
}
