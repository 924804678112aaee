//! Message authentication that is short or old.

use super::{names_one_of, weak_algorithms};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// The server's `MACs` hold no MD5, no RIPEMD, no SHA-1, no truncated (`-96`) and no 64-bit
    /// (`umac-64`) ones. The default of OpenSSH 9 still holds `hmac-sha1` and `umac-64`, which is
    /// reported as low.
    ///
    /// # Why it matters
    /// The MAC is what notices a changed packet. Short and old ones are within reach of somebody who
    /// sits on the line for long enough.
    ///
    /// # Example
    /// `MACs hmac-md5,hmac-sha2-256`
    ///
    /// # Instead
    /// `MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com`
    id: "ssh-weak-macs",
    surface: Ssh,
    title: "SSH server accepts weak message authentication",
    severity: Medium,
    references: [Cwe "CWE-327", Cis "Debian 12 5.1.15", Attack "T1557", Man "sshd_config(5)"],
}

const WEAK: [&str; 16] = [
    "hmac-md5",
    "hmac-md5-96",
    "hmac-md5-etm@openssh.com",
    "hmac-md5-96-etm@openssh.com",
    "hmac-ripemd160",
    "hmac-ripemd160@openssh.com",
    "hmac-ripemd160-etm@openssh.com",
    "hmac-sha1",
    "hmac-sha1-96",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha1-96-etm@openssh.com",
    "umac-64",
    "umac-64@openssh.com",
    "umac-64-etm@openssh.com",
    "none",
    "hmac-sha2-256-96",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    weak_algorithms(cx, "MACs", "weak message authentication", |name| {
        names_one_of(name, &WEAK)
    })
}
