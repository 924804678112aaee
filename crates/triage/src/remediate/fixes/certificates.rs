//! Fixes of certificates and private keys.

use crate::remediate::fix::{Fix, low, person};

pub(super) static FIXES: &[Fix] = &[
    person(
        "cert-expired",
        "Renew expired certificates",
        30,
        "only its authority can sign a new one; clients refuse the old one already",
    ),
    person(
        "cert-expiring",
        "Renew certificates before they expire",
        30,
        "only its authority can sign a new one",
    ),
    low(
        "cert-private-key-permissions",
        "Close private keys of services to others",
        5,
        "a service that runs as another user needs the key through its own group",
        |d, f| d.close_kept(f, 0o077),
    ),
    person(
        "cert-weak-key",
        "Replace certificates with short keys",
        60,
        "only its authority can sign a new one",
    ),
    person(
        "cert-weak-signature",
        "Replace certificates with broken signatures",
        60,
        "only its authority can sign a new one",
    ),
];
