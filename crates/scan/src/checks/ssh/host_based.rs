//! Whether the server believes other hosts.

use super::hit_of;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// `HostbasedAuthentication` is `no`; where it is on, `IgnoreRhosts` keeps users from adding
    /// hosts of their own.
    ///
    /// # Why it matters
    /// With it root of one host is every user of the next, without a key or password: one break-in
    /// spreads by itself.
    ///
    /// # Example
    /// `HostbasedAuthentication yes`
    ///
    /// # Instead
    /// `HostbasedAuthentication no` and `IgnoreRhosts yes`; remove `/etc/ssh/shosts.equiv`.
    id: "ssh-host-based-authentication",
    surface: Ssh,
    title: "SSH server believes other hosts",
    severity: Medium,
    references: [Cwe "CWE-291", Cis "Debian 12 5.1.10", Cis "Debian 12 5.1.11", Attack "T1021.004", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let mut on = false;
    for value in sshd.values("hostbasedauthentication") {
        if value.word() == "yes" {
            on = true;
            cx.hit(hit_of(
                &value,
                "HostbasedAuthentication",
                "SSH server believes other hosts",
                "HostbasedAuthentication no",
            ));
        }
    }
    for value in sshd.values("ignorerhosts") {
        if on && value.word() != "yes" {
            cx.hit(hit_of(
                &value,
                "IgnoreRhosts",
                "SSH server believes lists of hosts in homes",
                "IgnoreRhosts yes",
            ));
        }
    }
    Ok(())
}
