//! The folder of the packs: what is in use, importing under a lock, going back.

use super::active::{Active, PACKS_MAX, POINTER_BYTES_MAX, Standing, Version};
use super::build::Builder;
use super::open::{PackFile, digest_of};
use super::{PackDetail, PacksError};
use casemate_base::storage::{
    Disk as _, DiskStorage, Modes, RealDisk, Storage as _, StorageError, StorePath,
};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const POINTER: &str = "active.json";
const BUILDING: &str = "building.db";
const LOCK: &str = "lock";
/// How often a reader looks again when an import removed a file between two looks.
const TRIES: usize = 5;

/// The packs of a data directory.
#[derive(Clone, Debug)]
pub struct Packs {
    folder: PathBuf,
}

/// A pack that is in use.
#[derive(Debug)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// The version in use; the reason, if its file cannot be read.
    pub active: Result<PackFile, PacksError>,
    /// The version that can be restored.
    pub former: Option<u64>,
    /// The newest version that was ever imported.
    pub newest: u64,
}

impl Packs {
    /// The packs below this data directory; nothing is touched yet.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("packs"),
        }
    }

    /// The packs in use, sorted by name; none when nothing was ever imported.
    ///
    /// # Errors
    /// [`PacksError::Damaged`] and [`PacksError::Storage`] when the pointer cannot be read; a pack's
    /// own damage stands in [`Listed::active`].
    pub fn list(&self) -> Result<Vec<Listed>, PacksError> {
        let mut tries = TRIES;
        loop {
            let listed = self.list_once()?;
            tries -= 1;
            // An import may have removed a file between our looking at the pointer and at the file.
            let gone = |listed: &Listed| {
                matches!(&listed.active, Err(PacksError::Io { source, .. })
                    if source.kind() == io::ErrorKind::NotFound)
            };
            if tries == 0 || !listed.iter().any(gone) {
                return Ok(listed);
            }
        }
    }

    fn list_once(&self) -> Result<Vec<Listed>, PacksError> {
        let active = self.pointer()?;
        let packs = active.packs.into_iter();
        Ok(packs
            .map(|(name, entry)| Listed {
                active: PackFile::open(&self.folder, &entry.active).and_then(|file| {
                    if file.detail().name == name {
                        return Ok(file);
                    }
                    Err(PacksError::Damaged {
                        path: self.folder.join(&entry.active.file),
                        reason: format!("it holds pack `{}`", file.detail().name),
                    })
                }),
                former: entry.former.map(|it| it.version),
                newest: entry.newest,
                name,
            })
            .collect())
    }

    fn pointer(&self) -> Result<Active, PacksError> {
        let disk = match RealDisk::open(&self.folder, Modes::default()) {
            Ok(disk) => disk,
            Err(error) if error.is_not_found() => return Ok(Active::default()),
            Err(source) => return Err(self.failed(source)),
        };
        let name = StorePath::new(POINTER).map_err(|source| self.failed(source))?;
        match DiskStorage::new(disk).read(&name, POINTER_BYTES_MAX) {
            Ok(bytes) => Active::parse(&self.folder.join(POINTER), &bytes),
            Err(error) if error.is_not_found() => Ok(Active::default()),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// Begins an import: makes the folder, takes the lock, removes what a killed import left.
    ///
    /// # Errors
    /// [`PacksError::Busy`] when another import runs; [`PacksError::Storage`], [`PacksError::Io`],
    /// [`PacksError::Damaged`] when the folder cannot be used.
    pub fn import(&self) -> Result<Import, PacksError> {
        let disk = RealDisk::create(&self.folder, Modes::default()).map_err(|e| self.failed(e))?;
        let lock = self.lock(&disk)?;
        let storage = DiskStorage::new(disk);
        let failed = |source| self.failed(source);
        storage.recover(&StorePath::root()).map_err(failed)?;
        let import = Import {
            packs: self.clone(),
            storage,
            _lock: lock,
        };
        import.sweep(&self.pointer()?)?;
        Ok(import)
    }

    fn lock(&self, disk: &RealDisk) -> Result<File, PacksError> {
        let path = self.folder.join(LOCK);
        let wrong = |source| PacksError::Io {
            path: path.clone(),
            source,
        };
        let name = StorePath::new(LOCK).map_err(|source| self.failed(source))?;
        match disk.create_new(&name) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(wrong(error)),
            _ => {}
        }
        let file = File::open(&path).map_err(wrong)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(PacksError::Busy {
                path: self.folder.clone(),
            }),
            Err(TryLockError::Error(error)) => Err(wrong(error)),
        }
    }

    fn failed(&self, source: StorageError) -> PacksError {
        PacksError::Storage {
            path: self.folder.clone(),
            source,
        }
    }
}

/// The right to change the packs; others wait until it is dropped.
#[derive(Debug)]
pub struct Import {
    packs: Packs,
    storage: DiskStorage<RealDisk>,
    // The system frees the lock when the file is closed, by us or by our death.
    _lock: File,
}

impl Import {
    /// How a pack compares with what is there.
    ///
    /// # Errors
    /// [`PacksError::Older`], [`PacksError::OtherContent`]; what reading the pointer gives.
    pub fn standing(&self, name: &str, version: u64, digest: &str) -> Result<Standing, PacksError> {
        self.packs.pointer()?.standing(name, version, digest)
    }

