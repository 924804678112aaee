//! Keys of packs: those that a site trusts, and those that it signs with.
//!
//! A pinned key is a file `<data_dir>/keys/FINGERPRINT.pub` (any name that ends in `.pub`); to trust
//! a key no longer, remove its file. A secret key is one file that nobody else may read.

use crate::error::Error;
use casemate_base::storage::{DiskStorage, Modes, RealDisk, Storage as _, StorePath};
use casemate_base::{bytes, random};
use casemate_bundle::{KeyError, PublicKey, SecretKey};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Largest key file.
const KEY_BYTES_MAX: u64 = 4096;
/// Most pinned keys.
const KEYS_MAX: usize = 1000;

/// A key that the site trusts.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// The key.
    pub key: PublicKey,
    /// Its file.
    pub path: PathBuf,
}

/// The keys that the site trusts, in the order of their files' names.
///
/// # Errors
/// [`Error::Key`] with the file that is no key; [`Error::KeyFile`] when it cannot be read.
pub fn pinned(data_dir: &Path) -> Result<Vec<Pinned>, Error> {
    let folder = data_dir.join("keys");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(unreadable(&folder, source)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| unreadable(&folder, source))?.path();
        if path.extension().is_some_and(|ending| ending == "pub") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.truncate(KEYS_MAX);
    let pinned = paths.into_iter().map(|path| {
        let key = public(&path)?;
        Ok(Pinned { key, path })
    });
    pinned.collect()
}

/// The public key in a file.
///
/// # Errors
/// [`Error::Key`], [`Error::KeyFile`].
pub fn public(path: &Path) -> Result<PublicKey, Error> {
    let file = std::fs::File::open(path).map_err(|source| unreadable(path, source))?;
    PublicKey::parse(&text(path, file)?).map_err(|source| wrong(path, source))
}

/// The secret key in a file.
///
/// # Errors
/// [`Error::KeyMode`] when others may read it; [`Error::Key`], [`Error::KeyFile`].
pub fn secret(path: &Path) -> Result<SecretKey, Error> {
    let file = std::fs::File::open(path).map_err(|source| unreadable(path, source))?;
    let metadata = file.metadata().map_err(|source| unreadable(path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::KeyMode {
            path: path.to_path_buf(),
            mode,
        });
    }
    SecretKey::parse(&text(path, file)?).map_err(|source| wrong(path, source))
}

/// Makes a key: the secret one in a new file, the public one beside it with `.pub` after its name.
///
/// # Errors
/// [`Error::KeyFile`] when one of the files is there already; [`Error::Write`].
pub fn generate(path: &Path, comment: &str) -> Result<(PublicKey, PathBuf), Error> {
    let (folder, name) = split(path)?;
    let public_path = folder.join(format!("{name}.pub"));
    for path in [path, &public_path] {
        if std::fs::symlink_metadata(path).is_ok() {
            let source = io::Error::new(io::ErrorKind::AlreadyExists, "it is there already");
            return Err(unreadable(path, source));
        }
    }
    let seed = random::secret_bytes().map_err(|source| unreadable(path, source))?;
    let secret = SecretKey::from_secret(&seed);
    let public = secret.public().with_comment(comment);
    write(folder, name, secret.to_text().as_bytes(), Modes::default())?;
    write(
        folder,
        &format!("{name}.pub"),
        public.to_text().as_bytes(),
        Modes::SHARED,
    )?;
    Ok((public, public_path))
}

/// Trusts a key from now on.
pub(crate) fn pin(data_dir: &Path, key: &PublicKey) -> Result<(), Error> {
    let name = format!("{}.pub", key.fingerprint());
    write(
        &data_dir.join("keys"),
        &name,
        key.to_text().as_bytes(),
        Modes::default(),
    )
}

fn write(folder: &Path, name: &str, content: &[u8], modes: Modes) -> Result<(), Error> {
    let path = folder.join(name);
    let wrong = |source| Error::Write {
        path: path.clone(),
        source,
    };
    let disk = RealDisk::create(folder, modes).map_err(wrong)?;
    let target = StorePath::new(name).map_err(wrong)?;
    DiskStorage::new(disk)
        .write_atomic(&target, content)
        .map_err(wrong)
}

pub(super) fn split(path: &Path) -> Result<(&Path, &str), Error> {
    let name = path.file_name().and_then(|name| name.to_str());
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "it names no file");
    let name = name.ok_or_else(|| unreadable(path, no_name()))?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    Ok((folder.unwrap_or(Path::new(".")), name))
}

fn text(path: &Path, file: std::fs::File) -> Result<String, Error> {
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidInput, reason);
    let content = bytes::read_capped(file, KEY_BYTES_MAX)
        .map_err(|error| unreadable(path, invalid(error.to_string())))?;
    String::from_utf8(content).map_err(|_| unreadable(path, invalid("it is no text".to_owned())))
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    Error::KeyFile {
        path: path.to_path_buf(),
        source,
    }
}

fn wrong(path: &Path, source: KeyError) -> Error {
    Error::Key {
        path: path.to_path_buf(),
        source,
    }
}
