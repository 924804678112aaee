//! Which users and groups there are, and who may act as a group: passwd(5), group(5),
//! nsswitch.conf(5).
//!
//! The one reading of these files. Files that are missing or cannot be read leave numbers in place
//! of names, and what could not be seen is said in `passwd` and `limits`. No line is dropped in
//! silence: it is an entry, an old `+`/`-` line of NIS, or malformed. A malformed line that the C
//! library takes all the same (last fields missing) is an entry too.

use super::text::lines;
use super::{Fact, Facts, read_or_limit};
use crate::check::{Limit, Skip};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// One line of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) home: PathBuf,
    pub(crate) shell: String,
    pub(crate) line: u64,
}

impl Account {
    /// Whether the shell lets somebody work with the account. An empty one means `/bin/sh`.
    pub(crate) fn has_login_shell(&self) -> bool {
        const REFUSING: [&str; 7] = [
            "nologin",
            "false",
            "true",
            "sync",
            "halt",
            "shutdown",
            "git-shell",
        ];
        let name = self.shell.rsplit('/').next().unwrap_or_default();
        !REFUSING.contains(&name) && self.shell != "/dev/null"
    }
}

/// One line of `/etc/group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) gid: u32,
    pub(crate) members: Vec<String>,
    pub(crate) line: u64,
}

/// A line of an account file that is no entry, or no whole one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    pub(crate) file: &'static str,
    pub(crate) line: u64,
    /// The name in it, or what there is of it.
    pub(crate) name: String,
    /// What is wrong.
    pub(crate) problem: &'static str,
}

/// Lines that are no whole entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oddities {
    /// `+` and `-` lines.
    pub(crate) legacy: Vec<Odd>,
    pub(crate) malformed: Vec<Odd>,
}

/// Users and groups of the host's own files.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    pub(crate) accounts: Arc<[Account]>,
    pub(crate) groups: Arc<[Group]>,
    pub(crate) odd: Oddities,
    /// Whether `/etc/passwd` could be read, and why not.
    pub(crate) passwd: Fact<()>,
    /// Whether `/etc/group` could be read.
    pub(crate) has_groups: bool,
    /// From where else users may come (`sss`, `ldap`, ...), after nsswitch.conf.
    pub(crate) users_elsewhere: Option<String>,
    /// From where else groups may come.
    pub(crate) groups_elsewhere: Option<String>,
    /// Files that are there but cannot be read.
    pub(crate) limits: Vec<Limit>,
    /// The first entry of each user number, name and group number.
    by_uid: BTreeMap<u32, usize>,
    by_name: BTreeMap<String, usize>,
    by_gid: BTreeMap<u32, usize>,
    /// Names of all that may act as a group, by its list or as their primary group.
    members: BTreeMap<u32, BTreeSet<String>>,
}

/// Reads the files; never fails.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Arc<Accounts>> {
    let mut limits = Vec::new();
    let passwd = facts.read_if_there("/etc/passwd");
    let (bytes, passwd) = match passwd {
        Ok(Some(bytes)) => (bytes, Ok(())),
        Ok(None) => (
            Vec::new(),
            Err(Skip::not_applicable("there is no /etc/passwd")),
        ),
        Err(skip) => {
            // Once more for the words of a limit.
            read_or_limit(facts, "/etc/passwd", &mut limits);
            (Vec::new(), Err(skip))
        }
    };
    let group = read_or_limit(facts, "/etc/group", &mut limits);
    let switch = read_or_limit(facts, "/etc/nsswitch.conf", &mut limits).unwrap_or_default();
    let switch = String::from_utf8_lossy(&switch);
    let mut accounts = Accounts::parse(&bytes, group.as_deref().unwrap_or_default());
    accounts.passwd = passwd;
    accounts.has_groups = group.is_some();
    accounts.users_elsewhere = other_source(&switch, "passwd");
    accounts.groups_elsewhere = other_source(&switch, "group");
    accounts.limits = limits;
    Ok(Arc::new(accounts))
}

impl Default for Accounts {
    fn default() -> Self {
        Self::parse(b"", b"")
    }
}

impl Accounts {
    fn parse(passwd: &[u8], group: &[u8]) -> Self {
        let mut odd = Oddities::default();
        let accounts = odd.read_passwd(passwd);
        let groups = odd.read_group(group);
        let (mut by_uid, mut by_name, mut by_gid) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut members: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for (index, account) in accounts.iter().enumerate() {
            by_uid.entry(account.uid).or_insert(index);
            by_name.entry(account.name.clone()).or_insert(index);
            let primary = members.entry(account.gid).or_default();
            primary.insert(account.name.clone());
        }
        for (index, group) in groups.iter().enumerate() {
            by_gid.entry(group.gid).or_insert(index);
            let listed = members.entry(group.gid).or_default();
            listed.extend(group.members.iter().cloned());
        }
        Self {
            accounts: accounts.into(),
            groups: groups.into(),
            odd,
            passwd: Ok(()),
            has_groups: true,
            users_elsewhere: None,
            groups_elsewhere: None,
            limits: Vec::new(),
            by_uid,
            by_name,
            by_gid,
            members,
        }
    }

