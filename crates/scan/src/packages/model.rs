//! What is a package, and what is a file of it, whatever manager keeps them?
//!
//! Paths are bytes and absolute (they begin with `/`), whichever way the database writes them.
//! Versions are the manager's own text with epoch and release; nothing here compares them.

use std::fmt;
use std::io;

/// How many problems of one database are kept; the rest is counted.
const PROBLEMS_MAX: usize = 200;
/// A reason quotes the input; it is cut here.
const REASON_BYTES_MAX: usize = 300;

/// The program whose database a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manager {
    /// Alpine's package keeper.
    Apk,
    /// Debian's package manager.
    Dpkg,
    /// The RPM package manager.
    Rpm,
}

impl Manager {
    /// The name of the manager's command.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
        }
    }
}

/// How far a package's installation has come; the states are dpkg's (man dpkg, "Package states").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing of it is on the system.
    NotInstalled,
    /// Removed, its configuration files are left.
    ConfigFiles,
    /// Installation began and did not end.
    HalfInstalled,
    /// Its files are in place, it was never configured.
    Unpacked,
    /// Configuration began and did not end.
    HalfConfigured,
    /// It waits for another package's trigger.
    TriggersAwaited,
    /// It has been triggered and has not run yet.
    TriggersPending,
    /// In place and configured.
    Installed,
}

/// What the administrator asked dpkg to do with a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Want {
    /// Nothing was asked.
    Unknown,
    /// Keep it installed.
    Install,
    /// Keep it at this version.
    Hold,
    /// Remove it, keep its configuration.
    Deinstall,
    /// Remove it with its configuration.
    Purge,
}

/// The three words of dpkg's `Status` field; for rpm and apk always [`Status::INSTALLED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status {
    /// What was asked.
    pub want: Want,
    /// The package is broken and must be installed again.
    pub needs_reinstall: bool,
    /// What has been reached.
    pub state: State,
}

impl Status {
    /// In place and configured.
    pub const INSTALLED: Self = Self {
        want: Want::Install,
        needs_reinstall: false,
        state: State::Installed,
    };

    /// Its files are in place, so that its version counts, configured or not.
    #[must_use]
    pub fn is_installed(self) -> bool {
        self.state >= State::Unpacked
    }

    /// It is installed, but not as the manager wants it to be.
    #[must_use]
    pub fn is_incomplete(self) -> bool {
        self.is_installed() && (self.state != State::Installed || self.needs_reinstall)
    }
}

/// One package of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The whole version: epoch and release included where there are any.
    pub version: String,
    /// The epoch alone, where one is written.
    pub epoch: Option<u32>,
    /// The architecture as the manager names it; empty where none is written.
    pub arch: String,
    /// The source package it was built from; its own name where no other is written.
    pub source_name: String,
    /// The version of the source package; rpm writes no epoch here.
    pub source_version: String,
    /// Whose database.
    pub manager: Manager,
    /// Installed or not.
    pub status: Status,
    /// The system does not work without it (dpkg).
    pub essential: bool,
    /// dpkg's priority (`required`, `important`, ...).
    pub priority: Option<String>,
    /// Who maintains or packaged it.
    pub maintainer: Option<String>,
    /// The licence as it is written.
    pub license: Option<String>,
    /// Who built it (rpm).
    pub vendor: Option<String>,
    /// The module stream it belongs to (rpm).
    pub modularity_label: Option<String>,
    /// When it was installed, seconds since 1970 (rpm).
    pub installed_at_s: Option<u64>,
}

/// A package with the files that its own record names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The package.
    pub package: Package,
    /// rpm, apk: all its files; dpkg: its configuration files, the others are in `info/*.md5sums`.
    pub files: Vec<PackageFile>,
}

/// Whether a reader collects the files of every package or only the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Packages alone: what an inventory needs, at a tenth of the memory.
    Packages,
    /// Packages and their files.
    Files,
}

/// A digest algorithm that a package manager uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5, 32 hexadecimal digits.
    Md5,
    /// SHA-1, 40 digits.
    Sha1,
    /// SHA-224, 56 digits.
    Sha224,
    /// SHA-256, 64 digits.
    Sha256,
    /// SHA-384, 96 digits.
    Sha384,
    /// SHA-512, 128 digits.
    Sha512,
}

impl Algorithm {
    /// How many hexadecimal digits a digest has.
    #[must_use]
    pub const fn n_digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha224 => 56,
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }

    /// The usual name, lower case without hyphen.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

/// What the content of a file should hash to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    /// With what.
    pub algorithm: Algorithm,
    /// The digest, lower-case hexadecimal, of the length that the algorithm has.
    pub hex: String,
}

impl Digest {
    /// A digest from its hexadecimal text; `None` when it is not one of this algorithm.
    #[must_use]
    pub fn parse(algorithm: Algorithm, text: &[u8]) -> Option<Self> {
        if text.len() != algorithm.n_digits() || !text.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let hex = text
            .iter()
            .map(|&digit| char::from(digit.to_ascii_lowercase()));
        Some(Self {
            algorithm,
            hex: hex.collect(),
        })
    }
}

