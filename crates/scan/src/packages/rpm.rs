//! Which packages and files does rpm hold installed?
//!
//! Turns rpm headers into packages, and reads them from `rpmdb.sqlite`, the form that rpm has
//! written by default since 4.16; the older forms are in `rpm_ndb` and `rpm_bdb`.
//! Source: rpm's `docs/manual/tags.md`, `lib/rpmfi.c`, `lib/backend/sqlite.c`.
//!
//! Invariants: records are sorted by header number; a header without name, version or release is
//! a problem; a file list whose parts differ in length is left out with a problem, and the package
//! is kept.

use super::bytes::index;
use super::model::{
    Algorithm, Detail, Digest, Error, FileFlags, FileKind, Location, Manager, Owner, Package,
    PackageFile, Problem, Problems, Record, Status,
};
use super::rpm_header::{Header, Tag};
use super::source::ReadAt;
use super::sqlite::{Database, Value};

/// More packages than any distribution has.
pub(super) const PACKAGES_MAX: usize = 400_000;
/// Linux's own limit of a path.
const PATH_BYTES_MAX: usize = 4096;
/// A text longer than this is none of those that are kept.
const TEXT_BYTES_MAX: usize = 16 * 1024;

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

/// Reads `rpmdb.sqlite` and, where there is one, `rpmdb.sqlite-wal`.
///
/// # Errors
/// When it is not a database that holds rpm's table.
pub fn read_sqlite(
    main: &dyn ReadAt,
    wal: Option<&dyn ReadAt>,
    detail: Detail,
) -> Result<(Vec<Record>, Vec<Problem>), Error> {
    let (database, mut found) = Database::open(main, wal)?;
    let mut headers = Headers::new(detail);
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
    let (records, problems) = headers.finish();
    found.extend(problems);
    Ok((records, found))
}

/// Collects the headers of a database, whatever its form.
pub(super) struct Headers {
    detail: Detail,
    records: Vec<(i64, Record)>,
    pub(super) problems: Problems,
}

