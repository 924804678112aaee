//! Whether accounts without a password are open to the network.

use super::hit_of;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// `PermitEmptyPasswords` is `no` for all connections and in every Match block.
    ///
    /// # Why it matters
    /// With it, an account whose password field is empty is open to everybody who reaches the port.
    ///
    /// # Example
    /// `PermitEmptyPasswords yes` in a Match block
    ///
    /// # Instead
    /// `PermitEmptyPasswords no`, and lock accounts without a password: `passwd -l NAME`.
    id: "ssh-empty-passwords",
    surface: Ssh,
    title: "SSH server lets in accounts without a password",
    severity: High,
    references: [Cwe "CWE-258", Cis "Debian 12 5.1.19", Attack "T1078.003", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    for value in sshd.values("permitemptypasswords") {
        if value.word() == "yes" {
            cx.hit(hit_of(
                &value,
                "PermitEmptyPasswords",
                "SSH server lets in accounts without a password",
                "PermitEmptyPasswords no",
            ));
        }
    }
    Ok(())
}
