//! What changed between two reports, and what cannot be said.
//!
//! A finding is `new` or `gone` only when the other report's coverage shows that its check looked;
//! otherwise it is not compared, with the reason. That is why a scan as an ordinary user does not
//! make yesterday's findings look fixed.

use crate::{Finding, Report, Severity, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The comparison of an older report A with a newer report B.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    /// [`crate::SCHEMA_VERSION`] of the writer.
    pub schema_version: String,
    /// In B and not in A, whose check looked.
    pub new: Vec<Finding>,
    /// In A and not in B, whose check looked.
    pub gone: Vec<Finding>,
    /// In both, with another severity or other evidence.
    pub changed: Vec<Changed>,
    /// Number of findings that are the same in both.
    pub unchanged: u64,
    /// Checks whose results cannot be compared.
    pub not_compared: Vec<NotCompared>,
}

/// A finding that is in both reports, and differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The finding's id.
    pub id: String,
    /// Title in B.
    pub title: String,
    /// Severity in A.
    pub severity_before: Severity,
    /// Severity in B.
    pub severity_after: Severity,
    /// Names of the fields that differ, sorted.
    pub fields: Vec<String>,
}

/// A check whose findings in one report have no counterpart that could be looked for in the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotCompared {
    /// The check.
    pub check: String,
    /// `a` or `b`: the report in which it did not look.
    pub missing_in: String,
    /// Why, in that report's words.
    pub reason: String,
    /// The other report's findings of that check, by id.
    pub findings: Vec<String>,
}

/// Compares two reports, A the older one.
#[must_use]
pub fn diff(a: &Report, b: &Report) -> Diff {
    let before = by_id(a);
    let after = by_id(b);
    let mut out = Diff {
        schema_version: crate::SCHEMA_VERSION.to_owned(),
        ..Diff::default()
    };
    let mut unseen: BTreeMap<(String, &str), NotCompared> = unseen_checks(a, b);
    for (id, finding) in &after {
        match before.get(id) {
            Some(old) => match changed(old, finding) {
                Some(change) => out.changed.push(change),
                None => out.unchanged += 1,
            },
            None => match unseen.get_mut(&(finding.source.check.to_string(), "a")) {
                Some(entry) => entry.findings.push((*id).to_owned()),
                None => out.new.push((*finding).clone()),
            },
        }
    }
    for (id, finding) in before.iter().filter(|(id, _)| !after.contains_key(*id)) {
        match unseen.get_mut(&(finding.source.check.to_string(), "b")) {
            Some(entry) => entry.findings.push((*id).to_owned()),
            None => out.gone.push((*finding).clone()),
        }
    }
    out.not_compared = unseen.into_values().collect();
    out
}

fn by_id(report: &Report) -> BTreeMap<&str, &Finding> {
    report
        .findings
        .iter()
        .map(|finding| (finding.id.as_str(), finding))
        .collect()
}

/// The checks that looked in one report and not (or not at all) in the other.
fn unseen_checks<'a>(a: &Report, b: &Report) -> BTreeMap<(String, &'a str), NotCompared> {
    let mut out = BTreeMap::new();
    for (side, report, other) in [("a", a, b), ("b", b, a)] {
        let mut reasons: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for check in &other.coverage.checks {
            reasons.insert(&check.id, Some("the check was not part of this scan"));
        }
        for finding in &other.findings {
            reasons.insert(
                &finding.source.check,
                Some("the check was not part of this scan"),
            );
        }
        for check in &report.coverage.checks {
            let unseen = match check.status {
                Status::Hit | Status::Passed | Status::NotApplicable => None,
                Status::NotAssessed => Some(check.reason.as_deref().unwrap_or("not assessed")),
            };
            reasons.insert(&check.id, unseen);
        }
        for (check, reason) in reasons {
            let Some(reason) = reason else { continue };
            let entry = NotCompared {
                check: check.to_owned(),
                missing_in: side.to_owned(),
                reason: reason.to_owned(),
                findings: Vec::new(),
            };
            out.insert((check.to_owned(), side), entry);
        }
    }
    out
}

fn changed(old: &Finding, new: &Finding) -> Option<Changed> {
    let mut fields: Vec<String> = Vec::new();
    let mut note = |differs: bool, name: &str| {
        if differs {
            fields.push(name.to_owned());
        }
    };
    note(old.evidence != new.evidence, "evidence");
    note(old.location != new.location, "location");
    note(old.severity != new.severity, "severity");
    note(old.title != new.title, "title");
    if fields.is_empty() {
        return None;
    }
    Some(Changed {
        id: new.id.to_string(),
        title: new.title.to_string(),
        severity_before: old.severity,
        severity_after: new.severity,
        fields,
    })
}
