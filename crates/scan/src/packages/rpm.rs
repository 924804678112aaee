//! Which packages and files does rpm hold installed?
//!
//! Turns rpm headers into packages, and reads them from `rpmdb.sqlite`, the form that rpm has
//! written by default since 4.16; the older forms are in `rpm_ndb` and `rpm_bdb`.
//! Source: rpm's `docs/manual/tags.md`, `lib/rpmfi.c`, `lib/backend/sqlite.c`.
//!
//! Invariants: records are handed over one by one in the order of their header numbers, so that no
//! more than one package's files stand in memory; a header without name, version or release is
//! a problem; a file list whose parts differ in length is left out with a problem, and the package
//! is kept.

use super::model::{Detail, Error, Location, Manager, Package, Problem, Problems, Record, Status};
use super::rpm_files::files;
use super::rpm_header::{Header, Tag};
use super::source::ReadAt;
use super::sqlite::{Database, Value};

/// More packages than any distribution has.
const PACKAGES_MAX: usize = 400_000;
/// A text longer than this is none of those that are kept.
pub(super) const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Which properties of a file rpm verifies: the bits of [`PackageFile::verify`]
/// (`rpm/rpmvf.h`, `RPMVERIFY_*`).
pub mod verify {
    /// The content's digest.
    pub const DIGEST: u32 = 1;
    /// The length.
    pub const SIZE: u32 = 1 << 1;
    /// The target of a link.
    pub const LINK_TARGET: u32 = 1 << 2;
    /// The user.
    pub const USER: u32 = 1 << 3;
    /// The group.
    pub const GROUP: u32 = 1 << 4;
    /// The modification time.
    pub const MODIFIED_AT: u32 = 1 << 5;
    /// The permissions.
    pub const MODE: u32 = 1 << 6;
    /// The device number.
    pub const DEVICE: u32 = 1 << 7;
    /// The capabilities.
    pub const CAPABILITIES: u32 = 1 << 8;
}

/// Reads `rpmdb.sqlite` and, where there is one, `rpmdb.sqlite-wal`; `sink` gets every package.
///
/// # Errors
/// When it is not a database that holds rpm's table.
pub fn read_sqlite(
    main: &dyn ReadAt,
    wal: Option<&dyn ReadAt>,
    detail: Detail,
    sink: &mut dyn FnMut(Record),
) -> Result<Vec<Problem>, Error> {
    let (database, mut problems) = Database::open(main, wal)?;
    let mut headers = Headers::new(detail, sink);
    for row in database.rows("Packages")? {
        match row {
            Err(error) => headers.damaged(&error),
            Ok(row) => match row.values.get(1) {
                Some(Value::Blob(blob)) => headers.add(row.rowid, blob),
                _ => headers
                    .problems
                    .push(Location::Record(row.rowid), "a row without header"),
            },
        }
    }
    problems.extend(headers.finish());
    Ok(problems)
}

/// Takes the headers of a database, whatever its form, in the order of their numbers.
pub(super) struct Headers<'k> {
    detail: Detail,
    sink: &'k mut dyn FnMut(Record),
    n_records: usize,
    last: Option<i64>,
    pub(super) problems: Problems,
}

impl<'k> Headers<'k> {
    pub(super) fn new(detail: Detail, sink: &'k mut dyn FnMut(Record)) -> Self {
        Self {
            detail,
            sink,
            n_records: 0,
            last: None,
            problems: Problems::default(),
        }
    }

    /// Notes a part of the database that cannot be read.
    pub(super) fn damaged(&mut self, error: &Error) {
        let at = match error {
            Error::Damaged { offset, .. }
            | Error::Range { offset, .. }
            | Error::Read { offset, .. } => *offset,
            _ => 0,
        };
        self.problems.push(Location::Offset(at), error.to_string());
    }

    /// Hands on the package of one header.
    pub(super) fn add(&mut self, number: i64, blob: &[u8]) {
        let at = Location::Record(number);
        if self.n_records == PACKAGES_MAX {
            self.problems
                .push(at, format!("more than {PACKAGES_MAX} packages, left out"));
            return;
        }
        if self.last.is_some_and(|last| last >= number) {
            self.problems
                .push(at, "a header number that is used twice or out of order");
        }
        self.last = Some(number);
        match parse(number, blob, self.detail, &mut self.problems) {
            Ok(record) => {
                self.n_records += 1;
                (self.sink)(record);
            }
            Err(reason) => self.problems.push(at, reason),
        }
    }

    pub(super) fn finish(self) -> Vec<Problem> {
        self.problems.finish()
    }
}

