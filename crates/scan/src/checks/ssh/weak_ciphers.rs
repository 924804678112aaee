//! Ciphers that are broken or wear out.

use super::{names_one_of, weak_algorithms};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// The server's `Ciphers` (defaults with `+`, `-`, `^` applied) hold no CBC mode, no 3DES,
    /// Blowfish, CAST or RC4.
    ///
    /// # Why it matters
    /// CBC in SSH leaks plain text to who can cut into the stream; ciphers with blocks of 64 bits
    /// repeat after some gigabytes (Sweet32); RC4 is biased.
    ///
    /// # Example
    /// `Ciphers +aes128-cbc`
    ///
    /// # Instead
    /// Delete the line: the default holds strong ciphers alone. Or
    /// `Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr`.
    id: "ssh-weak-ciphers",
    surface: Ssh,
    title: "SSH server accepts weak ciphers",
    severity: Medium,
    references: [Cwe "CWE-327", Cis "Debian 12 5.1.6", Attack "T1557", Man "sshd_config(5)"],
}

const WEAK: [&str; 13] = [
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "rijndael-cbc@lysator.liu.se",
    "blowfish-cbc",
    "cast128-cbc",
    "arcfour",
    "arcfour128",
    "arcfour256",
    "des-cbc",
    "none",
    "acss@openssh.org",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    weak_algorithms(cx, "Ciphers", "weak ciphers", |name| {
        names_one_of(name, &WEAK)
    })
}
