//! Host keys that are short or of an old kind.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{ssh_keys, text, trust};
use std::path::PathBuf;

check! {
    /// # What it checks
    /// The public halves (`.pub`) of the host keys: no DSA, and no RSA with fewer than 3072 bits. The
    /// bits are counted in the key itself.
    ///
    /// # Why it matters
    /// Who computes the private half can pretend to be this host. 1024 bits have been within reach
    /// for years; 2048 should not carry secrets beyond 2030.
    ///
    /// # Example
    /// `/etc/ssh/ssh_host_rsa_key.pub` with an RSA key of 2048 bits
    ///
    /// # Instead
    /// `rm /etc/ssh/ssh_host_rsa_key*`, then `ssh-keygen -t rsa -b 4096 -N '' -f /etc/ssh/ssh_host_rsa_key`,
    /// or keep the Ed25519 key alone.
    id: "ssh-weak-host-key",
    surface: Ssh,
    title: "Host key is weak",
    severity: Low,
    references: [Cwe "CWE-326", Attack "T1557", Man "ssh-keygen(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    use casemate_schema::Severity;
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let mut seen = false;
    for file in sshd.value("hostkey").text.split_whitespace() {
        let path = PathBuf::from(format!("{file}.pub"));
        let Some(bytes) = trust::content(cx, &path) else {
            continue;
        };
        let key = text::lines(&bytes)
            .iter()
            .find_map(|line| ssh_keys::authorized_key(&line.text));
        let Some(key) = key else {
            continue;
        };
        seen = true;
        if let Some(weakness) = key.key.weakness() {
            let short = key.key.bits.is_some_and(|bits| bits < 2048);
            let hit = Hit::new(format!("Host key {file} is weak: {weakness}"))
                .path(&path)
                .severity(if short {
                    Severity::Medium
                } else {
                    Severity::Low
                })
                .evidence("kind", &key.key.kind)
                .evidence("fingerprint", &key.key.fingerprint);
            cx.hit(hit);
        }
    }
    if !seen {
        return Err(Skip::not_applicable(
            "the SSH server has no public host keys",
        ));
    }
    Ok(())
}
