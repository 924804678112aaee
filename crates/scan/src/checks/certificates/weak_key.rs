//! Certificate has a short key.

use super::{certificates, hit, name, none_at_all, unknown};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// Certificates with an RSA or DSA key of less than 2048 bits or an elliptic curve of less than
    /// 224.
    ///
    /// # Why it matters
    /// Such keys are within reach of people with money (NIST SP 800-131A), who then are the server.
    ///
    /// # Example
    /// `Public-Key: (1024 bit)`
    ///
    /// # Instead
    /// Make a new key and have the certificate issued anew: `openssl ecparam -genkey -name
    /// prime256v1`.
    id: "cert-weak-key",
    surface: Certificates,
    title: "Certificate has a short key",
    severity: Medium,
    references: [Cwe "CWE-326", Man "x509(1)"],
}

/// Keys whose length says nothing: Ed25519 and Ed448 come as kinds of their own.
fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for certificate in certificates(cx)? {
        let Some((kind, bits)) = certificate.key else {
            continue;
        };
        if bits == 0 {
            cx.limit(unknown(certificate, "the key"));
            continue;
        }
        let least = if kind == "EC" { 224 } else { 2048 };
        if bits >= least {
            continue;
        }
        let title = format!("{} has a key of {bits} bits", name(certificate));
        let severity = if bits < least / 2 + 1 && kind != "EC" {
            casemate_schema::Severity::High
        } else {
            casemate_schema::Severity::Medium
        };
        cx.hit(
            hit(title, certificate)
                .severity(severity)
                .evidence("key", format!("{kind} {bits}")),
        );
    }
    none_at_all(cx)
}