/// An owner as the database writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A number.
    Id(u32),
    /// A name, to be looked up in the system's own user or group file.
    Name(String),
}

/// What kind of thing a path should be, as far as the database tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// The database does not tell.
    Unknown,
    /// Not a directory: apk does not tell regular files from links.
    NotDirectory,
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, FIFO or socket.
    Special,
}

/// What the manager says about a file, as a set.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct FileFlags(u32);

impl FileFlags {
    /// Configuration: the administrator may change it.
    pub const CONFIG: Self = Self(1);
    /// Documentation.
    pub const DOC: Self = Self(1 << 1);
    /// It may be missing.
    pub const MISSING_OK: Self = Self(1 << 2);
    /// A changed configuration file is kept at an upgrade.
    pub const NO_REPLACE: Self = Self(1 << 3);
    /// Owned but not shipped: it has no content to compare.
    pub const GHOST: Self = Self(1 << 4);
    /// The licence text.
    pub const LICENSE: Self = Self(1 << 5);
    /// A readme.
    pub const README: Self = Self(1 << 6);
    /// Made by the build (debug links).
    pub const ARTIFACT: Self = Self(1 << 7);
    /// dpkg: the current version no longer ships it.
    pub const OBSOLETE: Self = Self(1 << 8);
    /// dpkg: it goes at the next upgrade.
    pub const REMOVE_ON_UPGRADE: Self = Self(1 << 9);
    /// rpm: another package's file took its place; only its existence can be verified.
    pub const REPLACED: Self = Self(1 << 10);
    /// rpm: left out at installation (documentation, languages); it is not verified.
    pub const NOT_INSTALLED: Self = Self(1 << 11);
    /// rpm: on a shared file system; it is not verified.
    pub const NET_SHARED: Self = Self(1 << 12);
    /// rpm: of the other word size; only its existence can be verified.
    pub const WRONG_COLOR: Self = Self(1 << 13);

    const NAMES: [(Self, &'static str); 14] = [
        (Self::CONFIG, "config"),
        (Self::DOC, "doc"),
        (Self::MISSING_OK, "missing_ok"),
        (Self::NO_REPLACE, "no_replace"),
        (Self::GHOST, "ghost"),
        (Self::LICENSE, "license"),
        (Self::README, "readme"),
        (Self::ARTIFACT, "artifact"),
        (Self::OBSOLETE, "obsolete"),
        (Self::REMOVE_ON_UPGRADE, "remove_on_upgrade"),
        (Self::REPLACED, "replaced"),
        (Self::NOT_INSTALLED, "not_installed"),
        (Self::NET_SHARED, "net_shared"),
        (Self::WRONG_COLOR, "wrong_color"),
    ];

    /// No flag.
    pub const NONE: Self = Self(0);

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the flags in this set, always in the same order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(flag, _)| self.contains(*flag))
            .map(|(_, name)| name)
    }
}

impl fmt::Debug for FileFlags {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.names()).finish()
    }
}

/// One file of a package; what the database does not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// Absolute path.
    pub path: Vec<u8>,
    /// What it should be.
    pub kind: FileKind,
    /// What its content should hash to; apk hashes a link's target text.
    pub digest: Option<Digest>,
    /// Permission bits, setuid, setgid and sticky included, without the file type.
    pub mode: Option<u32>,
    /// Its user.
    pub user: Option<Owner>,
    /// Its group.
    pub group: Option<Owner>,
    /// Its length in bytes.
    pub size_bytes: Option<u64>,
    /// Its modification time, seconds since 1970.
    pub modified_at_s: Option<u64>,
    /// What the manager says about it.
    pub flags: FileFlags,
    /// Where a link should lead.
    pub link_target: Option<Vec<u8>>,
    /// rpm: which properties are to be verified (`rpm::verify`).
    pub verify: Option<u32>,
}

impl PackageFile {
    /// A file of which nothing but the path is known; a leading `/` is added, `./` taken away.
    #[must_use]
    pub fn at(path: &[u8]) -> Self {
        Self {
            path: absolute(path),
            kind: FileKind::Unknown,
            digest: None,
            mode: None,
            user: None,
            group: None,
            size_bytes: None,
            modified_at_s: None,
            flags: FileFlags::NONE,
            link_target: None,
            verify: None,
        }
    }
}

/// A path with exactly one leading slash and without leading `./`, as dpkg reads its lists.
pub(crate) fn absolute(path: &[u8]) -> Vec<u8> {
    let mut rest = path;
    while let Some(shorter) = rest.strip_prefix(b"/").or_else(|| rest.strip_prefix(b"./")) {
        rest = shorter;
    }
    if rest == b"." {
        rest = b"";
    }
    [b"/", rest].concat()
}

