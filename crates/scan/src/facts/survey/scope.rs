//! Which folders does the survey walk, and how far?
//!
//! Quick: the system (`/usr`, `/etc`, ...) whole; every other top folder up to a budget of entries,
//! nearest folders first. Deep: everything. Never: kernel file systems, network and fuse mounts,
//! read-only images, layers of containers, and a second sight of a file system by a bind mount.
//! The mounts come from /proc/self/mountinfo (proc(5)) of the running host; other trees have none.

use crate::check::Limit;
use crate::facts::{Facts, read_or_limit};
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Entries that a quick scan walks below a top folder that is not the system's own.
const BUDGET_OTHER: u64 = 10_000;
/// The same for `/var` and `/opt`, where programs keep their own.
const BUDGET_SHARED: u64 = 100_000;

/// Layers of container images and snapshots of whole systems: copies of other systems' files.
const LAYERS: &[&str] = &[
    "/.snapshots",
    "/var/lib/containerd",
    "/var/lib/containers/storage",
    "/var/lib/docker/aufs",
    "/var/lib/docker/btrfs",
    "/var/lib/docker/containerd",
    "/var/lib/docker/overlay2",
    "/var/lib/docker/vfs",
    "/var/lib/lxcfs",
];

/// Documentation and data of packages: many files, no programs; a third of `/usr` on a Debian 12
/// host with development packages. By definition no part of the quick scan, as the cards say.
const BULK: &[&str] = &[
    "/usr/share/doc",
    "/usr/share/help",
    "/usr/share/icons",
    "/usr/share/info",
    "/usr/share/locale",
    "/usr/share/man",
    "/usr/share/zoneinfo",
    "/usr/include",
    "/usr/src",
];

/// File systems that hold no files of this host's disks.
const KERNEL_TYPES: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "sysfs",
    "tracefs",
];
/// Images and layers: their content is somebody else's root.
const IMAGE_TYPES: &[&str] = &["erofs", "iso9660", "overlay", "squashfs", "udf"];
const NETWORK_TYPES: &[&str] = &[
    "9p",
    "afs",
    "ceph",
    "cifs",
    "coda",
    "gfs2",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "smb3",
    "smbfs",
    "virtiofs",
];

/// What to do with a folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Walk,
    /// Out of the survey's scope by definition.
    Leave,
    /// Would belong to it, but is not looked at.
    Limit(String),
}

/// What the survey walks.
#[derive(Debug)]
pub(super) struct Scope {
    deep: bool,
    mounts: BTreeMap<Vec<u8>, Mount>,
    pub(super) limits: Vec<Limit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    device: String,
    root: Vec<u8>,
    kind: String,
}

impl Scope {
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        let mut limits = Vec::new();
        let mounts = if facts.tree().is_live() {
            read_or_limit(facts, "/proc/self/mountinfo", &mut limits)
        } else {
            None
        };
        Self {
            deep: facts.options().is_deep(),
            mounts: mounts.map(|bytes| parse(&bytes)).unwrap_or_default(),
            limits,
        }
    }

    /// Entries to walk below a folder of the root; `None` for all.
    pub(super) fn budget(&self, top: &Path) -> Option<u64> {
        if self.deep {
            return None;
        }
        match top.as_os_str().as_bytes() {
            b"/usr" | b"/bin" | b"/sbin" | b"/etc" | b"/boot" | b"/dev" => None,
            top if top.starts_with(b"/lib") => None,
            b"/var" | b"/opt" => Some(BUDGET_SHARED),
            _ => Some(BUDGET_OTHER),
        }
    }

    /// Whether to walk into a folder.
    pub(super) fn entry(&self, path: &Path) -> Entry {
        let bytes = path.as_os_str().as_bytes();
        let is_one_of = |list: &[&str]| list.iter().any(|entry| entry.as_bytes() == bytes);
        if matches!(bytes, b"/proc" | b"/sys" | b"/dev/pts" | b"/dev/fd") || is_one_of(LAYERS) {
            return Entry::Leave;
        }
        if bytes.ends_with(b"/.local/share/containers") || !self.deep && is_one_of(BULK) {
            return Entry::Leave;
        }
        let Some(mount) = self.mounts.get(bytes) else {
            return Entry::Walk;
        };
        let kind = mount.kind.as_str();
        if KERNEL_TYPES.contains(&kind) || kind.starts_with("fuse") {
            return Entry::Leave;
        }
        if NETWORK_TYPES.contains(&kind) {
            let shown = path.display();
            return Entry::Limit(format!(
                "`{shown}` is a network file system ({kind}), not walked"
            ));
        }
        if bytes != b"/" && (IMAGE_TYPES.contains(&kind) || self.seen_elsewhere(bytes, mount)) {
            return Entry::Leave;
        }
        Entry::Walk
    }

    /// Whether another mount shows the same files, so that this one would show them twice.
    fn seen_elsewhere(&self, point: &[u8], mount: &Mount) -> bool {
        self.mounts.iter().any(|(other_point, other)| {
            let same = other.root == mount.root;
            other.device == mount.device
                && other_point.as_slice() != point
                && (same && other_point.as_slice() < point
                    || !same && is_below(&mount.root, &other.root))
        })
    }
}

