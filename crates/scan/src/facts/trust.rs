//! Who but root can change what stands at a path: the file, a folder above it, or a link on the way.
//!
//! A folder with the sticky bit protects what others own in it, so only the next part of the path
//! counts there. Group rights count when somebody else is in the group: `root:staff 2775` with an
//! empty group `staff` is no weakness.

use super::Facts;
use crate::check::{Cx, Limit};
use crate::tree::{Kind, Metadata, TreeError};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Links followed on one path; the kernel's own limit.
const LINKS_MAX: usize = 40;
/// Parts looked at on one path; longer ones cannot be opened (PATH_MAX).
const PARTS_MAX: usize = 4096;

/// A place that somebody may change who should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weak {
    /// The file or folder.
    pub(crate) path: PathBuf,
    /// Its facts.
    pub(crate) metadata: Metadata,
    /// Who may change it, in words.
    pub(crate) who: String,
}

/// Who may write to a file besides root and the given owners, in words.
pub(crate) fn writer(facts: &Facts<'_>, metadata: &Metadata, owners: &[u32]) -> Option<String> {
    let trusted = |uid: u32| uid == 0 || owners.contains(&uid);
    if metadata.world_writable() {
        return Some("everybody".to_owned());
    }
    if !trusted(metadata.uid) {
        return Some(format!("its owner {}", user_text(facts, metadata.uid)));
    }
    if !metadata.group_writable() {
        return None;
    }
    let accounts = facts.accounts().ok()?;
    let others = accounts
        .people_of(metadata.gid)
        .into_iter()
        .any(|uid| !trusted(uid));
    others.then(|| format!("group {}", group_text(facts, metadata.gid)))
}

/// A user as people read it.
pub(crate) fn user_text(facts: &Facts<'_>, uid: u32) -> String {
    let text = facts.accounts().map(|accounts| accounts.user_text(uid));
    text.unwrap_or_default()
}

/// A group as people read it.
pub(crate) fn group_text(facts: &Facts<'_>, gid: u32) -> String {
    let text = facts.accounts().map(|accounts| accounts.group_text(gid));
    text.unwrap_or_default()
}

/// The first place on the way to `path` that somebody besides root and `owners` may change.
///
/// # Errors
/// As the tree, above all when the path leads nowhere.
pub(crate) fn weak_spot(
    facts: &Facts<'_>,
    path: &Path,
    owners: &[u32],
) -> Result<Option<Weak>, TreeError> {
    let tree = facts.tree();
    let mut here = PathBuf::from("/");
    let mut todo = parts(path);
    let (mut links, mut steps) = (0, 0);
    while let Some(name) = todo.pop() {
        steps += 1;
        if steps > PARTS_MAX {
            return Err(TreeError::Loop(path.to_path_buf()));
        }
        if name == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&name);
        let metadata = tree.link_metadata(&next)?;
        if metadata.kind == Kind::Link {
            links += 1;
            if links > LINKS_MAX {
                return Err(TreeError::Loop(path.to_path_buf()));
            }
            let target = tree.read_link(&next)?;
            if target.is_absolute() {
                here = PathBuf::from("/");
            }
            todo.extend(parts(&target));
            continue;
        }
        here = next;
        let protected = metadata.kind == Kind::Directory && metadata.sticky() && !todo.is_empty();
        if !protected && let Some(who) = writer(facts, &metadata, owners) {
            return Ok(Some(Weak {
                path: here,
                metadata,
                who,
            }));
        }
    }
    Ok(None)
}

fn parts(path: &Path) -> Vec<OsString> {
    path.components()
        .rev()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

/// Facts about a file for a check that goes on without it: a failure other than "not there" is a
/// limit of the check.
pub(crate) fn stat(cx: &mut Cx<'_>, path: &Path) -> Option<Metadata> {
    match cx.facts.tree().metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) => {
            if !error.is_not_found() {
                cx.limit(Limit::from_error(&error));
            }
            None
        }
    }
}

/// Content of a file for a check that goes on without it, as [`stat`].
pub(crate) fn content(cx: &mut Cx<'_>, path: &Path) -> Option<Vec<u8>> {
    let mut limits = Vec::new();
    let bytes = super::read_or_limit(cx.facts, path, &mut limits);
    cx.limits(&limits);
    bytes
}

/// Names in a folder for a check that goes on without it, as [`stat`].
pub(crate) fn names(cx: &mut Cx<'_>, path: &Path) -> Vec<OsString> {
    match crate::tree::list(cx.facts.tree(), path) {
        Ok(names) => names,
        Err(error) => {
            if !error.is_not_found() {
                cx.limit(Limit::from_error(&error));
            }
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Options;

    const TREE: &str = "\
=== x: passed
--- /etc/passwd
root:x:0:0::/root:/bin/bash
ann:x:1000:1000::/home/ann:/bin/bash
--- /etc/group
root:x:0:
staff:x:50:
ann:x:1000:
crew:x:77:ann
--- /usr/local/bin dir mode=2775 gid=50
--- /usr/local/bin/tool mode=0755
--- /srv/crew dir mode=0775 gid=77
--- /srv/crew/tool mode=0755
--- /opt/link -> /srv/crew/tool
--- /tmp dir mode=1777
--- /tmp/tool mode=0755
--- /home/ann/tool uid=1000 gid=1000 mode=0775
";

    #[test]
    fn groups_links_and_sticky_folders() {
        let cases = crate::fixture::parse(TREE).expect("fixture");
        let options = Options::at(0);
        let facts = Facts::new(&cases[0].tree, &options);
        let spot = |path: &str, owners: &[u32]| {
            weak_spot(&facts, Path::new(path), owners)
                .expect("path")
                .map(|weak| (weak.path.display().to_string(), weak.who))
        };
        assert_eq!(spot("/usr/local/bin/tool", &[]), None, "nobody is in staff");
        let crew = Some(("/srv/crew".to_owned(), "group crew (77)".to_owned()));
        assert_eq!(spot("/srv/crew/tool", &[]), crew);
        assert_eq!(spot("/opt/link", &[]), crew, "through a link");
        assert_eq!(spot("/tmp/tool", &[]), None);
        assert_eq!(spot("/home/ann/tool", &[1000]), None, "her own group");
        assert!(spot("/home/ann/tool", &[]).is_some());
        assert!(weak_spot(&facts, Path::new("/none"), &[]).is_err());
    }
}
