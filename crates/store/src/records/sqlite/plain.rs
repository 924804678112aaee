//! All records as JSON lines, and back.
//!
//! The first line names format and version, then each table follows row by row in the order of its
//! key, so that the same records give the same bytes. The columns are those of `schema.sql`;
//! `docs/formats/records.md` describes them.

use super::super::journal::Follow;
use super::super::{RecordsError, VERSION};
use casemate_schema::canonical_json;
use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};
use std::io::{BufRead, Write};

/// The tables in an order in which every row finds what it refers to, each with its key.
const TABLES: [(&str, &str); 10] = [
    ("journal", "number"),
    ("scope", "number"),
    ("import", "number"),
    ("finding", "key"),
    ("sighting", "scope, finding"),
    ("event", "number"),
    ("merged", "head, member, tool"),
    ("case_standing", "name"),
    ("observed", "host, report"),
    ("baseline", "fact, host"),
];

/// Longest line that is read.
const LINE_BYTES_MAX: u64 = 16 << 20;

fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, RecordsError> {
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_info (?1) ORDER BY cid")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

pub(super) fn export(connection: &Connection, out: &mut dyn Write) -> Result<(), RecordsError> {
    // One view of all tables, whatever others write meanwhile.
    let view = connection.unchecked_transaction()?;
    line(out, &json!({ "kind": "records", "version": VERSION }))?;
    for (table, key) in TABLES {
        let names = columns(&view, table)?;
        let mut statement = view.prepare(&format!("SELECT * FROM {table} ORDER BY {key}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut object = Map::new();
            object.insert("kind".to_owned(), table.into());
            for (at, name) in names.iter().enumerate() {
                let value = match row.get_ref(at)? {
                    ValueRef::Null => continue,
                    ValueRef::Integer(number) => number.into(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                    other => {
                        return Err(RecordsError::Stored {
                            what: "value",
                            reason: format!("{table}.{name} is {:?}", other.data_type()),
                        });
                    }
                };
                object.insert(column(name), value);
            }
            line(out, &Value::Object(object))?;
        }
    }
    out.flush().map_err(RecordsError::Io)
}

/// The journal has a column `kind` of its own.
fn column(name: &str) -> String {
    if name == "kind" { "entry" } else { name }.to_owned()
}

fn line(out: &mut dyn Write, value: &Value) -> Result<(), RecordsError> {
    let mut bytes = canonical_json(value)?;
    bytes.push(b'\n');
    out.write_all(&bytes).map_err(RecordsError::Io)
}

pub(super) fn import(
    connection: &Connection,
    lines: &mut dyn BufRead,
) -> Result<u64, RecordsError> {
    for (table, _) in TABLES {
        let is_there: bool = connection.query_row(
            &format!("SELECT EXISTS (SELECT 1 FROM {table})"),
            [],
            |row| row.get(0),
        )?;
        if is_there {
            return Err(RecordsError::NotEmpty);
        }
    }
    let mut number = 0;
    let mut follow = Follow::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let n = std::io::Read::take(&mut *lines, LINE_BYTES_MAX + 1)
            .read_until(b'\n', &mut buffer)
            .map_err(RecordsError::Io)?;
        if n == 0 {
            break;
        }
        number += 1;
        let wrong = |reason: String| RecordsError::Line {
            line: number,
            reason,
        };
        if n as u64 > LINE_BYTES_MAX {
            return Err(wrong(format!("longer than {LINE_BYTES_MAX} bytes")));
        }
        let row: Map<String, Value> =
            serde_json::from_slice(&buffer).map_err(|error| wrong(error.to_string()))?;
        if number == 1 {
            head(&row).map_err(wrong)?;
            continue;
        }
        take(connection, row, &mut follow).map_err(|error| match error {
            RecordsError::Database(error) => wrong(error.to_string()),
            RecordsError::Stored { reason, .. } => wrong(reason),
            other => other,
        })?;
    }
    if number == 0 {
        return Err(RecordsError::Line {
            line: 1,
            reason: "it is empty".to_owned(),
        });
    }
    Ok(number - 1)
}

fn head(row: &Map<String, Value>) -> Result<(), String> {
    if row.get("kind").and_then(Value::as_str) != Some("records") {
        return Err("these are no exported records".to_owned());
    }
    match row.get("version").and_then(Value::as_i64) {
        Some(VERSION) => Ok(()),
        found => Err(format!(
            "version {} where this casemate takes {VERSION}",
            found.map_or_else(|| "unknown".to_owned(), |found| found.to_string())
        )),
    }
}

fn take(
    connection: &Connection,
    mut row: Map<String, Value>,
    follow: &mut Follow,
) -> Result<(), RecordsError> {
    let stored = |reason: String| RecordsError::Stored {
        what: "line",
        reason,
    };
    let kind = row.remove("kind");
    let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
    let Some((table, _)) = TABLES.iter().find(|(table, _)| *table == kind) else {
        return Err(stored(format!("unknown kind `{kind}`")));
    };
    if *table == "journal" {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = row.get("number").and_then(Value::as_i64);
        follow.step(
            number.unwrap_or_default(),
            text("previous"),
            text("body"),
            text("digest"),
        )?;
    }
    let mut names = Vec::new();
    let mut values = Vec::new();
    for name in columns(connection, table)? {
        let value = match row.remove(&column(&name)) {
            None => continue,
            Some(Value::String(text)) => SqlValue::Text(text),
            Some(Value::Number(number)) => number
                .as_i64()
                .map(SqlValue::Integer)
                .ok_or_else(|| stored(format!("`{name}` is no whole number")))?,
            Some(_) => return Err(stored(format!("`{name}` is neither text nor number"))),
        };
        names.push(name);
        values.push(value);
    }
    if let Some(name) = row.keys().next() {
        return Err(stored(format!("unknown member `{name}`")));
    }
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES ({places})",
        names.join(", ")
    );
    connection
        .prepare_cached(&sql)?
        .execute(params_from_iter(values))?;
    Ok(())
}
