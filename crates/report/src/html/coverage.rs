//! What was looked at: one row a check, those that could not look first.

use crate::words;
use casemate_base::text::printable;
use casemate_schema::{CheckCoverage, Coverage, Status};

/// A check in the table.
#[derive(Debug)]
pub(super) struct CheckRow {
    pub(super) id: String,
    pub(super) surface: String,
    pub(super) status: &'static str,
    pub(super) sign: &'static str,
    pub(super) class: &'static str,
    pub(super) reason: String,
    pub(super) findings: u64,
    pub(super) privileges: bool,
}

/// The order in which a reader wants the states: what is not known comes first.
const ORDER: [Status; 4] = [
    Status::NotAssessed,
    Status::Hit,
    Status::Passed,
    Status::NotApplicable,
];

/// Sign and class of a state.
pub(super) const fn sign(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Hit => ("\u{2715}", "hit"),
        Status::Passed => ("\u{2713}", "pass"),
        Status::NotApplicable => ("\u{2013}", "na"),
        Status::NotAssessed => ("?", "unseen"),
    }
}

pub(super) fn checks(coverage: &Coverage) -> Vec<CheckRow> {
    ORDER
        .into_iter()
        .flat_map(|status| {
            let mut members: Vec<&CheckCoverage> = coverage
                .checks
                .iter()
                .filter(|check| check.status == status)
                .collect();
            members.sort_by_key(|check| (&check.surface, &check.id));
            members
        })
        .map(row)
        .collect()
}

fn row(check: &CheckCoverage) -> CheckRow {
    let (sign, class) = sign(check.status);
    CheckRow {
        id: printable(&check.id).into_owned(),
        surface: words::surface(&check.surface),
        status: words::status(check.status),
        sign,
        class,
        reason: check
            .reason
            .as_deref()
            .map(|reason| printable(reason).into_owned())
            .unwrap_or_default(),
        findings: check.findings,
        privileges: check.privileges,
    }
}
