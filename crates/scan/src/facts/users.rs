//! Accounts, groups and password rules: passwd(5), shadow(5), group(5), login.defs(5), useradd(8).
//!
//! Every line of the account files is an entry, an old `+`/`-` line of NIS, or malformed; none is
//! dropped in silence. `/etc/shadow` is apart, because an ordinary user may not read it.

use super::text::lines;
use super::{Fact, Facts, read_or_limit};
use crate::check::{Limit, Skip};
use crate::tree::{self, TreeError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

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

/// One line of `/etc/shadow`; days count from 1970-01-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shadow {
    pub(crate) name: String,
    pub(crate) hash: String,
    pub(crate) changed_day: Option<i64>,
    pub(crate) days_max: Option<i64>,
    pub(crate) expire_day: Option<i64>,
    pub(crate) line: u64,
}

/// A line of an account file that is no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    pub(crate) file: &'static str,
    pub(crate) line: u64,
    /// The name in it, or what there is of it.
    pub(crate) name: String,
    /// What is wrong.
    pub(crate) problem: &'static str,
}

/// A value of a configuration file, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) line: u64,
}

/// All account files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    pub(crate) accounts: Vec<Account>,
    pub(crate) groups: Vec<Group>,
    shadow: Option<Result<Vec<Shadow>, Skip>>,
    /// `+` and `-` lines.
    pub(crate) legacy: Vec<Odd>,
    pub(crate) malformed: Vec<Odd>,
    /// Keys of `/etc/login.defs`, or `None` without that file.
    pub(crate) login_defs: Option<BTreeMap<String, Value>>,
    /// Keys of `/etc/default/useradd`.
    pub(crate) useradd: BTreeMap<String, Value>,
    pub(crate) limits: Vec<Limit>,
}

impl Users {
    /// The entries of `/etc/shadow`.
    ///
    /// # Errors
    /// Not applicable without the file, not assessed when it cannot be read.
    pub(crate) fn shadow(&self) -> Result<&[Shadow], Skip> {
        match &self.shadow {
            Some(Ok(entries)) => Ok(entries),
            Some(Err(skip)) => Err(skip.clone()),
            None => Err(Skip::not_applicable("there is no /etc/shadow")),
        }
    }

    /// The first entry of each name in `/etc/shadow`; empty when it cannot be read.
    pub(crate) fn shadow_by_name(&self) -> BTreeMap<&str, &Shadow> {
        let entries = self.shadow().unwrap_or_default();
        // In reverse, so that the first line of a name stays.
        entries
            .iter()
            .rev()
            .map(|entry| (entry.name.as_str(), entry))
            .collect()
    }

    /// A key of `/etc/login.defs`.
    pub(crate) fn login_def(&self, key: &str) -> Option<&Value> {
        self.login_defs.as_ref()?.get(key)
    }

    fn login_number(&self, key: &str, default: u32) -> u32 {
        let value = self
            .login_def(key)
            .and_then(|value| value.text.parse().ok());
        value.unwrap_or(default)
    }

    /// Whether a uid belongs to a person: between `UID_MIN` and `UID_MAX`.
    pub(crate) fn is_person(&self, uid: u32) -> bool {
        let range = self.login_number("UID_MIN", 1000)..=self.login_number("UID_MAX", 60_000);
        range.contains(&uid)
    }

    /// Accounts with a home of somebody who works on the host: people, and root.
    pub(crate) fn with_homes(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| {
            let person = account.uid == 0 || self.is_person(account.uid);
            person && account.home.is_absolute() && account.home.parent().is_some()
        })
    }

    /// The first account with this uid.
    pub(crate) fn name_of(&self, uid: u32) -> Option<&str> {
        let account = self.accounts.iter().find(|account| account.uid == uid)?;
        Some(&account.name)
    }

    /// The first group with this gid.
    pub(crate) fn group_name(&self, gid: u32) -> Option<&str> {
        let group = self.groups.iter().find(|group| group.gid == gid)?;
        Some(&group.name)
    }

    /// Uids of all accounts in a group, as members or by their own gid, sorted.
    pub(crate) fn people_of(&self, gid: u32) -> Vec<u32> {
        let members: BTreeSet<&String> = self
            .groups
            .iter()
            .filter(|group| group.gid == gid)
            .flat_map(|group| &group.members)
            .collect();
        let mut uids: Vec<u32> = self
            .accounts
            .iter()
            .filter(|account| account.gid == gid || members.contains(&account.name))
            .map(|account| account.uid)
            .collect();
        uids.sort_unstable();
        uids.dedup();
        uids
    }
}

