//! What could be left after the power goes? A disk in memory that keeps apart what a program sees
//! and what is durable, and can produce every state that a real disk might have after a crash.
//!
//! The model, at least as harsh as the file systems of Linux:
//! - written bytes are volatile until the file is synced; each sector of 512 bytes survives on
//!   its own, in any of its versions, or torn at any byte between two of them; the length
//!   survives on its own, so a file may be short, or long with zeros or old disk content in it;
//! - names are volatile until their directory is synced; each name survives on its own in any
//!   state it had since the last sync, so a rename may add the new name, take away the old one,
//!   both or neither, and never tears a name that existed into nothing;
//! - syncing a file says nothing of its name, syncing a directory nothing of its files' content
//!   nor of the directory's own name;
//! - after a failed sync the bytes are still visible and will never become durable, also not by
//!   a second sync that succeeds.
//!
//! Invariant: the same seed and operations give the same state.

use super::StorePath;
use super::disk::{Disk, DiskFile, Entry, EntryKind, Metadata};
use crate::bytes::LimitError;
use crate::random::Random;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a disk writes in one piece, if at all.
const SECTOR_BYTES: usize = 512;
/// What stale disk content looks like in a file whose length survived but whose bytes did not.
const STALE_BYTE: u8 = 0xa5;
/// The position of the root directory among the nodes.
const ROOT: usize = 0;

/// A disk in memory that can lose power.
#[derive(Debug)]
pub struct SimulatedDisk {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    nodes: Vec<Node>,
    n_operations: u64,
    power_lost_at: Option<u64>,
    sync_fails_at: Option<u64>,
}

#[derive(Debug)]
enum Node {
    File(FileNode),
    Directory(DirectoryNode),
}

#[derive(Debug, Default)]
struct FileNode {
    durable: Vec<u8>,
    visible: Vec<u8>,
    // Writes since the last sync, oldest first.
    pending: Vec<Write>,
}

#[derive(Debug)]
struct Write {
    offset: usize,
    bytes: Vec<u8>,
}

#[derive(Debug, Default)]
struct DirectoryNode {
    durable: BTreeMap<OsString, usize>,
    visible: BTreeMap<OsString, usize>,
    // What each name became since the last sync, oldest first.
    pending: BTreeMap<OsString, Vec<Option<usize>>>,
}

