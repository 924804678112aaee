//! Which files of the installed packages differ from what their packages brought?
//!
//! Follows `dpkg --verify` and `rpm --verify` for content and existence; owners and modes are the
//! business of other checks. Packages are shared out to threads; each thread runs eight files side
//! by side. Invariant: the result is sorted, whatever the threads did.

use super::dpkg_info::DpkgInfo;
use crate::check::{Limit, Skip};
use crate::facts::{Facts, inventory};
use crate::packages::dpkg_files::{parse_list, parse_md5sums, verified_files};
use crate::packages::{Algorithm, Detail, FileFlags, FileKind, Manager, PackageFile, Record, rpm};
use crate::tree::{Kind, TreeError};
use casemate_base::encoding::hex_encode;
use casemate_base::hash::{self, digest_reader, md5_many};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    Missing,
    Content { expected: String, actual: String },
}

/// One file that is not as its package brought it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) package: String,
    pub(super) path: PathBuf,
    pub(super) wrong: Wrong,
    pub(super) is_config: bool,
    pub(super) is_program: bool,
}

/// What verification found.
#[derive(Debug, Default)]
pub(super) struct Verified {
    pub(super) changes: Vec<Change>,
    pub(super) limits: Vec<Limit>,
    /// Packages with files for which nobody recorded a digest.
    pub(super) without_digests: Vec<String>,
}

