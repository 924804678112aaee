//! Real folders with what an intruder or an accident leaves, and trees too large to be built.

use casemate_scan::tree::{Kind, LiveTree, Metadata, Tree, TreeError};
use casemate_scan::{Options, Scan, Surface, scan};
use casemate_schema::ScanMode;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

fn look(tree: &dyn Tree, mode: ScanMode, threads: usize) -> Scan {
    let mut options = Options::at(1_760_000_000);
    options.surfaces = BTreeSet::from([Surface::Files, Surface::Suid]);
    options.mode = mode;
    options.threads = threads;
    scan(tree, &options, &|_, _, _| {})
}

fn file(path: &Path, mode: u32) {
    std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    let mut file = std::fs::File::options()
        .create(true)
        .truncate(true)
        .write(true)
        .open(path)
        .expect("file");
    std::io::Write::write_all(&mut file, b"x").expect("write");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode");
}

fn has(scan: &Scan, check: &str, path: &str) -> bool {
    scan.findings.iter().any(|finding| {
        finding.source.check == check && finding.location.path.as_deref() == Some(path)
    })
}

/// A chain of folders that is made from below, since its path is longer than the system takes.
fn deep_chain(root: &Path, levels: usize) {
    let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC;
    let open = |at: &std::os::fd::OwnedFd, name: &str| {
        rustix::fs::mkdirat(at, name, rustix::fs::Mode::from(0o755)).expect("folder");
        rustix::fs::openat(at, name, flags, rustix::fs::Mode::empty()).expect("open")
    };
    let mut here = rustix::fs::open(root, flags, rustix::fs::Mode::empty()).expect("root");
    for _ in 0..levels {
        here = open(&here, "a-folder-with-a-longer-name");
    }
}

#[test]
fn what_was_planted_is_found_and_nothing_hangs() {
    let dir = tempfile::tempdir().expect("folder");
    let root = dir.path();
    file(&root.join("etc/passwd"), 0o644);
    file(&root.join("usr/local/bin/tool"), 0o4755);
    file(&root.join("opt/app/open.conf"), 0o666);
    file(&root.join("opt/drop/x"), 0o644);
    std::fs::set_permissions(
        root.join("opt/drop"),
        std::fs::Permissions::from_mode(0o777),
    )
    .expect("mode");
    file(
        &root.join("srv").join(OsStr::from_bytes(b"\xff\xfe")),
        0o666,
    );
    file(
        &root.join("srv/300").join("d/".repeat(300)).join("end"),
        0o666,
    );
    deep_chain(&root.join("srv"), 300);
    let outside = tempfile::tempdir().expect("folder");
    file(&outside.path().join("secret"), 0o4777);
    symlink(outside.path(), root.join("opt/out")).expect("link");
    symlink("nowhere", root.join("opt/dangling")).expect("link");
    symlink("loop", root.join("opt/loop")).expect("link");
    symlink("..", root.join("opt/up")).expect("link");
    let mode = rustix::fs::Mode::from(0o4777);
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, root.join("opt/fifo"), fifo, mode, 0).expect("fifo");
    let socket = std::os::unix::net::UnixListener::bind(root.join("opt/socket")).expect("socket");

    let tree = LiveTree::at(root).expect("tree");
    let found = look(&tree, ScanMode::Deep, 1);
    drop(socket);
    assert!(has(&found, "suid-unexpected", "/usr/local/bin/tool"));
    assert!(has(&found, "file-world-writable", "/opt/app/open.conf"));
    assert!(has(&found, "file-world-writable-folder", "/opt/drop"));
    assert!(has(&found, "file-world-writable", "/srv/\\xff\\xfe"));
    let end = format!("/srv/300/{}end", "d/".repeat(300));
    assert!(has(&found, "file-world-writable", &end), "300 levels down");
    let paths = found
        .findings
        .iter()
        .filter_map(|finding| finding.location.path.as_deref());
    for path in paths {
        for never in [
            "/opt/out",
            "/opt/fifo",
            "/opt/socket",
            "/opt/loop",
            "/opt/up",
            "secret",
        ] {
            assert!(!path.contains(never), "{path}");
        }
    }
    let again = look(&tree, ScanMode::Deep, 2);
    assert_eq!(found.findings, again.findings, "one thread or two");
    let suid = found
        .coverage
        .checks
        .iter()
        .find(|check| check.id == "suid-writable")
        .expect("check");
    assert!(
        suid.reason.is_some(),
        "the path that is too long is said to be unseen"
    );
}

