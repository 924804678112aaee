//! Whether root may log in over the network with a password.

use super::hit_of;
use crate::check::{Cx, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The value of `PermitRootLogin` that counts is not `yes`. Included files, the first value that
    /// wins, and Match blocks that can hold for root are resolved; blocks for other users are not
    /// about root. It is less grave where passwords are off for everybody.
    ///
    /// # Why it matters
    /// `root` exists on every host, so guessing needs the password alone, and a success is the whole
    /// host. With personal accounts and sudo the log also says who it was.
    ///
    /// # Example
    /// `PermitRootLogin yes` in `/etc/ssh/sshd_config.d/50-cloud.conf`, which is read before the
    /// `PermitRootLogin no` below the Include line.
    ///
    /// # Instead
    /// `PermitRootLogin no` (or `prohibit-password` where automation logs in by key), then
    /// `sshd -T | grep permitrootlogin`.
    id: "ssh-root-login",
    surface: Ssh,
    title: "Root may log in with a password",
    severity: High,
    references: [Cwe "CWE-250", Cis "Debian 12 5.1.20", Attack "T1021.004", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let passwords = !sshd.is("passwordauthentication", "no")
        || (!sshd.is("kbdinteractiveauthentication", "no") && sshd.is("usepam", "yes"));
    for value in sshd.values_for_user("permitrootlogin", "root") {
        if value.word() == "yes" {
            let hit = hit_of(
                &value,
                "PermitRootLogin",
                "Root may log in over SSH",
                "PermitRootLogin no",
            )
            .severity(if passwords {
                Severity::High
            } else {
                Severity::Low
            })
            .evidence("passwords", if passwords { "accepted" } else { "off" });
            cx.hit(hit);
        }
    }
    Ok(())
}
