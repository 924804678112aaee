//! Certificate is signed with a broken digest.

use super::{certificates, hit, name, none_at_all};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// Certificates that are signed with MD2, MD4, MD5 or SHA-1. Those that sign themselves are left
    /// out: nobody trusts a root for its signature.
    ///
    /// # Why it matters
    /// Two certificates with one digest can be made: an attacker gets a harmless one signed and uses
    /// the other.
    ///
    /// # Example
    /// `Signature Algorithm: sha1WithRSAEncryption`
    ///
    /// # Instead
    /// Have it issued anew with SHA-256 or better: `openssl req -new -sha256 ...`.
    id: "cert-weak-signature",
    surface: Certificates,
    title: "Certificate is signed with a broken digest",
    severity: Medium,
    references: [Cwe "CWE-327", Man "x509(1)"],
}

/// Object identifiers of RFC 3279 and PKCS #1, and the digest of each.
const BROKEN: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "MD2"),
    ("1.2.840.113549.1.1.3", "MD4"),
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.2.840.10040.4.3", "SHA-1"),
    ("1.2.840.10045.4.1", "SHA-1"),
    ("1.3.14.3.2.29", "SHA-1"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for certificate in certificates(cx)? {
        let digest = BROKEN
            .iter()
            .find(|(known, _)| *known == certificate.signature);
        let Some((_, digest)) = digest.filter(|_| !certificate.self_signed) else {
            continue;
        };
        let title = format!("{} is signed with {digest}", name(certificate));
        cx.hit(hit(title, certificate).evidence("signature", *digest));
    }
    none_at_all(cx)
}
