//! A real folder as a tree that is never left.
//!
//! Each path is opened with openat2(2) and `RESOLVE_IN_ROOT`: the kernel treats the folder as `/`
//! for absolute links and `..`, also when somebody renames folders under us. Kernels and sandboxes
//! without openat2 get the same from a walk in user space that opens one component at a time
//! without following links; a test compares the two.

use super::{Kind, Look, Metadata, Tree, TreeError};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, SealFlags};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Links followed on one path before it counts as a loop (the kernel's own limit).
const LINKS_MAX: usize = 40;

/// A folder of this machine as a tree; `/` is the running host.
#[derive(Debug)]
pub struct LiveTree {
    root: OwnedFd,
    live: bool,
    kernel_resolves: bool,
}

impl LiveTree {
    /// The running host.
    ///
    /// # Errors
    /// When `/` cannot be opened.
    pub fn host() -> Result<Self, TreeError> {
        Self::open_root(Path::new("/"), true)
    }

    /// A mounted or unpacked tree. Nothing of the running host is read through it.
    ///
    /// # Errors
    /// When the folder cannot be opened.
    pub fn at(root: &Path) -> Result<Self, TreeError> {
        Self::open_root(root, false)
    }

    fn open_root(path: &Path, live: bool) -> Result<Self, TreeError> {
        let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
        let root = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(root) => root,
            Err(Errno::NOTDIR) => return Err(TreeError::Kind(path.to_path_buf())),
            Err(errno) => return Err(TreeError::from_io(path, errno.into())),
        };
        let probe = rustix::fs::openat2(
            &root,
            ".",
            OFlags::PATH | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::IN_ROOT,
        );
        Ok(Self {
            root,
            live,
            kernel_resolves: probe.is_ok(),
        })
    }

    /// How paths are kept inside: by the kernel, or by our own walk.
    #[must_use]
    pub const fn confinement(&self) -> &'static str {
        if self.kernel_resolves {
            "openat2"
        } else {
            "a walk in user space"
        }
    }

    /// The same tree, resolved in user space, so that a test can compare both ways.
    #[must_use]
    pub fn resolved_in_user_space(mut self) -> Self {
        self.kernel_resolves = false;
        self
    }

    fn resolve(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, TreeError> {
        let flags = flags | OFlags::CLOEXEC;
        let opened = if self.kernel_resolves {
            let inside = path.strip_prefix("/").unwrap_or(path);
            let inside = if inside.as_os_str().is_empty() {
                Path::new(".")
            } else {
                inside
            };
            let resolve = ResolveFlags::IN_ROOT;
            rustix::fs::openat2(&self.root, inside, flags, Mode::empty(), resolve)
        } else {
            self.walk(path, flags)
        };
        opened.map_err(|errno| TreeError::from_io(path, errno.into()))
    }

    /// Resolves a path one component at a time; the user-space twin of `RESOLVE_IN_ROOT`.
    fn walk(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        const STEP: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
        let mut todo: VecDeque<OsString> = components(path);
        // Parents of the place reached so far, so that `..` never leaves the root.
        let mut above: Vec<OwnedFd> = Vec::new();
        let mut here = self.root.try_clone().map_err(|_| Errno::MFILE)?;
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                if let Some(parent) = above.pop() {
                    here = parent;
                }
                continue;
            }
            let last = todo.is_empty();
            let next = rustix::fs::openat(&here, &name, STEP, Mode::empty())?;
            let kind = FileType::from_raw_mode(rustix::fs::fstat(&next)?.st_mode);
            if kind == FileType::Symlink && !(last && flags.contains(OFlags::NOFOLLOW)) {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::LOOP);
                }
                let target = rustix::fs::readlinkat(&next, "", Vec::new())?;
                let target = Path::new(OsStr::from_bytes(target.as_bytes()));
                if target.is_absolute() {
                    above.clear();
                    here = self.root.try_clone().map_err(|_| Errno::MFILE)?;
                }
                let mut rest = components(target);
                rest.append(&mut todo);
                todo = rest;
                continue;
            }
            if last && !flags.contains(OFlags::PATH) {
                return rustix::fs::openat(&here, &name, flags | OFlags::NOFOLLOW, Mode::empty());
            }
            above.push(std::mem::replace(&mut here, next));
        }
        if flags.contains(OFlags::PATH) {
            return Ok(here);
        }
        rustix::fs::openat(&here, ".", flags, Mode::empty())
    }

    fn stat(&self, path: &Path, follow: bool) -> Result<Metadata, TreeError> {
        let flags = if follow {
            OFlags::PATH
        } else {
            OFlags::PATH | OFlags::NOFOLLOW
        };
        let handle = self.resolve(path, flags)?;
        let stat =
            rustix::fs::fstat(&handle).map_err(|errno| TreeError::from_io(path, errno.into()))?;
        Ok(metadata_of(&stat))
    }

    /// Opens what was just seen to be a regular file: without blocking, and looked at again, so
    /// that a FIFO or device put in its place meanwhile is not read.
    fn open_regular(&self, path: &Path, more: OFlags) -> Result<(Metadata, File), TreeError> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | more;
        let handle = self.resolve(path, flags)?;
        let stat =
            rustix::fs::fstat(&handle).map_err(|errno| TreeError::from_io(path, errno.into()))?;
        let metadata = metadata_of(&stat);
        match metadata.kind {
            Kind::File => Ok((metadata, File::from(handle))),
            _ => Err(TreeError::Kind(path.to_path_buf())),
        }
    }

    fn each_name(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OwnedFd, &OsStr) -> Result<bool, TreeError>,
    ) -> Result<(), TreeError> {
        let folder = self.resolve(path, OFlags::DIRECTORY | OFlags::NONBLOCK)?;
        let mut buffer = Vec::with_capacity(64 << 10);
        let mut entries = rustix::fs::RawDir::new(&folder, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|errno| TreeError::from_io(path, errno.into()))?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." && !visit(&folder, name)? {
                break;
            }
        }
        Ok(())
    }
}

