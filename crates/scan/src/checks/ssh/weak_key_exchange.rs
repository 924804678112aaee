//! Key exchange that can be broken later.

use super::{names_one_of, weak_algorithms};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// The server's `KexAlgorithms` hold none with SHA-1 or with a group of 1024 bits.
    ///
    /// # Why it matters
    /// Who breaks the key exchange reads the whole session, also one that was recorded years ago. A
    /// group of 1024 bits is within the means of states, and one computation serves for all hosts.
    ///
    /// # Example
    /// `KexAlgorithms +diffie-hellman-group1-sha1`
    ///
    /// # Instead
    /// Delete the line: the default holds strong ones alone. Or
    /// `KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256`.
    id: "ssh-weak-key-exchange",
    surface: Ssh,
    title: "SSH server accepts weak key exchange",
    severity: Medium,
    references: [Cwe "CWE-326", Cis "Debian 12 5.1.12", Attack "T1040", Man "sshd_config(5)"],
}

const WEAK: [&str; 5] = [
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "rsa1024-sha1",
    "gss-group1-sha1-",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    weak_algorithms(cx, "KexAlgorithms", "weak key exchange", |name| {
        names_one_of(name, &WEAK)
    })
}
