//! The survey: one walk over the files, from which every check of files takes its candidates.
//!
//! Each collection holds the smallest paths up to a fixed size, so that memory is bounded whatever
//! the tree holds; what did not fit, was denied or lies beyond a budget is said ([`Survey::limits`]).

mod candidate;
mod keep;
mod owners;
mod scope;
mod smallest;
mod walk;

pub(crate) use candidate::Candidate;
pub(crate) use keep::{PROGRAMS, TEMPORARY};
use owners::Owners;
pub(crate) use scope::is_below;
pub(crate) use smallest::Smallest;
pub(crate) use walk::Seen;

use super::accounts::Accounts;
use super::{Fact, Facts};
use crate::check::{Cx, Limit};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Most entries of one collection, and most bytes that they may take.
const KEPT_MAX: usize = 4000;
const KEPT_BYTES_MAX: usize = 2 << 20;
/// Unknown owners that are told apart, and paths that each keeps.
const UNOWNED_OWNERS_MAX: usize = 1000;
const UNOWNED_PATHS_MAX: usize = 5;

/// A collection of files by path.
pub(crate) type Files<V = Seen> = Smallest<V>;

/// What the walk kept.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Users and groups of the host.
    pub(crate) accounts: Arc<Accounts>,
    /// Why owners without an entry may still be known; `None` when the files tell all.
    pub(crate) owners_elsewhere: Option<Limit>,
    /// Files with the set-user-id or set-group-id bit.
    pub(crate) set_id: Files,
    /// Programs with capabilities, and the record.
    pub(crate) capabilities: Files<(Seen, Vec<u8>)>,
    capabilities_unseen: Files<Limit>,
    /// Files that anybody may change, and reach; not in temporary or writable folders.
    pub(crate) writable_files: Files,
    /// Folders without the sticky bit in which anybody may create and replace; the topmost ones.
    pub(crate) writable_folders: Files,
    /// Devices outside of `/dev`.
    pub(crate) devices: Files,
    /// Names that are made to be overlooked.
    pub(crate) odd_names: Files,
    /// Programs in temporary folders.
    pub(crate) temporary_programs: Files,
    /// Programs of the system that somebody besides root may change.
    pub(crate) loose_programs: Files,
    /// Compilers that anybody may run.
    pub(crate) compilers: Files,
    /// Forgotten files in temporary folders.
    pub(crate) old_temporary: Files,
    /// Repositories below the web server's folder.
    pub(crate) web_hidden: Files,
    /// Unknown owners: whether a group, number; and the first paths that they own.
    pub(crate) unowned: BTreeMap<(bool, u32), Files<()>>,
    candidates: BTreeMap<Candidate, Files>,
    unseen: Files<Limit>,
}

fn files<V>() -> Files<V> {
    Smallest::new(KEPT_MAX, KEPT_BYTES_MAX)
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            accounts: Arc::default(),
            owners_elsewhere: None,
            set_id: files(),
            capabilities: files(),
            capabilities_unseen: files(),
            writable_files: files(),
            writable_folders: files(),
            devices: files(),
            odd_names: files(),
            temporary_programs: files(),
            loose_programs: files(),
            compilers: files(),
            old_temporary: files(),
            web_hidden: files(),
            unowned: BTreeMap::new(),
            candidates: BTreeMap::new(),
            unseen: files(),
        }
    }
}

/// Walks the tree.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Survey> {
    let owners = Owners::read(facts)?;
    let scope = scope::Scope::of(facts);
    let mut keeper = keep::Keeper::new(facts.tree(), &owners, facts.options().now_s);
    walk::walk(facts.tree(), &scope, &mut keeper);
    let mut survey = keeper.done();
    survey.accounts = owners.accounts;
    survey.owners_elsewhere = owners.elsewhere;
    for limit in scope.limits {
        survey.unseen.offer(b"/".to_vec(), limit);
    }
    Ok(survey)
}

impl Survey {
    fn candidates(&mut self, kind: Candidate) -> &mut Files {
        self.candidates.entry(kind).or_insert_with(files)
    }

    /// Files that may hold a secret of this kind, told by their names.
    pub(crate) fn candidates_of(&self, kind: Candidate) -> impl Iterator<Item = (&Path, &Seen)> {
        self.candidates.get(&kind).into_iter().flat_map(entries)
    }

    /// Adds the limits of candidates of this kind, and of the walk.
    pub(crate) fn candidate_limits(&self, cx: &mut Cx<'_>, kind: Candidate) {
        self.limits(cx, &["/"]);
        if let Some(files) = self.candidates.get(&kind) {
            limit_refused(cx, files);
        }
    }

    /// Whether the walk saw all of its scope.
    pub(crate) fn is_whole(&self) -> bool {
        self.unseen.iter().next().is_none()
    }

    /// Says what was not seen at, above or below the given folders.
    pub(crate) fn limits(&self, cx: &mut Cx<'_>, folders: &[&str]) {
        let touches = |path: &[u8]| {
            folders.iter().any(|folder| {
                is_below(path, folder.as_bytes()) || is_below(folder.as_bytes(), path)
            })
        };
        for (path, limit) in self.unseen.iter() {
            if touches(path) {
                cx.limit(limit.clone());
            }
        }
        limit_refused(cx, &self.unseen);
    }

    /// Says of which programs the capabilities could not be read.
    pub(crate) fn capability_limits(&self, cx: &mut Cx<'_>) {
        for (_, limit) in self.capabilities_unseen.iter() {
            cx.limit(limit.clone());
        }
        limit_refused(cx, &self.capabilities);
    }

    fn add_unowned(&mut self, owner: (bool, u32), path: Vec<u8>, paths_max: usize) {
        // Owners in excess are dropped from the end, so the outcome does not hang on the order.
        let new = || Smallest::new(paths_max, KEPT_BYTES_MAX);
        self.unowned
            .entry(owner)
            .or_insert_with(new)
            .offer(path, ());
        if self.unowned.len() > UNOWNED_OWNERS_MAX {
            self.unowned.pop_last();
        }
    }
}

/// The entries of a collection with their paths, in order.
pub(crate) fn entries<V>(files: &Files<V>) -> impl Iterator<Item = (&Path, &V)> {
    files
        .iter()
        .map(|(path, value)| (Path::new(OsStr::from_bytes(path)), value))
}

/// Says that a collection holds less than there was.
pub(crate) fn limit_refused<V>(cx: &mut Cx<'_>, files: &Files<V>) {
    if files.refused() > 0 {
        cx.limit(Limit {
            reason: format!(
                "there are more such files than {KEPT_MAX}: the first ones were looked at"
            ),
            privileges: false,
        });
    }
}
