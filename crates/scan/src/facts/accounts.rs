//! Which name belongs to a user number, and who may act as a group.
//!
//! A minimal read of passwd(5) and group(5) for the words of process and socket checks; wrong
//! lines are left out. Files that cannot be read leave numbers in place of names.

use super::{Fact, Facts};
use std::collections::{BTreeMap, BTreeSet};

/// Most lines taken of each file.
const LINES_MAX: usize = 100_000;

/// A group and who is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// Its number.
    pub(crate) gid: u32,
    /// Names in its own list, as written.
    pub(crate) members: Vec<String>,
    /// One-based line in `/etc/group`.
    pub(crate) line: u64,
}

/// Names of users and members of groups.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    /// First name of each user number.
    users: BTreeMap<u32, String>,
    /// Number and primary group of each name.
    by_name: BTreeMap<String, (u32, u32)>,
    /// First group of each name.
    pub(crate) groups: BTreeMap<String, Group>,
}

impl Accounts {
    /// The user's name, or the number in words.
    pub(crate) fn user(&self, uid: u32) -> String {
        let name = self.users.get(&uid).cloned();
        name.unwrap_or_else(|| format!("uid {uid}"))
    }

    /// The group's name, or the number in words.
    pub(crate) fn group(&self, gid: u32) -> String {
        let found = self.groups.iter().find(|(_, group)| group.gid == gid);
        found.map_or_else(|| format!("gid {gid}"), |(name, _)| name.clone())
    }

    /// Names of all users that may act as the group, by its list or as their primary group.
    pub(crate) fn members(&self, gid: u32) -> BTreeSet<String> {
        let listed = self.groups.values().filter(|group| group.gid == gid);
        let listed = listed.flat_map(|group| group.members.iter().cloned());
        let primary = self.by_name.iter().filter(|(_, (_, group))| *group == gid);
        listed
            .chain(primary.map(|(name, _)| name.clone()))
            .collect()
    }

    /// The number of a name.
    pub(crate) fn uid(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).map(|(uid, _)| *uid)
    }
}

/// Reads both files; a missing one leaves its part empty.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Accounts> {
    let passwd = facts.read_if_there("/etc/passwd")?.unwrap_or_default();
    let group = facts.read_if_there("/etc/group")?.unwrap_or_default();
    Ok(parse(
        &String::from_utf8_lossy(&passwd),
        &String::from_utf8_lossy(&group),
    ))
}

fn parse(passwd: &str, group: &str) -> Accounts {
    let mut accounts = Accounts::default();
    for line in passwd.lines().take(LINES_MAX) {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, ..] = fields.as_slice() else {
            continue;
        };
        let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse()) else {
            continue;
        };
        accounts
            .users
            .entry(uid)
            .or_insert_with(|| (*name).to_owned());
        accounts
            .by_name
            .entry((*name).to_owned())
            .or_insert((uid, gid));
    }
    for (number, line) in (1..).zip(group.lines().take(LINES_MAX)) {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, members] = fields.as_slice() else {
            continue;
        };
        let Ok(gid) = gid.parse() else { continue };
        let members = members.split(',').map(str::trim);
        let members = members.filter(|name| !name.is_empty()).map(str::to_owned);
        let group = Group {
            gid,
            members: members.collect(),
            line: number,
        };
        accounts.groups.entry((*name).to_owned()).or_insert(group);
    }
    accounts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primary_groups_count_and_broken_lines_do_not() {
        let passwd = "root:x:0:0::/:/bin/sh\nann:x:1000:50::/:/bin/sh\ntoor:x:0:0::/:\nbad:x:y:0\n";
        let accounts = parse(passwd, "staff:x:50:bob, \n+::0\nroot:x:0:\n");
        assert_eq!(accounts.user(0), "root");
        assert_eq!(accounts.user(7), "uid 7");
        assert_eq!(accounts.group(50), "staff");
        assert_eq!(
            accounts.members(50),
            ["ann", "bob"].map(str::to_owned).into()
        );
        assert_eq!(accounts.uid("toor"), Some(0));
    }
}
