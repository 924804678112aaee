//! Keys of SSH: who may add one to an account's list, and who may read a private key that a list of
//! this host accepts.
//!
//! With `StrictModes yes` the server refuses a list that others may change (sshd_config(5)), so that
//! alone is no way in. A private key counts when it asks for no passphrase and its public half, the
//! `.pub` file beside it, stands in a list.

use super::access::Who;
use super::builder::{At, Builder};
use crate::check::Skip;
use crate::facts::ssh_keys::{authorized_key, private_key_is_open, public_key};
use crate::facts::users::Account;
use crate::tree::{self, Kind};
use casemate_schema::EdgeKind;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files of one `.ssh` folder that are looked at.
const FILES_MAX: usize = 256;
/// Longest file of keys.
const BYTES_MAX: u64 = 1 << 20;

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let facts = builder.facts;
    let users = facts.users()?;
    // Without a server nobody logs in by a key.
    let sshd = facts.sshd()?;
    let pattern = sshd.value("authorizedkeysfile").text;
    let strict = !sshd.is("strictmodes", "no");
    let mut accepted: BTreeMap<String, Vec<(u32, PathBuf, u64)>> = BTreeMap::new();
    for account in users
        .with_homes()
        .filter(|account| account.has_login_shell())
    {
        for list in lists(&pattern, account) {
            if !strict {
                may_add(builder, account, &list);
            }
            let Ok(bytes) = tree::read_up_to(facts.tree(), &list, BYTES_MAX) else {
                continue;
            };
            for (number, line) in (1..).zip(String::from_utf8_lossy(&bytes).lines()) {
                if let Some(key) = authorized_key(line) {
                    let place = (account.uid, list.clone(), number);
                    accepted.entry(key.key.fingerprint).or_default().push(place);
                }
            }
        }
    }
    for account in users.with_homes() {
        private_keys(builder, account, &accepted);
    }
    Ok(())
}

/// Where the server looks for an account's keys.
fn lists(pattern: &str, account: &Account) -> Vec<PathBuf> {
    let words = pattern.split_whitespace().filter(|word| *word != "none");
    words
        .map(|word| {
            let word = word
                .replace("%%", "\0")
                .replace("%h", &account.home.to_string_lossy())
                .replace("%u", &account.name)
                .replace("%U", &account.uid.to_string())
                .replace('\0', "%");
            account.home.join(word)
        })
        .collect()
}

fn may_add(builder: &mut Builder<'_>, account: &Account, list: &Path) {
    let grants = builder.access.grants(list, true);
    for grant in grants
        .iter()
        .filter(|grant| grant.who != Who::User(account.uid))
    {
        let (who, target) = (builder.who(grant.who), builder.user(account.uid));
        let shown = crate::run::path_text(list).0;
        let fact = format!(
            "{} and so add a key to `{shown}`; StrictModes is off",
            grant.fact
        );
        if who != target {
            builder.edge(
                &who,
                EdgeKind::MayBecomeByKey,
                &target,
                &fact,
                At::path(&grant.place),
            );
        }
    }
}

fn private_keys(
    builder: &mut Builder<'_>,
    owner: &Account,
    accepted: &BTreeMap<String, Vec<(u32, PathBuf, u64)>>,
) {
    let facts = builder.facts;
    let folder = owner.home.join(".ssh");
    let names = tree::list(facts.tree(), &folder).unwrap_or_default();
    for name in names.into_iter().take(FILES_MAX) {
        let path = folder.join(&name);
        let metadata = facts.tree().metadata(&path);
        if !metadata.is_ok_and(|one| one.kind == Kind::File && one.size < BYTES_MAX) {
            continue;
        }
        let bytes = tree::read_up_to(facts.tree(), &path, BYTES_MAX).unwrap_or_default();
        if private_key_is_open(&bytes) != Some(true) {
            continue;
        }
        let mut public = name;
        public.push(".pub");
        let public = tree::read_up_to(facts.tree(), &folder.join(public), BYTES_MAX);
        let public = String::from_utf8_lossy(&public.unwrap_or_default()).into_owned();
        let blob = public.split_whitespace().nth(1).unwrap_or_default();
        let Some(key) = public_key(blob) else {
            continue;
        };
        for (uid, list, line) in accepted.get(&key.fingerprint).into_iter().flatten() {
            let shown = crate::run::path_text(&path).0;
            // The owner of the key has it by right; whoever else may read it has it too.
            for who in builder.access.readers(&path) {
                let (from, to) = (builder.who(who), builder.user(*uid));
                if from == to || from == super::builder::ROOT {
                    continue;
                }
                let fact = format!(
                    "may read the key `{shown}`, which has no passphrase and which the account accepts"
                );
                let at = if who == Who::User(owner.uid) {
                    At::line(list, Some(*line))
                } else {
                    At::path(&path)
                };
                builder.edge(&from, EdgeKind::MayBecomeByKey, &to, &fact, at);
            }
        }
    }
}
