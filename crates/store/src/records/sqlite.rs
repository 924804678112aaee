//! The records in one SQLite file.
//!
//! Write-ahead log, `synchronous = FULL` (what was acknowledged survives a kill and a loss of
//! power), foreign keys, no trust in the schema's functions, mode 0600. Every write is one
//! transaction that takes the write lock before it reads, so that two processes follow each other.

mod batch;
mod decide;
mod migrate;
mod plain;
mod read;
mod write;

pub use migrate::VERSION;

use super::{
    Author, Baseline, Batch, CaseChange, CaseStanding, ChainEnd, Entry, Event, Group, Proposal,
    Record, Records, RecordsError,
};
use casemate_base::Timestamp;
use casemate_base::storage::{Modes, RealDisk};
use casemate_base::time::{Clock, SystemClock};
use casemate_schema::{Changes, Decision, Text};
use casemate_triage::Apart;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the file in the data directory.
pub const FILE: &str = "records.sqlite";

/// How long one process waits for another.
const BUSY: Duration = Duration::from_secs(20);

/// The records in a file, or in memory for tests.
#[derive(Debug)]
pub struct SqliteRecords {
    path: PathBuf,
    connection: Connection,
}

impl SqliteRecords {
    /// Opens the records of a data directory; makes folder and file where they are missing.
    ///
    /// # Errors
    /// [`RecordsError::Open`], [`RecordsError::Newer`], [`RecordsError::NotOurs`],
    /// [`RecordsError::Damaged`] or [`RecordsError::Busy`].
    pub fn open(data_dir: &Path) -> Result<Self, RecordsError> {
        let path = data_dir.join(FILE);
        let wrong = |reason: String| RecordsError::Open {
            path: path.clone(),
            reason,
        };
        RealDisk::create(data_dir, Modes::default()).map_err(|error| wrong(error.to_string()))?;
        // The database makes its other files with the mode of this one.
        std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| wrong(error.to_string()))?;
        Self::open_file(&path)
    }

    /// Opens the records of a data directory if there are any.
    ///
    /// # Errors
    /// As [`SqliteRecords::open`].
    pub fn open_existing(data_dir: &Path) -> Result<Option<Self>, RecordsError> {
        let path = data_dir.join(FILE);
        match std::fs::metadata(&path) {
            Ok(found) if found.len() > 0 => Self::open_file(&path).map(Some),
            // A first process may just have made the file.
            Ok(_) => Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(RecordsError::Open {
                path,
                reason: error.to_string(),
            }),
        }
    }

    /// Records that live as long as the value, for tests.
    ///
    /// # Errors
    /// [`RecordsError::Open`].
    pub fn in_memory() -> Result<Self, RecordsError> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| RecordsError::Open {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let mut records = Self { path, connection };
        records.prepare()?;
        migrate::up_to_date(&mut records)?;
        Ok(records)
    }

    fn open_file(path: &Path) -> Result<Self, RecordsError> {
        let wrong = |reason: String| RecordsError::Open {
            path: path.to_path_buf(),
            reason,
        };
        // A link in place of the file is not followed; links on the way to the folder are.
        let folder = path.parent().unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(folder).map_err(|error| wrong(error.to_string()))?;
        let real = folder.join(FILE);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection =
            Connection::open_with_flags(&real, flags).map_err(|error| wrong(error.to_string()))?;
        let mut records = Self {
            path: path.to_path_buf(),
            connection,
        };
        records.prepare()?;
        migrate::up_to_date(&mut records)?;
        Ok(records)
    }

    /// The connection's settings. The first one that reads the file finds out what it is.
    fn prepare(&mut self) -> Result<(), RecordsError> {
        let set = |connection: &Connection| -> rusqlite::Result<()> {
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "cell_size_check", true)?;
            connection.set_prepared_statement_cache_capacity(64);
            Ok(())
        };
        set(&self.connection).map_err(|error| self.wrong(error))?;
        self.write_ahead()
    }

    /// Turns the write-ahead log on. Two processes that do so at the same moment get `busy` at once
    /// whatever the timeout says, so this waits by itself.
    fn write_ahead(&self) -> Result<(), RecordsError> {
        const TRIES: u32 = 200;
        let clock = SystemClock::new();
        for _ in 0..TRIES {
            let result =
                self.connection
                    .pragma_update_and_check(None, "journal_mode", "WAL", |row| {
                        row.get::<_, String>(0)
                    });
            match result {
                Ok(_) => return Ok(()),
                Err(error) if is_busy(&error) => clock.sleep(Duration::from_millis(50)),
                Err(error) => return Err(self.wrong(error)),
            }
        }
        Err(RecordsError::Busy {
            path: self.path.clone(),
        })
    }

    /// A transaction that holds the write lock from its beginning.
    fn begin(&mut self) -> Result<Transaction<'_>, RecordsError> {
        let path = self.path.clone();
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| classify(&path, error, None))
    }

    /// An error of the database as ours; damage is looked into.
    fn wrong(&self, error: rusqlite::Error) -> RecordsError {
        classify(&self.path, error, Some(&self.connection))
    }

    /// Runs a write in one transaction: all of it, or nothing.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        let path = self.path.clone();
        let transaction = self.begin()?;
        let result = work(&transaction).map_err(|error| refine(&path, error))?;
        transaction
            .commit()
            .map_err(|error| classify(&path, error, None))?;
        Ok(result)
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        work(&self.connection).map_err(|error| refine(&self.path, error))
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

