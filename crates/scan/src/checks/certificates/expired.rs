//! Certificate has expired.

use super::{certificates, day, hit, name, none_at_all};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// Certificates in PEM or DER files outside of trust stores whose last second has passed. Of
    /// letsencrypt only the live ones count, not its archive.
    ///
    /// # Why it matters
    /// Clients refuse the service, or people learn to click warnings away and then do so for an
    /// attacker's certificate too.
    ///
    /// # Example
    /// A certificate in /etc/nginx/tls with `Not After: 2025-10-01`
    ///
    /// # Instead
    /// Renew it and reload the service (`certbot renew`, or your authority's way); remove it if
    /// nobody uses it.
    id: "cert-expired",
    surface: Certificates,
    title: "Certificate has expired",
    severity: Medium,
    references: [Cwe "CWE-298", Man "x509(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let now_s = cx.facts.options().now_s;
    for certificate in certificates(cx)? {
        if certificate.not_after_s >= now_s {
            continue;
        }
        let end = day(certificate.not_after_s);
        let title = format!("{} expired on {end}", name(certificate));
        cx.hit(hit(title, certificate).evidence("not_after", end));
    }
    none_at_all(cx)
}