impl SimulatedDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::with_nodes(vec![Node::Directory(DirectoryNode::default())])
    }

    /// The power goes before the operation with this number, from 0; it and all after it fail.
    /// Operations are those that change or sync something.
    #[must_use]
    pub fn losing_power_at(self, operation: u64) -> Self {
        self.state().power_lost_at = Some(operation);
        self
    }

    /// The operation with this number, if it is a sync, fails and loses what it should have kept.
    #[must_use]
    pub fn failing_sync_at(self, operation: u64) -> Self {
        self.state().sync_fails_at = Some(operation);
        self
    }

    /// How many operations there were: crashing before each of them and after the last covers
    /// every moment, since an operation in the middle is one whose effect is still volatile.
    pub fn n_operations(&self) -> u64 {
        self.state().n_operations
    }

    /// A disk as it may be found after the power went at this moment. Everything on it is durable.
    pub fn crash(&self, random: &mut Random) -> Self {
        let state = self.state();
        let mut survivors = Survivors {
            before: &state.nodes,
            after: Vec::new(),
            moved: BTreeMap::new(),
        };
        survivors.directory(ROOT, random);
        Self::with_nodes(survivors.after)
    }

    fn with_nodes(nodes: Vec<Node>) -> Self {
        let state = State {
            nodes,
            n_operations: 0,
            power_lost_at: None,
            sync_fails_at: None,
        };
        Self {
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in a test must not hide behind a poisoned lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for SimulatedDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// Counts an operation; `Err` if there is no power for it.
    fn begin(&mut self) -> io::Result<u64> {
        let number = self.n_operations;
        if self.power_lost_at.is_some_and(|lost_at| number >= lost_at) {
            return Err(io::Error::other("the power is gone"));
        }
        self.n_operations += 1;
        Ok(number)
    }

    fn sync_fails(&self, number: u64) -> bool {
        self.sync_fails_at == Some(number)
    }

    fn find(&self, path: &StorePath) -> io::Result<usize> {
        let mut at = ROOT;
        for name in path.names() {
            at = self
                .directory(at)?
                .visible
                .get(name)
                .copied()
                .ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(at)
    }

    fn directory(&self, at: usize) -> io::Result<&DirectoryNode> {
        match self.nodes.get(at) {
            Some(Node::Directory(directory)) => Ok(directory),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn directory_mut(&mut self, at: usize) -> io::Result<&mut DirectoryNode> {
        match self.nodes.get_mut(at) {
            Some(Node::Directory(directory)) => Ok(directory),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn file(&self, at: usize) -> io::Result<&FileNode> {
        match self.nodes.get(at) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn file_mut(&mut self, at: usize) -> io::Result<&mut FileNode> {
        match self.nodes.get_mut(at) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    /// The directory of a path and its last name.
    fn place<'path>(&self, path: &'path StorePath) -> io::Result<(usize, &'path OsStr)> {
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let depth = path.names().count();
        let mut at = ROOT;
        for part in path.names().take(depth.saturating_sub(1)) {
            at = self
                .directory(at)?
                .visible
                .get(part)
                .copied()
                .ok_or(io::ErrorKind::NotFound)?;
        }
        self.directory(at)?;
        Ok((at, name))
    }

    fn add(&mut self, path: &StorePath, node: Node) -> io::Result<usize> {
        let (at, name) = self.place(path)?;
        let added = self.nodes.len();
        let directory = self.directory_mut(at)?;
        if directory.visible.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        directory.set(name, Some(added));
        self.nodes.push(node);
        Ok(added)
    }
}

impl DirectoryNode {
    fn set(&mut self, name: &OsStr, node: Option<usize>) {
        match node {
            Some(node) => self.visible.insert(name.to_owned(), node),
            None => self.visible.remove(name),
        };
        self.pending.entry(name.to_owned()).or_default().push(node);
    }

    fn sync(&mut self) {
        for (name, history) in std::mem::take(&mut self.pending) {
            match history.last().copied().flatten() {
                Some(node) => self.durable.insert(name, node),
                None => self.durable.remove(&name),
            };
        }
    }

    /// The names that survive: each in any state it had since the last sync.
    fn survivors(&self, random: &mut Random) -> BTreeMap<OsString, usize> {
        let mut names = self.durable.clone();
        for (name, history) in &self.pending {
            let draw = random.index(history.len() + 1).unwrap_or(0);
            // Draw 0 is the durable state, which stands in the map already.
            match draw.checked_sub(1).and_then(|idx| history.get(idx)) {
                None => {}
                Some(Some(node)) => {
                    names.insert(name.clone(), *node);
                }
                Some(None) => {
                    names.remove(name);
                }
            }
        }
        names
    }
}

impl FileNode {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        overlay(&mut self.visible, offset, bytes);
        self.pending.push(Write {
            offset,
            bytes: bytes.to_vec(),
        });
    }

    /// Only pending writes become durable: what a failed sync dropped stays lost.
    fn sync(&mut self) {
        for write in std::mem::take(&mut self.pending) {
            overlay(&mut self.durable, write.offset, &write.bytes);
        }
    }

    /// The content that survives.
    fn survivor(&self, random: &mut Random) -> Vec<u8> {
        if self.pending.is_empty() {
            return self.durable.clone();
        }
        // The extremes are what happens most, and what a plain draw per sector would rarely give.
        match random.below(4) {
            0 => self.durable.clone(),
            1 => self.version(self.pending.len()),
            2 => self.length_without_content(random),
            _ => self.torn(random),
        }
    }

    /// The content after the first so many pending writes.
    fn version(&self, n_writes: usize) -> Vec<u8> {
        let mut content = self.durable.clone();
        for write in self.pending.iter().take(n_writes) {
            overlay(&mut content, write.offset, &write.bytes);
        }
        content
    }

    /// The new length survived, the bytes did not.
    fn length_without_content(&self, random: &mut Random) -> Vec<u8> {
        let length = self.version(self.pending.len()).len();
        let fill = if random.below(2) == 0 { 0 } else { STALE_BYTE };
        let mut content = self.durable.clone();
        content.resize(length.max(content.len()), fill);
        content
    }

    /// Each sector from any version, some torn between two, cut at any length since the sync.
    fn torn(&self, random: &mut Random) -> Vec<u8> {
        let versions: Vec<Vec<u8>> = (0..=self.pending.len()).map(|n| self.version(n)).collect();
        let longest = versions.iter().map(Vec::len).max().unwrap_or(0);
        let fill = if random.below(2) == 0 { 0 } else { STALE_BYTE };
        let mut content = vec![fill; longest];
        for (sector_idx, sector) in content.chunks_mut(SECTOR_BYTES).enumerate() {
            let from = sector_idx * SECTOR_BYTES;
            let tear = random.index(sector.len() + 1).unwrap_or(0);
            // Two times out of three the sector is whole.
            let tear = if random.below(3) == 0 {
                tear
            } else {
                sector.len()
            };
            let (front, back) = sector.split_at_mut(tear);
            for (part, from) in [(front, from), (back, from + tear)] {
                if let Some(version) = random.choose(&versions) {
                    let found = version.get(from..).unwrap_or_default();
                    part.iter_mut()
                        .zip(found)
                        .for_each(|(byte, source)| *byte = *source);
                }
            }
        }
        let shortest = versions.iter().map(Vec::len).min().unwrap_or(0);
        let spread = (longest - shortest) as u64;
        let cut = match random.below(2) {
            0 => longest,
            _ => shortest + usize::try_from(random.below(spread + 1)).unwrap_or(0),
        };
        content.truncate(cut);
        content
    }
}

/// Writes into a content; a gap before the offset reads as zeros.
fn overlay(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    if let Some(target) = content.get_mut(offset..end) {
        target.copy_from_slice(bytes);
    }
}

/// Copies what survives, from the root down; what no surviving name reaches is gone.
struct Survivors<'nodes> {
    before: &'nodes [Node],
    after: Vec<Node>,
    // A file with two surviving names is one file.
    moved: BTreeMap<usize, usize>,
}

impl Survivors<'_> {
    fn directory(&mut self, at: usize, random: &mut Random) -> usize {
        let place = self.after.len();
        self.after.push(Node::Directory(DirectoryNode::default()));
        let Some(Node::Directory(directory)) = self.before.get(at) else {
            return place;
        };
        let mut names = directory.survivors(random);
        for node in names.values_mut() {
            *node = self.node(*node, random);
        }
        let visible = names.clone();
        if let Some(survivor) = self.after.get_mut(place) {
            *survivor = Node::Directory(DirectoryNode {
                durable: names,
                visible,
                pending: BTreeMap::new(),
            });
        }
        place
    }

    // Directories cannot be renamed, so the depth is that of the longest path.
    fn node(&mut self, at: usize, random: &mut Random) -> usize {
        if let Some(moved) = self.moved.get(&at) {
            return *moved;
        }
        let place = match self.before.get(at) {
            Some(Node::File(file)) => {
                let durable = file.survivor(random);
                let visible = durable.clone();
                self.after.push(Node::File(FileNode {
                    durable,
                    visible,
                    pending: Vec::new(),
                }));
                self.after.len() - 1
            }
            _ => self.directory(at, random),
        };
        self.moved.insert(at, place);
        place
    }
}

impl Disk for SimulatedDisk {
    fn create_new(&self, path: &StorePath) -> io::Result<Box<dyn DiskFile + '_>> {
        let mut state = self.state();
        state.begin()?;
        let node = state.add(path, Node::File(FileNode::default()))?;
        Ok(Box::new(SimulatedFile { disk: self, node }))
    }

    fn rename(&self, from: &StorePath, to: &StorePath) -> io::Result<()> {
        let mut state = self.state();
        state.begin()?;
        let node = state.find(from)?;
        state.file(node)?;
        let (from_directory, from_name) = state.place(from)?;
        let (to_directory, to_name) = state.place(to)?;
        if let Some(replaced) = state.directory(to_directory)?.visible.get(to_name) {
            state.file(*replaced)?;
        }
        if from != to {
            state.directory_mut(to_directory)?.set(to_name, Some(node));
            state.directory_mut(from_directory)?.set(from_name, None);
        }
        Ok(())
    }

    fn sync_dir(&self, path: &StorePath) -> io::Result<()> {
        let mut state = self.state();
        let number = state.begin()?;
        let fails = state.sync_fails(number);
        let at = state.find(path)?;
        let directory = state.directory_mut(at)?;
        if fails {
            // Unlike content, names stay in the journal and may still reach the disk.
            return Err(io::Error::from_raw_os_error(
                rustix::io::Errno::IO.raw_os_error(),
            ));
        }
        directory.sync();
        Ok(())
    }

    fn remove(&self, path: &StorePath) -> io::Result<()> {
        let mut state = self.state();
        state.begin()?;
        let node = state.find(path)?;
        state.file(node)?;
        let (directory, name) = state.place(path)?;
        state.directory_mut(directory)?.set(name, None);
        Ok(())
    }

    fn create_dir(&self, path: &StorePath) -> io::Result<()> {
        let mut state = self.state();
        state.begin()?;
        state
            .add(path, Node::Directory(DirectoryNode::default()))
            .map(|_| ())
    }

    fn read(&self, path: &StorePath, limit_bytes: u64) -> Result<Vec<u8>, LimitError> {
        let state = self.state();
        let file = state
            .find(path)
            .and_then(|at| state.file(at))
            .map_err(LimitError::Io)?;
        if file.visible.len() as u64 > limit_bytes {
            return Err(LimitError::Exceeded { limit_bytes });
        }
        Ok(file.visible.clone())
    }

    fn list(&self, path: &StorePath) -> io::Result<Vec<Entry>> {
        let state = self.state();
        let directory = state.directory(state.find(path)?)?;
        let entries = directory.visible.iter().map(|(name, node)| {
            let kind = match state.nodes.get(*node) {
                Some(Node::File(_)) => EntryKind::File,
                _ => EntryKind::Directory,
            };
            Entry {
                name: name.clone(),
                kind,
            }
        });
        Ok(entries.collect())
    }

    fn metadata(&self, path: &StorePath) -> io::Result<Metadata> {
        let state = self.state();
        Ok(match state.nodes.get(state.find(path)?) {
            Some(Node::File(file)) => Metadata {
                kind: EntryKind::File,
                size_bytes: file.visible.len() as u64,
            },
            _ => Metadata {
                kind: EntryKind::Directory,
                size_bytes: 0,
            },
        })
    }
}

#[derive(Debug)]
struct SimulatedFile<'disk> {
    disk: &'disk SimulatedDisk,
    node: usize,
}

impl DiskFile for SimulatedFile<'_> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let offset = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut state = self.disk.state();
        state.begin()?;
        state.file_mut(self.node)?.write(offset, bytes);
        Ok(bytes.len())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let number = state.begin()?;
        let fails = state.sync_fails(number);
        let file = state.file_mut(self.node)?;
        if fails {
            file.pending.clear();
            return Err(io::Error::from_raw_os_error(
                rustix::io::Errno::IO.raw_os_error(),
            ));
        }
        file.sync();
        Ok(())
    }
}