impl Tree for LiveTree {
    fn metadata(&self, path: &Path) -> Result<Metadata, TreeError> {
        self.stat(path, true)
    }

    fn link_metadata(&self, path: &Path) -> Result<Metadata, TreeError> {
        self.stat(path, false)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, TreeError> {
        let handle = self.resolve(path, OFlags::PATH | OFlags::NOFOLLOW)?;
        let target = rustix::fs::readlinkat(&handle, "", Vec::new())
            .map_err(|errno| TreeError::from_io(path, errno.into()))?;
        Ok(PathBuf::from(OsStr::from_bytes(target.as_bytes())))
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, TreeError> {
        let before = self.metadata(path)?;
        if before.kind != Kind::File {
            return Err(TreeError::Kind(path.to_path_buf()));
        }
        self.open_regular(path, OFlags::empty())
            .map(|(_, file)| Box::new(file) as _)
    }

    fn look(&self, path: &Path) -> Result<Look, TreeError> {
        let before = self.link_metadata(path)?;
        if before.kind != Kind::File {
            return Ok((before, None));
        }
        let (metadata, file) = self.open_regular(path, OFlags::NOFOLLOW)?;
        // What is appended while it is read is another scan's business; so is the call that would
        // only say that the end is reached.
        Ok((metadata, Some(Box::new(file.take(metadata.size)))))
    }

    fn visit(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr, Metadata) -> bool,
    ) -> Result<(), TreeError> {
        let mut denied = false;
        self.each_name(path, &mut |folder, name| {
            match rustix::fs::statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => Ok(visit(name, metadata_of(&stat))),
                // Gone since the folder was read.
                Err(Errno::NOENT) => Ok(true),
                // A folder whose names may be read, and nothing behind them.
                Err(Errno::ACCESS | Errno::PERM) => {
                    denied = true;
                    Ok(true)
                }
                Err(errno) => Err(TreeError::from_io(&path.join(name), errno.into())),
            }
        })?;
        if denied {
            Err(TreeError::Denied(path.to_path_buf()))
        } else {
            Ok(())
        }
    }

    fn visit_names(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr) -> bool,
    ) -> Result<(), TreeError> {
        self.each_name(path, &mut |_, name| Ok(visit(name)))
    }

    fn capability(&self, path: &Path) -> Result<Option<Vec<u8>>, TreeError> {
        let handle = match self.resolve(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW)
        {
            Ok(handle) => handle,
            Err(TreeError::Loop(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        // A capability record is at most 24 bytes (struct vfs_ns_cap_data).
        let mut buffer = [0_u8; 64];
        match rustix::fs::fgetxattr(&handle, "security.capability", &mut buffer[..]) {
            Ok(length) => Ok(buffer.get(..length).map(<[u8]>::to_vec)),
            Err(Errno::NODATA | Errno::NOTSUP) => Ok(None),
            Err(errno) => Err(TreeError::from_io(path, errno.into())),
        }
    }

    fn is_sealed(&self, path: &Path) -> bool {
        // Only /proc of the running host leads to open files; elsewhere such a path is a plain link.
        if !self.live || !path.starts_with("/proc") {
            return false;
        }
        let inside = path.strip_prefix("/").unwrap_or(path);
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let Ok(file) = rustix::fs::openat(&self.root, inside, flags, Mode::empty()) else {
            return false;
        };
        let all = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
        rustix::fs::fcntl_get_seals(&file).is_ok_and(|seals| seals.contains(all))
    }

    fn is_live(&self) -> bool {
        self.live
    }
}

fn components(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

fn metadata_of(stat: &rustix::fs::Stat) -> Metadata {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice => Kind::Character,
        FileType::BlockDevice => Kind::Block,
        FileType::RegularFile | FileType::Unknown => Kind::File,
    };
    Metadata {
        kind,
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        device: stat.st_dev,
        inode: stat.st_ino,
        links: stat.st_nlink,
        modified_s: stat.st_mtime,
    }
}
