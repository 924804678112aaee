//! Does this storage keep the contract of [`Storage`]? One suite, run on every implementation.
//!
//! Invariant: the suite needs an empty storage, checks only what the trait promises, and returns
//! the first promise that was broken.

use super::{EntryKind, Storage, StorageError, StorePath};
use crate::ErrorKind;
use std::ffi::OsStr;

/// A broken promise.
#[derive(Debug, thiserror::Error)]
#[error("storage breaks `{promise}`: {detail}")]
pub struct Violation {
    /// What the contract says.
    pub promise: &'static str,
    /// What was found instead.
    pub detail: String,
}

type Checked = Result<(), Violation>;

/// Checks an empty storage against the contract.
///
/// # Errors
/// The first broken promise.
pub fn check(storage: &dyn Storage) -> Checked {
    let checks: [fn(&dyn Storage) -> Checked; 7] = [
        files,
        pieces,
        limits,
        directories,
        removal,
        wrong_kinds,
        concurrent_writers,
    ];
    checks.into_iter().try_for_each(|check| check(storage))
}

fn files(storage: &dyn Storage) -> Checked {
    let path = path("files")?;
    let promise = "a missing file is not found";
    is_kind(promise, &storage.read(&path, 10), ErrorKind::NotFound)?;
    equal(promise, &storage.exists(&path), &false)?;
    for content in [&b"first"[..], b"", b"a longer second content", b"3"] {
        done("a write succeeds", storage.write_atomic(&path, content))?;
        equal(
            "a read gives what was written",
            &storage.read(&path, 100),
            &content.to_vec(),
        )?;
        let found = done("metadata are known", storage.metadata(&path))?;
        let found = found.map(|metadata| (metadata.kind, metadata.size_bytes));
        let expected = Some((EntryKind::File, content.len() as u64));
        ensure("metadata tell kind and size", found == expected, || {
            format!("{found:?}")
        })?;
    }
    equal(
        "nothing is left to recover",
        &storage.recover(&StorePath::root()),
        &0,
    )
}

fn pieces(storage: &dyn Storage) -> Checked {
    let path = path("pieces")?;
    let promise = "pieces are written in their order, or not at all";
    let write = |fails: bool| {
        storage.write_atomic_with(&path, &mut |out| {
            for piece in [b"one ".as_slice(), b"", b"two ", b"three"] {
                out.write_all(piece)?;
            }
            if fails {
                Err(std::io::ErrorKind::StorageFull.into())
            } else {
                Ok(())
            }
        })
    };
    done(promise, write(false))?;
    equal(
        promise,
        &storage.read(&path, 100),
        &b"one two three".to_vec(),
    )?;
    done(promise, storage.write_atomic(&path, b"old"))?;
    ensure(promise, write(true).is_err(), || {
        "a failure is kept back".to_owned()
    })?;
    equal(promise, &storage.read(&path, 100), &b"old".to_vec())
}

fn limits(storage: &dyn Storage) -> Checked {
    let path = path("limits")?;
    done("a write succeeds", storage.write_atomic(&path, b"12345"))?;
    equal(
        "a file of the limit is read",
        &storage.read(&path, 5),
        &b"12345".to_vec(),
    )?;
    is_kind(
        "a longer file is refused",
        &storage.read(&path, 4),
        ErrorKind::Limit,
    )
}

fn directories(storage: &dyn Storage) -> Checked {
    let (outer, inner) = (path("directories")?, path("directories/b/c")?);
    let file = done("a name can be joined", inner.join("file"))?;
    let promise = "a file needs its directory";
    is_kind(
        promise,
        &storage.write_atomic(&file, b"x"),
        ErrorKind::NotFound,
    )?;
    for _ in 0..2 {
        done(
            "directories are made, also twice",
            storage.create_dir_all(&inner),
        )?;
    }
    done("a write below succeeds", storage.write_atomic(&file, b"x"))?;
    let other = done("a name can be joined", outer.join("a"))?;
    done(
        "a write beside succeeds",
        storage.write_atomic(&other, b"x"),
    )?;
    let listed = done("a directory is listed", storage.list(&outer))?;
    let found: Vec<(&OsStr, EntryKind)> = listed
        .iter()
        .map(|entry| (entry.name.as_os_str(), entry.kind))
        .collect();
    let expected = [
        (OsStr::new("a"), EntryKind::File),
        (OsStr::new("b"), EntryKind::Directory),
    ];
    ensure("a list is sorted and whole", found == expected, || {
        format!("{found:?}")
    })?;
    let missing = path("directories/missing")?;
    is_kind(
        "a missing directory is not listed",
        &storage.list(&missing),
        ErrorKind::NotFound,
    )
}

fn removal(storage: &dyn Storage) -> Checked {
    let path = path("removal")?;
    let promise = "a missing file is not removed";
    is_kind(promise, &storage.remove(&path), ErrorKind::NotFound)?;
    done("a write succeeds", storage.write_atomic(&path, b"x"))?;
    done("a file is removed", storage.remove(&path))?;
    equal("a removed file is gone", &storage.exists(&path), &false)?;
    is_kind(promise, &storage.remove(&path), ErrorKind::NotFound)
}