/// Whether a path lies below a folder, or is it.
pub(crate) fn is_below(path: &[u8], folder: &[u8]) -> bool {
    let folder = folder.strip_suffix(b"/").unwrap_or(folder);
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Reads mountinfo; of mounts over one another at one point the last is the visible one.
fn parse(bytes: &[u8]) -> BTreeMap<Vec<u8>, Mount> {
    let mut mounts = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let [_, _, device, root, point, rest @ ..] = fields.as_slice() else {
            continue;
        };
        let kind = rest
            .iter()
            .position(|field| *field == b"-")
            .and_then(|dash| rest.get(dash + 1));
        let Some(kind) = kind else { continue };
        let mount = Mount {
            device: String::from_utf8_lossy(device).into_owned(),
            root: unescape(root),
            kind: String::from_utf8_lossy(kind).into_owned(),
        };
        mounts.insert(unescape(point), mount);
    }
    mounts
}

/// Octal escapes of mountinfo: `\040` is a blank.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((byte, tail)) = rest.split_first() {
        let digits = tail.get(..3).filter(|_| *byte == b'\\');
        let value = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        out.push(value.unwrap_or(*byte));
        rest = if value.is_some() {
            tail.get(3..).unwrap_or_default()
        } else {
            tail
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
27 1 254:0 / / rw - ext4 /dev/vda rw
22 27 0:21 / /proc rw - proc proc rw
40 27 254:0 /srv/data /home/a\\040b rw - ext4 /dev/vda rw
41 27 254:1 / /srv/disk rw,relatime shared:1 - xfs /dev/vdb rw
42 27 254:1 / /srv/again rw - xfs /dev/vdb rw
43 27 0:50 / /mnt/share rw - nfs4 host:/x rw
44 27 0:60 /@ /b rw - btrfs /dev/vdc rw
45 27 0:60 /@home /b/home rw - btrfs /dev/vdc rw
46 27 7:1 / /snap/core ro - squashfs /dev/loop1 ro
47 27 0:70 / /home/c/remote rw - fuse.sshfs x rw
broken line
";

    fn check(path: &str, expected: &Entry) {
        let scope = Scope {
            deep: true,
            mounts: parse(MOUNTS.as_bytes()),
            limits: Vec::new(),
        };
        let entry = scope.entry(Path::new(path));
        assert_eq!(
            std::mem::discriminant(&entry),
            std::mem::discriminant(expected),
            "{path}"
        );
    }

    #[test]
    fn each_file_system_is_walked_once_and_foreign_ones_never() {
        for path in [
            "/",
            "/etc",
            "/srv/data",
            "/srv/again",
            "/b",
            "/b/home",
            "/usr/share/doc",
        ] {
            check(path, &Entry::Walk);
        }
        for path in [
            "/proc",
            "/home/a b",
            "/srv/disk",
            "/snap/core",
            "/home/c/remote",
            "/var/lib/docker/overlay2",
        ] {
            check(path, &Entry::Leave);
        }
        check("/mnt/share", &Entry::Limit(String::new()));
    }

    #[test]
    fn a_folder_is_below_itself_and_not_below_a_name_that_begins_alike() {
        assert!(is_below(b"/usr/lib", b"/usr"));
        assert!(is_below(b"/usr", b"/usr"));
        assert!(is_below(b"/x", b"/"));
        assert!(!is_below(b"/usrx", b"/usr"));
    }
}