/// How a password is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    /// No password is asked for.
    Empty,
    /// No password fits.
    Locked,
    /// A method that holds up today.
    Strong,
    /// A method that is guessed fast, with its name.
    Weak(&'static str),
}

/// Reads the method of a crypt(5) hash. A leading `!` (locked by usermod -L) is looked behind.
pub(crate) fn hash_kind(hash: &str) -> Hash {
    let bare = hash.trim_start_matches('!');
    if hash.is_empty() {
        return Hash::Empty;
    }
    if bare.is_empty() || bare.starts_with('*') || bare == "x" {
        return Hash::Locked;
    }
    let mut fields = bare.split('$').skip(1);
    let method = fields.next().unwrap_or_default();
    let rounds = fields
        .next()
        .and_then(|field| field.strip_prefix("rounds="))
        .and_then(|rounds| rounds.parse::<u32>().ok());
    let traditional = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '/';
    match method {
        "1" | "md5" => Hash::Weak("MD5"),
        "3" => Hash::Weak("NT hash"),
        "sha1" => Hash::Weak("SHA-1"),
        // crypt(5): 5000 is the default, less was asked for by name.
        "5" | "6" if rounds.is_some_and(|rounds| rounds < 5000) => {
            Hash::Weak("SHA with fewer than 5000 rounds")
        }
        "" if bare.starts_with('_') => Hash::Weak("BSDi DES"),
        "" if bare.len() == 13 && bare.chars().all(traditional) => Hash::Weak("DES"),
        "" => Hash::Locked,
        _ => Hash::Strong,
    }
}

/// Reads all account files; the host has none without `/etc/passwd`.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Users> {
    let mut users = Users::default();
    let Some(passwd) = facts.read_if_there("/etc/passwd")? else {
        return Err(Skip::not_applicable("there is no /etc/passwd"));
    };
    users.read_passwd(&passwd);
    let mut limits = Vec::new();
    if let Some(bytes) = read_or_limit(facts, "/etc/group", &mut limits) {
        users.read_group(&bytes);
    }
    if let Some(bytes) = read_or_limit(facts, "/etc/login.defs", &mut limits) {
        users.login_defs = Some(login_defs(&bytes));
    }
    if let Some(bytes) = read_or_limit(facts, "/etc/default/useradd", &mut limits) {
        users.useradd = assignments(&bytes);
    }
    users.shadow = match tree::read(facts.tree(), "/etc/shadow") {
        Ok(bytes) => Some(Ok(users.read_shadow(&bytes))),
        Err(TreeError::NotFound(_)) => None,
        Err(error) => Some(Err(error.into())),
    };
    users.limits = limits;
    Ok(users)
}