    /// The newest version of a pack that was ever imported.
    ///
    /// # Errors
    /// What reading the pointer gives.
    pub fn newest(&self, name: &str) -> Result<Option<u64>, PacksError> {
        Ok(self
            .packs
            .pointer()?
            .packs
            .get(name)
            .map(|entry| entry.newest))
    }

    /// Begins a table file. Only one is built at a time; beginning another throws the first away.
    ///
    /// # Errors
    /// [`PacksError::Storage`], [`PacksError::Build`].
    pub fn begin(&self) -> Result<Builder, PacksError> {
        self.discard()?;
        let path = self.packs.folder.join(BUILDING);
        let name = self.name(BUILDING)?;
        let made = self.storage.disk().create_new(&name);
        drop(made.map_err(|source| PacksError::Io {
            path: path.clone(),
            source,
        })?);
        Builder::begin(&path)
    }

    /// Puts a table file that is complete into use, and says what was in use before.
    ///
    /// # Errors
    /// As [`Import::standing`]; [`PacksError::Build`], [`PacksError::Io`], [`PacksError::Storage`].
    /// Whatever was in use before still is, unless only the very last sync failed.
    pub fn commit(&self, builder: Builder, detail: &PackDetail) -> Result<Option<u64>, PacksError> {
        let mut pointer = self.packs.pointer()?;
        let (name, digest) = (detail.name.as_str(), detail.digest.as_str());
        // The same one again mends a damaged file; the former one is restored, not built.
        if pointer.standing(name, detail.version, digest)? == Standing::Former {
            return Err(PacksError::OtherContent {
                name: name.to_owned(),
                version: detail.version,
            });
        }
        if !pointer.packs.contains_key(name) && pointer.packs.len() >= PACKS_MAX {
            return Err(PacksError::TooMany { limit: PACKS_MAX });
        }
        builder.finish(detail)?;
        let building = self.packs.folder.join(BUILDING);
        let wrong = |source| PacksError::Io {
            path: building.clone(),
            source,
        };
        let file = File::open(&building).map_err(wrong)?;
        file.sync_all().map_err(wrong)?;
        let bytes = file.metadata().map_err(wrong)?.len();
        let blake3 = digest_of(&file).map_err(wrong)?;
        let short: String = digest.chars().take(16).collect();
        let version = Version {
            version: detail.version,
            digest: detail.digest.clone(),
            file: format!("{name}@{}-{short}.db", detail.version),
            bytes,
            blake3,
        };
        let disk = self.storage.disk();
        disk.rename(&self.name(BUILDING)?, &self.name(&version.file)?)
            .map_err(wrong)?;
        disk.sync_dir(&StorePath::root()).map_err(wrong)?;
        let before = pointer.packs.get(name).map(|entry| entry.active.version);
        pointer.put(name, version);
        self.point(&pointer)?;
        self.sweep(&pointer)?;
        Ok(before)
    }

    /// Puts the former version of a pack into use again, and says which one that is.
    ///
    /// # Errors
    /// [`PacksError::NoSuchPack`], [`PacksError::NoFormer`]; [`PacksError::Damaged`] when its file
    /// cannot be read, and then nothing has changed; [`PacksError::Storage`].
    pub fn restore(&self, name: &str) -> Result<PackDetail, PacksError> {
        let mut pointer = self.packs.pointer()?;
        pointer.restore(name)?;
        let entry = pointer
            .packs
            .get(name)
            .ok_or_else(|| PacksError::NoSuchPack {
                name: name.to_owned(),
            })?;
        let detail = PackFile::open(&self.packs.folder, &entry.active)?
            .detail()
            .clone();
        self.point(&pointer)?;
        Ok(detail)
    }

    fn point(&self, pointer: &Active) -> Result<(), PacksError> {
        let path = self.packs.folder.join(POINTER);
        let bytes = pointer.to_bytes().map_err(|error| PacksError::Build {
            path,
            reason: error.to_string(),
        })?;
        self.storage
            .write_atomic(&self.name(POINTER)?, &bytes)
            .map_err(|source| self.packs.failed(source))
    }

    /// Removes a table file that was begun and not finished, and SQLite's files beside it.
    fn discard(&self) -> Result<(), PacksError> {
        for name in [
            BUILDING,
            "building.db-journal",
            "building.db-wal",
            "building.db-shm",
        ] {
            let name = self.name(name)?;
            match self.storage.remove(&name) {
                Err(error) if !error.is_not_found() => return Err(self.packs.failed(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes table files that the pointer does not name.
    fn sweep(&self, pointer: &Active) -> Result<(), PacksError> {
        self.discard()?;
        let failed = |source| self.packs.failed(source);
        for entry in self.storage.list(&StorePath::root()).map_err(failed)? {
            let name = entry.name.to_string_lossy();
            let is_table = name.contains('@') && name.ends_with(".db");
            if is_table && !pointer.files().any(|file| file == name) {
                self.storage.remove(&self.name(&name)?).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn name(&self, name: &str) -> Result<StorePath, PacksError> {
        StorePath::new(name).map_err(|source| self.packs.failed(source))
    }
}
