//! Who may replace a file that a job runs: a walk along its path, links followed inside the tree.
//!
//! A path is as strong as its weakest part: each folder on it and the target of each link. In a
//! sticky folder nobody can replace what another user owns, but anybody can add what is missing.

use crate::facts::accounts::Accounts;
use crate::tree::{Kind, Metadata, Tree, TreeError};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

const LINKS_MAX: usize = 40;

/// Who may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// Every user.
    Anyone,
    /// A user other than root and the job's own.
    Owner(u32),
    /// A group with other members.
    Group(u32),
}

impl Writer {
    /// As a sentence names it.
    pub(crate) fn text(self, accounts: &Accounts) -> String {
        match self {
            Self::Anyone => "every user".to_owned(),
            Self::Owner(uid) => format!("user {}", accounts.user_text(uid)),
            Self::Group(gid) => format!("members of group {}", accounts.group_text(gid)),
        }
    }
}

/// A file or folder on a path that somebody else may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weak {
    /// The file or folder.
    pub(crate) place: PathBuf,
    /// Its facts.
    pub(crate) metadata: Metadata,
    /// Who may write.
    pub(crate) writer: Writer,
}

impl Weak {
    /// Owner and mode in words.
    pub(crate) fn mode_text(&self, accounts: &Accounts) -> String {
        format!(
            "{} {}",
            self.metadata.mode_text(),
            accounts.ownership(self.metadata.uid, self.metadata.gid)
        )
    }

    /// The command that closes it.
    pub(crate) fn fix(&self, owner: &str) -> String {
        let place = self.place.display();
        format!("`chown {owner}: {place}` and `chmod go-w {place}`.")
    }
}

/// Whose writing is harmless: root, who owns `/`, and the job's own user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trust<'a> {
    tree: &'a dyn Tree,
    accounts: &'a Accounts,
    root_owner: u32,
    user: Option<u32>,
}

impl<'a> Trust<'a> {
    /// Trust of a job that runs as `user`.
    pub(crate) fn new(tree: &'a dyn Tree, accounts: &'a Accounts, user: Option<u32>) -> Self {
        // A tree that an ordinary user unpacked belongs to that user as a whole.
        let root_owner = tree.metadata(Path::new("/")).map_or(0, |root| root.uid);
        Self {
            tree,
            accounts,
            root_owner,
            user,
        }
    }

    /// The first part of the path that somebody else may change, or `None` when it is safe.
    /// `inside` asks as well whether somebody may add files to the folder at its end.
    pub(crate) fn weak(&self, path: &Path, inside: bool) -> Result<Option<Weak>, TreeError> {
        let mut here = PathBuf::from("/");
        let mut todo = reversed(path);
        let mut links = 0;
        loop {
            let metadata = match self.tree.link_metadata(&here) {
                Ok(metadata) => metadata,
                Err(error) if error.is_not_found() => return Ok(self.addable(&here)),
                Err(error) => return Err(error),
            };
            if metadata.kind == Kind::Link {
                links += 1;
                if links > LINKS_MAX {
                    return Err(TreeError::Loop(path.to_path_buf()));
                }
                if let Some(weak) = self.owner(&here, metadata) {
                    return Ok(Some(weak));
                }
                let target = self.tree.read_link(&here)?;
                todo.extend(reversed(&target));
                here.pop();
                if target.is_absolute() {
                    here = PathBuf::from("/");
                }
            } else {
                let open_end = todo.is_empty() && inside;
                let guarded = metadata.kind == Kind::Directory && metadata.sticky() && !open_end;
                let weak = self.owner(&here, metadata);
                let weak = weak.or_else(|| self.mode(&here, metadata).filter(|_| !guarded));
                if weak.is_some() {
                    return Ok(weak);
                }
            }
            match todo.pop() {
                Some(name) if name == ".." => {
                    here.pop();
                    if here.as_os_str().is_empty() {
                        here.push("/");
                    }
                }
                Some(name) => here.push(name),
                None => return Ok(None),
            }
        }
    }

    /// The folder in which somebody may create the missing file; a sticky bit does not stop that.
    fn addable(&self, missing: &Path) -> Option<Weak> {
        let parent = missing.parent()?;
        let metadata = self.tree.metadata(parent).ok()?;
        self.mode(parent, metadata)
    }

    fn owner(&self, place: &Path, metadata: Metadata) -> Option<Weak> {
        let uid = metadata.uid;
        let trusted = uid == 0 || uid == self.root_owner || Some(uid) == self.user;
        (!trusted).then(|| Weak {
            place: place.to_path_buf(),
            metadata,
            writer: Writer::Owner(uid),
        })
    }

    fn mode(&self, place: &Path, metadata: Metadata) -> Option<Weak> {
        let group = metadata.group_writable() && metadata.gid != 0;
        let writer = if metadata.world_writable() {
            Writer::Anyone
        } else if group
            && self.accounts.members(metadata.gid).any(|name| {
                let uid = self.accounts.uid(name);
                uid != Some(0) && (uid.is_none() || uid != self.user)
            })
        {
            Writer::Group(metadata.gid)
        } else {
            return None;
        };
        Some(Weak {
            place: place.to_path_buf(),
            metadata,
            writer,
        })
    }
}

fn reversed(path: &Path) -> Vec<OsString> {
    path.components()
        .rev()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}
