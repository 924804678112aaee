//! Mounted file systems (`/proc/self/mountinfo`) and those that fstab(5) asks for.
//!
//! A mount is found as the kernel finds it: from the root mount down by parent, the topmost of a
//! stack first, so a mount that another one covers is not taken for the one in force.

use super::{Fact, Facts};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Where the kernel lists the mounts of the scanner's name space.
pub(crate) const MOUNTINFO: &str = "/proc/self/mountinfo";
/// Table of mounts made at boot.
pub(crate) const FSTAB: &str = "/etc/fstab";
const MOUNTS_MAX: usize = 20_000;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Number of the mount; changes from boot to boot, never reported.
    pub(crate) id: u64,
    /// Number of the mount that it stands on.
    pub(crate) parent: u64,
    /// Folder of the file system that is mounted; not `/` for a bind mount of a part.
    pub(crate) root: PathBuf,
    /// Where it is mounted.
    pub(crate) point: PathBuf,
    /// Options of the mount.
    pub(crate) options: BTreeSet<String>,
    /// Type of file system.
    pub(crate) kind: String,
    /// Device or server.
    pub(crate) source: String,
    /// Options of the file system.
    pub(crate) super_options: BTreeSet<String>,
}

impl Mount {
    /// Whether the option is in force on the mount or its file system.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.contains(option) || self.super_options.contains(option)
    }

    /// Those of the wanted options that are not in force.
    pub(crate) fn lacking<'a>(&self, wanted: &[&'a str]) -> Vec<&'a str> {
        wanted
            .iter()
            .copied()
            .filter(|option| !self.has(option))
            .collect()
    }

    /// The mount's options as text.
    pub(crate) fn options_text(&self) -> String {
        joined(&self.options)
    }
}

/// One line of fstab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Device or server.
    pub(crate) spec: String,
    /// Where to mount it.
    pub(crate) point: PathBuf,
    /// Type of file system.
    pub(crate) kind: String,
    /// Options as written, in order.
    pub(crate) options: Vec<String>,
    /// One-based line.
    pub(crate) line: u64,
}

impl Entry {
    /// Options in force after all implications: `user` brings `nosuid,nodev,noexec`, a later word
    /// takes an earlier one back.
    pub(crate) fn in_force(&self) -> BTreeSet<String> {
        let mut set = BTreeSet::new();
        for option in &self.options {
            match option.as_str() {
                "user" | "users" => {
                    set.extend(["nosuid", "nodev", "noexec"].map(str::to_owned));
                }
                "owner" | "group" => set.extend(["nosuid", "nodev"].map(str::to_owned)),
                "suid" | "dev" | "exec" => {
                    set.remove(&format!("no{option}"));
                }
                "rw" => {
                    set.remove("ro");
                }
                "defaults" => {
                    for option in ["nosuid", "nodev", "noexec", "ro"] {
                        set.remove(option);
                    }
                }
                _ => {}
            }
            set.insert(option.clone());
        }
        set
    }
}

/// The mounts of a running system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mounts {
    /// All mounts in the kernel's order, also covered ones.
    pub(crate) all: Vec<Mount>,
    root: Option<usize>,
    /// The last mount on each point of each parent: looked up by every path.
    children: BTreeMap<(u64, PathBuf), usize>,
}

impl Mounts {
    fn new(all: Vec<Mount>) -> Self {
        let ids: BTreeSet<u64> = all.iter().map(|mount| mount.id).collect();
        let is_root = |mount: &Mount| mount.point == Path::new("/");
        let root = all
            .iter()
            .position(|mount| is_root(mount) && !ids.contains(&mount.parent))
            .or_else(|| all.iter().position(is_root));
        let children = all
            .iter()
            .enumerate()
            .filter(|(_, mount)| mount.parent != mount.id)
            .map(|(index, mount)| ((mount.parent, mount.point.clone()), index))
            .collect();
        Self {
            all,
            root,
            children,
        }
    }

