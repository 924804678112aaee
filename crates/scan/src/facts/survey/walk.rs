//! The one walk over the tree: every entry is looked at once, nothing but the way ahead is kept.
//!
//! Per folder of the root there is a queue of folders that are still to be read; with a budget
//! the nearest folders come first, without one the walk goes down in the order of the names. A
//! folder is read whole once it is entered, so the outcome does not hang on the file system's
//! order. The queue has a fixed size; what does not fit is unseen and said to be.

use super::keep::Keeper;
use super::scope::{Entry, Scope};
use super::smallest::Smallest;
use crate::tree::{Kind, Metadata, Tree, TreeError};
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

const QUEUE_FOLDERS_MAX: usize = 250_000;
const QUEUE_BYTES_MAX: usize = 48 << 20;

/// What a walk knows of the folder that it reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Whether anybody can get here: every folder above lets others pass.
    pub(super) open: bool,
    /// Whether anybody may create and replace entries here, or somewhere above.
    pub(super) writable: bool,
    /// Whether this folder, or one above with the same owner, has an owner without an entry.
    pub(super) unowned: Option<(u32, u32)>,
    device: u64,
    inode: u64,
}

/// Order in the queue: depth (0 for all without a budget), then path.
fn queue_key(depth: u32, path: &Path) -> Vec<u8> {
    let mut key = depth.to_be_bytes().to_vec();
    key.extend_from_slice(path.as_os_str().as_bytes());
    key
}

struct Walk<'a, 'b> {
    tree: &'a dyn Tree,
    scope: &'a Scope,
    keeper: &'a mut Keeper<'b>,
}

/// Walks the whole scope and shows every entry to the keeper.
pub(super) fn walk(tree: &dyn Tree, scope: &Scope, keeper: &mut Keeper<'_>) {
    let root = Place {
        open: true,
        writable: false,
        unowned: None,
        device: 0,
        inode: 0,
    };
    let mut walk = Walk {
        tree,
        scope,
        keeper,
    };
    let mut tops = Smallest::new(QUEUE_FOLDERS_MAX, QUEUE_BYTES_MAX);
    walk.read_folder(Path::new("/"), root, 0, &mut tops);
    while let Some((key, place)) = tops.pop_first() {
        walk.top(&path_of(&key), place);
    }
    walk.say_refused(Path::new("/"), tops.refused());
}

impl Walk<'_, '_> {
    /// Walks one folder of the root to its end, or to the end of its budget.
    fn top(&mut self, top: &Path, place: Place) {
        let budget = self.scope.budget(top);
        let mut queue = Smallest::new(QUEUE_FOLDERS_MAX, QUEUE_BYTES_MAX);
        queue.offer(queue_key(0, top), place);
        let mut walked = 0_u64;
        while let Some((key, place)) = queue.pop_first() {
            if let Some(budget) = budget.filter(|budget| walked >= *budget) {
                let reason = format!(
                    "quick scan: `{}` beyond {} entries not walked (--deep)",
                    top.display(),
                    thousands(budget)
                );
                self.keeper.unseen(top, reason, false);
                return;
            }
            let depth = key
                .first_chunk()
                .map_or(0, |depth| u32::from_be_bytes(*depth));
            let below = if budget.is_some() {
                depth.saturating_add(1)
            } else {
                0
            };
            let path = path_of(&key);
            match self.scope.entry(&path) {
                Entry::Walk => walked += self.read_folder(&path, place, below, &mut queue),
                Entry::Leave => {}
                Entry::Limit(reason) => self.keeper.unseen(&path, reason, false),
            }
        }
        self.say_refused(top, queue.refused());
    }

    fn say_refused(&mut self, top: &Path, refused: u64) {
        if refused > 0 {
            let shown = top.display();
            let reason = format!("`{shown}` holds more folders than the walk keeps in mind");
            self.keeper.unseen(top, reason, false);
        }
    }

    /// Reads a folder, shows its entries, and queues its folders. Returns the number of entries.
    fn read_folder(
        &mut self,
        path: &Path,
        place: Place,
        depth: u32,
        queue: &mut Smallest<Place>,
    ) -> u64 {
        let mut entries = 0;
        let keeper = &mut *self.keeper;
        keeper.begin(path, place);
        let result = self.tree.visit(path, &mut |name, metadata| {
            entries += 1;
            let unowned = keeper.entry(name, &metadata);
            // Inode 0 is that of no file: a tree that has no numbers.
            let itself = metadata.inode != 0
                && (metadata.device, metadata.inode) == (place.device, place.inode);
            if metadata.kind == Kind::Directory && !itself {
                let below = Place {
                    open: place.open && metadata.mode & 0o001 != 0,
                    writable: place.writable || metadata.world_writable() && !metadata.sticky(),
                    unowned,
                    device: metadata.device,
                    inode: metadata.inode,
                };
                queue.offer(queue_key(depth, &join(path, name)), below);
            }
            true
        });
        if let Err(error) = result {
            self.failed(path, &error);
        }
        entries
    }

    fn failed(&mut self, path: &Path, error: &TreeError) {
        // It vanished or became something else between the reading of its parent and now.
        if !error.is_not_found() {
            self.keeper
                .unseen(path, error.to_string(), error.is_denied());
        }
    }
}

fn path_of(key: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(key.get(4..).unwrap_or_default()))
}

/// As `Path::join` for a single name, which is never absolute.
pub(super) fn join(folder: &Path, name: &OsStr) -> PathBuf {
    let mut path = Vec::with_capacity(folder.as_os_str().len() + name.len() + 1);
    path.extend_from_slice(folder.as_os_str().as_bytes());
    if path.last() != Some(&b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(name.as_bytes());
    PathBuf::from(std::ffi::OsString::from_vec(path))
}

/// `50,000`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Facts about an entry that a check may need later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// As the walk saw it.
    pub(crate) metadata: Metadata,
    /// Whether anybody can reach it through the folders above.
    pub(crate) open: bool,
}

impl Seen {
    /// Whether anybody may read it.
    pub(crate) const fn readable_by_all(&self) -> bool {
        self.open && self.metadata.world_readable()
    }
}
