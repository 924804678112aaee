//! Does the SQLite reader see the rows that SQLite sees?
//!
//! The databases and expected.json were made by `testkit/reference/sqlite_samples.py`.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use casemate_scan::packages::ReadAt;
use casemate_scan::packages::sqlite::{Database, Value};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const NAMES: [&str; 15] = [
    "auto_vacuum.db",
    "deleted.db",
    "empty.db",
    "pages_1024.db",
    "pages_32768.db",
    "pages_4096_deep.db",
    "pages_512.db",
    "pages_512_deep.db",
    "pages_65536.db",
    "pages_8192_long.db",
    "utf16be.db",
    "utf16le.db",
    "wal.db",
    "wal_restarted.db",
    "wal_uncommitted.db",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/sqlite")
        .join(format!("{name}.zst"))
}

fn read(name: &str) -> Vec<u8> {
    let packed = std::fs::read(fixture(name)).unwrap();
    zstd::decode_all(packed.as_slice()).unwrap()
}

fn log_of(name: &str) -> Option<Vec<u8>> {
    let name = format!("{name}-wal");
    fixture(&name).exists().then(|| read(&name))
}

fn fnv1a(bytes: &[u8]) -> String {
    let value = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |value, &byte| {
            (value ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
    format!("{value:016x}")
}

/// A value as the script writes it.
fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!({ "real": format!("{number:?}") }),
        Value::Text(text) if text.len() <= 64 => json!(text),
        Value::Text(text) => json!({ "text": text.len(), "fnv1a": fnv1a(text.as_bytes()) }),
        Value::BrokenText(bytes) => json!({ "broken": bytes }),
        Value::Blob(bytes) => json!({ "blob": bytes.len(), "fnv1a": fnv1a(bytes) }),
    }
}

/// Every table's rows; the names of columns that were added later than a row are filled with null.
fn tables(main: &[u8], wal: Option<&[u8]>) -> Json {
    let (main, wal) = (main.to_vec(), wal.map(<[u8]>::to_vec));
    let wal = wal.as_ref().map(|wal| wal as &dyn ReadAt);
    let (database, problems) = Database::open(&main, wal).unwrap();
    assert_eq!(problems, []);
    let mut tables = Map::new();
    for table in database.tables().unwrap() {
        let rows: Vec<Json> = database
            .rows(&table.name)
            .unwrap()
            .map(|row| {
                let row = row.unwrap();
                let values: Vec<Json> = row.values.iter().map(written).collect();
                json!([row.rowid, values])
            })
            .collect();
        tables.insert(table.name, Json::Array(rows));
    }
    Json::Object(tables)
}

/// Fills short rows of the table that has a later column.
fn with_later_column(mut tables: Json) -> Json {
    for row in tables["keyed"].as_array_mut().unwrap() {
        let values = row[1].as_array_mut().unwrap();
        values.resize(3, Json::Null);
    }
    tables
}

static EXPECTED: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_slice(&read("expected.json")).unwrap());

#[test]
fn the_rows_are_those_of_sqlite() {
    let names: Vec<&String> = EXPECTED.as_object().unwrap().keys().collect();
    assert_eq!(names, NAMES);
    for name in NAMES {
        let mut found = tables(&read(name), log_of(name).as_deref());
        if name == "deleted.db" {
            found = with_later_column(found);
        }
        let expected = &EXPECTED[name];
        for (table, rows) in expected.as_object().unwrap() {
            assert_eq!(&found[table], rows, "table {table} of {name}");
        }
        assert_eq!(&found, expected, "{name}");
    }
}

#[test]
fn only_committed_frames_count() {
    let frames = |name: &str| {
        let (main, wal) = (read(name), log_of(name).unwrap());
        let (database, _) = Database::open(&main, Some(&wal)).unwrap();
        database.n_frames()
    };
    let (committed, after) = frames("wal.db");
    assert!(committed > 0 && after == 0, "{committed} {after}");
    let (committed, after) = frames("wal_uncommitted.db");
    assert!(committed > 0 && after > 0, "{committed} {after}");
    let (committed, after) = frames("wal_restarted.db");
    assert!(committed > 0 && after > 0, "{committed} {after}");
}

#[test]
fn without_its_log_a_database_is_older() {
    let found = tables(&read("wal.db"), None);
    assert_eq!(found["things"].as_array().unwrap().len(), 40);
    assert_eq!(found.get("added"), None);
}

#[test]
fn a_log_of_another_database_is_named_and_left_out() {
    let (main, wal) = (read("wal.db"), log_of("wal_restarted.db").unwrap());
    let (database, problems) = Database::open(&main, Some(&wal)).unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(database.rows("things").unwrap().count(), 40);
}