    /// The mount that is in force exactly at this path.
    pub(crate) fn at(&self, path: impl AsRef<Path>) -> Option<&Mount> {
        let path = path.as_ref();
        self.covering(path).filter(|mount| mount.point == path)
    }

    /// The mount that the path lies on.
    pub(crate) fn covering(&self, path: &Path) -> Option<&Mount> {
        let mut here = self.all.get(self.root?)?;
        let mut prefixes: Vec<&Path> = path.ancestors().collect();
        prefixes.reverse();
        for prefix in prefixes {
            // A hostile table may name mounts in a circle: no stack is higher than all mounts.
            for _ in 0..self.all.len() {
                let key = (here.id, prefix.to_path_buf());
                let Some(next) = self
                    .children
                    .get(&key)
                    .and_then(|index| self.all.get(*index))
                else {
                    break;
                };
                here = next;
            }
        }
        Some(here)
    }

    /// The mounts that can be reached by their path, one for each path, sorted by it.
    pub(crate) fn visible(&self) -> Vec<&Mount> {
        let points: BTreeMap<&Path, ()> = self
            .all
            .iter()
            .map(|mount| (mount.point.as_path(), ()))
            .collect();
        points.keys().filter_map(|point| self.at(point)).collect()
    }
}

/// Whether the scanner looks at a container: its kernel, root file system and some files are given.
///
/// A mark alone proves little: an image that was turned into a virtual machine keeps `/.dockerenv`.
/// Engines put containers on layered file systems or on a folder of another one.
pub(crate) fn in_container(facts: &Facts<'_>) -> bool {
    if facts.exists("/run/systemd/container") {
        return true;
    }
    let marked = facts.exists("/.dockerenv") || facts.exists("/run/.containerenv");
    let given = |mounts: &Mounts| {
        mounts.covering(Path::new("/")).is_none_or(|root| {
            let layered = [
                "overlay",
                "fuse-overlayfs",
                "fuse.fuse-overlayfs",
                "aufs",
                "btrfs",
                "zfs",
            ];
            layered.contains(&root.kind.as_str()) || root.root != Path::new("/")
        })
    };
    marked && facts.mounts().map_or(true, given)
}

/// Reads the mounts of the running system.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Mounts> {
    facts.need_proc()?;
    let bytes = facts.read(MOUNTINFO)?;
    let all = bytes
        .split(|byte| *byte == b'\n')
        .take(MOUNTS_MAX)
        .filter_map(mount_of)
        .collect();
    Ok(Mounts::new(all))
}

/// Reads fstab; a missing one is empty.
pub(crate) fn read_fstab(facts: &Facts<'_>) -> Fact<Vec<Entry>> {
    let bytes = facts.read_if_there(FSTAB)?.unwrap_or_default();
    Ok((1..)
        .zip(bytes.split(|byte| *byte == b'\n').take(MOUNTS_MAX))
        .filter_map(|(line, bytes)| entry_of(line, bytes))
        .collect())
}

fn mount_of(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let number = |field: &[u8]| std::str::from_utf8(field).ok()?.parse::<u64>().ok();
    let id = number(fields.next()?)?;
    let parent = number(fields.next()?)?;
    let root = fields.nth(1)?;
    let point = fields.next()?;
    let options = fields.next()?;
    // Any number of optional fields ends with a lone `-`.
    fields.by_ref().find(|field| *field == b"-")?;
    let kind = fields.next()?;
    let source = fields.next()?;
    let super_options = fields.next().unwrap_or_default();
    Some(Mount {
        id,
        parent,
        root: path_of(root),
        point: path_of(point),
        options: options_of(options).into_iter().collect(),
        kind: text_of(kind),
        source: text_of(source),
        super_options: options_of(super_options).into_iter().collect(),
    })
}

fn entry_of(line: u64, bytes: &[u8]) -> Option<Entry> {
    let mut fields = bytes
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty());
    let spec = fields.next().filter(|field| !field.starts_with(b"#"))?;
    let point = fields.next()?;
    let kind = fields.next()?;
    let options = fields.next().unwrap_or(b"defaults");
    let mut point = unescaped(point);
    while point.len() > 1 && point.ends_with(b"/") {
        point.pop();
    }
    Some(Entry {
        spec: text_of(spec),
        point: PathBuf::from(OsString::from_vec(point)),
        kind: text_of(kind),
        options: options_of(options),
        line,
    })
}

