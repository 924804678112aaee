//! Authorized keys that are short or of an old kind.

use super::{key_files, key_name, keys_in};
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// The authorized keys of people and root: no DSA, and no RSA with fewer than 3072 bits. The bits
    /// are counted in the key itself; lines in comments do not count.
    ///
    /// # Why it matters
    /// Who computes the private half logs in as that user. DSA and 1024 bits have been within reach
    /// for years, and short keys are old keys: nobody knows where their copies are.
    ///
    /// # Example
    /// `ssh-rsa AAAAB3NzaC1yc2E...` with 1024 bits
    ///
    /// # Instead
    /// `ssh-keygen -t ed25519` on the client, add the new line, delete the old one.
    id: "ssh-authorized-keys-weak",
    surface: Ssh,
    title: "Authorized key is weak",
    severity: Low,
    references: [Cwe "CWE-326", Attack "T1098.004", Man "sshd(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    use casemate_schema::Severity;
    let users = cx.facts.users()?;
    for account in users.with_homes() {
        for file in key_files(cx, account) {
            for (line, key) in keys_in(cx, &file) {
                let Some(weakness) = key.key.weakness() else {
                    continue;
                };
                let short = key.key.bits.is_none_or(|bits| bits < 2048);
                let hit = Hit::new(format!(
                    "Key `{}` of `{}` is weak: {weakness}",
                    key_name(&key),
                    account.name
                ))
                .path(&file)
                .line(line)
                .subject(&account.name)
                .key(&key.key.fingerprint)
                .severity(if short {
                    Severity::Medium
                } else {
                    Severity::Low
                })
                .evidence("fingerprint", &key.key.fingerprint);
                cx.hit(hit);
            }
        }
    }
    Ok(())
}
