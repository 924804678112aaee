//! Checks of programs that run with another user's rights.

pub(crate) mod capabilities;
mod expected;
mod hard_link;
mod in_temporary;
pub(crate) mod shell;
mod unexpected;
mod writable;

use crate::check::{Check, Cx, Hit};
use crate::facts::survey::{Seen, Survey, entries, limit_refused};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) static FAMILY: &[&Check] = &[
    &unexpected::CHECK,
    &writable::CHECK,
    &shell::CHECK,
    &in_temporary::CHECK,
    &hard_link::CHECK,
    &capabilities::CHECK,
];

/// Folders in which a distribution installs programs.
const SYSTEM: &[&str] = &[
    "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libexec", "/usr",
];

/// A program with a set-id bit, under all names by which the walk met it.
struct Program<'a> {
    path: &'a Path,
    others: Vec<&'a Path>,
    seen: &'a Seen,
}

/// The programs with set-id bits, each inode once.
fn programs(survey: &Survey) -> Vec<Program<'_>> {
    let mut programs: Vec<Program<'_>> = Vec::new();
    let mut by_inode = BTreeMap::new();
    for (path, seen) in entries(&survey.set_id) {
        let key = (seen.metadata.device, seen.metadata.inode);
        let known = by_inode
            .get(&key)
            .and_then(|position: &usize| programs.get_mut(*position));
        if let Some(program) = known.filter(|_| seen.metadata.links > 1) {
            program.others.push(path);
            continue;
        }
        by_inode.insert(key, programs.len());
        let others = Vec::new();
        programs.push(Program { path, others, seen });
    }
    programs
}

/// What the walk did not see of these programs.
fn limits(cx: &mut Cx<'_>, survey: &Survey) {
    survey.limits(cx, &["/"]);
    limit_refused(cx, &survey.set_id);
}

/// Whose rights the program gives.
fn gives(seen: &Seen, survey: &Survey) -> String {
    let metadata = &seen.metadata;
    let user = (metadata.mode & 0o4000 != 0).then(|| survey.accounts.user_text(metadata.uid));
    let group = (metadata.mode & 0o2000 != 0).then(|| survey.accounts.group_text(metadata.gid));
    match (user, group) {
        (Some(user), Some(group)) => format!("user {user}, group {group}"),
        (Some(user), None) => format!("user {user}"),
        (None, Some(group)) => format!("group {group}"),
        (None, None) => String::new(),
    }
}

/// A hit about a program: its path, other names, mode and the rights that it gives.
fn hit(title: String, program: &Program<'_>, survey: &Survey) -> Hit {
    let mut hit = Hit::new(title)
        .path(program.path)
        .evidence("mode", program.seen.metadata.mode_text())
        .evidence("gives", gives(program.seen, survey));
    for other in &program.others {
        hit = hit.evidence("same_file", other.display().to_string());
    }
    hit
}