fn options_of(field: &[u8]) -> Vec<String> {
    field
        .split(|byte| *byte == b',')
        .filter(|option| !option.is_empty())
        .map(text_of)
        .collect()
}

fn text_of(field: &[u8]) -> String {
    String::from_utf8_lossy(&unescaped(field)).into_owned()
}

fn path_of(field: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(unescaped(field)))
}

/// Replaces the octal escapes `\040`, `\011`, `\012`, `\134` by the bytes that they stand for.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        if let (
            b'\\',
            [
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                after @ ..,
            ],
        ) = (first, tail)
        {
            out.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
            rest = after;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

fn joined(options: &BTreeSet<String>) -> String {
    let words: Vec<&str> = options.iter().map(String::as_str).collect();
    words.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn optional_fields_and_escapes() {
        let line = b"36 35 98:0 /m1 /mnt\\040a rw,noatime master:1 shared:2 - ext3 /dev/r\\134t rw,errors=continue";
        let mount = mount_of(line).expect("mount");
        assert_eq!(mount.point, Path::new("/mnt a"));
        assert_eq!(mount.root, Path::new("/m1"));
        assert_eq!(
            (mount.kind.as_str(), mount.source.as_str()),
            ("ext3", "/dev/r\\t")
        );
        assert!(mount.has("noatime") && mount.has("errors=continue"));
        assert_eq!(mount_of(b"36 35 98:0 / /mnt rw master:1 ext3"), None);
    }

    #[test]
    fn the_topmost_mount_is_in_force_and_a_covered_one_is_not() {
        let table = [
            "1 0 8:1 / / rw - ext4 a rw",
            "2 1 8:2 / /tmp rw,nosuid - tmpfs b rw",
            "3 2 8:3 / /tmp rw - tmpfs c rw",
            "4 1 8:4 / /srv/x rw - ext4 d rw",
            "5 1 8:5 / /srv rw - ext4 e rw",
        ];
        let all: Vec<Mount> = table
            .iter()
            .filter_map(|l| mount_of(l.as_bytes()))
            .collect();
        let mounts = Mounts::new(all);
        assert_eq!(mounts.at("/tmp").map(|m| m.source.as_str()), Some("c"));
        let on = mounts.covering(Path::new("/srv/x/y")).expect("mount");
        assert_eq!(on.source, "e", "/srv covers /srv/x");
        assert!(mounts.at("/srv/x").is_none());
        assert_eq!(mounts.visible().len(), 3);
    }

    #[test]
    fn words_of_fstab_imply_others_and_a_later_word_wins() {
        let entry =
            entry_of(7, b"/dev/sdb1\t/media/usb/ vfat user,exec,noauto 0 0").expect("entry");
        assert_eq!(
            (entry.line, entry.point.as_path()),
            (7, Path::new("/media/usb"))
        );
        let set = entry.in_force();
        assert!(set.contains("nosuid") && !set.contains("noexec"));
        assert_eq!(entry_of(1, b" # /dev/x / ext4 defaults"), None);
    }

    proptest! {
        #[test]
        fn hostile_tables_end(lines in proptest::collection::vec("[0-3] [0-3] 8:1 / /[ab/]{0,4} rw - x y z", 0..8), junk in proptest::collection::vec(any::<u8>(), 0..80)) {
            let all: Vec<Mount> = lines.iter().filter_map(|line| mount_of(line.as_bytes())).collect();
            let mounts = Mounts::new(all);
            prop_assert!(mounts.visible().len() <= lines.len());
            prop_assert!(mount_of(&junk).is_none_or(|mount| !mount.kind.is_empty() || junk.len() > 4));
            prop_assert!(unescaped(&junk).len() <= junk.len());
        }
    }
}