fn parse(
    number: i64,
    blob: &[u8],
    detail: Detail,
    problems: &mut Problems,
) -> Result<Record, String> {
    let header = Header::parse(blob).map_err(|error| error.to_string())?;
    let at = Location::Record(number);
    let mut text = |tag: Tag| text(&header, tag, at, problems);
    let (Some(name), Some(version), Some(release)) =
        (text(Tag::Name), text(Tag::Version), text(Tag::Release))
    else {
        return Err("a header without name, version or release".to_owned());
    };
    let version_release = format!("{version}-{release}");
    let source = text(Tag::SourceRpm);
    let (source_name, source_version) = source
        .as_deref()
        .and_then(source_package)
        .unwrap_or_else(|| (name.clone(), version_release.clone()));
    let arch = text(Tag::Arch).unwrap_or_default();
    let maintainer = text(Tag::Packager);
    let license = text(Tag::License);
    let vendor = text(Tag::Vendor);
    let modularity_label = text(Tag::ModularityLabel).filter(|label| !label.is_empty());
    let mut number = |tag: Tag| {
        header.number(tag).unwrap_or_else(|reason| {
            problems.push(at, format!("tag {tag:?} is {reason}"));
            None
        })
    };
    let epoch = number(Tag::Epoch).and_then(|epoch| u32::try_from(epoch).ok());
    let installed_at_s = number(Tag::InstallTime);
    let package = Package {
        version: match epoch {
            Some(epoch) => format!("{epoch}:{version_release}"),
            None => version_release,
        },
        epoch,
        arch,
        source_name,
        source_version,
        manager: Manager::Rpm,
        status: Status::INSTALLED,
        essential: false,
        priority: None,
        maintainer,
        license,
        vendor,
        modularity_label,
        installed_at_s,
        name,
    };
    let files = match detail {
        Detail::Packages => Vec::new(),
        Detail::Files => files(&header, at, problems).unwrap_or_else(|(tag, reason)| {
            problems.push(at, format!("no files: tag {tag:?} is {reason}"));
            Vec::new()
        }),
    };
    Ok(Record { package, files })
}

