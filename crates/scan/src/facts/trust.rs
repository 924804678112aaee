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

/// Who may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// Every user.
    Everybody,
    /// A user who is not trusted.
    User(u32),
    /// A group with a member who is not trusted.
    Group(u32),
}

impl Writer {
    /// As a sentence names it.
    fn text(self, facts: &Facts<'_>) -> String {
        let accounts = facts.accounts();
        match (self, accounts) {
            (Self::Everybody, _) => "everybody".to_owned(),
            (Self::User(uid), Ok(known)) if known.name_of(uid).is_some() => {
                format!("user {}", known.user_text(uid))
            }
            (Self::User(uid), _) => format!("uid {uid}"),
            (Self::Group(gid), Ok(known)) if known.group_name(gid).is_some() => {
                format!("members of group {}", known.group_text(gid))
            }
            (Self::Group(gid), _) => format!("members of gid {gid}"),
        }
    }
}

/// A place that somebody may change who should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weak {
    /// The file or folder.
    pub(crate) path: PathBuf,
    /// Its facts.
    pub(crate) metadata: Metadata,
    /// Who may change it.
    pub(crate) writer: Writer,
    /// The same in words.
    pub(crate) who: String,
}

impl Weak {
    fn new(facts: &Facts<'_>, path: PathBuf, metadata: Metadata, writer: Writer) -> Self {
        Self {
            path,
            metadata,
            writer,
            who: writer.text(facts),
        }
    }

    /// Whether every user may change it.
    pub(crate) fn anybody(&self) -> bool {
        self.writer == Writer::Everybody
    }

    /// Mode and owner in words: `0775 root:staff`.
    pub(crate) fn mode_text(&self, facts: &Facts<'_>) -> String {
        let Metadata { uid, gid, .. } = self.metadata;
        let owner = facts.accounts().map(|known| known.ownership(uid, gid));
        let owner = owner.unwrap_or_else(|_| format!("{uid}:{gid}"));
        format!("{} {owner}", self.metadata.mode_text())
    }

    /// Place, mode and owner as evidence.
    pub(crate) fn shown(&self, facts: &Facts<'_>) -> String {
        format!("{} {}", self.path.display(), self.mode_text(facts))
    }

    /// The command that closes it for all but the owner.
    pub(crate) fn fix(&self, owner: &str) -> String {
        let place = self.path.display();
        format!("`chown {owner}: {place}` and `chmod go-w {place}`.")
    }
}

/// Whose writing is harmless: root, the given owners, and the owner of a tree that is not live. An
/// ordinary user who unpacked a tree owns it as a whole.
#[derive(Clone, Copy)]
struct Trust<'a> {
    facts: &'a Facts<'a>,
    owners: &'a [u32],
    root_owner: u32,
}

impl<'a> Trust<'a> {
    fn new(facts: &'a Facts<'a>, owners: &'a [u32]) -> Self {
        let root = facts.tree().metadata(Path::new("/"));
        let root = root.ok().filter(|_| !facts.tree().is_live());
        Self {
            facts,
            owners,
            root_owner: root.map_or(0, |root| root.uid),
        }
    }

    fn user(&self, uid: u32) -> bool {
        uid == 0 || uid == self.root_owner || self.owners.contains(&uid)
    }

    /// Whether all who may act as the group are trusted. Where that is not known, only root's is.
    fn group(&self, gid: u32) -> bool {
        let known = self.facts.accounts().ok();
        let known = known.filter(|known| known.passwd.is_ok() && known.has_groups);
        known.map_or(gid == 0, |known| {
            let mut members = known.members(gid);
            members.all(|name| known.uid(name).is_some_and(|uid| self.user(uid)))
        })
    }

    /// Who may write to a place. In a folder that `guards` what is in it only the owner counts.
    fn writer(&self, metadata: &Metadata, guards: bool) -> Option<Writer> {
        if !guards && metadata.world_writable() {
            Some(Writer::Everybody)
        } else if !self.user(metadata.uid) {
            Some(Writer::User(metadata.uid))
        } else if !guards && metadata.group_writable() && !self.group(metadata.gid) {
            Some(Writer::Group(metadata.gid))
        } else {
            None
        }
    }
}

/// Who may write to a file besides root and the given owners, in words.
pub(crate) fn writer(facts: &Facts<'_>, metadata: &Metadata, owners: &[u32]) -> Option<String> {
    let writer = Trust::new(facts, owners).writer(metadata, false)?;
    Some(writer.text(facts))
}

/// The file or folder itself, when somebody besides root and `owners` may change it.
pub(crate) fn weak_file(
    facts: &Facts<'_>,
    path: &Path,
    metadata: Metadata,
    owners: &[u32],
) -> Option<Weak> {
    let writer = Trust::new(facts, owners).writer(&metadata, false)?;
    Some(Weak::new(facts, path.to_path_buf(), metadata, writer))
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
    walk(facts, path, owners, false)
}

/// As [`weak_spot`] for a check: nothing for a missing path, and a limit where the way cannot be
/// seen.
pub(crate) fn weak(cx: &mut Cx<'_>, path: &Path, owners: &[u32]) -> Option<Weak> {
    let found = walk(cx.facts, path, owners, false);
    or_limit(cx, found)
}