    /// The first account with this number.
    pub(crate) fn name_of(&self, uid: u32) -> Option<&str> {
        let account = self.accounts.get(*self.by_uid.get(&uid)?)?;
        Some(&account.name)
    }

    /// The first group with this number.
    pub(crate) fn group_name(&self, gid: u32) -> Option<&str> {
        let group = self.groups.get(*self.by_gid.get(&gid)?)?;
        Some(&group.name)
    }

    /// Root has its name without any file.
    fn shown_name(&self, uid: u32) -> Option<&str> {
        let root = (uid == 0).then_some("root");
        self.name_of(uid).or(root)
    }

    /// The user's name, or the number in words; for keys and commands.
    pub(crate) fn user(&self, uid: u32) -> String {
        let name = self.shown_name(uid);
        name.map_or_else(|| format!("uid {uid}"), str::to_owned)
    }

    /// A user as people read it: `alice (1000)`, or `uid 1000`.
    pub(crate) fn user_text(&self, uid: u32) -> String {
        let name = self.shown_name(uid);
        name.map_or_else(|| format!("uid {uid}"), |name| format!("{name} ({uid})"))
    }

    /// Owner and group as chown(1) takes them: `alice:staff`, numbers for what has no name.
    pub(crate) fn ownership(&self, uid: u32, gid: u32) -> String {
        let user = self.shown_name(uid);
        let user = user.map_or_else(|| uid.to_string(), str::to_owned);
        let root = (gid == 0).then_some("root");
        let group = self.group_name(gid).or(root);
        let group = group.map_or_else(|| gid.to_string(), str::to_owned);
        format!("{user}:{group}")
    }

    /// A group as people read it: `staff (50)`, or `gid 50`.
    pub(crate) fn group_text(&self, gid: u32) -> String {
        let name = self.group_name(gid);
        name.map_or_else(|| format!("gid {gid}"), |name| format!("{name} ({gid})"))
    }

    /// The first account of a name.
    pub(crate) fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.get(*self.by_name.get(name)?)
    }

    /// The number of a name; root has one without any file.
    pub(crate) fn uid(&self, name: &str) -> Option<u32> {
        let account = self.account(name);
        let uid = account.map(|account| account.uid);
        uid.or_else(|| (name == "root").then_some(0))
    }

    /// The first group of a name.
    pub(crate) fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    /// Names of all users that may act as the group, sorted; a listed name may lack an account.
    pub(crate) fn members(&self, gid: u32) -> impl Iterator<Item = &str> {
        let names = self.members.get(&gid).into_iter().flatten();
        names.map(String::as_str)
    }

    /// Whether somebody besides root may act as the group.
    pub(crate) fn is_shared(&self, gid: u32) -> bool {
        self.members(gid).any(|name| self.uid(name) != Some(0))
    }

    /// Uids of all accounts in a group, sorted.
    pub(crate) fn people_of(&self, gid: u32) -> Vec<u32> {
        let members = self.members(gid);
        let uids: BTreeSet<u32> = members.filter_map(|name| self.uid(name)).collect();
        uids.into_iter().collect()
    }
}

impl Oddities {
    /// The fields of each line that is an entry: as many as `n_fields`, or at least `n_least` of
    /// them, the missing ones empty. The other lines are noted, and those that lack fields too.
    pub(super) fn entries<const N: usize>(
        &mut self,
        file: &'static str,
        bytes: &[u8],
        n_least: usize,
    ) -> Vec<(u64, [String; N])> {
        let mut all = Vec::new();
        for line in lines(bytes) {
            let text = line.text.trim_end_matches('\r');
            if text.trim().is_empty() {
                continue;
            }
            let mut fields: Vec<String> = text.split(':').map(str::to_owned).collect();
            let name = fields.first().cloned().unwrap_or_default();
            let odd = |problem| Odd {
                file,
                line: line.number,
                name: name.clone(),
                problem,
            };
            if name.starts_with('+') || name.starts_with('-') {
                self.legacy.push(odd("old NIS line"));
                continue;
            }
            if text.len() < line.text.len() {
                self.malformed.push(odd("ends with a carriage return"));
            }
            if name.is_empty() || fields.len() != N {
                self.malformed.push(odd("has the wrong number of fields"));
            }
            if name.is_empty() || fields.len() < n_least {
                continue;
            }
            fields.resize(N, String::new());
            if let Ok(fields) = fields.try_into() {
                all.push((line.number, fields));
            }
        }
        all
    }

