//! What the survey keeps of an entry: nearly always nothing.
//!
//! Every test on the way of an ordinary entry is a comparison of numbers or of a few bytes; a path
//! is built only for what is kept.

use super::candidate;
use super::owners::Owners;
use super::scope::is_below;
use super::walk::{Place, Seen, join};
use super::{Survey, UNOWNED_PATHS_MAX};
use crate::tree::{Kind, Metadata, Tree};
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Unused for so long, a temporary file counts as forgotten.
const OLD_S: i64 = 90 * 24 * 60 * 60;

/// What kind of folder is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Role {
    device: bool,
    temporary: bool,
    programs: bool,
    system: bool,
}

/// Takes entries and keeps those that a check may ask for.
pub(super) struct Keeper<'a> {
    tree: &'a dyn Tree,
    owners: &'a Owners,
    now_s: i64,
    survey: Survey,
    folder: PathBuf,
    place: Option<Place>,
    role: Role,
}

/// Folders in which anybody may create files.
pub(crate) const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/dev/shm"];
/// Folders that programs are started from by name.
pub(crate) const PROGRAMS: &[&str] = &[
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
];

impl<'a> Keeper<'a> {
    pub(super) fn new(tree: &'a dyn Tree, owners: &'a Owners, now_s: i64) -> Self {
        Self {
            tree,
            owners,
            now_s,
            survey: Survey::default(),
            folder: PathBuf::new(),
            place: None,
            role: Role::default(),
        }
    }

    pub(super) fn done(self) -> Survey {
        self.survey
    }

    /// The entries that follow stand in this folder.
    pub(super) fn begin(&mut self, folder: &Path, place: Place) {
        let bytes = folder.as_os_str().as_bytes();
        let below = |list: &[&str]| list.iter().any(|entry| is_below(bytes, entry.as_bytes()));
        self.role = Role {
            device: is_below(bytes, b"/dev"),
            temporary: below(TEMPORARY),
            programs: PROGRAMS.iter().any(|entry| entry.as_bytes() == bytes),
            system: bytes.starts_with(b"/lib") || below(&["/usr", "/bin", "/sbin", "/boot"]),
        };
        self.folder = folder.to_path_buf();
        self.place = Some(place);
    }

    /// A part that was not seen.
    pub(super) fn unseen(&mut self, path: &Path, reason: String, privileges: bool) {
        let limit = crate::check::Limit { reason, privileges };
        let key = path.as_os_str().as_bytes().to_vec();
        self.survey.unseen.offer(key, limit);
    }

    fn path(&self, name: &OsStr) -> Vec<u8> {
        join(&self.folder, name).into_os_string().into_vec()
    }

    /// Looks at one entry. Returns the owner that its content shares when that owner is unknown.
    pub(super) fn entry(&mut self, name: &OsStr, metadata: &Metadata) -> Option<(u32, u32)> {
        let place = self.place?;
        let seen = Seen {
            metadata: *metadata,
            open: place.open,
        };
        if odd_name(name.as_bytes()) || self.hidden_where_nothing_hides(name.as_bytes()) {
            self.survey.odd_names.offer(self.path(name), seen);
        }
        match metadata.kind {
            Kind::File => self.file(name, &seen, place),
            Kind::Directory => self.directory(name, &seen, place),
            Kind::Character | Kind::Block if !self.role.device => {
                self.survey.devices.offer(self.path(name), seen);
            }
            Kind::Character | Kind::Block | Kind::Link | Kind::Fifo | Kind::Socket => return None,
        }
        self.unowned(name, metadata, place)
    }

    fn directory(&mut self, name: &OsStr, seen: &Seen, place: Place) {
        let loose = seen.metadata.world_writable() && !seen.metadata.sticky();
        if loose && place.open && !place.writable {
            self.survey.writable_folders.offer(self.path(name), *seen);
        }
        if name == ".git"
            && place.open
            && self.folder.as_os_str().as_bytes().starts_with(b"/var/www")
        {
            self.survey.web_hidden.offer(self.path(name), *seen);
        }
    }

    fn file(&mut self, name: &OsStr, seen: &Seen, place: Place) {
        let metadata = &seen.metadata;
        if metadata.mode & 0o6000 != 0 {
            self.survey.set_id.offer(self.path(name), *seen);
        }
        if metadata.mode & 0o111 != 0 {
            self.program(name, seen);
        }
        if metadata.world_writable() && place.open && !place.writable && !self.role.temporary {
            self.survey.writable_files.offer(self.path(name), *seen);
        }
        if self.role.temporary && metadata.modified_s < self.now_s.saturating_sub(OLD_S) {
            self.survey.old_temporary.offer(self.path(name), *seen);
        }
        let bytes = name.as_bytes();
        if let Some(kind) = candidate::of(bytes)
            && metadata.size > 0
            && !self
                .folder
                .components()
                .any(|part| is_sample(part.as_os_str().as_bytes()))
        {
            let path = self.path(name);
            self.survey.candidates(kind).offer(path, *seen);
        }
    }