impl From<rusqlite::Error> for RecordsError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

/// Gives an error of the database that came from inside of a piece of work its class.
fn refine(path: &Path, error: RecordsError) -> RecordsError {
    match error {
        RecordsError::Database(source) => match source.downcast::<rusqlite::Error>() {
            Ok(error) => classify(path, *error, None),
            Err(source) => RecordsError::Database(source),
        },
        other => other,
    }
}

fn classify(path: &Path, error: rusqlite::Error, open: Option<&Connection>) -> RecordsError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        _ if is_busy(&error) => RecordsError::Busy { path },
        Some(ErrorCode::NotADatabase) => RecordsError::Damaged {
            path,
            detail: "it is no database, or its beginning is overwritten".to_owned(),
        },
        Some(ErrorCode::DatabaseCorrupt) => {
            let found = open.and_then(|connection| {
                connection
                    .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
                    .ok()
            });
            RecordsError::Damaged {
                path,
                detail: found.unwrap_or_else(|| error.to_string()),
            }
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            RecordsError::Open {
                path,
                reason: error.to_string(),
            }
        }
        _ => RecordsError::Database(Box::new(error)),
    }
}

impl Records for SqliteRecords {
    fn record(&mut self, batch: &Batch) -> Result<Vec<Changes>, RecordsError> {
        self.write(|transaction| batch::record(transaction, batch))
    }

    fn compare(&mut self, batch: &Batch) -> Result<Vec<Changes>, RecordsError> {
        let path = self.path.clone();
        let transaction = self.begin()?;
        // Dropped without a commit, the transaction leaves nothing behind.
        batch::record(&transaction, batch).map_err(|error| refine(&path, error))
    }

    fn findings(&self, case: Option<&str>) -> Result<Vec<Record>, RecordsError> {
        self.read(|connection| read::findings(connection, case))
    }

    fn finding(&self, key: &str) -> Result<Option<Record>, RecordsError> {
        self.read(|connection| read::finding(connection, key))
    }

    fn history(&self, key: &str) -> Result<Vec<Event>, RecordsError> {
        self.read(|connection| read::history(connection, key))
    }

    fn decide(
        &mut self,
        author: &Author,
        why: &str,
        proposals: &[Proposal],
    ) -> Result<Vec<Option<Decision>>, RecordsError> {
        self.write(|transaction| decide::decide(transaction, author, why, proposals))
    }

    fn entry(&self, number: u64) -> Result<Option<Entry>, RecordsError> {
        self.read(|connection| read::entry(connection, number))
    }

    fn entries(&self, subject: Option<&str>) -> Result<Vec<Entry>, RecordsError> {
        self.read(|connection| read::entries(connection, subject))
    }

    fn split(
        &mut self,
        author: &Author,
        why: &str,
        group: &Group,
        out: &BTreeSet<Text>,
    ) -> Result<Decision, RecordsError> {
        self.write(|transaction| decide::split(transaction, author, why, group, out))
    }

    fn apart(&self) -> Result<Apart, RecordsError> {
        self.read(read::apart)
    }

    fn groups(&self) -> Result<Vec<Group>, RecordsError> {
        self.read(read::groups)
    }

    fn set_case(&mut self, change: &CaseChange) -> Result<u64, RecordsError> {
        self.write(|transaction| decide::set_case(transaction, change))
    }

    fn cases(&self) -> Result<BTreeMap<Text, CaseStanding>, RecordsError> {
        self.read(read::cases)
    }

    fn verify(&self) -> Result<ChainEnd, RecordsError> {
        self.read(read::verify)
    }

    fn observe(
        &mut self,
        host: &str,
        report: &str,
        at: Timestamp,
        facts: &BTreeSet<Text>,
    ) -> Result<(), RecordsError> {
        self.write(|transaction| write::observe(transaction, host, report, at, facts))
    }

    fn baseline(&self, facts: &BTreeSet<Text>) -> Result<BTreeMap<Text, Baseline>, RecordsError> {
        self.read(|connection| read::baseline(connection, facts))
    }

    fn baseline_hosts(&self) -> Result<BTreeSet<Text>, RecordsError> {
        self.read(read::baseline_hosts)
    }

    fn export(&self, out: &mut dyn Write) -> Result<(), RecordsError> {
        self.read(|connection| plain::export(connection, out))
    }

    fn import(&mut self, lines: &mut dyn BufRead) -> Result<u64, RecordsError> {
        self.write(|transaction| plain::import(transaction, lines))
    }
}
