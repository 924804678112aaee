//! From the version in the file to the one that this program knows, with a copy made before.
//!
//! The table `version` holds one row for each step that was made. A file of a newer version is
//! refused: what an older program does not know it would lose.

use super::super::RecordsError;
use super::{SqliteRecords, refine};
use casemate_base::time::{Clock, SystemClock};
use rusqlite::{Connection, OptionalExtension as _};
use std::os::unix::fs::OpenOptionsExt as _;

/// Marks the file as casemate's records: `CMre`.
const APPLICATION_ID: i32 = 0x434d_7265;

/// The steps, each from its number to the next.
const STEPS: &[&str] = &[include_str!("schema.sql")];

/// Newest version that is known.
pub const VERSION: i64 = STEPS.len() as i64;

pub(super) fn up_to_date(records: &mut SqliteRecords) -> Result<(), RecordsError> {
    migrate(records, STEPS)
}

fn migrate(records: &mut SqliteRecords, steps: &[&str]) -> Result<(), RecordsError> {
    let path = records.path.clone();
    let supported = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let version =
        |connection: &Connection| version(connection).map_err(|error| refine(&path, error.into()));
    let found = version(&records.connection)?;
    if found == supported {
        return Ok(());
    }
    if found > supported {
        return Err(RecordsError::Newer {
            path,
            found,
            supported,
        });
    }
    if found == 0 && !is_empty(&records.connection).map_err(|error| records.wrong(error))? {
        return Err(RecordsError::NotOurs { path });
    }
    if found > 0 {
        back_up(records, found)?;
    }
    let transaction = records.begin()?;
    // Another process may have been faster.
    let found = version(&transaction)?;
    let now = SystemClock::new().now().to_string();
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    let work = || -> rusqlite::Result<()> {
        if found == 0 {
            transaction.execute_batch(
                "CREATE TABLE version (version INTEGER PRIMARY KEY, made_at TEXT NOT NULL) STRICT",
            )?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        for (number, step) in (1_i64..).zip(steps).skip(done) {
            transaction.execute_batch(step)?;
            transaction.execute(
                "INSERT INTO version (version, made_at) VALUES (?1, ?2)",
                (number, &now),
            )?;
        }
        Ok(())
    };
    work().map_err(|error| refine(&path, error.into()))?;
    transaction
        .commit()
        .map_err(|error| refine(&path, error.into()))
}

/// The version of the file; 0 for one that has none.
fn version(connection: &Connection) -> rusqlite::Result<i64> {
    let ours: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if ours != APPLICATION_ID {
        return Ok(0);
    }
    connection
        .query_row("SELECT max(version) FROM version", [], |row| row.get(0))
        .optional()
        .map(Option::unwrap_or_default)
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    // Another process that is making the file at this moment marks it in the same transaction.
    let ours: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let n: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(n == 0 || ours == APPLICATION_ID)
}

/// Copies the file as it is beside itself: `records.sqlite.version-N`. A copy that is there already
/// is of an attempt that was cut short, and is replaced.
fn back_up(records: &SqliteRecords, found: i64) -> Result<(), RecordsError> {
    let Some(name) = records.connection.path().filter(|name| !name.is_empty()) else {
        return Ok(());
    };
    let copy = format!("{name}.version-{found}");
    let wrong = |reason: String| RecordsError::Open {
        path: copy.clone().into(),
        reason,
    };
    // `VACUUM INTO` takes an empty file, and so the copy has the mode of the records.
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&copy)
        .map_err(|error| wrong(error.to_string()))?;
    records
        .connection
        .execute("VACUUM INTO ?1", [&copy])
        .map_err(|error| wrong(error.to_string()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{FILE, Records};

    #[test]
    fn a_migration_keeps_a_copy_and_a_newer_file_is_refused() {
        let dir = tempfile::tempdir().expect("folder");
        drop(SqliteRecords::open(dir.path()).expect("records"));
        let next: Vec<&str> = STEPS
            .iter()
            .copied()
            .chain(["CREATE TABLE more (number INTEGER PRIMARY KEY) STRICT"])
            .collect();
        let mut records = SqliteRecords::open(dir.path()).expect("records");
        migrate(&mut records, &next).expect("migrated");
        let copy = dir.path().join(format!("{FILE}.version-{VERSION}"));
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&copy).expect("a copy").permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        drop(records);
        let error = SqliteRecords::open(dir.path()).expect_err("newer");
        assert!(
            matches!(error, RecordsError::Newer { found, supported, .. }
                if found == VERSION + 1 && supported == VERSION),
            "{error}"
        );
        // The copy is what it was before.
        #[expect(
            clippy::disallowed_methods,
            reason = "a person puts the copy back by hand"
        )]
        std::fs::rename(&copy, dir.path().join(FILE)).expect("restored");
        for rest in ["-wal", "-shm"] {
            drop(std::fs::remove_file(
                dir.path().join(format!("{FILE}{rest}")),
            ));
        }
        let records = SqliteRecords::open(dir.path()).expect("the copy opens");
        assert_eq!(records.verify().expect("whole").entries, 0);
    }

    #[test]
    fn what_is_not_ours_or_damaged_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join(FILE);
        let other = Connection::open(&path).expect("a database");
        other
            .execute_batch("CREATE TABLE theirs (x TEXT)")
            .expect("a table");
        drop(other);
        let error = SqliteRecords::open(dir.path()).expect_err("not ours");
        assert!(matches!(error, RecordsError::NotOurs { .. }), "{error}");
        put(
            &path,
            b"these are only words, and many of them, again and again",
        );
        let error = SqliteRecords::open(dir.path()).expect_err("no database");
        assert!(matches!(error, RecordsError::Damaged { .. }), "{error}");
    }

    #[expect(clippy::disallowed_methods, reason = "the test damages the file")]
    fn put(path: &std::path::Path, bytes: &[u8]) {
        std::fs::write(path, bytes).expect("written");
    }
}