#[test]
fn a_table_that_is_not_there_is_named() {
    let main = read("wal.db");
    let (database, _) = Database::open(&main, None).unwrap();
    let error = database.rows("Packages").unwrap_err();
    assert_eq!(error.to_string(), "no table `Packages`");
    assert!(database.rows("THINGS").is_ok());
}

#[test]
fn a_file_cut_short_keeps_the_rows_before() {
    let whole = read("pages_1024.db");
    let cut = whole[..whole.len() / 10 * 9].to_vec();
    let (database, _) = Database::open(&cut, None).unwrap();
    let (rows, errors): (Vec<_>, Vec<_>) =
        database.rows("things").unwrap().partition(Result::is_ok);
    assert!(!rows.is_empty() && !errors.is_empty());
    assert!(rows.len() < 150);
}

#[test]
fn a_tree_that_returns_to_its_root_ends() {
    let mut main = read("pages_512_deep.db");
    let root = {
        let (database, _) = Database::open(&main, None).unwrap();
        database.tables().unwrap()[0].root_page
    };
    let right_most = (usize::try_from(root).unwrap() - 1) * 512 + 8;
    main[right_most..right_most + 4].copy_from_slice(&root.to_be_bytes());
    let (database, _) = Database::open(&main, None).unwrap();
    let errors: Vec<String> = database
        .rows("things")
        .unwrap()
        .filter_map(|row| row.err().map(|error| error.to_string()))
        .collect();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].ends_with("a page that is used twice"),
        "{errors:?}"
    );
}

/// Reads everything; the number of rows and errors together is bounded by the file.
fn walk(main: &[u8], wal: Option<&Vec<u8>>) {
    let Ok((database, _)) = Database::open(&main, wal.map(|wal| wal as &dyn ReadAt)) else {
        return;
    };
    let n_bytes = main.len() + wal.map_or(0, Vec::len);
    let Ok(tables) = database.tables() else {
        return;
    };
    assert!(tables.len() <= n_bytes);
    for table in tables.iter().take(20) {
        let Ok(rows) = database.rows(&table.name) else {
            continue;
        };
        let (mut n_steps, mut n_payload) = (0, 0);
        for row in rows {
            n_steps += 1;
            for value in row.map(|row| row.values).unwrap_or_default() {
                if let Value::Blob(bytes) | Value::BrokenText(bytes) = value {
                    n_payload += bytes.len();
                }
            }
        }
        // A cell takes at least its pointer; payloads share no page, and a page's cells together
        // are no longer than two pages.
        assert!(n_steps <= n_bytes && n_payload <= 2 * n_bytes);
    }
}

/// A database and its log.
type Sample = (Vec<u8>, Option<Vec<u8>>);

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    [
        "pages_512.db",
        "deleted.db",
        "utf16le.db",
        "wal.db",
        "wal_uncommitted.db",
    ]
    .iter()
    .map(|name| (read(name), log_of(name)))
    .collect()
});

proptest! {
    #[test]
    fn changed_bytes_neither_panic_nor_loop(
        sample in any::<prop::sample::Index>(),
        changes in prop::collection::vec(
            (any::<bool>(), any::<prop::sample::Index>(), any::<u8>()), 1..30
        ),
    ) {
        let (mut main, mut wal) = sample.get(&SAMPLES[..]).clone();
        for (is_log, at, byte) in changes {
            let bytes = match wal.as_mut() {
                Some(wal) if is_log => wal,
                _ => &mut main,
            };
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        walk(&main, wal.as_ref());
    }

    #[test]
    fn changed_page_heads_neither_panic_nor_loop(
        sample in any::<prop::sample::Index>(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..24, any::<u8>()), 1..30
        ),
    ) {
        let (mut main, _) = sample.get(&SAMPLES[..]).clone();
        for (page, within, byte) in changes {
            let at = page.index(main.len() / 512) * 512 + within;
            main[at] = byte;
        }
        walk(&main, None);
    }

    #[test]
    fn swapped_pages_neither_panic_nor_loop(
        sample in any::<prop::sample::Index>(),
        swaps in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..10
        ),
        end in any::<prop::sample::Index>(),
    ) {
        let (mut main, wal) = sample.get(&SAMPLES[..]).clone();
        let n_pages = main.len() / 512;
        for (from, to) in swaps {
            let (from, to) = (from.index(n_pages) * 512, to.index(n_pages) * 512);
            main.copy_within(from..from + 512, to);
        }
        main.truncate(end.index(main.len()) + 1);
        walk(&main, wal.as_ref());
    }
}
