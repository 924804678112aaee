//! Which users and groups exist, as far as files say it: passwd(5), group(5), nsswitch.conf(5),
//! subuid(5).
//!
//! Only what the survey needs: numbers, names and members. Numbers that belong to the system
//! without an entry (dynamic users of systemd, delegated ranges) count as known.

use crate::check::Limit;
use crate::facts::{Facts, read_or_limit};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Users and groups of the host.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    users: BTreeMap<u32, String>,
    groups: BTreeMap<u32, Group>,
    delegated_users: Vec<RangeInclusive<u32>>,
    delegated_groups: Vec<RangeInclusive<u32>>,
    /// Why numbers without an entry may still be known; `None` when the files tell all.
    pub(crate) elsewhere: Option<Limit>,
}

#[derive(Debug, Default)]
struct Group {
    name: String,
    members: Vec<String>,
}

impl Owners {
    pub(crate) fn read(facts: &Facts<'_>) -> Self {
        let mut limits = Vec::new();
        let mut text = |path: &str| {
            let bytes = read_or_limit(facts, path, &mut limits);
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let (passwd, group) = (text("/etc/passwd"), text("/etc/group"));
        let switch = text("/etc/nsswitch.conf").unwrap_or_default();
        let mut owners = Self {
            users: passwd.as_deref().map(users).unwrap_or_default(),
            groups: group.as_deref().map(groups).unwrap_or_default(),
            delegated_users: ranges(&text("/etc/subuid").unwrap_or_default()),
            delegated_groups: ranges(&text("/etc/subgid").unwrap_or_default()),
            elsewhere: None,
        };
        let primary = passwd.as_deref().unwrap_or_default();
        owners.add_primary_members(primary);
        owners.elsewhere = limits.into_iter().next().or_else(|| {
            let reason = if passwd.is_none() || group.is_none() {
                "the tree holds no /etc/passwd or no /etc/group".to_owned()
            } else {
                let source = other_source(&switch)?;
                format!("users and groups also come from `{source}` (/etc/nsswitch.conf)")
            };
            let privileges = false;
            Some(Limit { reason, privileges })
        });
        owners
    }

    fn add_primary_members(&mut self, passwd: &str) {
        for line in passwd.lines() {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, _, gid, ..] = fields.as_slice() else {
                continue;
            };
            let group = gid.parse().ok().and_then(|gid| self.groups.get_mut(&gid));
            if let Some(group) = group {
                group.members.push((*name).to_owned());
            }
        }
    }

    /// Whether the user number has an entry or is delegated.
    pub(crate) fn knows_user(&self, uid: u32) -> bool {
        self.users.contains_key(&uid)
            || self
                .delegated_users
                .iter()
                .any(|range| range.contains(&uid))
    }

    /// Whether the group number has an entry or is delegated.
    pub(crate) fn knows_group(&self, gid: u32) -> bool {
        self.groups.contains_key(&gid)
            || self
                .delegated_groups
                .iter()
                .any(|range| range.contains(&gid))
    }

    /// A user as people read it: `alice (1000)`, or the number.
    pub(crate) fn user_text(&self, uid: u32) -> String {
        match self.users.get(&uid) {
            Some(name) => format!("{name} ({uid})"),
            None => uid.to_string(),
        }
    }

    /// A group as people read it.
    pub(crate) fn group_text(&self, gid: u32) -> String {
        match self.groups.get(&gid) {
            Some(group) => format!("{} ({gid})", group.name),
            None => gid.to_string(),
        }
    }

    /// Whether the group number has this name.
    pub(crate) fn is_group(&self, gid: u32, name: &str) -> bool {
        self.groups
            .get(&gid)
            .is_some_and(|group| group.name == name)
    }

    /// Whether the files name a member of the group besides root.
    pub(crate) fn has_members(&self, gid: u32) -> bool {
        self.groups
            .get(&gid)
            .is_some_and(|group| group.members.iter().any(|name| name != "root"))
    }
}

fn users(passwd: &str) -> BTreeMap<u32, String> {
    let mut users = BTreeMap::new();
    for line in passwd.lines() {
        let mut fields = line.split(':');
        let name = fields.next().unwrap_or_default();
        if let Some(uid) = fields.nth(1).and_then(|uid| uid.parse().ok()) {
            users.entry(uid).or_insert_with(|| name.to_owned());
        }
    }
    users
}

fn groups(text: &str) -> BTreeMap<u32, Group> {
    let mut groups = BTreeMap::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, rest @ ..] = fields.as_slice() else {
            continue;
        };
        let Ok(gid) = gid.parse() else { continue };
        let members = rest.first().copied().unwrap_or_default().split(',');
        let group = groups.entry(gid).or_insert_with(|| Group {
            name: (*name).to_owned(),
            members: Vec::new(),
        });
        let members = members.map(str::trim).filter(|member| !member.is_empty());
        group.members.extend(members.map(str::to_owned));
    }
    groups
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

/// The first source of `passwd` or `group` beyond local files.
fn other_source(switch: &str) -> Option<String> {
    for line in switch.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((database, sources)) = line.split_once(':') else {
            continue;
        };
        if !matches!(database.trim(), "passwd" | "group") {
            continue;
        }
        let local = |source: &&str| {
            source.starts_with('[')
                || source.ends_with(']')
                || source.contains('=')
                || matches!(
                    *source,
                    "files" | "compat" | "db" | "systemd" | "altfiles" | "extrausers"
                )
        };
        if let Some(source) = sources.split_whitespace().find(|source| !local(source)) {
            return Some(source.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_beyond_files_are_seen_and_comments_and_actions_are_not() {
        assert_eq!(
            other_source("passwd: files systemd\nhosts: files dns\n"),
            None
        );
        assert_eq!(other_source("#passwd: sss\ngroup: files # ldap\n"), None);
        assert_eq!(
            other_source("passwd: files [!NOTFOUND=return] sss\n"),
            Some("sss".to_owned())
        );
    }

    #[test]
    fn broken_lines_of_passwd_group_and_subuid_are_left_out() {
        let found = users("root:x:0:0::/:/bin/sh\nbad\nx:y:z\n+::::::\n");
        assert_eq!(found.into_keys().collect::<Vec<_>>(), [0]);
        let found = groups("adm:x:4:a, b\nshort:x\nnone:x:9\n");
        assert_eq!(found[&4].members, ["a", "b"]);
        assert!(found[&9].members.is_empty());
        assert_eq!(
            ranges("a:100000:65536\nb:1:0\nc:x:1\n"),
            [100_000..=165_535]
        );
    }
}
