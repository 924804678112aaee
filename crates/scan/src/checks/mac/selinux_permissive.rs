//! SELinux that only watches.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mac;

check! {
    /// # What it checks
    /// `/sys/fs/selinux/enforce` of the running kernel: 0 is permissive. What
    /// `/etc/selinux/config` asks for is shown beside it.
    ///
    /// # Why it matters
    /// In permissive mode SELinux writes to the log what it would have refused, and refuses nothing.
    /// It is often switched off this way for a test and forgotten.
    ///
    /// # Example
    /// `SELINUX=enforcing` in the configuration, `setenforce 0` typed a year ago.
    ///
    /// # Instead
    /// `setenforce 1`, and `SELINUX=enforcing` in `/etc/selinux/config`. Look at `ausearch -m AVC`
    /// first for what would be refused.
    id: "mac-selinux-permissive",
    surface: Mac,
    title: "SELinux is permissive",
    severity: Medium,
    references: [Cwe "CWE-693", Attack "T1562.001", Man "setenforce(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let state = mac::read(cx.facts)?;
    if !state.selinux {
        return Err(Skip::not_applicable("SELinux is not on"));
    }
    match state.enforcing {
        Some(true) => Ok(()),
        None => Err(Skip::not_assessed("selinuxfs is not mounted")),
        Some(false) => {
            let mut hit = Hit::new("SELinux is permissive: it logs and refuses nothing")
                .path(mac::SELINUX_ENFORCE)
                .evidence_at("enforce", "0", mac::SELINUX_ENFORCE, Some(1));
            if let Some(text) = cx.facts.value_if_there(mac::SELINUX_CONFIG)?
                && let Some((mode, line)) = mac::selinux_config(&text)
            {
                hit = hit.evidence_at("configured", mode, mac::SELINUX_CONFIG, Some(line));
            }
            cx.hit(hit);
            Ok(())
        }
    }
}