    fn program(&mut self, name: &OsStr, seen: &Seen) {
        let metadata = &seen.metadata;
        if self.role.temporary {
            self.survey.temporary_programs.offer(self.path(name), *seen);
        }
        let foreign = metadata.uid != 0 || metadata.group_writable() && metadata.gid != 0;
        if self.role.system && (foreign || metadata.world_writable()) {
            self.survey.loose_programs.offer(self.path(name), *seen);
        }
        if self.role.programs && is_compiler(name.as_bytes()) && metadata.mode & 0o001 != 0 {
            self.survey.compilers.offer(self.path(name), *seen);
        }
        let path = join(&self.folder, name);
        match self.tree.capability(&path) {
            Ok(None) => {}
            Ok(Some(record)) => {
                let key = path.into_os_string().into_vec();
                self.survey.capabilities.offer(key, (*seen, record));
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => {
                let key = path.into_os_string().into_vec();
                let limit = crate::check::Limit::from_error(&error);
                self.survey.capabilities_unseen.offer(key, limit);
            }
        }
    }

    /// Keeps entries of unknown owners, but not what lies below a folder of the same owner.
    fn unowned(&mut self, name: &OsStr, metadata: &Metadata, place: Place) -> Option<(u32, u32)> {
        let user = !self.owners.knows_user(metadata.uid);
        let group = !self.owners.knows_group(metadata.gid);
        if !user && !group || self.role.device || self.is_dynamic(metadata.uid) {
            return None;
        }
        let owner = (metadata.uid, metadata.gid);
        if place.unowned != Some(owner) {
            for (unknown, key) in [(user, (false, metadata.uid)), (group, (true, metadata.gid))] {
                if unknown {
                    let path = self.path(name);
                    self.survey.add_unowned(key, path, UNOWNED_PATHS_MAX);
                }
            }
        }
        Some(owner)
    }

    /// Whether the number is one that systemd lends to a service for as long as it runs.
    fn is_dynamic(&self, uid: u32) -> bool {
        let folder = self.folder.as_os_str().as_bytes();
        let lent = [
            &b"/var/lib/private"[..],
            b"/var/cache/private",
            b"/var/log/private",
            b"/run",
            b"/tmp",
            b"/var/tmp",
        ];
        (61184..=65519).contains(&uid) && lent.iter().any(|lent| is_below(folder, lent))
    }

    fn hidden_where_nothing_hides(&self, name: &[u8]) -> bool {
        const USUAL: &[&[u8]] = &[
            b".build-id",
            b".udev",
            b".mdadm",
            b".initramfs",
            b".placeholder",
            b".keep",
            b".lwp",
        ];
        let guarded = self.role.programs || self.role.device && !self.role.temporary;
        guarded && name.starts_with(b".") && !USUAL.contains(&name) && !name.ends_with(b".hmac")
    }
}

/// Names that are made to be overlooked: dots and blanks only, blanks at an end, control characters.
fn odd_name(name: &[u8]) -> bool {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return false;
    };
    name.iter().all(|byte| matches!(byte, b'.' | b' '))
        || *first == b' '
        || *last == b' '
        || name.iter().any(|byte| *byte < b' ' || *byte == 0x7f)
}

/// Folders of samples, tests and package managers, whose keys and passwords protect nothing.
fn is_sample(folder: &[u8]) -> bool {
    matches!(
        folder,
        b"test"
            | b"tests"
            | b"testing"
            | b"testdata"
            | b"test-data"
            | b"test_data"
            | b"certdata"
            | b"fixtures"
            | b"example"
            | b"examples"
            | b"samples"
            | b"doc"
            | b"docs"
            | b"site-packages"
            | b"dist-packages"
            | b"node_modules"
            | b"registry"
            | b"gems"
            | b"vendor"
            | b"certifi"
            | b"ca-certificates"
            | b"ca-trust"
            | b"rustlib"
    )
}

fn is_compiler(name: &[u8]) -> bool {
    matches!(
        name,
        b"as" | b"cc" | b"c++" | b"clang" | b"g++" | b"gcc" | b"go" | b"ld" | b"rustc" | b"tcc"
    ) || [
        &b"gcc-"[..],
        b"g++-",
        b"clang-",
        b"x86_64-linux-gnu-gcc-",
        b"aarch64-linux-gnu-gcc-",
    ]
    .iter()
    .any(|prefix| {
        name.strip_prefix(*prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_those_made_to_be_overlooked() {
        for name in [
            &b"..."[..],
            b".. ",
            b" ",
            b"x ",
            b" x",
            b"a\x1b[2Jb",
            b". .",
        ] {
            assert!(odd_name(name), "{name:?}");
        }
        for name in [
            &b".bashrc"[..],
            b"a b",
            "größe".as_bytes(),
            b"..data",
            b"\xff",
        ] {
            assert!(!odd_name(name), "{name:?}");
        }
    }

    #[test]
    fn compilers_have_versions_and_their_tools_are_none() {
        assert!(is_compiler(b"gcc-12"));
        assert!(is_compiler(b"cc"));
        assert!(!is_compiler(b"gcc-ar-12"));
        assert!(!is_compiler(b"gccgo"));
    }
}