/// Verifies every installed package.
pub(super) fn verify(facts: &Facts<'_>) -> Result<Verified, Skip> {
    let mut records = Vec::new();
    let (databases, limits) = inventory::each_record(facts, Detail::Files, &mut |record| {
        if record.package.status.is_installed() {
            records.push(record);
        }
    });
    if databases.is_empty() {
        return facts.inventory().map(|_| Verified::default());
    }
    let info = DpkgInfo::read(facts)?;
    let next = AtomicUsize::new(0);
    let whole = Mutex::new(Verified {
        limits,
        ..Verified::default()
    });
    let work = || {
        let mut worker = Worker {
            facts,
            info: &info,
            records: &records,
            next: &next,
            queue: VecDeque::new(),
            found: Verified::default(),
        };
        worker.run();
        let mut whole = whole
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        whole.changes.append(&mut worker.found.changes);
        whole.limits.append(&mut worker.found.limits);
        whole
            .without_digests
            .append(&mut worker.found.without_digests);
    };
    std::thread::scope(|scope| {
        for _ in 1..facts.options().threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    let mut whole = whole
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    whole.changes.sort();
    whole.changes.dedup();
    whole.limits.sort();
    whole.without_digests.sort();
    whole.without_digests.dedup();
    Ok(whole)
}

/// A file to look at.
struct Entry {
    package: usize,
    place: PathBuf,
    file: PackageFile,
    is_program: bool,
}

struct Worker<'w, 'a> {
    facts: &'w Facts<'a>,
    info: &'w DpkgInfo<'w>,
    records: &'w [Record],
    next: &'w AtomicUsize,
    queue: VecDeque<Entry>,
    found: Verified,
}

impl Worker<'_, '_> {
    fn run(&mut self) {
        let ended = Mutex::new(Vec::new());
        let next = || {
            while let Some(entry) = self.entry() {
                if let Some(job) = self.open(entry) {
                    return Some(job);
                }
            }
            None
        };
        md5_many(next, |entry: Entry, result| {
            let expected = entry.file.digest.as_ref().map(|digest| digest.hex.as_str());
            let is_same = |digest: &[u8; 16]| expected == Some(hex_encode(digest).as_str());
            if result.as_ref().is_ok_and(is_same) {
                return;
            }
            let mut ended = ended
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            ended.push((entry, result));
        });
        for (entry, result) in ended
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
        {
            self.digested(&entry, result.map(|digest| hex_encode(&digest)));
        }
    }

    /// The next file of this thread's package, or of the next package that nobody took.
    fn entry(&mut self) -> Option<Entry> {
        loop {
            if let Some(entry) = self.queue.pop_front() {
                return Some(entry);
            }
            let package = self.next.fetch_add(1, Ordering::Relaxed);
            let record = self.records.get(package)?;
            match self.files(record) {
                Ok(files) => self
                    .queue
                    .extend(files.into_iter().map(|(place, file)| Entry {
                        package,
                        place: PathBuf::from(OsStr::from_bytes(&place)),
                        file,
                        is_program: false,
                    })),
                Err(limit) => self.found.limits.push(limit),
            }
        }
    }

    fn files(&self, record: &Record) -> Result<Vec<(Vec<u8>, PackageFile)>, Limit> {
        if record.package.manager != Manager::Dpkg {
            let files = record.files.iter().cloned();
            return Ok(files.map(|file| (file.path.clone(), file)).collect());
        }
        let list = self.info.file(&record.package, "list")?;
        let list = list.map(|bytes| parse_list(&bytes).0);
        let sums = self
            .info
            .file(&record.package, "md5sums")?
            .unwrap_or_default();
        let verified = verified_files(
            &record.package.name,
            list.as_deref(),
            &parse_md5sums(&sums).0,
            &record.files,
            &self.info.diversions,
        );
        Ok(verified
            .into_iter()
            .map(|entry| (entry.place, entry.file))
            .collect())
    }

    /// Looks at a file; what is to be digested by MD5 comes back opened.
    fn open(&mut self, mut entry: Entry) -> Option<(Entry, Box<dyn Read + Send>)> {
        let flags = entry.file.flags;
        let is_left_out = [
            FileFlags::GHOST,
            FileFlags::NOT_INSTALLED,
            FileFlags::NET_SHARED,
        ]
        .into_iter()
        .any(|flag| flags.contains(flag));
        if is_left_out {
            return None;
        }
        let digest = entry
            .file
            .digest
            .clone()
            .filter(|_| Self::compares_content(&entry));
        let Some(digest) = digest else {
            match self.facts.tree().link_metadata(&entry.place) {
                Ok(metadata) => self.without_digest(&entry, metadata.kind),
                Err(error) => self.unreadable(&entry, &error),
            }
            return None;
        };
        let (metadata, reader) = match self.facts.tree().look(&entry.place) {
            Ok(look) => look,
            Err(error) => {
                self.unreadable(&entry, &error);
                return None;
            }
        };
        entry.is_program = metadata.mode & 0o111 != 0 || is_library(&entry.place);
        if metadata.kind == Kind::Link && entry.file.kind == FileKind::NotDirectory {
            self.link(&entry, digest.algorithm);
            return None;
        }
        let Some(reader) = reader else {
            let actual = format!("no regular file but {:?}", metadata.kind).to_lowercase();
            self.changed(&entry, actual);
            return None;
        };
        if digest.algorithm == Algorithm::Md5 {
            return Some((entry, reader));
        }
        if let Some(algorithm) = algorithm_of(digest.algorithm) {
            let result = digest_reader(algorithm, reader).map(|(bytes, _)| hex_encode(&bytes));
            self.digested(&entry, result);
        } else {
            self.found.without_digests.push(self.package(&entry));
        }
        None
    }

    /// Whether the manager itself would compare this file's content.
    fn compares_content(entry: &Entry) -> bool {
        let flags = entry.file.flags;
        let is_content = matches!(
            entry.file.kind,
            FileKind::Regular | FileKind::NotDirectory | FileKind::Unknown
        );
        is_content
            && !flags.contains(FileFlags::REPLACED)
            && !flags.contains(FileFlags::WRONG_COLOR)
            && entry
                .file
                .verify
                .is_none_or(|verify| verify & rpm::verify::DIGEST != 0)
    }

    fn package(&self, entry: &Entry) -> String {
        let record = self.records.get(entry.package);
        record
            .map(|record| record.package.name.clone())
            .unwrap_or_default()
    }

    fn without_digest(&mut self, entry: &Entry, kind: Kind) {
        let is_dpkg = self
            .records
            .get(entry.package)
            .is_some_and(|record| record.package.manager == Manager::Dpkg);
        if is_dpkg && kind == Kind::File && !entry.file.flags.contains(FileFlags::CONFIG) {
            self.found.without_digests.push(self.package(entry));
        }
    }

    /// apk records the digest of a link's target text.
    fn link(&mut self, entry: &Entry, algorithm: Algorithm) {
        let target = self.facts.tree().read_link(&entry.place);
        match (target, algorithm_of(algorithm)) {
            (Ok(target), Some(algorithm)) => {
                let digest = hash::digest(algorithm, target.as_os_str().as_bytes());
                self.digested(entry, Ok(hex_encode(&digest)));
            }
            (Err(error), _) => self.unreadable(entry, &error),
            (Ok(_), None) => {}
        }
    }

    fn unreadable(&mut self, entry: &Entry, error: &TreeError) {
        if !error.is_not_found() {
            self.found.limits.push(Limit::from_error(error));
        } else if !entry.file.flags.contains(FileFlags::MISSING_OK) {
            self.push(entry, Wrong::Missing);
        }
    }

    fn digested(&mut self, entry: &Entry, result: std::io::Result<String>) {
        match result {
            Ok(actual) => {
                let expected = entry.file.digest.as_ref().map(|digest| digest.hex.as_str());
                if expected != Some(actual.as_str()) {
                    self.changed(entry, actual);
                }
            }
            Err(error) => self.found.limits.push(Limit {
                reason: format!("cannot read `{}`: {error}", entry.place.display()),
                privileges: false,
            }),
        }
    }

    fn changed(&mut self, entry: &Entry, actual: String) {
        let expected = entry.file.digest.as_ref().map(|digest| digest.hex.clone());
        let expected = expected.unwrap_or_default();
        self.push(entry, Wrong::Content { expected, actual });
    }

    fn push(&mut self, entry: &Entry, wrong: Wrong) {
        let manager = self
            .records
            .get(entry.package)
            .map(|record| record.package.manager);
        // apk marks no configuration: what lies under /etc is the administrator's.
        let is_config = entry.file.flags.contains(FileFlags::CONFIG)
            || (manager == Some(Manager::Apk) && entry.place.starts_with("/etc"));
        let package = self.package(entry);
        self.found.changes.push(Change {
            package,
            path: entry.place.clone(),
            wrong,
            is_config,
            is_program: entry.is_program,
        });
    }
}

/// Libraries and kernel modules need no execute bit.
fn is_library(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let has = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    name.ends_with(b".so") || has(b".so.") || name.ends_with(b".ko") || has(b".ko.")
}

fn algorithm_of(algorithm: Algorithm) -> Option<hash::Algorithm> {
    match algorithm {
        Algorithm::Md5 => Some(hash::Algorithm::Md5),
        Algorithm::Sha1 => Some(hash::Algorithm::Sha1),
        Algorithm::Sha256 => Some(hash::Algorithm::Sha256),
        Algorithm::Sha384 => Some(hash::Algorithm::Sha384),
        Algorithm::Sha512 => Some(hash::Algorithm::Sha512),
        Algorithm::Sha224 => None,
    }
}
