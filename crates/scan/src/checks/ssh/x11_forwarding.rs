//! Whether remote programs may draw on the user's screen.

use super::hit_of;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// `X11Forwarding` is `no` for all connections and in every Match block.
    ///
    /// # Why it matters
    /// With it, root of this server reads keys and screens of people who log in with `ssh -X`. A
    /// server without graphical programs has no use for it. Debian's own file turns it on.
    ///
    /// # Example
    /// `X11Forwarding yes` in `/etc/ssh/sshd_config`
    ///
    /// # Instead
    /// `X11Forwarding no` in `/etc/ssh/sshd_config`, then `systemctl reload ssh`.
    id: "ssh-x11-forwarding",
    surface: Ssh,
    title: "SSH server forwards X11",
    severity: Low,
    references: [Cwe "CWE-441", Cis "Debian 12 5.1.8", Attack "T1563.001", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    for value in sshd.values("x11forwarding") {
        if value.word() == "yes" && !sshd.is("disableforwarding", "yes") {
            cx.hit(hit_of(
                &value,
                "X11Forwarding",
                "SSH server forwards X11",
                "X11Forwarding no",
            ));
        }
    }
    Ok(())
}
