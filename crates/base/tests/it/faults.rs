//! What does a disk that is full, broken, slow or interrupted at any operation leave behind?

use casemate_base::ErrorKind;
use casemate_base::storage::{
    DiskStorage, Fault, FaultyDisk, Modes, RealDisk, SimulatedDisk, Storage as _, StorePath,
};

/// Create, write, sync, rename, sync of the directory.
const OPERATIONS_OF_A_WRITE: u64 = 5;
/// The rename commits; a failure after it may leave the new content.
const RENAME: u64 = 3;

fn path() -> StorePath {
    StorePath::new("file").unwrap()
}

fn old() -> Vec<u8> {
    vec![1; 1000]
}

fn new() -> Vec<u8> {
    vec![2; 2000]
}

/// Writes over an old file on a disk with these faults and checks what is left.
fn check(disk: FaultyDisk<&SimulatedDisk>, inner: &SimulatedDisk, fails_at: u64, fault: Fault) {
    let result = DiskStorage::new(disk).write_atomic(&path(), &new());
    let error = result.expect_err("the write cannot succeed");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    let sound = DiskStorage::new(inner);
    let content = sound.read(&path(), u64::MAX).unwrap();
    let expected = if fails_at <= RENAME { old() } else { new() };
    assert!(
        content == expected,
        "{fault:?} at {fails_at}: {} bytes",
        content.len()
    );
    sound.recover(&StorePath::root()).unwrap();
    let names = casemate_base::storage::Disk::list(inner, &StorePath::root()).unwrap();
    assert_eq!(names.len(), 1, "{fault:?} at {fails_at}: {names:?}");
    sound.write_atomic(&path(), b"next").unwrap();
    assert_eq!(sound.read(&path(), 10).unwrap(), b"next");
}

fn with_old_content() -> SimulatedDisk {
    let disk = SimulatedDisk::new();
    DiskStorage::new(&disk)
        .write_atomic(&path(), &old())
        .unwrap();
    assert_eq!(disk.n_operations(), OPERATIONS_OF_A_WRITE);
    disk
}

#[test]
fn one_fault_at_each_operation_leaves_a_whole_file() {
    for fault in [Fault::NoSpace, Fault::Broken] {
        for operation in 0..OPERATIONS_OF_A_WRITE {
            let inner = with_old_content();
            check(
                FaultyDisk::new(&inner, [(operation, fault)]),
                &inner,
                operation,
                fault,
            );
        }
    }
}

#[test]
fn a_disk_that_stays_broken_leaves_a_whole_file() {
    for fault in [Fault::NoSpace, Fault::Broken, Fault::Interrupted] {
        for operation in 0..OPERATIONS_OF_A_WRITE {
            let inner = with_old_content();
            check(
                FaultyDisk::failing_from(&inner, operation, fault),
                &inner,
                operation,
                fault,
            );
        }
    }
}

#[test]
fn a_single_fault_removes_its_own_temporary_file() {
    for operation in 1..=RENAME {
        let inner = with_old_content();
        let disk = FaultyDisk::new(&inner, [(operation, Fault::NoSpace)]);
        DiskStorage::new(disk)
            .write_atomic(&path(), &new())
            .unwrap_err();
        assert_eq!(
            DiskStorage::new(&inner)
                .recover(&StorePath::root())
                .unwrap(),
            0,
            "{operation}"
        );
    }
}

#[test]
fn a_full_disk_after_a_short_write_leaves_the_old_file() {
    let inner = with_old_content();
    let disk = FaultyDisk::new(&inner, [(1, Fault::ShortWrite), (2, Fault::NoSpace)]);
    check(disk, &inner, 2, Fault::NoSpace);
}

#[test]
fn interruptions_and_short_writes_are_not_errors() {
    for operation in (0..OPERATIONS_OF_A_WRITE).filter(|operation| *operation != RENAME) {
        let inner = with_old_content();
        let disk = FaultyDisk::new(&inner, [(operation, Fault::Interrupted)]);
        DiskStorage::new(disk)
            .write_atomic(&path(), &new())
            .unwrap();
        assert_eq!(
            DiskStorage::new(&inner).read(&path(), u64::MAX).unwrap(),
            new()
        );
    }
    let inner = with_old_content();
    let disk = FaultyDisk::failing_from(&inner, 0, Fault::ShortWrite);
    let storage = DiskStorage::new(disk);
    storage.write_atomic(&path(), &new()).unwrap();
    assert_eq!(storage.read(&path(), u64::MAX).unwrap(), new());
    // 2000 bytes by halves: 1000, 500, 250, 125, 63, 31, 16, 8, 4, 2, 1 make eleven writes.
    assert_eq!(storage.disk().n_operations(), 1 + 11 + 3 + 1);
}

#[test]
fn too_many_leftovers_are_a_named_error() {
    let inner = SimulatedDisk::new();
    for n_leftovers in 0..1000 {
        // So many names are taken, the next one is created, and then everything fails, the
        // removal of the temporary file too.
        let disk = FaultyDisk::failing_from(&inner, n_leftovers + 1, Fault::Broken);
        DiskStorage::new(disk)
            .write_atomic(&path(), b"x")
            .unwrap_err();
    }
    let storage = DiskStorage::new(&inner);
    let error = storage.write_atomic(&path(), b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert_eq!(storage.recover(&StorePath::root()).unwrap(), 1000);
    storage.write_atomic(&path(), b"x").unwrap();
}

#[test]
fn a_real_file_system_keeps_the_old_file_too() {
    for operation in 0..OPERATIONS_OF_A_WRITE {
        let root = tempfile::tempdir().unwrap();
        let sound = DiskStorage::new(RealDisk::open(root.path(), Modes::default()).unwrap());
        sound.write_atomic(&path(), &old()).unwrap();
        let disk = FaultyDisk::failing_from(sound.disk(), operation, Fault::NoSpace);
        DiskStorage::new(disk)
            .write_atomic(&path(), &new())
            .unwrap_err();
        let content = sound.read(&path(), u64::MAX).unwrap();
        assert!(
            content == if operation <= RENAME { old() } else { new() },
            "{operation}"
        );
        sound.recover(&StorePath::root()).unwrap();
        assert_eq!(
            std::fs::read_dir(root.path()).unwrap().count(),
            1,
            "{operation}"
        );
    }
}
