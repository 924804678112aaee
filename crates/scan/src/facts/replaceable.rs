//! Can somebody else put another file in the place of this one?
//!
//! Every folder on the way to the file is looked at, links included: whoever may write to one of
//! them may rename what it holds. A sticky folder protects the entries of others. Trusted are root
//! and the users that the caller names; a group is as trusted as its members are.

use super::Facts;
use crate::tree::{Kind, Metadata};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Links followed on one path.
const LINKS_MAX: usize = 40;
/// Components looked at on one path.
const STEPS_MAX: usize = 400;

/// A file or folder that others may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weak {
    /// It.
    pub(crate) path: PathBuf,
    /// Its mode and owner.
    pub(crate) metadata: Metadata,
    /// Who may change it, in words.
    pub(crate) who: String,
    /// Whether anybody may.
    pub(crate) anybody: bool,
}

impl Weak {
    /// Owner and mode as evidence: `root 0777`.
    pub(crate) fn shown(&self, facts: &Facts<'_>) -> String {
        let owner = facts.accounts().map(|a| a.user(self.metadata.uid));
        let owner = owner.unwrap_or_else(|_| format!("uid {}", self.metadata.uid));
        format!(
            "{}, mode {}, owner {owner}",
            self.path.display(),
            self.metadata.mode_text()
        )
    }
}

/// The first place on the way to an absolute path that somebody else may change, or none. Where the
/// rest of a path is missing, the last folder counts if anybody may create it there.
pub(crate) fn weak_point(facts: &Facts<'_>, path: &Path, trusted: &[u32]) -> Option<Weak> {
    let mut here = PathBuf::from("/");
    let mut todo = components(path);
    let mut links = 0;
    if let Some(weak) = facts.tree().metadata(&here).ok().and_then(|metadata| {
        let folder = !todo.is_empty();
        weak_of(facts, &here, metadata, folder, trusted)
    }) {
        return Some(weak);
    }
    for _ in 0..STEPS_MAX {
        let name = todo.pop_front()?;
        if name == ".." {
            here.pop();
            continue;
        }
        let folder = here.clone();
        here.push(&name);
        let metadata = match facts.tree().link_metadata(&here) {
            Ok(metadata) => metadata,
            Err(error) if error.is_not_found() => return open_to_all(facts, folder),
            Err(_) => return None,
        };
        if metadata.kind == Kind::Link {
            links += 1;
            if links > LINKS_MAX {
                return None;
            }
            let target = facts.tree().read_link(&here).ok()?;
            here.pop();
            if target.is_absolute() {
                here = PathBuf::from("/");
            }
            let mut rest = components(&target);
            rest.append(&mut todo);
            todo = rest;
            continue;
        }
        let folder = metadata.kind == Kind::Directory;
        if let Some(weak) = weak_of(facts, &here, metadata, folder, trusted) {
            return Some(weak);
        }
    }
    None
}

/// A folder in which anybody may create what is missing; its sticky bit does not help against that.
fn open_to_all(facts: &Facts<'_>, folder: PathBuf) -> Option<Weak> {
    let metadata = facts.tree().metadata(&folder).ok()?;
    metadata.world_writable().then(|| Weak {
        path: folder,
        metadata,
        who: "anybody".to_owned(),
        anybody: true,
    })
}

fn weak_of(
    facts: &Facts<'_>,
    path: &Path,
    metadata: Metadata,
    folder: bool,
    trusted: &[u32],
) -> Option<Weak> {
    let weak = |who: String, anybody| Weak {
        path: path.to_path_buf(),
        metadata,
        who,
        anybody,
    };
    let trusts = |uid: u32| uid == 0 || trusted.contains(&uid);
    let accounts = facts.accounts().ok();
    if !trusts(metadata.uid) {
        let name =
            accounts.map_or_else(|| format!("uid {}", metadata.uid), |a| a.user(metadata.uid));
        return Some(weak(format!("the user {name}"), false));
    }
    if folder && metadata.sticky() {
        return None;
    }
    if metadata.world_writable() {
        return Some(weak("anybody".to_owned(), true));
    }
    if metadata.group_writable() && metadata.gid != 0 {
        let accounts = accounts?;
        let mut members = accounts.members(metadata.gid);
        let mut strange = |name: &str| accounts.uid(name).is_none_or(|uid| !trusts(uid));
        if members.any(&mut strange) {
            let group = accounts.group_text(metadata.gid);
            return Some(weak(format!("members of the group {group}"), false));
        }
    }
    None
}

/// Whether a path lies in a folder where everybody may create files.
pub(crate) fn in_temporary_folder(path: &Path) -> bool {
    const FOLDERS: [&str; 7] = [
        "/tmp",
        "/var/tmp",
        "/dev/shm",
        "/run/shm",
        "/run/lock",
        "/run/user",
        "/var/lock",
    ];
    FOLDERS.iter().any(|folder| path.starts_with(folder))
}

fn components(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}
