//! Which user and group numbers the host knows: its accounts, and subuid(5).
//!
//! Numbers that belong to the system without an entry (delegated ranges) count as known.

use crate::check::{Limit, Skip};
use crate::facts::accounts::Accounts;
use crate::facts::{Facts, read_or_limit};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Users and groups of the host.
#[derive(Debug)]
pub(super) struct Owners {
    pub(super) accounts: Arc<Accounts>,
    delegated_users: Vec<RangeInclusive<u32>>,
    delegated_groups: Vec<RangeInclusive<u32>>,
    /// Why numbers without an entry may still be known; `None` when the files tell all.
    pub(super) elsewhere: Option<Limit>,
}

impl Owners {
    pub(super) fn read(facts: &Facts<'_>) -> Result<Self, Skip> {
        let accounts = Arc::clone(facts.accounts()?);
        let mut limits = accounts.limits.clone();
        let mut delegated = |path: &str| {
            let bytes = read_or_limit(facts, path, &mut limits).unwrap_or_default();
            ranges(&String::from_utf8_lossy(&bytes))
        };
        let delegated_users = delegated("/etc/subuid");
        let delegated_groups = delegated("/etc/subgid");
        let elsewhere = limits.into_iter().next().or_else(|| {
            let reason = if accounts.passwd.is_err() || !accounts.has_groups {
                "the tree holds no /etc/passwd or no /etc/group".to_owned()
            } else {
                let users = accounts.users_elsewhere.as_ref();
                let source = users.or(accounts.groups_elsewhere.as_ref())?;
                format!("users and groups also come from `{source}` (/etc/nsswitch.conf)")
            };
            let privileges = false;
            Some(Limit { reason, privileges })
        });
        Ok(Self {
            accounts,
            delegated_users,
            delegated_groups,
            elsewhere,
        })
    }

    /// Whether the user number has an entry or is delegated.
    pub(super) fn knows_user(&self, uid: u32) -> bool {
        self.accounts.name_of(uid).is_some()
            || self
                .delegated_users
                .iter()
                .any(|range| range.contains(&uid))
    }

    /// Whether the group number has an entry or is delegated.
    pub(super) fn knows_group(&self, gid: u32) -> bool {
        self.accounts.group_name(gid).is_some()
            || self
                .delegated_groups
                .iter()
                .any(|range| range.contains(&gid))
    }
}

/// Ranges of subuid(5): `name:first:count`.
fn ranges(text: &str) -> Vec<RangeInclusive<u32>> {
    let range = |line: &str| {
        let mut fields = line.trim().split(':').skip(1);
        let first: u32 = fields.next()?.parse().ok()?;
        let count: u32 = fields.next()?.parse().ok()?;
        let last = first.saturating_add(count.checked_sub(1)?);
        Some(first..=last)
    };
    text.lines().filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_lines_of_subuid_are_left_out() {
        assert_eq!(
            ranges("a:100000:65536\nb:1:0\nc:x:1\n"),
            [100_000..=165_535]
        );
    }
}
