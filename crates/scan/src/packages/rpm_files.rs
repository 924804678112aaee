//! Which files does an rpm header list, and what does it say of each?
//!
//! rpm keeps a file list as arrays, one a property, in the same order.
//! Source: rpm's `docs/manual/tags.md`, sections "Installed file information" and "File
//! information", and `lib/rpmfi.c`.
//!
//! Invariants: every array is as long as the list or absent, else there is no list; a path is no
//! longer than Linux allows, so that one long folder name cannot be multiplied by its files.

use super::bytes::index;
use super::model::{
    Algorithm, Digest, FileFlags, FileKind, Location, Owner, PackageFile, Problems,
};
use super::rpm::TEXT_BYTES_MAX;
use super::rpm_header::{Header, Tag};

/// Linux's own limit of a path.
const PATH_BYTES_MAX: usize = 4096;

/// A tag that cannot be used, and why.
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

/// The files of a header in its order.
///
/// # Errors
/// When an array of the list is damaged or not as long as the list.
pub(super) fn files(
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
