//! Whether the server looks at the permissions of key files.

use super::hit_of;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// `StrictModes` is `yes`.
    ///
    /// # Why it matters
    /// Without it the server believes an `authorized_keys` that anybody may write to, so every user
    /// can add a key to an account whose home is open.
    ///
    /// # Example
    /// `StrictModes no` in `/etc/ssh/sshd_config`
    ///
    /// # Instead
    /// `StrictModes yes`, and repair what it then refuses: `chmod go-w ~ ~/.ssh ~/.ssh/authorized_keys`.
    id: "ssh-strict-modes",
    surface: Ssh,
    title: "SSH server ignores permissions of key files",
    severity: Medium,
    references: [Cwe "CWE-732", Attack "T1098.004", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let value = sshd.value("strictmodes");
    if value.word() == "no" {
        cx.hit(hit_of(
            &value,
            "StrictModes",
            "SSH server ignores permissions of key files",
            "StrictModes yes",
        ));
    }
    Ok(())
}
