//! The view of a file tree that unit resolution needs, and a tree held in memory.
//!
//! Invariants: every path is absolute inside the scanned root; an implementation never leaves
//! that root, and what it cannot read it answers as absent.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Links followed for one path before it counts as a loop (the kernel's own limit).
const LINKS_MAX: usize = 40;

/// Read access to the tree that holds the unit files.
pub trait UnitFiles {
    /// The bytes of a regular file, links followed inside the root; `None` when there is no such
    /// file, when it is not a regular file, or when it may not be read.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;
    /// The entry names of a folder, links followed, in any order; empty when it cannot be listed.
    fn list(&self, dir: &Path) -> Vec<OsString>;
    /// The text of a link when the path itself is one.
    fn link(&self, path: &Path) -> Option<PathBuf>;
    /// Whether the path is a folder once links are followed.
    fn is_dir(&self, path: &Path) -> bool;
}

/// The path with every link on the way resolved, and `.` and `..` removed.
///
/// Parts that do not exist are kept as they are written. `None` for a loop.
#[must_use]
pub fn canonical(files: &dyn UnitFiles, path: &Path) -> Option<PathBuf> {
    follow(files, path, true)
}

/// As [`canonical`], but a link in the last place is kept.
#[must_use]
pub fn canonical_parent(files: &dyn UnitFiles, path: &Path) -> Option<PathBuf> {
    follow(files, path, false)
}

fn follow(files: &dyn UnitFiles, path: &Path, last: bool) -> Option<PathBuf> {
    let mut todo = components(path);
    todo.reverse();
    let mut done = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = todo.pop() {
        if part == ".." {
            done.pop();
            continue;
        }
        done.push(&part);
        if todo.is_empty() && !last {
            break;
        }
        let Some(target) = files.link(&done) else {
            continue;
        };
        links += 1;
        if links > LINKS_MAX {
            return None;
        }
        done.pop();
        if target.is_absolute() {
            done = PathBuf::from("/");
        }
        todo.extend(components(&target).into_iter().rev());
    }
    Some(done)
}

fn components(path: &Path) -> Vec<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_os_string()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

#[derive(Debug, Clone)]
enum Node {
    File(Vec<u8>),
    Link(PathBuf),
}

/// A tree in memory: the unit files of a test, an archive or a container layer.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    nodes: BTreeMap<PathBuf, Node>,
    dirs: BTreeSet<PathBuf>,
}

impl MemoryFiles {
    /// An empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, with the folders above it.
    #[must_use]
    pub fn with_file(mut self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.insert(path, Node::File(text.as_ref().to_vec()));
        self
    }

    /// Adds a link, with the folders above it.
    #[must_use]
    pub fn with_link(mut self, path: &str, target: &str) -> Self {
        self.insert(path, Node::Link(PathBuf::from(target)));
        self
    }

    fn insert(&mut self, path: &str, node: Node) {
        let path = PathBuf::from(path);
        self.dirs
            .extend(path.ancestors().skip(1).map(Path::to_path_buf));
        self.nodes.insert(path, node);
    }
}

impl UnitFiles for MemoryFiles {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        match self.nodes.get(&canonical(self, path)?)? {
            Node::File(bytes) => Some(bytes.clone()),
            Node::Link(_) => None,
        }
    }

    fn list(&self, dir: &Path) -> Vec<OsString> {
        let Some(dir) = canonical(self, dir) else {
            return Vec::new();
        };
        self.nodes
            .keys()
            .chain(&self.dirs)
            .filter(|path| path.parent() == Some(&dir))
            .filter_map(|path| path.file_name().map(OsString::from))
            .collect()
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        match self.nodes.get(path)? {
            Node::Link(target) => Some(target.clone()),
            Node::File(_) => None,
        }
    }

    fn is_dir(&self, path: &Path) -> bool {
        canonical(self, path).is_some_and(|path| self.dirs.contains(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> MemoryFiles {
        MemoryFiles::new()
            .with_link("/lib", "usr/lib")
            .with_file("/usr/lib/a", "text")
            .with_link("/etc/up", "../lib/./a")
            .with_link("/etc/loop", "loop")
    }

    #[test]
    fn links_are_followed_inside_the_tree() {
        let tree = tree();
        let path = |text: &str| canonical(&tree, Path::new(text));
        assert_eq!(path("/lib/a"), Some(PathBuf::from("/usr/lib/a")));
        assert_eq!(path("/etc/up"), Some(PathBuf::from("/usr/lib/a")));
        assert_eq!(path("/../../lib/x/../a"), Some(PathBuf::from("/usr/lib/a")));
        assert_eq!(path("/etc/loop"), None);
        assert_eq!(
            canonical_parent(&tree, Path::new("/lib/../etc/up")),
            Some(PathBuf::from("/usr/etc/up")),
        );
        assert_eq!(tree.read(Path::new("/etc/up")), Some(b"text".to_vec()));
        assert_eq!(tree.list(Path::new("/lib")), vec![OsString::from("a")]);
    }
}
