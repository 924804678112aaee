//! What was looked at, what was not, and why: the third state beside "wrong" and "right".
//!
//! "Could not look" must never read as "clean": every table, score and comparison is computed from
//! this record.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state of one check on one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It looked and found something.
    Hit,
    /// It looked at all there is and found nothing.
    Passed,
    /// What it looks at does not exist here.
    NotApplicable,
    /// It could not look, or not at everything, and found nothing in what it saw.
    NotAssessed,
}

impl Status {
    /// All states, in the order in which tables show them.
    pub const ALL: [Self; 4] = [
        Self::Hit,
        Self::Passed,
        Self::NotApplicable,
        Self::NotAssessed,
    ];

    /// The word used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Passed => "passed",
            Self::NotApplicable => "not_applicable",
            Self::NotAssessed => "not_assessed",
        }
    }
}

/// What a scan looked at, by surface and by check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// One entry a surface that was asked for, sorted by name.
    pub surfaces: Vec<SurfaceCoverage>,
    /// One entry a check, sorted by identifier.
    pub checks: Vec<CheckCoverage>,
}

/// One surface's state, from its checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurfaceCoverage {
    /// The surface's name, such as `ssh`.
    pub surface: String,
    /// `hit` if any check hit; else `not_assessed` if any could not look; else `passed` if any
    /// passed; else `not_applicable`.
    pub status: Status,
    /// Why not all of it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Number of checks in each state.
    pub counts: BTreeMap<Status, u64>,
}

/// One check's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckCoverage {
    /// The check's identifier, such as `ssh-root-login`.
    pub id: String,
    /// The surface that it belongs to.
    pub surface: String,
    /// What came of it.
    pub status: Status,
    /// Why it does not apply, could not look, or saw only a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether missing privileges are what kept it from seeing everything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privileges: bool,
    /// Number of findings that it made.
    pub findings: u64,
}

impl Coverage {
    /// Builds the record from the checks, deriving each surface's state.
    #[must_use]
    pub fn from_checks(mut checks: Vec<CheckCoverage>) -> Self {
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        let mut by_surface: BTreeMap<&str, Vec<&CheckCoverage>> = BTreeMap::new();
        for check in &checks {
            by_surface.entry(&check.surface).or_default().push(check);
        }
        let surfaces = by_surface
            .into_iter()
            .map(|(surface, members)| SurfaceCoverage::from_members(surface, &members))
            .collect();
        Self { surfaces, checks }
    }

    /// Whether anything was left unseen for want of privileges.
    #[must_use]
    pub fn lacked_privileges(&self) -> bool {
        self.checks.iter().any(|check| check.privileges)
    }

    /// Number of checks in the given state.
    #[must_use]
    pub fn count(&self, status: Status) -> u64 {
        self.checks
            .iter()
            .filter(|check| check.status == status)
            .count() as u64
    }
}

impl SurfaceCoverage {
    fn from_members(surface: &str, members: &[&CheckCoverage]) -> Self {
        let mut counts: BTreeMap<Status, u64> = BTreeMap::new();
        for member in members {
            *counts.entry(member.status).or_default() += 1;
        }
        let status = [Status::Hit, Status::NotAssessed, Status::Passed]
            .into_iter()
            .find(|status| counts.contains_key(status))
            .unwrap_or(Status::NotApplicable);
        let unseen: std::collections::BTreeSet<&str> = members
            .iter()
            .filter(|member| member.status != Status::NotApplicable || status == member.status)
            .filter_map(|member| member.reason.as_deref())
            .collect();
        let reason =
            (!unseen.is_empty()).then(|| unseen.into_iter().collect::<Vec<_>>().join("; "));
        Self {
            surface: surface.to_owned(),
            status,
            reason,
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, status: Status, reason: Option<&str>) -> CheckCoverage {
        CheckCoverage {
            id: id.to_owned(),
            surface: "ssh".to_owned(),
            status,
            reason: reason.map(str::to_owned),
            privileges: false,
            findings: 0,
        }
    }

    #[test]
    fn a_surface_that_was_not_seen_is_never_passed() {
        let coverage = Coverage::from_checks(vec![
            check("b", Status::Passed, None),
            check("a", Status::NotAssessed, Some("permission denied")),
            check("c", Status::NotApplicable, Some("no such file")),
        ]);
        assert_eq!(coverage.surfaces[0].status, Status::NotAssessed);
        assert_eq!(
            coverage.surfaces[0].reason.as_deref(),
            Some("permission denied")
        );
        assert_eq!(coverage.checks[0].id, "a");
        assert_eq!(coverage.count(Status::Passed), 1);
    }
}
