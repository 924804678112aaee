//! Names, homes and groups of accounts, as far as scheduled jobs need them.
//!
//! Source: passwd(5), group(5), nsswitch.conf(5).

use crate::check::Limit;
use crate::facts::{Facts, read_or_limit};
use std::collections::{BTreeMap, BTreeSet};

/// Accounts of the host's own files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    users: BTreeMap<String, User>,
    groups: BTreeMap<u32, Group>,
    /// Whether further accounts may come from elsewhere (LDAP, SSSD, ...).
    pub(crate) more_elsewhere: bool,
    /// Whether `/etc/passwd` could be read.
    pub(crate) known: bool,
}

#[derive(Clone, Debug)]
struct User {
    uid: u32,
    gid: u32,
    home: String,
}

#[derive(Clone, Debug, Default)]
struct Group {
    name: String,
    members: BTreeSet<String>,
}

impl Accounts {
    pub(super) fn read(facts: &Facts<'_>, limits: &mut Vec<Limit>) -> Self {
        let passwd = read_or_limit(facts, "/etc/passwd", limits);
        let known = passwd.is_some();
        let group = read_or_limit(facts, "/etc/group", limits).unwrap_or_default();
        let switch = read_or_limit(facts, "/etc/nsswitch.conf", limits).unwrap_or_default();
        let mut accounts = Self {
            users: users(&String::from_utf8_lossy(&passwd.unwrap_or_default())),
            groups: groups(&String::from_utf8_lossy(&group)),
            more_elsewhere: more_elsewhere(&String::from_utf8_lossy(&switch)),
            known,
        };
        for (name, user) in &accounts.users {
            let group = accounts.groups.entry(user.gid).or_default();
            group.members.insert(name.clone());
        }
        accounts
    }

    pub(crate) fn uid(&self, name: &str) -> Option<u32> {
        if name == "root" {
            return Some(0);
        }
        self.users.get(name).map(|user| user.uid)
    }

    pub(crate) fn home(&self, name: &str) -> Option<&str> {
        self.users.get(name).map(|user| user.home.as_str())
    }

    /// The name of a user id, or its number.
    pub(crate) fn user_name(&self, uid: u32) -> String {
        let found = self.users.iter().find(|(_, user)| user.uid == uid);
        found.map_or_else(|| uid.to_string(), |(name, _)| name.clone())
    }

    /// The name of a group id, or its number.
    pub(crate) fn group_name(&self, gid: u32) -> String {
        let name = self.groups.get(&gid).map(|group| group.name.clone());
        name.filter(|name| !name.is_empty())
            .unwrap_or_else(|| gid.to_string())
    }

    /// Whether somebody other than root and the given user is in the group.
    pub(crate) fn group_has_others(&self, gid: u32, trusted: Option<u32>) -> bool {
        self.groups.get(&gid).is_some_and(|group| {
            group.members.iter().any(|name| {
                let uid = self.uid(name);
                uid != Some(0) && (uid.is_none() || uid != trusted)
            })
        })
    }
}

fn users(text: &str) -> BTreeMap<String, User> {
    let line = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        let home = fields.nth(1).unwrap_or_default().to_owned();
        Some((name.to_owned(), User { uid, gid, home }))
    };
    let mut users = BTreeMap::new();
    for (name, user) in text.lines().filter_map(line) {
        users.entry(name).or_insert(user); // the first entry of a name wins
    }
    users
}

fn groups(text: &str) -> BTreeMap<u32, Group> {
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    for line in text.lines() {
        let mut fields = line.split(':');
        let name = fields.next().unwrap_or_default();
        let Some(gid) = fields.nth(1).and_then(|gid| gid.parse().ok()) else {
            continue;
        };
        let group = groups.entry(gid).or_default();
        if group.name.is_empty() {
            name.clone_into(&mut group.name);
        }
        let members = fields.next().unwrap_or_default().split(',');
        let members = members.map(str::trim).filter(|name| !name.is_empty());
        group.members.extend(members.map(str::to_owned));
    }
    groups
}

fn more_elsewhere(text: &str) -> bool {
    const OWN: [&str; 3] = ["files", "compat", "systemd"];
    text.lines()
        .filter_map(|line| line.split('#').next()?.trim().strip_prefix("passwd:"))
        .flat_map(str::split_whitespace)
        .any(|source| !OWN.contains(&source) && !source.starts_with('[') && !source.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_name_wins_and_broken_lines_are_left_out() {
        let users = users(
            "root:x:0:0::/root:/bin/sh\nbob:x:1000:50::/home/bob:\nbob:x:0:0::/:\nx:y\n\n::1:1:\n",
        );
        assert_eq!(users.len(), 2);
        assert_eq!(users["bob"].uid, 1000);
        assert_eq!(users["bob"].home, "/home/bob");
    }

    #[test]
    fn name_services() {
        assert!(!more_elsewhere("passwd: files systemd\ngroup: files sss\n"));
        assert!(more_elsewhere(
            "passwd:  files [NOTFOUND=continue] sss # c\n"
        ));
    }
}