fn text(header: &Header<'_>, tag: Tag, at: Location, problems: &mut Problems) -> Option<String> {
    match header.string(tag) {
        Err(reason) => {
            problems.push(at, format!("tag {tag:?} is {reason}"));
            None
        }
        Ok(Some(bytes)) if bytes.len() > TEXT_BYTES_MAX => {
            let reason = format!("tag {tag:?} is longer than {TEXT_BYTES_MAX} bytes");
            problems.push(at, reason);
            None
        }
        Ok(bytes) => bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// `name-version-release.src.rpm` as name and version with release.
fn source_package(file_name: &str) -> Option<(String, String)> {
    let stem = file_name
        .strip_suffix(".src.rpm")
        .or_else(|| file_name.strip_suffix(".nosrc.rpm"))?;
    let mut parts = stem.rsplitn(3, '-');
    let release = parts.next()?;
    let version = parts.next()?;
    let name = parts.next().filter(|name| !name.is_empty())?;
    Some((name.to_owned(), format!("{version}-{release}")))
}

#[cfg(test)]
mod tests {
    use super::{Headers, source_package, verify};
    use crate::packages::rpm_header::Tag;
    use crate::packages::rpm_header::tests::{Made, blob};
    use crate::packages::{
        Algorithm, Detail, FileFlags, FileKind, Location, Owner, Problem, Record,
    };

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn read(blobs: &[(i64, Vec<u8>)]) -> (Vec<Record>, Vec<Problem>) {
        let mut records = Vec::new();
        let mut sink = |record| records.push(record);
        let mut headers = Headers::new(Detail::Files, &mut sink);
        for (number, blob) in blobs {
            headers.add(*number, blob);
        }
        let problems = headers.finish();
        (records, problems)
    }

    fn base() -> Vec<(Tag, Made<'static>)> {
        vec![
            (Tag::Name, Made::Text("bash")),
            (Tag::Version, Made::Text("5.2")),
            (Tag::Release, Made::Text("3.fc40")),
        ]
    }

    fn files() -> Vec<(Tag, Made<'static>)> {
        let mut values = base();
        values.extend([
            (Tag::BaseNames, Made::Texts(&["bash", "sh", "bashrc"])),
            (Tag::DirNames, Made::Texts(&["/usr/bin/", "/etc/"])),
            (Tag::DirIndexes, Made::Numbers(&[0, 0, 1])),
            (Tag::FileDigests, Made::Texts(&[EMPTY, "", "12"])),
            (Tag::FileDigestAlgo, Made::Numbers(&[8])),
            (
                Tag::FileModes,
                Made::Words(&[0o104_755, 0o120_777, 0o100_640]),
            ),
            (Tag::FileSizes, Made::Numbers(&[0, 4, 12])),
            (Tag::FileFlags, Made::Numbers(&[0, 0, 1 | 16 | 64])),
            (Tag::FileStates, Made::Bytes(&[0, 4, 255])),
            (Tag::FileUserName, Made::Texts(&["root", "root", "daemon"])),
            (Tag::FileLinkTos, Made::Texts(&["", "bash", ""])),
            (Tag::FileVerifyFlags, Made::Numbers(&[u32::MAX, 1, 0])),
        ]);
        values
    }

    #[test]
    fn a_header_becomes_a_package() {
        let mut values = base();
        values.extend([
            (Tag::Epoch, Made::Numbers(&[0])),
            (Tag::Arch, Made::Text("x86_64")),
            (Tag::SourceRpm, Made::Text("bash-doc-5.2-3.fc40.src.rpm")),
            (Tag::License, Made::Text("GPLv3+")),
            (Tag::ModularityLabel, Made::Text("")),
            (Tag::InstallTime, Made::Numbers(&[1_700_000_000])),
        ]);
        let (records, problems) = read(&[(1, blob(&base())), (2, blob(&values))]);
        assert_eq!(problems, []);
        let package = &records[1].package;
        assert_eq!(package.version, "0:5.2-3.fc40");
        assert_eq!(package.epoch, Some(0));
        assert_eq!(package.source_name, "bash-doc");
        assert_eq!(package.source_version, "5.2-3.fc40");
        assert_eq!(package.modularity_label, None);
        assert_eq!(package.installed_at_s, Some(1_700_000_000));
        assert_eq!(records[0].package.version, "5.2-3.fc40");
        assert_eq!(records[0].package.source_name, "bash");
    }

    #[test]
    fn files_are_joined_from_their_arrays() {
        let (records, problems) = read(&[(1, blob(&files()))]);
        let [bash, sh, bashrc] = records[0].files.as_slice() else {
            panic!("three files: {records:?}");
        };
        assert_eq!(bash.path, b"/usr/bin/bash");
        assert_eq!((bash.mode, bash.kind), (Some(0o4755), FileKind::Regular));
        let digest = bash.digest.as_ref().unwrap();
        assert_eq!(
            (digest.algorithm, digest.hex.as_str()),
            (Algorithm::Sha256, EMPTY)
        );
        assert_eq!(bash.verify.unwrap() & verify::MODE, verify::MODE);
        assert_eq!(
            (sh.kind, sh.link_target.as_deref()),
            (FileKind::Symlink, Some(b"bash".as_slice()))
        );
        assert_eq!(sh.flags, FileFlags::WRONG_COLOR);
        assert_eq!(bashrc.path, b"/etc/bashrc");
        let flags: Vec<_> = bashrc.flags.names().collect();
        assert_eq!(flags, ["config", "no_replace", "ghost"]);
        assert_eq!(bashrc.user, Some(Owner::Name("daemon".to_owned())));
        assert_eq!((bashrc.size_bytes, bashrc.group.as_ref()), (Some(12), None));
        let reasons: Vec<_> = problems
            .iter()
            .map(|problem| problem.reason.as_str())
            .collect();
        assert_eq!(reasons, ["the digest of file 2 is not sha256"]);
    }

    #[test]
    fn a_list_that_does_not_fit_costs_the_files_and_not_the_package() {
        for (tag, value) in [
            (Tag::DirIndexes, Made::Numbers(&[0])),
            (Tag::FileSizes, Made::Numbers(&[1, 2, 3, 4])),
            (Tag::FileModes, Made::Text("x")),
        ] {
            let mut values = files();
            values.push((tag, value));
            let (records, problems) = read(&[(9, blob(&values))]);
            assert_eq!(records.len(), 1);
            assert!(records[0].files.is_empty());
            assert_eq!(problems[0].location, Location::Record(9), "{problems:?}");
        }
        let mut values = files();
        values.push((Tag::DirIndexes, Made::Numbers(&[0, 7, 1])));
        assert_eq!(read(&[(9, blob(&values))]).0[0].files.len(), 2);
    }

    #[test]
    fn headers_without_a_version_and_doubles_are_named() {
        let (records, problems) = read(&[
            (4, blob(&base()[..2])),
            (5, b"nothing".to_vec()),
            (6, blob(&base())),
            (6, blob(&base())),
        ]);
        assert_eq!(records.len(), 2);
        let at: Vec<_> = problems.iter().map(|problem| problem.location).collect();
        assert_eq!(at, [4, 5, 6].map(Location::Record));
    }

    #[test]
    fn source_packages_are_split_from_the_right() {
        let split = |name| source_package(name).map(|(name, version)| name + " " + &version);
        assert_eq!(split("a-b-1.0-2.src.rpm").as_deref(), Some("a-b 1.0-2"));
        assert_eq!(split("a-1-2.nosrc.rpm").as_deref(), Some("a 1-2"));
        for refused in ["(none)", "a-1.src.rpm", "-1-2.src.rpm", "a-1-2.rpm", ""] {
            assert_eq!(split(refused), None, "{refused}");
        }
    }
}
