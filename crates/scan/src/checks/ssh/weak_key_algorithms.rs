//! Signatures that the server makes or accepts with SHA-1 or DSA.

use super::{names_one_of, weak_algorithms};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// `HostKeyAlgorithms`, `PubkeyAcceptedAlgorithms` and `CASignatureAlgorithms` hold neither
    /// `ssh-rsa` (RSA with SHA-1) nor `ssh-dss` (DSA).
    ///
    /// # Why it matters
    /// Signatures with SHA-1 can be forged for the price of some graphics cards; OpenSSH took them
    /// out of its defaults in 8.8. RSA keys keep working, with `rsa-sha2-256` and `rsa-sha2-512`.
    ///
    /// # Example
    /// `PubkeyAcceptedAlgorithms +ssh-rsa`
    ///
    /// # Instead
    /// Delete the line, and bring the old client to a release after 2016, or give it an Ed25519 key.
    id: "ssh-weak-key-algorithms",
    surface: Ssh,
    title: "SSH server accepts signatures with SHA-1",
    severity: Medium,
    references: [Cwe "CWE-328", Attack "T1557", Man "sshd_config(5)"],
}

const WEAK: [&str; 4] = [
    "ssh-rsa",
    "ssh-dss",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-dss-cert-v01@openssh.com",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for keyword in [
        "HostKeyAlgorithms",
        "PubkeyAcceptedAlgorithms",
        "CASignatureAlgorithms",
    ] {
        weak_algorithms(cx, keyword, "signatures with SHA-1 or DSA", |name| {
            names_one_of(name, &WEAK)
        })?;
    }
    Ok(())
}
