//! Which kind of failure is this? Every error type of every crate answers with one of ten words,
//! so that exit codes and HTTP statuses are each one table.
//!
//! Invariant: a kind says who has to act, not what went wrong; the facts stay in the error itself.

use std::fmt;
use std::io;

/// The kind of a failure, by who has to act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// What the user passed in (an argument, a file, a request body) is wrong.
    Input,
    /// The configuration is wrong; the operator must change it.
    Config,
    /// The named thing does not exist.
    NotFound,
    /// The thing is there already, or changed in between.
    Conflict,
    /// A documented limit (size, depth, ratio, count, time) was reached.
    Limit,
    /// Stored or transferred bytes are damaged.
    Corrupt,
    /// Something outside (a disk, a service) does not work now; trying later may help.
    Unavailable,
    /// Permission is missing.
    Denied,
    /// The operation was stopped on request.
    Cancelled,
    /// A defect of this program.
    Bug,
}

impl ErrorKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Input,
        Self::Config,
        Self::NotFound,
        Self::Conflict,
        Self::Limit,
        Self::Corrupt,
        Self::Unavailable,
        Self::Denied,
        Self::Cancelled,
        Self::Bug,
    ];

    /// The stable word for this kind, as it stands in JSON and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Config => "config",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Limit => "limit",
            Self::Corrupt => "corrupt",
            Self::Unavailable => "unavailable",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Bug => "bug",
        }
    }

    /// The kind of a failed operating system call.
    ///
    /// Damaged content and wrong input share codes there, so this maps only what the code proves.
    pub fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied,
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => Self::Conflict,
            io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename => Self::Input,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Self::Corrupt,
            io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => Self::Limit,
            _ => Self::Unavailable,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn words_are_distinct_and_lower_case() {
        let words: BTreeSet<&str> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(words.len(), ErrorKind::ALL.len());
        for word in words {
            assert!(
                word.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{word}"
            );
        }
    }

    #[test]
    fn operating_system_codes_map_to_who_must_act() {
        // Numbers from errno(3) on Linux: ENOENT, EACCES, EEXIST, ENOSPC, EIO, EROFS, ENOTDIR.
        let cases = [
            (2, ErrorKind::NotFound),
            (13, ErrorKind::Denied),
            (17, ErrorKind::Conflict),
            (28, ErrorKind::Unavailable),
            (5, ErrorKind::Unavailable),
            (30, ErrorKind::Denied),
            (20, ErrorKind::Input),
        ];
        for (errno, expected) in cases {
            let error = io::Error::from_raw_os_error(errno);
            assert_eq!(ErrorKind::of_io(&error), expected, "errno {errno}");
        }
    }
}