impl Headers {
    pub(super) fn new(detail: Detail) -> Self {
        Self {
            detail,
            records: Vec::new(),
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

    /// Adds the package of one header.
    pub(super) fn add(&mut self, number: i64, blob: &[u8]) {
        let at = Location::Record(number);
        if self.records.len() == PACKAGES_MAX {
            self.problems
                .push(at, format!("more than {PACKAGES_MAX} packages, left out"));
            return;
        }
        match parse(number, blob, self.detail, &mut self.problems) {
            Ok(record) => self.records.push((number, record)),
            Err(reason) => self.problems.push(at, reason),
        }
    }

    pub(super) fn finish(mut self) -> (Vec<Record>, Vec<Problem>) {
        self.records.sort_by_key(|(number, _)| *number);
        let pairs = self.records.windows(2);
        let doubles: Vec<i64> = pairs
            .filter_map(|pair| match pair {
                [(a, _), (b, _)] if a == b => Some(*a),
                _ => None,
            })
            .collect();
        for number in doubles {
            self.problems.push(
                Location::Record(number),
                "a header number that is used twice",
            );
        }
        let records = self.records.into_iter().map(|(_, record)| record).collect();
        (records, self.problems.finish())
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

type Refused = (Tag, &'static str);

/// One array of the file list: as long as the list, or absent.
fn column<T>(
    n_files: usize,
    tag: Tag,
    values: Result<Vec<T>, &'static str>,
) -> Result<Option<Vec<T>>, Refused> {
    let values = values.map_err(|reason| (tag, reason))?;
    match values.len() {
        0 => Ok(None),
        length if length == n_files => Ok(Some(values)),
        _ => Err((tag, "not as long as the file list")),
    }
}

/// The arrays of the file list.
struct Columns<'a> {
    paths: Vec<Option<Vec<u8>>>,
    algorithm: Option<Algorithm>,
    sizes: Option<Vec<u64>>,
    states: Option<Vec<u64>>,
    modes: Option<Vec<u64>>,
    mtimes: Option<Vec<u64>>,
    digests: Option<Vec<&'a [u8]>>,
    links: Option<Vec<&'a [u8]>>,
    flags: Option<Vec<u64>>,
    users: Option<Vec<&'a [u8]>>,
    groups: Option<Vec<&'a [u8]>>,
    verify: Option<Vec<u64>>,
}

fn columns<'a>(
    header: &Header<'a>,
    at: Location,
    problems: &mut Problems,
) -> Result<Columns<'a>, Refused> {
    let paths = paths(header)?;
    let n_files = paths.len();
    let numbers = |tag| column(n_files, tag, header.numbers(tag));
    let texts = |tag| column(n_files, tag, header.strings(tag));
    let sizes = if header.has(Tag::LongFileSizes) {
        numbers(Tag::LongFileSizes)?
    } else {
        numbers(Tag::FileSizes)?
    };
    let written = header
        .number(Tag::FileDigestAlgo)
        .map_err(|reason| (Tag::FileDigestAlgo, reason))?;
    let algorithm = algorithm(written.unwrap_or(0));
    if algorithm.is_none() {
        let value = written.unwrap_or(0);
        problems.push(at, format!("digest algorithm `{value}` is not known"));
    }
    Ok(Columns {
        paths,
        algorithm,
        sizes,
        states: numbers(Tag::FileStates)?,
        modes: numbers(Tag::FileModes)?,
        mtimes: numbers(Tag::FileMtimes)?,
        digests: texts(Tag::FileDigests)?,
        links: texts(Tag::FileLinkTos)?,
        flags: numbers(Tag::FileFlags)?,
        users: texts(Tag::FileUserName)?,
        groups: texts(Tag::FileGroupName)?,
        verify: numbers(Tag::FileVerifyFlags)?,
    })
}

fn files(
    header: &Header<'_>,
    at: Location,
    problems: &mut Problems,
) -> Result<Vec<PackageFile>, Refused> {
    let columns = columns(header, at, problems)?;
    let mut files = Vec::with_capacity(columns.paths.len());
    for (file_idx, path) in columns.paths.iter().enumerate() {
        match path {
            Some(path) => files.push(file(&columns, file_idx, path, at, problems)),
            None => problems.push(at, format!("file {file_idx} has no usable path")),
        }
    }
    Ok(files)
}

fn file(
    columns: &Columns<'_>,
    file_idx: usize,
    path: &[u8],
    at: Location,
    problems: &mut Problems,
) -> PackageFile {
    let number = |values| number_of(values, file_idx);
    let text = |values| text_of(values, file_idx);
    let owner = |values| {
        let name = text_of(values, file_idx).filter(|name| name.len() <= TEXT_BYTES_MAX)?;
        Some(Owner::Name(String::from_utf8_lossy(name).into_owned()))
    };
    let mode = number(&columns.modes).and_then(|mode| u32::try_from(mode).ok());
    let digest = columns.algorithm.zip(text(&columns.digests));
    let digest = digest.and_then(|(algorithm, text)| {
        let digest = Digest::parse(algorithm, text);
        if digest.is_none() {
            let name = algorithm.as_str();
            problems.push(at, format!("the digest of file {file_idx} is not {name}"));
        }
        digest
    });
    PackageFile {
        kind: mode.map_or(FileKind::Unknown, kind),
        digest,
        mode: mode.map(|mode| mode & 0o7777),
        user: owner(&columns.users),
        group: owner(&columns.groups),
        size_bytes: number(&columns.sizes),
        modified_at_s: number(&columns.mtimes),
        flags: flags(number(&columns.flags).unwrap_or(0))
            .with(state(number(&columns.states).unwrap_or(0))),
        link_target: text(&columns.links)
            .filter(|target| target.len() <= PATH_BYTES_MAX)
            .map(<[u8]>::to_vec),
        verify: number(&columns.verify).and_then(|verify| u32::try_from(verify).ok()),
        ..PackageFile::at(path)
    }
}

fn number_of(column: &Option<Vec<u64>>, file_idx: usize) -> Option<u64> {
    column.as_ref()?.get(file_idx).copied()
}

/// A text of a file, where it is not empty: rpm writes an empty one for none.
fn text_of<'a>(column: &Option<Vec<&'a [u8]>>, file_idx: usize) -> Option<&'a [u8]> {
    let text = column.as_ref()?.get(file_idx).copied()?;
    (!text.is_empty()).then_some(text)
}

