//! Keys that open root without any condition.

use super::{key_files, key_name, keys_in};
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Each authorized key of root (and of other accounts with uid 0) has `from=`, `command=` or
    /// `restrict` before it. Not looked at where `PermitRootLogin` is `no`.
    ///
    /// # Why it matters
    /// Such a key is root from everywhere, for as long as the line stands. A copy of it on a lost
    /// laptop or in a backup is enough.
    ///
    /// # Example
    /// `ssh-ed25519 AAAA... backup@old` in `/root/.ssh/authorized_keys`
    ///
    /// # Instead
    /// `from="192.0.2.10",command="/usr/local/sbin/backup",restrict ssh-ed25519 AAAA... backup`, or
    /// personal accounts with sudo and `PermitRootLogin no`.
    id: "ssh-authorized-keys-root",
    surface: Ssh,
    title: "Key opens root without any condition",
    severity: Low,
    references: [Cwe "CWE-284", Attack "T1098.004", Man "sshd(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let logins = sshd.values_for_user("permitrootlogin", "root");
    if logins.iter().all(|value| value.word() == "no") {
        return Ok(());
    }
    for account in users.accounts.iter().filter(|account| account.uid == 0) {
        for file in key_files(cx, account) {
            for (line, key) in keys_in(cx, &file) {
                let bound = ["from", "command", "restrict"];
                if key
                    .options
                    .iter()
                    .any(|option| bound.contains(&option.as_str()))
                {
                    continue;
                }
                let hit = Hit::new(format!(
                    "Key `{}` opens `{}` from everywhere",
                    key_name(&key),
                    account.name
                ))
                .path(&file)
                .line(line)
                .subject(&account.name)
                .key(&key.key.fingerprint)
                .evidence("kind", &key.key.kind)
                .evidence("fingerprint", &key.key.fingerprint);
                cx.hit(hit);
            }
        }
    }
    Ok(())
}
