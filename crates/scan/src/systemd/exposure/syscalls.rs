//! `SystemCallFilter=`: which system calls a service may use.
//!
//! The first assignment decides whether the list allows (then `@default` is in it) or denies
//! (`~`). Later ones add to the list, or take away when they are of the other sort. Invariant: only
//! calls that exist on x86-64 are in the list, as that is what the score counts.

use std::collections::BTreeSet;

use super::errors::is_error;
use super::syscall_groups::GROUPS;
use crate::systemd::words::{Rules, words};

/// Groups nest at most this deep.
const NESTING_MAX: usize = 4;

/// The filter of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    /// The calls are the only ones allowed; else they are the ones denied.
    pub(super) allows: bool,
    calls: BTreeSet<&'static str>,
}

impl Filter {
    /// Applies one assignment to the filter so far.
    pub(super) fn assign(filter: Option<Self>, value: &str) -> Option<Self> {
        if value.is_empty() {
            return None;
        }
        let (denies, list) = match value.strip_prefix('~') {
            Some(list) => (true, list),
            None => (false, value),
        };
        let mut filter = filter.unwrap_or_else(|| Self {
            allows: !denies,
            calls: if denies {
                BTreeSet::new()
            } else {
                members("@default")
            },
        });
        let distinct: BTreeSet<String> = words(list, Rules::PLAIN).into_iter().collect();
        for word in &distinct {
            let name = match word.split_once(':') {
                None => word.as_str(),
                Some((name, error)) if denies && is_error(error) => name,
                Some(_) => continue,
            };
            for call in members(name) {
                if filter.allows == denies {
                    filter.calls.remove(call);
                } else {
                    filter.calls.insert(call);
                }
            }
        }
        Some(filter)
    }

    /// The first call of a group that the service may use.
    pub(super) fn offender(&self, group: &str) -> Option<&'static str> {
        members(group)
            .into_iter()
            .find(|call| self.calls.contains(call) == self.allows)
    }

    /// Whether nothing is denied.
    pub(super) fn is_open(&self) -> bool {
        !self.allows && self.calls.is_empty()
    }
}

/// The calls of a group, or the call itself; empty when unknown.
fn members(name: &str) -> BTreeSet<&'static str> {
    let mut calls = BTreeSet::new();
    if name.starts_with('@') {
        collect(name, NESTING_MAX, &mut calls);
    } else {
        let known = GROUPS.iter().flat_map(|(_, members)| members.split(' '));
        calls.extend(known.filter(|call| *call == name).take(1));
    }
    calls
}

fn collect(group: &str, depth: usize, calls: &mut BTreeSet<&'static str>) {
    let found = GROUPS.iter().find(|(name, _)| *name == group);
    let Some((_, members)) = found.filter(|_| depth > 0) else {
        return;
    };
    for member in members.split(' ') {
        if member.starts_with('@') {
            collect(member, depth.saturating_sub(1), calls);
        } else {
            calls.insert(member);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], group: &str, expected: Option<&str>) {
        let filter = values
            .iter()
            .fold(None, |filter, value| Filter::assign(filter, value));
        assert_eq!(
            filter.unwrap().offender(group),
            expected,
            "{values:?} {group}"
        );
    }

    #[test]
    fn allow_and_deny_lists() {
        check(&["@system-service"], "@mount", None);
        check(&["@system-service"], "@privileged", Some("capset"));
        check(
            &["@system-service", "~@privileged @resources"],
            "@privileged",
            None,
        );
        check(&["~@clock"], "@clock", None);
        check(&["~@clock"], "@swap", Some("swapoff"));
        check(
            &["~@clock:EPERM @swap:kill", "swapon"],
            "@swap",
            Some("swapon"),
        );
        check(&["~@clock:ENONSENSE"], "@clock", Some("adjtimex"));
        check(&["@clock:EPERM"], "@clock", None);
        assert_eq!(Filter::assign(Filter::assign(None, "~@clock"), ""), None);
        assert!(Filter::assign(None, "~").unwrap().is_open());
        assert!(!Filter::assign(None, "nonsense").unwrap().is_open());
    }

    #[test]
    fn the_table_is_closed() {
        for (group, list) in GROUPS {
            assert!(!members(group).is_empty(), "{group}");
            for member in list.split(' ') {
                let known = GROUPS.iter().any(|(name, _)| *name == member);
                assert_eq!(member.starts_with('@'), known, "{member}");
            }
        }
        assert_eq!(members("@privileged").len(), 38);
        assert!(members("@known").len() > 300);
    }
}
