//! Whether every account may try to log in.

use super::hit_of;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// One of `AllowUsers`, `AllowGroups`, `DenyUsers`, `DenyGroups` says who may log in over SSH.
    ///
    /// # Why it matters
    /// Without one, every account that gets a shell and a password, also one that a package made,
    /// is open to the network from that moment on.
    ///
    /// # Example
    /// none of the four lines in `sshd_config`
    ///
    /// # Instead
    /// `AllowGroups ssh-users`, after `groupadd ssh-users` and `usermod -aG ssh-users NAME` for each
    /// person, yourself first.
    id: "ssh-no-user-restriction",
    surface: Ssh,
    title: "Every account may log in over SSH",
    severity: Info,
    references: [Cwe "CWE-284", Cis "Debian 12 5.1.4", Attack "T1021.004", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let lists = ["allowusers", "allowgroups", "denyusers", "denygroups"];
    if lists
        .iter()
        .all(|keyword| sshd.value(keyword).text.is_empty())
    {
        let value = sshd.value("allowgroups");
        cx.hit(hit_of(
            &value,
            "AllowGroups",
            "Every account may log in over SSH",
            "AllowGroups ssh-users",
        ));
    }
    Ok(())
}