fn wrong_kinds(storage: &dyn Storage) -> Checked {
    let (directory, file) = (path("kinds")?, path("kinds/file")?);
    done("directories are made", storage.create_dir_all(&directory))?;
    done("a write succeeds", storage.write_atomic(&file, b"x"))?;
    let below = done("a name can be joined", file.join("below"))?;
    let refused = |promise, refused: bool| ensure(promise, refused, || "it succeeded".to_owned());
    refused(
        "a directory is not read",
        storage.read(&directory, 10).is_err(),
    )?;
    refused(
        "a directory is not replaced",
        storage.write_atomic(&directory, b"x").is_err(),
    )?;
    refused(
        "a directory is not removed",
        storage.remove(&directory).is_err(),
    )?;
    refused(
        "the root is not written",
        storage.write_atomic(&StorePath::root(), b"x").is_err(),
    )?;
    refused("a file is not listed", storage.list(&file).is_err())?;
    refused(
        "a file holds no directory",
        storage.create_dir_all(&below).is_err(),
    )?;
    refused(
        "a file is no directory",
        storage.create_dir_all(&file).is_err(),
    )?;
    equal(
        "a refused call changes nothing",
        &storage.read(&file, 10),
        &b"x".to_vec(),
    )?;
    equal(
        "a refused write leaves nothing",
        &storage.recover(&StorePath::root()),
        &0,
    )
}

fn concurrent_writers(storage: &dyn Storage) -> Checked {
    let path = path("concurrent")?;
    let contents: Vec<Vec<u8>> = (1..=4_u8)
        .map(|writer| vec![writer; usize::from(writer) * 1000])
        .collect();
    let results: Vec<Checked> = std::thread::scope(|scope| {
        let write = |content: &Vec<u8>| {
            (0..8).try_for_each(|_| {
                done(
                    "concurrent writes succeed",
                    storage.write_atomic(&path, content),
                )
            })
        };
        let threads: Vec<_> = contents
            .iter()
            .map(|content| scope.spawn(move || write(content)))
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    results.into_iter().collect::<Checked>()?;
    let found = done("a read succeeds", storage.read(&path, 10_000))?;
    let whole = contents.contains(&found);
    ensure("the last writer wins, whole", whole, || {
        format!("{} bytes", found.len())
    })
}

fn path(text: &str) -> Result<StorePath, Violation> {
    done("a plain path is accepted", StorePath::new(text))
}

fn ensure(promise: &'static str, kept: bool, detail: impl FnOnce() -> String) -> Checked {
    if kept {
        Ok(())
    } else {
        Err(Violation {
            promise,
            detail: detail(),
        })
    }
}

fn done<T>(promise: &'static str, result: Result<T, StorageError>) -> Result<T, Violation> {
    result.map_err(|error| Violation {
        promise,
        detail: format!("{error}: {error:?}"),
    })
}

fn equal<T: PartialEq + std::fmt::Debug>(
    promise: &'static str,
    found: &Result<T, StorageError>,
    expected: &T,
) -> Checked {
    let kept = found.as_ref().is_ok_and(|found| found == expected);
    ensure(promise, kept, || {
        format!("{found:?} instead of {expected:?}")
    })
}

fn is_kind<T: std::fmt::Debug>(
    promise: &'static str,
    found: &Result<T, StorageError>,
    expected: ErrorKind,
) -> Checked {
    let kept = found.as_ref().is_err_and(|error| error.kind() == expected);
    ensure(promise, kept, || {
        format!("{found:?} instead of the error kind {expected}")
    })
}

#[cfg(test)]
mod tests {
    use super::super::{DiskStorage, Fault, FaultyDisk, Modes, RealDisk, SimulatedDisk};
    use super::*;

    #[test]
    fn real_disk() {
        let root = tempfile::tempdir().unwrap();
        let disk = RealDisk::open(root.path(), Modes::default()).unwrap();
        check(&DiskStorage::new(disk)).unwrap();
    }

    #[test]
    fn simulated_disk() {
        check(&DiskStorage::new(SimulatedDisk::new())).unwrap();
    }

    #[test]
    fn faulty_disk_without_faults() {
        check(&DiskStorage::new(FaultyDisk::new(SimulatedDisk::new(), []))).unwrap();
    }

    #[test]
    fn short_writes_are_invisible() {
        let disk = FaultyDisk::failing_from(SimulatedDisk::new(), 0, Fault::ShortWrite);
        check(&DiskStorage::new(disk)).unwrap();
    }

    #[test]
    fn a_broken_promise_is_found() {
        let disk = FaultyDisk::failing_from(SimulatedDisk::new(), 20, Fault::Broken);
        let violation = check(&DiskStorage::new(disk)).unwrap_err();
        assert_eq!(violation.promise, "a read gives what was written");
    }
}