/// Where in its input something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A line of a text, from 1.
    Line(usize),
    /// A byte of a file, from 0.
    Offset(u64),
    /// A row or header number of a database.
    Record(i64),
}

/// Something in the input that could not be used; everything else was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub location: Location,
    /// What is wrong with it: lower case, no full stop.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location {
            Location::Line(line) => write!(formatter, "line {line}: {}", self.reason),
            Location::Offset(offset) => write!(formatter, "offset {offset}: {}", self.reason),
            Location::Record(record) => write!(formatter, "record {record}: {}", self.reason),
        }
    }
}

/// Collects problems up to a bound, so that a hostile file cannot fill memory with complaints.
#[derive(Debug, Default)]
pub struct Problems {
    kept: Vec<Problem>,
    n_more: usize,
}

impl Problems {
    /// Notes one problem.
    pub fn push(&mut self, location: Location, reason: impl Into<String>) {
        if self.kept.len() < PROBLEMS_MAX {
            let mut reason = reason.into();
            if reason.len() > REASON_BYTES_MAX {
                reason.truncate(reason.floor_char_boundary(REASON_BYTES_MAX));
                reason.push('…');
            }
            self.kept.push(Problem { location, reason });
        } else {
            self.n_more = self.n_more.saturating_add(1);
        }
    }

    /// The problems; when there were too many to keep, the last one says how many more.
    #[must_use]
    pub fn finish(mut self) -> Vec<Problem> {
        if self.n_more > 0 {
            let location = self.kept.last().map(|problem| problem.location);
            self.kept.push(Problem {
                location: location.unwrap_or(Location::Line(0)),
                reason: format!("{} more problems after this one", self.n_more),
            });
        }
        self.kept
    }
}

/// Why a database, or one page or record of it, could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source failed.
    #[error("reading at offset {offset}")]
    Read {
        /// Where.
        offset: u64,
        /// What the source said.
        source: io::Error,
    },
    /// Bytes are claimed that do not exist.
    #[error("{length} bytes at offset {offset} lie outside the {size} bytes there are")]
    Range {
        /// Where.
        offset: u64,
        /// How many.
        length: u64,
        /// How many there are.
        size: u64,
    },
    /// The bytes contradict the format.
    #[error("damaged at offset {offset}: {what}")]
    Damaged {
        /// Where.
        offset: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// The format is known and this variant of it is not.
    #[error("{what} `{value}` is not supported")]
    Unsupported {
        /// What.
        what: &'static str,
        /// Its value.
        value: u64,
    },
    /// Larger than any honest database.
    #[error("{what} `{value}` is more than the limit of {limit}")]
    Limit {
        /// What.
        what: &'static str,
        /// Its value.
        value: u64,
        /// The limit.
        limit: u64,
    },
    /// A table that should be there is not.
    #[error("no table `{name}`")]
    NoTable {
        /// Its name.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Digest, FileFlags, Location, PROBLEMS_MAX, Problems, absolute};

    #[test]
    fn paths_become_absolute() {
        for path in ["usr/bin/x", "./usr/bin/x", "/usr/bin/x", "/./usr/bin/x"] {
            assert_eq!(absolute(path.as_bytes()), b"/usr/bin/x", "{path}");
        }
        assert_eq!(absolute(b"/."), b"/");
        assert_eq!(absolute(b""), b"/");
        assert_eq!(absolute(b"..data"), b"/..data");
    }

    #[test]
    fn a_digest_has_the_length_of_its_algorithm() {
        let text = b"D41D8CD98F00B204E9800998ECF8427E";
        let digest = Digest::parse(Algorithm::Md5, text).unwrap();
        assert_eq!(digest.hex, "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(Digest::parse(Algorithm::Sha1, text), None);
        assert_eq!(
            Digest::parse(Algorithm::Md5, b"D41D8CD98F00B204E9800998ECF8427g"),
            None
        );
    }

    #[test]
    fn flags_are_a_set() {
        let flags = FileFlags::CONFIG.with(FileFlags::GHOST);
        assert!(flags.contains(FileFlags::GHOST) && !flags.contains(FileFlags::DOC));
        assert_eq!(flags.names().collect::<Vec<_>>(), ["config", "ghost"]);
        assert_eq!(format!("{flags:?}"), r#"{"config", "ghost"}"#);
    }

    #[test]
    fn problems_are_bounded_and_counted() {
        let mut problems = Problems::default();
        for line in 0..PROBLEMS_MAX + 3 {
            problems.push(Location::Line(line), "bad");
        }
        let problems = problems.finish();
        assert_eq!(problems.len(), PROBLEMS_MAX + 1);
        let mut long = Problems::default();
        long.push(Location::Line(1), "ä".repeat(200));
        assert_eq!(long.finish()[0].reason, "ä".repeat(150) + "…");
        assert_eq!(
            problems[PROBLEMS_MAX].reason,
            "3 more problems after this one"
        );
    }
}
