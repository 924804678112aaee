//! Checks of the SSH server, its keys, and the keys of users.

mod authorized_keys_permissions;
mod authorized_keys_root;
mod authorized_keys_weak;
mod banner;
mod config_permissions;
mod empty_passwords;
mod forwarding;
mod host_based;
mod host_key_permissions;
mod log_level;
mod no_user_restriction;
mod password_authentication;
mod private_key_permissions;
mod private_key_unencrypted;
mod root_login;
mod session_limits;
mod strict_modes;
mod user_environment;
mod weak_ciphers;
mod weak_host_key;
mod weak_key_algorithms;
mod weak_key_exchange;
mod weak_macs;
mod x11_forwarding;

use crate::check::{Check, Cx, Hit};
use crate::facts::ssh_keys::{AuthorizedKey, authorized_key};
use crate::facts::sshd::{MAIN, Value, algorithms};
use crate::facts::text::{lines, wildcard};
use crate::facts::trust;
use crate::facts::users::Account;
use std::path::{Path, PathBuf};

pub(crate) static FAMILY: &[&Check] = &[
    &authorized_keys_permissions::CHECK,
    &authorized_keys_root::CHECK,
    &authorized_keys_weak::CHECK,
    &banner::CHECK,
    &config_permissions::CHECK,
    &empty_passwords::CHECK,
    &forwarding::CHECK,
    &host_based::CHECK,
    &host_key_permissions::CHECK,
    &log_level::CHECK,
    &no_user_restriction::CHECK,
    &password_authentication::CHECK,
    &private_key_permissions::CHECK,
    &private_key_unencrypted::CHECK,
    &root_login::CHECK,
    &session_limits::CHECK,
    &strict_modes::CHECK,
    &user_environment::CHECK,
    &weak_ciphers::CHECK,
    &weak_host_key::CHECK,
    &weak_key_algorithms::CHECK,
    &weak_key_exchange::CHECK,
    &weak_macs::CHECK,
    &x11_forwarding::CHECK,
];

/// A hit about a value of the configuration, with its place and the Match block that it needs.
/// `fix` is the line that belongs there.
fn hit_of(value: &Value, keyword: &str, problem: &str, fix: &str) -> Hit {
    let condition = match &value.when {
        Some(when) => format!(" in `Match {when}`"),
        None => String::new(),
    };
    let path = value
        .place
        .as_ref()
        .map_or(Path::new(MAIN), |(path, _)| path);
    let shown = if value.text.is_empty() {
        "(not set)"
    } else {
        &value.text
    };
    let mut hit = Hit::new(format!("{problem}{condition}"))
        .path(path)
        .subject(keyword)
        .key(value.when.as_deref().unwrap_or_default())
        .evidence("value", format!("{keyword} {shown}"));
    if let Some((_, line)) = &value.place {
        hit = hit
            .line(*line)
            .evidence("set in", path.display().to_string());
    } else {
        hit = hit.evidence("set in", "nowhere: the default of sshd");
    }
    if let Some(when) = &value.when {
        hit = hit.evidence("condition", format!("Match {when}"));
    }
    let place = match (&value.when, &value.place) {
        (Some(_), Some((path, line))) => {
            format!("in the Match block of {} (line {line})", path.display())
        }
        (None, Some((path, line))) => {
            format!("in {} (line {line}; the first value wins)", path.display())
        }
        _ => format!("in {MAIN}, above every Match block"),
    };
    hit.instead(format!(
        "Write `{fix}` {place}, test with `sshd -t`, then `systemctl reload ssh`."
    ))
}

/// Weak algorithms of a list keyword: one hit a value, with the names that are weak.
fn weak_algorithms(
    cx: &mut Cx<'_>,
    keyword: &str,
    what: &str,
    weak: impl Fn(&str) -> bool,
) -> Result<(), crate::check::Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let lower = keyword.to_ascii_lowercase();
    for value in sshd.values(&lower) {
        let found: Vec<String> = algorithms(&lower, &value.text)
            .into_iter()
            .filter(|name| weak(name))
            .collect();
        if found.is_empty() {
            continue;
        }
        let list = found.join(",");
        let mut hit = hit_of(
            &value,
            keyword,
            &format!("SSH server accepts {what}"),
            &format!("{keyword} -{list}"),
        )
        .evidence("weak", list);
        if value.place.is_none() {
            hit = hit.severity(casemate_schema::Severity::Low);
        }
        cx.hit(hit);
    }
    Ok(())
}

/// Whether an entry of an algorithm list, which may be a pattern, names one of these.
fn names_one_of(entry: &str, names: &[&str]) -> bool {
    names
        .iter()
        .any(|name| wildcard(entry.as_bytes(), name.as_bytes()))
}

/// Files that hold a user's authorized keys, by the server's `AuthorizedKeysFile`.
fn key_files(cx: &Cx<'_>, account: &Account) -> Vec<PathBuf> {
    let pattern = cx.facts.sshd().map_or_else(
        |_| ".ssh/authorized_keys .ssh/authorized_keys2".to_owned(),
        |sshd| sshd.value("authorizedkeysfile").text,
    );
    pattern
        .split_whitespace()
        .filter(|file| *file != "none")
        .map(|file| {
            let file = file
                .replace("%%", "\0")
                .replace("%h", &account.home.to_string_lossy())
                .replace("%u", &account.name)
                .replace("%U", &account.uid.to_string())
                .replace('\0', "%");
            account.home.join(file)
        })
        .collect()
}

/// The keys in a file of authorized keys, with their lines.
fn keys_in(cx: &mut Cx<'_>, path: &Path) -> Vec<(u64, AuthorizedKey)> {
    let Some(bytes) = trust::content(cx, path) else {
        return Vec::new();
    };
    lines(&bytes)
        .into_iter()
        .filter_map(|line| Some((line.number, authorized_key(&line.text)?)))
        .collect()
}

/// A key as people know it: its comment, or its fingerprint.
fn key_name(key: &AuthorizedKey) -> &str {
    if key.comment.is_empty() {
        &key.key.fingerprint
    } else {
        &key.comment
    }
}

/// Private key files in the `.ssh` folders of people and root: path, account and content.
fn private_keys(cx: &mut Cx<'_>) -> Result<Vec<(PathBuf, Account, bool)>, crate::check::Skip> {
    const FILES_MAX: usize = 256;
    let users = cx.facts.users()?;
    let mut all = Vec::new();
    for account in users.with_homes() {
        let folder = account.home.join(".ssh");
        for name in trust::names(cx, &folder).into_iter().take(FILES_MAX) {
            let path = folder.join(name);
            let small = |file: &crate::tree::Metadata| {
                file.kind == crate::tree::Kind::File && file.size < 64 << 10
            };
            if !trust::stat(cx, &path).as_ref().is_some_and(small) {
                continue;
            }
            let Some(bytes) = trust::content(cx, &path) else {
                continue;
            };
            if let Some(open) = crate::facts::ssh_keys::private_key_is_open(&bytes) {
                all.push((path, account.clone(), open));
            }
        }
    }
    Ok(all)
}