/// Every path of the file list; `None` where its folder is not there or it is too long.
fn paths(header: &Header<'_>) -> Result<Vec<Option<Vec<u8>>>, Refused> {
    let named = |tag| move |reason| (tag, reason);
    let fits = |path: Vec<u8>| (path.len() <= PATH_BYTES_MAX).then_some(path);
    if !header.has(Tag::BaseNames) {
        let names = header
            .strings(Tag::OldFileNames)
            .map_err(named(Tag::OldFileNames))?;
        return Ok(names.into_iter().map(|name| fits(name.to_vec())).collect());
    }
    let bases = header
        .strings(Tag::BaseNames)
        .map_err(named(Tag::BaseNames))?;
    let folders = header
        .strings(Tag::DirNames)
        .map_err(named(Tag::DirNames))?;
    let indexes = header
        .numbers(Tag::DirIndexes)
        .map_err(named(Tag::DirIndexes))?;
    if indexes.len() != bases.len() {
        return Err((Tag::DirIndexes, "not as long as the file list"));
    }
    let path = |(base, folder_idx): (&[u8], u64)| {
        let folder_idx = u32::try_from(folder_idx).ok()?;
        let folder = folders.get(index(folder_idx))?;
        // The lengths are looked at first: a long folder may be named by every file.
        if folder.len() + base.len() > PATH_BYTES_MAX {
            return None;
        }
        Some([folder, base].concat())
    };
    Ok(bases.into_iter().zip(indexes).map(path).collect())
}

/// The numbers of OpenPGP (RFC 4880, section 9.4); none written means MD5.
fn algorithm(number: u64) -> Option<Algorithm> {
    match number {
        0 | 1 => Some(Algorithm::Md5),
        2 => Some(Algorithm::Sha1),
        8 => Some(Algorithm::Sha256),
        9 => Some(Algorithm::Sha384),
        10 => Some(Algorithm::Sha512),
        11 => Some(Algorithm::Sha224),
        _ => None,
    }
}

fn kind(mode: u32) -> FileKind {
    match mode & 0o170_000 {
        0o100_000 => FileKind::Regular,
        0o040_000 => FileKind::Directory,
        0o120_000 => FileKind::Symlink,
        0 => FileKind::Unknown,
        _ => FileKind::Special,
    }
}

/// `rpm/rpmfiles.h`, `RPMFILE_*`.
fn flags(written: u64) -> FileFlags {
    [
        (1, FileFlags::CONFIG),
        (1 << 1, FileFlags::DOC),
        (1 << 3, FileFlags::MISSING_OK),
        (1 << 4, FileFlags::NO_REPLACE),
        (1 << 6, FileFlags::GHOST),
        (1 << 7, FileFlags::LICENSE),
        (1 << 8, FileFlags::README),
        (1 << 12, FileFlags::ARTIFACT),
    ]
    .into_iter()
    .filter(|(bit, _)| written & bit != 0)
    .fold(FileFlags::NONE, |flags, (_, flag)| flags.with(flag))
}

/// `rpm/rpmfiles.h`, `RPMFILE_STATE_*`; 255 (missing) says nothing that a look would not.
fn state(written: u64) -> FileFlags {
    match written {
        1 => FileFlags::REPLACED,
        2 => FileFlags::NOT_INSTALLED,
        3 => FileFlags::NET_SHARED,
        4 => FileFlags::WRONG_COLOR,
        _ => FileFlags::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::{Headers, source_package, verify};
    use crate::packages::rpm_header::Tag;
    use crate::packages::rpm_header::tests::{Made, blob};
    use crate::packages::{Algorithm, Detail, FileFlags, FileKind, Location, Owner};

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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
        let mut headers = Headers::new(Detail::Files);
        headers.add(2, &blob(&values));
        headers.add(1, &blob(&base()));
        let (records, problems) = headers.finish();
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
        let mut headers = Headers::new(Detail::Files);
        headers.add(1, &blob(&files()));
        let (records, problems) = headers.finish();
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
            let mut headers = Headers::new(Detail::Files);
            headers.add(9, &blob(&values));
            let (records, problems) = headers.finish();
            assert_eq!(records.len(), 1);
            assert!(records[0].files.is_empty());
            assert_eq!(problems[0].location, Location::Record(9), "{problems:?}");
        }
        let mut values = files();
        values.push((Tag::DirIndexes, Made::Numbers(&[0, 7, 1])));
        let mut headers = Headers::new(Detail::Files);
        headers.add(9, &blob(&values));
        assert_eq!(headers.finish().0[0].files.len(), 2);
    }

    #[test]
    fn headers_without_a_version_and_doubles_are_named() {
        let mut headers = Headers::new(Detail::Packages);
        headers.add(4, &blob(&base()[..2]));
        headers.add(5, b"nothing");
        headers.add(6, &blob(&base()));
        headers.add(6, &blob(&base()));
        let (records, problems) = headers.finish();
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
