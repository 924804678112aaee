//! Accounts, groups and password rules: shadow(5), login.defs(5), useradd(8), and what
//! [`accounts`](super::accounts) read.
//!
//! `/etc/shadow` is apart, because an ordinary user may not read it.

pub(crate) use super::accounts::Account;
use super::accounts::{Group, Oddities};
use super::text::lines;
use super::{Fact, Facts, read_or_limit};
use crate::check::{Limit, Skip};
use crate::tree::{self, TreeError};
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// A value of a configuration file, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) line: u64,
}

/// All account files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    pub(crate) accounts: Arc<[Account]>,
    pub(crate) groups: Arc<[Group]>,
    shadow: Option<Result<Vec<Shadow>, Skip>>,
    /// Lines that are no whole entries, of all account files.
    pub(crate) odd: Oddities,
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
    let known = facts.accounts()?;
    known.passwd.clone()?;
    let mut users = Users {
        accounts: Arc::clone(&known.accounts),
        groups: Arc::clone(&known.groups),
        odd: known.odd.clone(),
        limits: known.limits.clone(),
        ..Users::default()
    };
    if let Some(bytes) = read_or_limit(facts, "/etc/login.defs", &mut users.limits) {
        users.login_defs = Some(login_defs(&bytes));
    }
    if let Some(bytes) = read_or_limit(facts, "/etc/default/useradd", &mut users.limits) {
        users.useradd = assignments(&bytes);
    }
    users.shadow = match tree::read(facts.tree(), "/etc/shadow") {
        Ok(bytes) => Some(Ok(read_shadow(&bytes, &mut users.odd))),
        Err(TreeError::NotFound(_)) => None,
        Err(error) => Some(Err(error.into())),
    };
    Ok(users)
}

fn read_shadow(bytes: &[u8], odd: &mut Oddities) -> Vec<Shadow> {
    let entries = odd.entries::<9>("/etc/shadow", bytes, 9).into_iter();
    let shadow = entries.map(|(line, fields)| {
        let [name, hash, changed, _, max, _, _, expire, _] = fields;
        Shadow {
            name,
            hash,
            changed_day: changed.parse().ok(),
            days_max: max.parse().ok(),
            expire_day: expire.parse().ok(),
            line,
        }
    });
    shadow.collect()
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
            read_shadow(&bytes, &mut Oddities::default());
            login_defs(&bytes);
            hash_kind(&String::from_utf8_lossy(&bytes));
        }
    }
}
