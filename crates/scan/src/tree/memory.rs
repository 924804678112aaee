//! A tree in memory, with owners, modes and hostile content that no test user could create on disk.

use super::{Kind, Metadata, Tree, TreeError};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

const LINKS_MAX: usize = 40;

/// One file, folder, link or other node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Facts about it.
    pub metadata: Metadata,
    /// Content of a file, or target of a link.
    pub content: Vec<u8>,
    /// Its extended attribute `security.capability`.
    pub capability: Option<Vec<u8>>,
    /// For the `exe` of a process: whether it leads to a sealed memory file.
    pub sealed: bool,
    /// Whether reading it is refused, as if for want of privileges.
    pub denied: bool,
}

impl Node {
    /// A node of the given kind with the usual mode, owned by root.
    #[must_use]
    pub fn new(kind: Kind, content: Vec<u8>) -> Self {
        let mode = match kind {
            Kind::Directory => 0o755,
            Kind::Link => 0o777,
            _ => 0o644,
        };
        let metadata = Metadata {
            kind,
            mode,
            uid: 0,
            gid: 0,
            size: content.len() as u64,
            device: 1,
            inode: 0,
            links: 1,
            modified_s: 1_700_000_000,
        };
        Self {
            metadata,
            content,
            capability: None,
            denied: false,
            sealed: false,
        }
    }
}

/// A tree in memory.
#[derive(Clone, Debug)]
pub struct MemoryTree {
    nodes: BTreeMap<PathBuf, Node>,
    live: bool,
}

impl Default for MemoryTree {
    fn default() -> Self {
        let root = (PathBuf::from("/"), Node::new(Kind::Directory, Vec::new()));
        Self {
            nodes: BTreeMap::from([root]),
            live: false,
        }
    }
}

impl MemoryTree {
    /// An empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same tree, taken for the running host.
    #[must_use]
    pub fn as_live(mut self) -> Self {
        self.live = true;
        self
    }

    /// Puts a node at an absolute path; missing parents become plain folders.
    pub fn insert(&mut self, path: &Path, mut node: Node) {
        for parent in path.ancestors().skip(1) {
            let folder = || Node::new(Kind::Directory, Vec::new());
            self.nodes
                .entry(parent.to_path_buf())
                .or_insert_with(folder);
        }
        if node.metadata.inode == 0 {
            node.metadata.inode = self.nodes.len() as u64 + 1;
        }
        self.nodes.insert(path.to_path_buf(), node);
    }

    /// Changes the content of each file and the target of each link, for tests with damaged input.
    pub fn change_each(&mut self, mut change: impl FnMut(&Path, &mut Vec<u8>)) {
        for (path, node) in &mut self.nodes {
            if matches!(node.metadata.kind, Kind::File | Kind::Link) {
                change(path, &mut node.content);
                node.metadata.size = node.content.len() as u64;
            }
        }
    }

    /// Puts a plain file with mode 0644 at an absolute path.
    pub fn file(&mut self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        self.insert(
            path.as_ref(),
            Node::new(Kind::File, content.as_ref().to_vec()),
        );
    }

    /// Takes a node away, with all that lies below it.
    pub fn remove(&mut self, path: &Path) {
        self.nodes.retain(|have, _| !have.starts_with(path));
    }

    /// Changes the node at a path, not following links, under all of its names; false when there
    /// is none.
    pub fn change_node(&mut self, path: &Path, mut change: impl FnMut(&mut Node)) -> bool {
        let Some(inode) = self.nodes.get(path).map(|node| node.metadata.inode) else {
            return false;
        };
        let is_same = |have: &Path, node: &Node| {
            have == path || (node.metadata.links > 1 && node.metadata.inode == inode)
        };
        for (have, node) in &mut self.nodes {
            if is_same(have, node) {
                change(node);
            }
        }
        true
    }

    fn resolve(&self, path: &Path, follow_last: bool) -> Result<(PathBuf, &Node), TreeError> {
        let mut here = PathBuf::from("/");
        let mut todo: Vec<OsString> = reversed(path);
        let mut links = 0;
        while let Some(name) = todo.pop() {
            if name == ".." {
                here.pop();
                if here.as_os_str().is_empty() {
                    here.push("/");
                }
                continue;
            }
            let next = here.join(&name);
            let node = self
                .nodes
                .get(&next)
                .ok_or_else(|| TreeError::NotFound(path.to_path_buf()))?;
            if node.metadata.kind == Kind::Link && (follow_last || !todo.is_empty()) {
                links += 1;
                if links > LINKS_MAX {
                    return Err(TreeError::Loop(path.to_path_buf()));
                }
                let target = link_target(node);
                if target.is_absolute() {
                    here = PathBuf::from("/");
                }
                todo.extend(reversed(&target));
                continue;
            }
            here = next;
        }
        let node = self
            .nodes
            .get(&here)
            .ok_or_else(|| TreeError::NotFound(path.to_path_buf()))?;
        Ok((here, node))
    }

    fn folder(&self, path: &Path) -> Result<PathBuf, TreeError> {
        let (place, node) = self.resolve(path, true)?;
        if node.denied {
            return Err(TreeError::Denied(path.to_path_buf()));
        }
        match node.metadata.kind {
            Kind::Directory => Ok(place),
            _ => Err(TreeError::NotFound(path.to_path_buf())),
        }
    }

    fn children<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = (&'a OsStr, &'a Node)> {
        self.nodes
            .range::<Path, _>((
                std::ops::Bound::Excluded(folder),
                std::ops::Bound::Unbounded,
            ))
            .take_while(move |(path, _)| path.starts_with(folder))
            .filter(move |(path, _)| path.parent() == Some(folder))
            .filter_map(|(path, node)| Some((path.file_name()?, node)))
    }
}

impl Tree for MemoryTree {
    fn metadata(&self, path: &Path) -> Result<Metadata, TreeError> {
        self.resolve(path, true).map(|(_, node)| node.metadata)
    }

    fn link_metadata(&self, path: &Path) -> Result<Metadata, TreeError> {
        self.resolve(path, false).map(|(_, node)| node.metadata)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, TreeError> {
        let (_, node) = self.resolve(path, false)?;
        if node.denied {
            return Err(TreeError::Denied(path.to_path_buf()));
        }
        match node.metadata.kind {
            Kind::Link => Ok(link_target(node)),
            _ => Err(TreeError::Kind(path.to_path_buf())),
        }
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, TreeError> {
        let (_, node) = self.resolve(path, true)?;
        if node.denied {
            return Err(TreeError::Denied(path.to_path_buf()));
        }
        match node.metadata.kind {
            Kind::File => Ok(Box::new(Cursor::new(node.content.clone()))),
            _ => Err(TreeError::Kind(path.to_path_buf())),
        }
    }

    fn visit(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr, Metadata) -> bool,
    ) -> Result<(), TreeError> {
        let folder = self.folder(path)?;
        for (name, node) in self.children(&folder) {
            if !visit(name, node.metadata) {
                break;
            }
        }
        Ok(())
    }

    fn visit_names(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr) -> bool,
    ) -> Result<(), TreeError> {
        self.visit(path, &mut |name, _| visit(name))
    }

    fn capability(&self, path: &Path) -> Result<Option<Vec<u8>>, TreeError> {
        self.resolve(path, false)
            .map(|(_, node)| node.capability.clone())
    }

    fn is_sealed(&self, path: &Path) -> bool {
        self.resolve(path, false).is_ok_and(|(_, node)| node.sealed)
    }

    fn is_live(&self) -> bool {
        self.live
    }
}

fn link_target(node: &Node) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(&node.content))
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
