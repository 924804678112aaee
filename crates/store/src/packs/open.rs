//! Asking one table file.
//!
//! The file lies in a folder of ours, yet it is treated as if somebody else had written it:
//! read-only and immutable (no journal of anybody is replayed), no functions or views of the file
//! are run (`trusted_schema`), its schema must be ours to the letter, and sizes are capped.

use super::active::Version;
use super::table::{Layer, Row, Table, record};
use super::{PackDetail, PacksError};
use casemate_base::encoding::hex_encode;
use casemate_base::hash::{Algorithm, digest_reader};
use casemate_schema::PackInfo;
use casemate_triage::KnowledgeError;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// `cmpk`: marks our table files among all SQLite files.
pub(crate) const APPLICATION_ID: i32 = 0x636d_706b;
/// Of the tables, not of the records.
pub(crate) const LAYOUT: i32 = 1;
/// The tables, in the order of their making.
pub(crate) const SCHEMA: [&str; 2] = [
    "CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE record(kind INTEGER NOT NULL, key TEXT NOT NULL, package TEXT NOT NULL, \
     sub TEXT NOT NULL, date TEXT NOT NULL, body BLOB NOT NULL, \
     PRIMARY KEY(kind, key, package, sub)) WITHOUT ROWID",
];

const ROWS: &str = "SELECT sub, date, body FROM record
    WHERE kind = ?1 AND key = ?2 AND package = ?3 ORDER BY sub";
const HAS: &str = "SELECT 1 FROM record WHERE kind = ?1 AND key = ?2 LIMIT 1";

/// What SQLite may do at most, so that a damaged file cannot make it take much.
const LIMITS: [(Limit, i32); 8] = [
    (Limit::SQLITE_LIMIT_LENGTH, 64 << 20),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 4096),
    (Limit::SQLITE_LIMIT_COLUMN, 16),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 20),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 2),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 8),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
];

/// An open pack version.
pub struct PackFile {
    // One statement at a time: a connection cannot be shared, and a lookup takes microseconds.
    connection: Mutex<Connection>,
    path: PathBuf,
    blake3: String,
    detail: PackDetail,
}

impl PackFile {
    /// Opens a version's file and checks that it is what an import wrote.
    ///
    /// # Errors
    /// [`PacksError::Io`] when it is not there, [`PacksError::Damaged`] when it is anything else.
    pub fn open(folder: &Path, version: &Version) -> Result<Self, PacksError> {
        let path = folder.join(&version.file);
        let metadata = std::fs::symlink_metadata(&path).map_err(|source| PacksError::Io {
            path: path.clone(),
            source,
        })?;
        let damaged = |reason: String| PacksError::Damaged {
            path: path.clone(),
            reason,
        };
        if !metadata.is_file() || metadata.len() != version.bytes {
            let found = metadata.len();
            return Err(damaged(format!(
                "it has {found} bytes, not {}",
                version.bytes
            )));
        }
        let connection = connect(&path).map_err(|error| damaged(error.to_string()))?;
        let detail = check(&connection)
            .map_err(|error| damaged(error.to_string()))?
            .map_err(damaged)?;
        if detail.version != version.version || detail.digest != version.digest {
            return Err(damaged(
                "it holds another pack than the one that was imported".to_owned(),
            ));
        }
        Ok(Self {
            connection: Mutex::new(connection),
            path,
            blake3: version.blake3.clone(),
            detail,
        })
    }

    /// Compares every byte of the file with what the import wrote. Opening compares the length
    /// alone, since a look-up must not read the whole file.
    ///
    /// # Errors
    /// [`PacksError::Damaged`], [`PacksError::Io`].
    pub fn verify(&self) -> Result<(), PacksError> {
        let wrong = |source| PacksError::Io {
            path: self.path.clone(),
            source,
        };
        let file = std::fs::File::open(&self.path).map_err(wrong)?;
        if digest_of(&file).map_err(wrong)? == self.blake3 {
            return Ok(());
        }
        Err(PacksError::Damaged {
            path: self.path.clone(),
            reason: "its digest is not that of the import".to_owned(),
        })
    }

    /// What the pack says of itself.
    #[must_use]
    pub const fn detail(&self) -> &PackDetail {
        &self.detail
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, String>>,
    ) -> Result<T, KnowledgeError> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let answer = question(&connection);
        drop(connection);
        let reason = match answer {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(reason)) => reason,
            Err(error) => error.to_string(),
        };
        let error = PacksError::Damaged {
            path: self.path.clone(),
            reason,
        };
        Err(KnowledgeError {
            reason: error.to_string(),
        })
    }
}

impl Layer for PackFile {
    fn rows(&self, table: Table, key: &str, package: &str) -> Result<Vec<Row>, KnowledgeError> {
        self.ask(|connection| {
            let mut select = connection.prepare_cached(ROWS)?;
            let mut found = select.query(params![table as u8, key, package])?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                let body = row.get_ref(2)?.as_blob()?;
                match record(table, body) {
                    Ok(record) => rows.push(Row {
                        sub: row.get(0)?,
                        date: row.get(1)?,
                        record,
                    }),
                    Err(error) => return Ok(Err(format!("record `{key}`: {error}"))),
                }
            }
            Ok(Ok(rows))
        })
    }

    fn has(&self, table: Table, key: &str) -> Result<bool, KnowledgeError> {
        self.ask(|connection| {
            let mut select = connection.prepare_cached(HAS)?;
            select.exists(params![table as u8, key]).map(Ok)
        })
    }

    fn packs(&self) -> Result<Vec<PackInfo>, KnowledgeError> {
        Ok(vec![self.detail.info()])
    }
}

impl fmt::Debug for PackFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// BLAKE3 of a whole file.
pub(crate) fn digest_of(file: &std::fs::File) -> std::io::Result<String> {
    let (digest, _) = digest_reader(Algorithm::Blake3, file)?;
    Ok(hex_encode(&digest))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri(path), flags)?;
    for (limit, value) in LIMITS {
        connection.set_limit(limit, value)?;
    }
    connection.execute_batch(
        "PRAGMA trusted_schema=OFF; PRAGMA query_only=ON; PRAGMA cell_size_check=ON;
         PRAGMA mmap_size=0;",
    )?;
    Ok(connection)
}

/// The path as SQLite's URI, with everything escaped that is no plain character.
fn uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    // A relative path that began with two slashes would name a host.
    if path.is_relative() {
        uri.push_str("./");
    }
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// Whether this is a table file of ours, and what it says of itself.
fn check(connection: &Connection) -> rusqlite::Result<Result<PackDetail, String>> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    if number("application_id")? != APPLICATION_ID {
        return Ok(Err("it is no pack table".to_owned()));
    }
    let layout = number("user_version")?;
    if layout != LAYOUT {
        return Ok(Err(format!("its layout is {layout}, not {LAYOUT}")));
    }
    let mut select = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY rowid")?;
    let found: Vec<Option<String>> = select
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if !found.iter().map(|sql| sql.as_deref()).eq(SCHEMA.map(Some)) {
        return Ok(Err("its tables are not those of a pack".to_owned()));
    }
    let meta = "SELECT value FROM meta WHERE key = 'pack'";
    let text: Option<String> = connection
        .query_row(meta, [], |row| row.get(0))
        .optional()?;
    let Some(text) = text else {
        return Ok(Err("it does not say which pack it is".to_owned()));
    };
    Ok(serde_json::from_str(&text).map_err(|error| error.to_string()))
}
