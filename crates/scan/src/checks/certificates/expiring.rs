//! Certificate is about to expire.

use super::{certificates, day, hit, name, none_at_all};
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// Certificates that expire within 30 days and have not expired yet. Certificates made for less
    /// than 30 days are left out: their renewal is automatic.
    ///
    /// # Why it matters
    /// A renewal that was forgotten becomes an outage on a day that is known beforehand.
    ///
    /// # Example
    /// A certificate that ends in two weeks, and no timer that renews it
    ///
    /// # Instead
    /// Renew it now, and let a timer do it from then on (`systemctl status certbot.timer`).
    id: "cert-expiring",
    surface: Certificates,
    title: "Certificate is about to expire",
    severity: Low,
    references: [Cwe "CWE-298", Man "x509(1)"],
}

const DAYS: i64 = 30;
const DAY_S: i64 = 24 * 60 * 60;

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let now_s = cx.facts.options().now_s;
    for certificate in certificates(cx)? {
        let left = certificate.not_after_s.saturating_sub(now_s);
        let life = certificate
            .not_after_s
            .saturating_sub(certificate.not_before_s);
        if !(0..DAYS * DAY_S).contains(&left) || life <= DAYS * DAY_S {
            continue;
        }
        let end = day(certificate.not_after_s);
        let title = format!("{} expires on {end}", name(certificate));
        cx.hit(hit(title, certificate).evidence("not_after", end));
    }
    none_at_all(cx)
}
