//! Who may change what stands at a path: every place on the way that lets somebody in, and everybody
//! whom it lets in.
//!
//! [`trust`](crate::facts::trust) stops at the first weak place and trusts that it can be reached;
//! here all places count, and a place counts for those alone who may pass every folder above it.
//! Source: path_resolution(7), inode(7). Access control lists are not read (a limit of the graph).

use crate::facts::Facts;
use crate::facts::accounts::Accounts;
use crate::tree::{Kind, Metadata, TreeError};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Links followed on one path; the kernel's own limit.
const LINKS_MAX: usize = 40;
/// Parts looked at on one path.
const PARTS_MAX: usize = 1024;
/// Accounts that are looked at one by one where a folder is closed to others.
const ACCOUNTS_MAX: usize = 2000;

/// Who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Everybody,
    Group(u32),
    User(u32),
}

/// One way in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grant {
    pub(super) who: Who,
    /// The file, folder or link that lets them in.
    pub(super) place: PathBuf,
    /// Mode and owner of the place, and what it is, in words.
    pub(super) fact: String,
}

/// Reads modes once for all paths.
pub(super) struct Access<'a> {
    facts: &'a Facts<'a>,
    accounts: Option<Arc<Accounts>>,
    /// Owner of the root of a tree that is not live: whoever unpacked it owns it as a whole.
    root_owner: u32,
    metadata: BTreeMap<PathBuf, Option<Metadata>>,
    grants: BTreeMap<(PathBuf, bool), Arc<[Grant]>>,
    /// Numbers that running programs have, with or without an account.
    pub(super) running: BTreeSet<u32>,
    /// What could not be looked at.
    pub(super) limits: BTreeSet<String>,
}

/// A place on the way of a path.
struct Place {
    path: PathBuf,
    metadata: Metadata,
    /// A folder whose sticky bit guards what is in it.
    guards: bool,
    /// What may be done there.
    what: &'static str,
}

impl Place {
    /// A file or folder on the way, or at its end.
    fn new(path: &Path, metadata: Metadata, last: bool) -> Self {
        let is_folder = metadata.kind == Kind::Directory;
        Self {
            path: path.to_path_buf(),
            metadata,
            guards: is_folder && metadata.sticky() && !last,
            what: match (is_folder, last) {
                (false, _) => "may write",
                (true, true) => "may add to the folder",
                (true, false) => "may replace what is in the folder",
            },
        }
    }
}

impl<'a> Access<'a> {
    pub(super) fn new(facts: &'a Facts<'a>) -> Self {
        let root = facts.tree().metadata(Path::new("/"));
        let root = root.ok().filter(|_| !facts.tree().is_live());
        let accounts = facts.accounts().ok();
        Self {
            facts,
            accounts: accounts
                .filter(|known| known.passwd.is_ok())
                .map(Arc::clone),
            root_owner: root.map_or(0, |root| root.uid),
            metadata: BTreeMap::new(),
            grants: BTreeMap::new(),
            running: BTreeSet::new(),
            limits: BTreeSet::new(),
        }
    }

    /// Everybody but root who may change what the path leads to. With `may_miss` the one who may
    /// create what is missing counts too.
    pub(super) fn grants(&mut self, path: &Path, may_miss: bool) -> Arc<[Grant]> {
        let key = (path.to_path_buf(), may_miss);
        if let Some(known) = self.grants.get(&key) {
            return Arc::clone(known);
        }
        let mut found = BTreeSet::new();
        match self.places(path, may_miss) {
            Ok(places) => {
                for place in places {
                    self.grants_of(&place, &mut found);
                }
            }
            Err(error) => {
                if !error.is_not_found() {
                    self.limits.insert(error.to_string());
                }
            }
        }
        let found: Arc<[Grant]> = found.into_iter().collect();
        self.grants.insert(key, Arc::clone(&found));
        found
    }

    /// Everybody but root who may read a file.
    pub(super) fn readers(&mut self, path: &Path) -> BTreeSet<Who> {
        let mut found = BTreeSet::new();
        let (Ok(metadata), Some(known)) = (self.stat(path), self.accounts.clone()) else {
            return found;
        };
        if metadata.kind != Kind::File {
            return found;
        }
        let folders = self.folders_above(path);
        if metadata.world_readable() && folders.iter().all(|folder| folder.mode & 0o001 != 0) {
            found.insert(Who::Everybody);
        }
        let people = known.accounts.iter().take(ACCOUNTS_MAX);
        for uid in people.map(|account| account.uid).filter(|uid| *uid != 0) {
            let groups = groups_of(&known, uid);
            // The owner may give himself the right.
            let reads = metadata.uid == uid || may(&metadata, uid, &groups, 0o4);
            if reads && folders.iter().all(|folder| may(folder, uid, &groups, 0o1)) {
                found.insert(Who::User(uid));
            }
        }
        if found.contains(&Who::Everybody) {
            found.retain(|who| *who == Who::Everybody);
        }
        found
    }

    fn stat(&mut self, path: &Path) -> Result<Metadata, TreeError> {
        let missing = || TreeError::NotFound(path.to_path_buf());
        if let Some(known) = self.metadata.get(path) {
            return known.ok_or_else(missing);
        }
        let found = match self.facts.tree().link_metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        self.metadata.insert(path.to_path_buf(), found);
        found.ok_or_else(missing)
    }

