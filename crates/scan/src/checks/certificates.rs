//! Checks of the certificates of this host's services.

mod expired;
mod expiring;
mod key_permissions;
mod weak_key;
mod weak_signature;

use crate::check::{Check, Cx, Hit, Limit, Skip};
use crate::facts::certificates::Certificate;
use casemate_base::Timestamp;

pub(crate) static FAMILY: &[&Check] = &[
    &expired::CHECK,
    &expiring::CHECK,
    &weak_signature::CHECK,
    &weak_key::CHECK,
    &key_permissions::CHECK,
];

/// The certificates of the host; what could not be read becomes a limit.
fn certificates<'a>(cx: &mut Cx<'a>) -> Result<&'a [Certificate], Skip> {
    let facts = cx.facts;
    let found = facts.certificates()?;
    cx.limits(&found.limits);
    facts
        .survey()?
        .candidate_limits(cx, crate::facts::survey::Candidate::Certificate);
    Ok(&found.all)
}

/// A hit about a certificate: its file, line and holder; its serial number keeps it apart.
fn hit(title: String, certificate: &Certificate) -> Hit {
    Hit::new(title)
        .path(&certificate.path)
        .line(certificate.line)
        .subject(&certificate.subject)
        .key(&certificate.serial)
}

/// A day as people write it, `2025-10-09`.
fn day(time_s: i64) -> String {
    match Timestamp::from_unix_seconds(time_s) {
        Ok(time) => time.date(),
        Err(_) => "a time beyond all calendars".to_owned(),
    }
}

/// Says that there is no certificate to judge, if the walk saw all places.
fn none_at_all(cx: &Cx<'_>) -> Result<(), Skip> {
    let found = cx.facts.certificates()?;
    let whole = found.limits.is_empty() && cx.facts.survey()?.is_whole();
    if found.all.is_empty() && whole {
        return Err(Skip::not_applicable("there is no certificate of a service"));
    }
    Ok(())
}

/// The name that a title gives a certificate.
fn name(certificate: &Certificate) -> String {
    format!(
        "`{}` in `{}`",
        certificate.subject,
        certificate.path.display()
    )
}

/// A limit for what a check cannot judge.
fn unknown(certificate: &Certificate, what: &str) -> Limit {
    Limit {
        reason: format!(
            "{} of `{}` is of an unknown kind",
            what,
            certificate.path.display()
        ),
        privileges: false,
    }
}