/// As [`weak`]; where the rest of the path is missing, the folder in which somebody may create it.
pub(crate) fn weak_or_missing(cx: &mut Cx<'_>, path: &Path, owners: &[u32]) -> Option<Weak> {
    let found = walk(cx.facts, path, owners, true);
    or_limit(cx, found)
}

fn or_limit(cx: &mut Cx<'_>, found: Result<Option<Weak>, TreeError>) -> Option<Weak> {
    found.unwrap_or_else(|error| {
        if !error.is_not_found() {
            cx.limit(Limit::from_error(&error));
        }
        None
    })
}

fn walk(
    facts: &Facts<'_>,
    path: &Path,
    owners: &[u32],
    may_miss: bool,
) -> Result<Option<Weak>, TreeError> {
    let trust = Trust::new(facts, owners);
    let weak = |path: PathBuf, metadata, writer| Some(Weak::new(facts, path, metadata, writer));
    let tree = facts.tree();
    let mut todo = parts(path);
    let mut here = PathBuf::from("/");
    let mut folder = tree.metadata(&here)?;
    if let Some(writer) = trust.writer(&folder, folder.sticky() && !todo.is_empty()) {
        return Ok(weak(here, folder, writer));
    }
    let (mut links, mut steps) = (0, 0);
    while let Some(name) = todo.pop() {
        steps += 1;
        if steps > PARTS_MAX {
            return Err(TreeError::Loop(path.to_path_buf()));
        }
        if name == ".." {
            here.pop();
            folder = tree.metadata(&here)?;
            continue;
        }
        let next = here.join(&name);
        let metadata = match tree.link_metadata(&next) {
            // The sticky bit does not keep others from adding what is missing.
            Err(error) if error.is_not_found() && may_miss => {
                let writer = trust.writer(&folder, false);
                return Ok(writer.and_then(|writer| weak(here, folder, writer)));
            }
            found => found?,
        };
        if metadata.kind == Kind::Link {
            links += 1;
            if links > LINKS_MAX {
                return Err(TreeError::Loop(path.to_path_buf()));
            }
            // In a sticky folder the owner of a link may lay it anew; elsewhere the folder decides.
            if folder.sticky() && !trust.user(metadata.uid) {
                return Ok(weak(next, metadata, Writer::User(metadata.uid)));
            }
            let target = tree.read_link(&next)?;
            if target.is_absolute() {
                here = PathBuf::from("/");
                folder = tree.metadata(&here)?;
            }
            todo.extend(parts(&target));
            continue;
        }
        here = next;
        let guards = metadata.kind == Kind::Directory && metadata.sticky() && !todo.is_empty();
        if let Some(writer) = trust.writer(&metadata, guards) {
            return Ok(weak(here, metadata, writer));
        }
        folder = metadata;
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
    use crate::tree::Node;

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
--- /srv/ann dir mode=1755 uid=1000
--- /srv/ann/tool mode=0755
--- /home/ann/tool uid=1000 gid=1000 mode=0775
";

    #[test]
    fn groups_links_and_sticky_folders() {
        let mut cases = crate::fixture::parse(TREE).expect("fixture");
        let tree = &mut cases[0].tree;
        for path in ["/tmp/turn", "/usr/local/bin/turn"] {
            let mut link = Node::new(Kind::Link, b"/usr/local/bin/tool".to_vec());
            link.metadata.uid = 1000;
            tree.insert(Path::new(path), link);
        }
        let options = Options::at(0);
        let facts = Facts::new(tree, &options);
        let spot = |path: &str, owners: &[u32]| {
            weak_spot(&facts, Path::new(path), owners)
                .expect("path")
                .map(|weak| (weak.path.display().to_string(), weak.who))
        };
        assert_eq!(spot("/usr/local/bin/tool", &[]), None, "nobody is in staff");
        let crew = Some((
            "/srv/crew".to_owned(),
            "members of group crew (77)".to_owned(),
        ));
        assert_eq!(spot("/srv/crew/tool", &[]), crew);
        assert_eq!(spot("/opt/link", &[]), crew, "through a link");
        assert_eq!(spot("/tmp/tool", &[]), None);
        assert_eq!(spot("/home/ann/tool", &[1000]), None, "her own group");
        assert!(spot("/home/ann/tool", &[]).is_some());
        assert!(weak_spot(&facts, Path::new("/none"), &[]).is_err());
        let ann = |path: &str| Some((path.to_owned(), "user ann (1000)".to_owned()));
        assert_eq!(
            spot("/srv/ann/tool", &[]),
            ann("/srv/ann"),
            "whose folder is sticky"
        );
        assert_eq!(
            spot("/tmp/turn", &[]),
            ann("/tmp/turn"),
            "she may lay it anew"
        );
        assert_eq!(
            spot("/usr/local/bin/turn", &[]),
            None,
            "she may not lay it anew"
        );
        assert!(spot("/tmp", &[]).is_some(), "anybody may add to it");
        let missing = |path: &str| walk(&facts, Path::new(path), &[], true).expect("path");
        let tmp = missing("/tmp/none/at/all").expect("weak");
        assert!(tmp.anybody() && tmp.path == Path::new("/tmp"));
        assert_eq!(missing("/usr/none"), None);
    }
}