    /// The places that decide what stands at the path, links followed.
    fn places(&mut self, path: &Path, may_miss: bool) -> Result<Vec<Place>, TreeError> {
        let mut places = Vec::new();
        let mut todo = parts(path);
        let mut here = PathBuf::from("/");
        let mut folder = self.facts.tree().metadata(&here)?;
        let (mut links, mut steps) = (0, 0);
        while let Some(name) = todo.pop() {
            steps += 1;
            if steps > PARTS_MAX {
                return Err(TreeError::Loop(path.to_path_buf()));
            }
            if name == ".." {
                here.pop();
                folder = self.facts.tree().metadata(&here)?;
                continue;
            }
            let next = here.join(&name);
            let metadata = match self.stat(&next) {
                // The sticky bit does not keep others from adding what is missing.
                Err(error) if error.is_not_found() && may_miss => {
                    places.push(Place {
                        path: here,
                        metadata: folder,
                        guards: false,
                        what: "may create what is missing in",
                    });
                    return Ok(places);
                }
                found => found?,
            };
            if metadata.kind == Kind::Link {
                links += 1;
                if links > LINKS_MAX {
                    return Err(TreeError::Loop(path.to_path_buf()));
                }
                if folder.sticky() {
                    places.push(Place {
                        path: next.clone(),
                        metadata: Metadata {
                            mode: 0,
                            ..metadata
                        },
                        guards: true,
                        what: "may lay anew the link",
                    });
                }
                let target = self.facts.tree().read_link(&next)?;
                if target.is_absolute() {
                    here = PathBuf::from("/");
                    folder = self.facts.tree().metadata(&here)?;
                }
                todo.extend(parts(&target));
                continue;
            }
            places.push(Place::new(&next, metadata, todo.is_empty()));
            here = next;
            folder = metadata;
        }
        Ok(places)
    }

    fn grants_of(&mut self, place: &Place, found: &mut BTreeSet<Grant>) {
        let metadata = place.metadata;
        let foreign = metadata.uid != 0 && metadata.uid != self.root_owner;
        let by_mode = !place.guards && metadata.mode & 0o022 != 0;
        if !foreign && !by_mode {
            return;
        }
        let fact = self.words(place);
        let mut add = |who: Who| {
            found.insert(Grant {
                who,
                place: place.path.clone(),
                fact: fact.clone(),
            });
        };
        let folders: Vec<Metadata> = self.folders_above(&place.path);
        let open = folders.iter().all(|folder| folder.mode & 0o001 != 0);
        let Some(known) = self.accounts.clone() else {
            // Without accounts nobody is known who could be an owner or a member.
            if !place.guards && metadata.world_writable() && open {
                add(Who::Everybody);
            }
            return;
        };
        let passes = |uid: u32| {
            let groups = groups_of(&known, uid);
            folders.iter().all(|folder| may(folder, uid, &groups, 0o1))
        };
        if !place.guards && metadata.world_writable() {
            if open {
                add(Who::Everybody);
            } else {
                let people = known.accounts.iter().take(ACCOUNTS_MAX);
                for uid in people.map(|account| account.uid).filter(|uid| *uid != 0) {
                    if may(&metadata, uid, &groups_of(&known, uid), 0o2) && passes(uid) {
                        add(Who::User(uid));
                    }
                }
            }
        }
        let is_known = known.name_of(metadata.uid).is_some()
            || known.users_elsewhere.is_some()
            || self.running.contains(&metadata.uid);
        if foreign && is_known && passes(metadata.uid) {
            add(Who::User(metadata.uid));
        }
        if !place.guards && metadata.group_writable() && known.has_groups {
            let members = known.people_of(metadata.gid);
            let members: Vec<u32> = members.into_iter().filter(|uid| *uid != 0).collect();
            let able: Vec<u32> = members.iter().copied().filter(|uid| passes(*uid)).collect();
            if !able.is_empty() && able.len() == members.len() {
                add(Who::Group(metadata.gid));
            } else {
                able.into_iter().for_each(|uid| add(Who::User(uid)));
            }
        }
    }

    fn words(&self, place: &Place) -> String {
        let Metadata { uid, gid, mode, .. } = place.metadata;
        let owner = match &self.accounts {
            Some(known) => known.ownership(uid, gid),
            None => format!("{uid}:{gid}"),
        };
        let shown = crate::run::path_text(&place.path).0;
        if mode == 0 {
            return format!("{} `{shown}` ({owner})", place.what);
        }
        format!("{} `{shown}` (mode {mode:04o}, {owner})", place.what)
    }

    /// The folders that one must pass to get at a place whose path holds no link.
    fn folders_above(&mut self, path: &Path) -> Vec<Metadata> {
        let folders: Vec<PathBuf> = path.ancestors().skip(1).map(Path::to_path_buf).collect();
        folders
            .iter()
            .filter_map(|folder| self.stat(folder).ok())
            .collect()
    }
}

/// The groups that a user may act as.
fn groups_of(known: &Accounts, uid: u32) -> BTreeSet<u32> {
    let names = known.accounts.iter().filter(|account| account.uid == uid);
    let mut groups: BTreeSet<u32> = names.clone().map(|account| account.gid).collect();
    for account in names {
        let listed = known.groups.iter();
        let listed = listed.filter(|group| group.members.contains(&account.name));
        groups.extend(listed.map(|group| group.gid));
    }
    groups
}

/// Whether a user has a right by the class that counts for it: owner before group before others.
fn may(metadata: &Metadata, uid: u32, groups: &BTreeSet<u32>, right: u32) -> bool {
    let shift = if metadata.uid == uid {
        6
    } else if groups.contains(&metadata.gid) {
        3
    } else {
        0
    };
    metadata.mode >> shift & right != 0
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