    fn bad_number(&mut self, file: &'static str, line: u64, name: &str) {
        self.malformed.push(Odd {
            file,
            line,
            name: name.to_owned(),
            problem: "has no number where one belongs",
        });
    }

    fn read_passwd(&mut self, bytes: &[u8]) -> Vec<Account> {
        const FILE: &str = "/etc/passwd";
        let mut all = Vec::new();
        for (line, fields) in self.entries::<7>(FILE, bytes, 4) {
            let [name, password, uid, gid, _, home, shell] = fields;
            let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse()) else {
                self.bad_number(FILE, line, &name);
                continue;
            };
            all.push(Account {
                name,
                password,
                uid,
                gid,
                home: PathBuf::from(home),
                shell,
                line,
            });
        }
        all
    }

    fn read_group(&mut self, bytes: &[u8]) -> Vec<Group> {
        const FILE: &str = "/etc/group";
        let mut all = Vec::new();
        for (line, [name, _, gid, members]) in self.entries::<4>(FILE, bytes, 3) {
            let Ok(gid) = gid.parse() else {
                self.bad_number(FILE, line, &name);
                continue;
            };
            let members = members.split(',').map(str::trim);
            let members = members.filter(|member| !member.is_empty());
            all.push(Group {
                name,
                gid,
                members: members.map(str::to_owned).collect(),
                line,
            });
        }
        all
    }
}

/// The first source of a database of nsswitch.conf(5) beyond local files.
fn other_source(switch: &str, database: &str) -> Option<String> {
    const LOCAL: [&str; 6] = ["files", "compat", "db", "systemd", "altfiles", "extrausers"];
    // Actions stand in brackets and may hold blanks: `[NOTFOUND=return UNAVAIL=continue]`.
    let action = |word: &str| word.starts_with('[') || word.ends_with(']') || word.contains('=');
    let lines = switch.lines().filter_map(|line| line.split('#').next());
    lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.trim() == database)
        .flat_map(|(_, sources)| sources.split_whitespace())
        .find(|source| !LOCAL.contains(source) && !action(source))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn primary_groups_count_and_first_entries_win() {
        let passwd = b"root:x:0:0::/:/bin/sh\nann:x:1000:50::/:/bin/sh\ntoor:x:0:0::/:\nbad:x:y:0\nann:x:7:7::/:/bin/sh\n";
        let accounts = Accounts::parse(passwd, b"staff:x:50:bob, \n+::0\nroot:x:0:\nshort:x:9\n");
        assert_eq!(accounts.user(0), "root");
        assert_eq!(accounts.user(8), "uid 8");
        assert_eq!(accounts.user_text(1000), "ann (1000)");
        assert_eq!(accounts.group_text(50), "staff (50)");
        assert_eq!(accounts.group_text(51), "gid 51");
        assert_eq!(accounts.members(50).collect::<Vec<_>>(), ["ann", "bob"]);
        assert_eq!(accounts.people_of(50), [1000], "bob has no account");
        assert_eq!(accounts.uid("toor"), Some(0));
        assert_eq!(accounts.uid("ann"), Some(1000));
        assert_eq!(
            accounts.group_name(9),
            Some("short"),
            "taken by the C library"
        );
    }

    #[test]
    fn no_line_is_dropped_in_silence() {
        let mut odd = Oddities::default();
        let accounts = odd.read_passwd(b"root:x:0:0::/root:/bin/sh\n+::::::\nshort:x\nb:x:-1:0::/:/bin/sh\nc:x:5:5::/:/bin/sh\r\n\n:x:1:1:::\n");
        assert_eq!(accounts.len(), 2);
        assert_eq!(odd.legacy.len(), 1);
        assert_eq!(odd.malformed.len(), 4, "{:?}", odd.malformed);
        assert_eq!(accounts[1].shell, "/bin/sh");
    }

    #[test]
    fn sources_beyond_files_are_seen_and_comments_and_actions_are_not() {
        let passwd = |switch| other_source(switch, "passwd");
        assert_eq!(passwd("passwd: files systemd\ngroup: files sss\n"), None);
        assert_eq!(passwd("#passwd: sss\npasswd: files # ldap\n"), None);
        let sss = Some("sss".to_owned());
        assert_eq!(passwd("passwd: files [!NOTFOUND=return A=b] sss\n"), sss);
        assert_eq!(other_source("group: files sss # c\n", "group"), sss);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(passwd: Vec<u8>, group: Vec<u8>) {
            let accounts = Accounts::parse(&passwd, &group);
            for account in accounts.accounts.iter() {
                prop_assert!(accounts.people_of(account.gid).contains(&accounts.uid(&account.name).unwrap_or(account.uid)));
            }
        }
    }
}
