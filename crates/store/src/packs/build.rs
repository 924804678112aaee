//! Filling a table file: records in any order, one transaction, no journal.
//!
//! The file is thrown away when anything fails, so SQLite need not be able to undo or to survive a
//! crash here; the caller syncs the whole file before it gets its name.

use super::open::{APPLICATION_ID, LAYOUT, SCHEMA};
use super::table::{body, date_of, places};
use super::{PackDetail, PacksError};
use casemate_schema::PackRecord;
use rusqlite::{Connection, OpenFlags, params};
use std::path::{Path, PathBuf};

/// What replaces what within one pack: the newer record, and of two of the same date the later one.
const INSERT: &str = "INSERT INTO record(kind, key, package, sub, date, body)
    VALUES(?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT(kind, key, package, sub)
    DO UPDATE SET date = excluded.date, body = excluded.body WHERE excluded.date >= record.date";

/// A table file in the making.
#[derive(Debug)]
pub struct Builder {
    connection: Connection,
    path: PathBuf,
    n_records: u64,
}

impl Builder {
    /// Begins in an empty file.
    pub(crate) fn begin(path: &Path) -> Result<Self, PacksError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let start = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.execute_batch(&format!(
                "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
                 PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-65536;
                 PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;
                 PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={LAYOUT};
                 BEGIN;"
            ))?;
            for statement in SCHEMA {
                connection.execute(statement, [])?;
            }
            Ok(connection)
        };
        Ok(Self {
            connection: start().map_err(|error| failed(path, &error))?,
            path: path.to_path_buf(),
            n_records: 0,
        })
    }

    /// Adds a record whose source carries this date (RFC 3339, or nothing).
    ///
    /// # Errors
    /// [`PacksError::Build`].
    pub fn add(&mut self, record: PackRecord, source_date: &str) -> Result<(), PacksError> {
        self.n_records += 1;
        let wrong = |reason: String| PacksError::Build {
            path: self.path.clone(),
            reason,
        };
        let mut insert = self
            .connection
            .prepare_cached(INSERT)
            .map_err(|e| failed(&self.path, &e))?;
        for place in places(record) {
            let body = body(&place.record).map_err(|error| wrong(error.to_string()))?;
            let date = date_of(&place.record, source_date);
            insert
                .execute(params![
                    place.table as u8,
                    place.key,
                    place.package,
                    place.sub,
                    date,
                    body
                ])
                .map_err(|error| failed(&self.path, &error))?;
        }
        Ok(())
    }

    /// Records that were added.
    #[must_use]
    pub const fn n_records(&self) -> u64 {
        self.n_records
    }

    /// Writes down what the pack is, and closes the file.
    pub(crate) fn finish(self, detail: &PackDetail) -> Result<(), PacksError> {
        let text = serde_json::to_string(detail).map_err(|error| PacksError::Build {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        let end = || -> rusqlite::Result<()> {
            self.connection
                .execute("INSERT INTO meta(key, value) VALUES('pack', ?1)", [text])?;
            self.connection.execute_batch("COMMIT")
        };
        end().map_err(|error| failed(&self.path, &error))?;
        self.connection.flush_prepared_statement_cache();
        self.connection
            .close()
            .map_err(|(_, error)| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &rusqlite::Error) -> PacksError {
    PacksError::Build {
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}