#[test]
fn a_folder_that_changes_while_it_is_walked_does_not_fail() {
    let dir = tempfile::tempdir().expect("folder");
    let root = dir.path();
    file(&root.join("opt/keep"), 0o666);
    for number in 0..50 {
        file(&root.join(format!("opt/d{number}/f")), 0o644);
    }
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..20_000 {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let (a, b) = (root.join("opt/d7"), root.join("opt/moved"));
                file(&root.join("opt/d9/new"), 0o666);
                std::fs::remove_file(root.join("opt/d9/new")).expect("unlink");
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the tree under test is made to change"
                )]
                let moved = if round % 2 == 0 {
                    std::fs::rename(a, b)
                } else {
                    std::fs::rename(b, a)
                };
                moved.expect("rename");
            }
        });
        let tree = LiveTree::at(root).expect("tree");
        for _ in 0..30 {
            let found = look(&tree, ScanMode::Deep, 1);
            assert!(has(&found, "file-world-writable", "/opt/keep"));
            let failed = found.coverage.checks.iter().find(|check| {
                check
                    .reason
                    .as_deref()
                    .is_some_and(|reason| reason.contains("itself failed"))
            });
            assert!(failed.is_none(), "{failed:?}");
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// A tree that invents its entries: `/srv` with folders of folders, and files that all are open.
#[derive(Debug)]
struct Invented {
    folders: u64,
    files: u64,
    reversed: bool,
    seen: AtomicU64,
}

impl Invented {
    fn metadata_of(kind: Kind, inode: u64) -> Metadata {
        Metadata {
            kind,
            mode: if kind == Kind::Directory {
                0o755
            } else {
                0o666
            },
            uid: 0,
            gid: 0,
            size: 1,
            device: 1,
            inode,
            links: 1,
            modified_s: 0,
        }
    }

    fn each(&self, count: u64, kind: Kind, visit: &mut dyn FnMut(&OsStr, Metadata) -> bool) {
        let letter = if kind == Kind::Directory { 'd' } else { 'f' };
        for position in 0..count {
            let number = if self.reversed {
                count - 1 - position
            } else {
                position
            };
            let name = format!("{letter}{number:08}");
            self.seen.fetch_add(1, Ordering::Relaxed);
            // Inode 0: these folders have no number.
            visit(OsStr::new(&name), Self::metadata_of(kind, 0));
        }
    }
}

impl Tree for Invented {
    fn metadata(&self, path: &Path) -> Result<Metadata, TreeError> {
        Err(TreeError::NotFound(path.to_path_buf()))
    }
    fn link_metadata(&self, path: &Path) -> Result<Metadata, TreeError> {
        self.metadata(path)
    }
    fn read_link(&self, path: &Path) -> Result<PathBuf, TreeError> {
        Err(TreeError::NotFound(path.to_path_buf()))
    }
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, TreeError> {
        Err(TreeError::NotFound(path.to_path_buf()))
    }
    fn visit(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr, Metadata) -> bool,
    ) -> Result<(), TreeError> {
        if path != Path::new("/") && !path.starts_with("/srv") {
            return Err(TreeError::NotFound(path.to_path_buf()));
        }
        match path.components().count() {
            1 => {
                visit(OsStr::new("srv"), Self::metadata_of(Kind::Directory, 0));
            }
            2 => {
                self.each(self.folders, Kind::Directory, visit);
                self.each(self.files, Kind::File, visit);
            }
            3 => self.each(self.folders, Kind::Directory, visit),
            _ => {}
        }
        Ok(())
    }
    fn visit_names(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr) -> bool,
    ) -> Result<(), TreeError> {
        self.visit(path, &mut |name, _| visit(name))
    }
    fn capability(&self, _: &Path) -> Result<Option<Vec<u8>>, TreeError> {
        Ok(None)
    }
    fn is_live(&self) -> bool {
        false
    }
}

/// Peak of this process's memory so far, in kilobytes.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

#[test]
fn ten_million_files_and_a_million_folders_end_in_bounded_memory() {
    let before = peak_kb();
    let invented = |folders, files, reversed| Invented {
        folders,
        files,
        reversed,
        seen: AtomicU64::new(0),
    };
    let huge = invented(1000, 10_000_000, false);
    let found = look(&huge, ScanMode::Deep, 1);
    assert_eq!(
        huge.seen.load(Ordering::Relaxed),
        11_001_000,
        "every entry was seen once"
    );
    let listed = found
        .findings
        .iter()
        .filter(|f| f.source.check == "file-world-writable");
    assert_eq!(
        listed.count(),
        1001,
        "a thousand, and one that counts the rest"
    );
    let grown = peak_kb().saturating_sub(before);
    assert!(grown < 100 << 10, "{grown} KB");
}

#[test]
fn the_order_of_the_disk_and_the_budget_do_not_change_what_is_found() {
    for mode in [ScanMode::Deep, ScanMode::Quick] {
        let [one, other] = [false, true].map(|reversed| {
            let tree = Invented {
                folders: 300,
                files: 9000,
                reversed,
                seen: AtomicU64::new(0),
            };
            let found = look(&tree, mode, 1);
            (
                found.findings,
                found.coverage,
                tree.seen.load(Ordering::Relaxed),
            )
        });
        assert_eq!(one, other);
        let limited = one.1.checks.iter().any(|check| {
            check
                .reason
                .as_deref()
                .is_some_and(|reason| reason.contains("10,000 entries not walked (--deep)"))
        });
        assert_eq!(limited, mode == ScanMode::Quick);
    }
}
