//! The protocol under test, and wrong ones that a test must catch.
//!
//! Each wrong protocol is a complete, plausible implementation with one step missing or moved.

use casemate_base::storage::{Disk, DiskFile, DiskStorage, Storage as _, StorePath};
use std::io;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The three operations that change something.
#[derive(Clone, Copy)]
pub(crate) struct Protocol {
    pub(crate) name: &'static str,
    pub(crate) write: fn(&dyn Disk, &StorePath, &[u8]) -> Outcome,
    pub(crate) create_dir_all: fn(&dyn Disk, &StorePath) -> Outcome,
    pub(crate) remove: fn(&dyn Disk, &StorePath) -> Outcome,
}

/// What the product runs.
pub(crate) const REAL: Protocol = Protocol {
    name: "real",
    write: |disk, path, bytes| Ok(DiskStorage::new(disk).write_atomic(path, bytes)?),
    create_dir_all: |disk, path| Ok(DiskStorage::new(disk).create_dir_all(path)?),
    remove: |disk, path| Ok(DiskStorage::new(disk).remove(path)?),
};

/// Every planted bug.
pub(crate) const PLANTED: [Protocol; 9] = [
    Protocol {
        name: "missing file fsync",
        write: without_file_sync,
        ..REAL
    },
    Protocol {
        name: "missing folder fsync",
        write: without_dir_sync,
        ..REAL
    },
    Protocol {
        name: "rename before write",
        write: renamed_before_write,
        ..REAL
    },
    Protocol {
        name: "rename before file fsync",
        write: renamed_before_sync,
        ..REAL
    },
    Protocol {
        name: "remove, then rename",
        write: removed_before_rename,
        ..REAL
    },
    Protocol {
        name: "fsync of the wrong folder",
        write: with_root_sync,
        ..REAL
    },
    Protocol {
        name: "new folder without fsync of its parent",
        create_dir_all: dirs_unsynced,
        ..REAL
    },
    Protocol {
        name: "existing folder taken for durable",
        create_dir_all: existing_dirs_unsynced,
        ..REAL
    },
    Protocol {
        name: "remove without folder fsync",
        remove: removed_unsynced,
        ..REAL
    },
];

/// A planted bug that only a failing sync shows: it tries the sync again and believes it.
pub(crate) const SYNC_RETRIED: Protocol = Protocol {
    name: "failed fsync tried again",
    write: sync_retried,
    ..REAL
};

fn temp(disk: &dyn Disk, path: &StorePath) -> io::Result<StorePath> {
    let directory = path.parent().unwrap();
    for number in 0.. {
        let temp = directory.join(format!("temp-{number}")).unwrap();
        if disk.metadata(&temp).is_err() {
            return Ok(temp);
        }
    }
    unreachable!("names do not end")
}

fn write_all(file: &mut dyn DiskFile, bytes: &[u8]) -> io::Result<()> {
    if !bytes.is_empty() {
        assert_eq!(file.write_at(0, bytes)?, bytes.len());
    }
    Ok(())
}

fn without_file_sync(disk: &dyn Disk, path: &StorePath, bytes: &[u8]) -> Outcome {
    let temp = temp(disk, path)?;
    write_all(&mut *disk.create_new(&temp)?, bytes)?;
    disk.rename(&temp, path)?;
    Ok(disk.sync_dir(&path.parent().unwrap())?)
}

fn without_dir_sync(disk: &dyn Disk, path: &StorePath, bytes: &[u8]) -> Outcome {
    let temp = temp(disk, path)?;
    let mut file = disk.create_new(&temp)?;
    write_all(&mut *file, bytes)?;
    file.sync()?;
    Ok(disk.rename(&temp, path)?)
}

fn renamed_before_write(disk: &dyn Disk, path: &StorePath, bytes: &[u8]) -> Outcome {
    let temp = temp(disk, path)?;
    let mut file = disk.create_new(&temp)?;
    disk.rename(&temp, path)?;
    write_all(&mut *file, bytes)?;
    file.sync()?;
    Ok(disk.sync_dir(&path.parent().unwrap())?)
}

fn renamed_before_sync(disk: &dyn Disk, path: &StorePath, bytes: &[u8]) -> Outcome {
    let temp = temp(disk, path)?;
    let mut file = disk.create_new(&temp)?;
    write_all(&mut *file, bytes)?;
    disk.rename(&temp, path)?;
    file.sync()?;
    Ok(disk.sync_dir(&path.parent().unwrap())?)
}

fn removed_before_rename(disk: &dyn Disk, path: &StorePath, bytes: &[u8]) -> Outcome {
    let temp = temp(disk, path)?;
    let mut file = disk.create_new(&temp)?;
    write_all(&mut *file, bytes)?;
    file.sync()?;
    if disk.metadata(path).is_ok() {
        disk.remove(path)?;
    }
    disk.rename(&temp, path)?;
    Ok(disk.sync_dir(&path.parent().unwrap())?)
}

fn with_root_sync(disk: &dyn Disk, path: &StorePath, bytes: &[u8]) -> Outcome {
    without_dir_sync(disk, path, bytes)?;
    Ok(disk.sync_dir(&StorePath::root())?)
}

fn dirs_unsynced(disk: &dyn Disk, path: &StorePath) -> Outcome {
    let mut made = StorePath::root();
    for name in path.names() {
        made = made.join(name).unwrap();
        match disk.create_dir(&made) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
            // Syncs the new directory instead of the one that names it.
            _ => disk.sync_dir(&made)?,
        }
    }
    Ok(())
}

fn existing_dirs_unsynced(disk: &dyn Disk, path: &StorePath) -> Outcome {
    let mut made = StorePath::root();
    for name in path.names() {
        let parent = made.clone();
        made = made.join(name).unwrap();
        if disk.metadata(&made).is_err() {
            disk.create_dir(&made)?;
            disk.sync_dir(&parent)?;
        }
    }
    Ok(())
}

fn removed_unsynced(disk: &dyn Disk, path: &StorePath) -> Outcome {
    Ok(disk.remove(path)?)
}

fn sync_retried(disk: &dyn Disk, path: &StorePath, bytes: &[u8]) -> Outcome {
    let temp = temp(disk, path)?;
    let mut file = disk.create_new(&temp)?;
    write_all(&mut *file, bytes)?;
    if file.sync().is_err() {
        file.sync()?;
    }
    disk.rename(&temp, path)?;
    Ok(disk.sync_dir(&path.parent().unwrap())?)
}