impl Users {
    /// The fields of each line that is an entry; the other lines are noted.
    fn entries(
        &mut self,
        file: &'static str,
        bytes: &[u8],
        n_fields: usize,
    ) -> Vec<(u64, Vec<String>)> {
        let mut all = Vec::new();
        for line in lines(bytes) {
            let text = line.text.trim_end_matches('\r');
            if text.trim().is_empty() {
                continue;
            }
            let fields: Vec<String> = text.split(':').map(str::to_owned).collect();
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
            if name.is_empty() || fields.len() != n_fields {
                self.malformed.push(odd("has the wrong number of fields"));
            } else {
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

    fn read_passwd(&mut self, bytes: &[u8]) {
        const FILE: &str = "/etc/passwd";
        for (line, fields) in self.entries(FILE, bytes, 7) {
            let Ok([name, password, uid, gid, _, home, shell]) = <[String; 7]>::try_from(fields)
            else {
                continue;
            };
            let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse()) else {
                self.bad_number(FILE, line, &name);
                continue;
            };
            self.accounts.push(Account {
                name,
                password,
                uid,
                gid,
                home: PathBuf::from(home),
                shell,
                line,
            });
        }
    }

    fn read_group(&mut self, bytes: &[u8]) {
        const FILE: &str = "/etc/group";
        for (line, fields) in self.entries(FILE, bytes, 4) {
            let Ok([name, _, gid, members]) = <[String; 4]>::try_from(fields) else {
                continue;
            };
            let Ok(gid) = gid.parse() else {
                self.bad_number(FILE, line, &name);
                continue;
            };
            let members = members.split(',').map(str::trim);
            self.groups.push(Group {
                name,
                gid,
                members: members
                    .filter(|member| !member.is_empty())
                    .map(str::to_owned)
                    .collect(),
                line,
            });
        }
    }

    fn read_shadow(&mut self, bytes: &[u8]) -> Vec<Shadow> {
        let mut all = Vec::new();
        for (line, fields) in self.entries("/etc/shadow", bytes, 9) {
            let Ok([name, hash, changed, _, max, _, _, expire, _]) =
                <[String; 9]>::try_from(fields)
            else {
                continue;
            };
            all.push(Shadow {
                name,
                hash,
                changed_day: changed.parse().ok(),
                days_max: max.parse().ok(),
                expire_day: expire.parse().ok(),
                line,
            });
        }
        all
    }
}

/// Keys of login.defs(5): the last line of a key counts, and a value ends at a quote.
fn login_defs(bytes: &[u8]) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for line in lines(bytes) {
        let text = line.text.trim();
        if text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once([' ', '\t', '=']).unwrap_or((text, ""));
        let value = value.trim_start_matches([' ', '\t', '"']);
        let value = value.split('"').next().unwrap_or_default().trim_end();
        if !key.is_empty() {
            let value = Value {
                text: value.to_owned(),
                line: line.number,
            };
            all.insert(key.to_owned(), value);
        }
    }
    all
}

/// `NAME=value` lines; the last of a name counts.
fn assignments(bytes: &[u8]) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for line in lines(bytes) {
        let text = line.text.trim();
        if let Some((key, value)) = text.split_once('=')
            && !text.starts_with('#')
        {
            let value = Value {
                text: value.trim().trim_matches('"').to_owned(),
                line: line.number,
            };
            all.insert(key.trim().to_owned(), value);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn methods_of_hashes() {
        let weak = |hash| matches!(hash_kind(hash), Hash::Weak(_));
        assert_eq!(hash_kind(""), Hash::Empty);
        for hash in ["!", "*", "!!", "!*", "x", "*LK*", "!locked by hand"] {
            assert_eq!(hash_kind(hash), Hash::Locked, "{hash}");
        }
        for hash in [
            "$1$abcdefgh$0123456789abcdefghijkl",
            "ab1234567890.",
            "!ab1234567890.",
            "_J9..rasmBYk8r9AiWNc",
            "$5$rounds=1000$salt$hash",
            "$3$$8846f7eaee8fb117ad06bdd830b7586c",
        ] {
            assert!(weak(hash), "{hash}");
        }
        for hash in [
            "$y$j9T$abc$def",
            "$2b$12$abc",
            "$6$salt$hash",
            "$6$rounds=65536$salt$hash",
            "$5$salt$hash",
            "$7$abc",
            "$gy$j9T$a$b",
        ] {
            assert_eq!(hash_kind(hash), Hash::Strong, "{hash}");
        }
    }

    #[test]
    fn no_line_is_dropped_in_silence() {
        let mut users = Users::default();
        users.read_passwd(b"root:x:0:0::/root:/bin/sh\n+::::::\nshort:x\nb:x:-1:0::/:/bin/sh\nc:x:5:5::/:/bin/sh\r\n\n:x:1:1:::\n");
        assert_eq!(users.accounts.len(), 2);
        assert_eq!(users.legacy.len(), 1);
        assert_eq!(users.malformed.len(), 4, "{:?}", users.malformed);
        assert_eq!(users.accounts[1].shell, "/bin/sh");
    }

    #[test]
    fn the_last_value_of_a_key_counts() {
        let defs = login_defs(b"# UMASK 077\nUMASK\t022\nUMASK 027 \nX \"a b\" c\n");
        assert_eq!(
            (defs["UMASK"].text.as_str(), defs["UMASK"].line),
            ("027", 3)
        );
        assert_eq!(defs["X"].text, "a b");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            let mut users = Users::default();
            users.read_passwd(&bytes);
            users.read_group(&bytes);
            users.read_shadow(&bytes);
            login_defs(&bytes);
            hash_kind(&String::from_utf8_lossy(&bytes));
        }
    }
}
