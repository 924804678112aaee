//! Tables in text: comma, semicolon or tab separated, with a header, perhaps after a preamble.

use crate::error::ImportError;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::io::Read;

/// Most columns of a table.
const COLUMNS_MAX: usize = 4096;
/// Largest row.
const ROW_BYTES_MAX: usize = 16 << 20;

/// The separator of a table: that of the candidates which splits the header line into most columns.
pub(crate) fn separator(header: &str) -> u8 {
    let count = |separator: u8| {
        let mut quoted = false;
        header
            .bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                !quoted && *byte == separator
            })
            .count()
    };
    [b',', b';', b'\t', b'|']
        .into_iter()
        .rev()
        .max_by_key(|separator| count(*separator))
        .unwrap_or(b',')
}

/// The columns of a header line.
pub(crate) fn columns(header: &str) -> Vec<String> {
    let mut reader = builder(separator(header)).from_reader(header.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => names(&record),
        _ => Vec::new(),
    }
}

fn builder(separator: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder
        .delimiter(separator)
        .has_headers(false)
        .flexible(true);
    builder
}

/// Names of columns; empty ones are numbered, a repeated one gets its count behind it.
fn names(record: &csv::StringRecord) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut n_of: HashMap<String, u32> = HashMap::new();
    for (at, field) in record.iter().enumerate() {
        let field = field.trim().trim_start_matches('\u{feff}').trim();
        let name = if field.is_empty() {
            format!("column {}", at + 1)
        } else {
            field.to_owned()
        };
        let n_same = n_of.entry(name.clone()).or_insert(0_u32);
        *n_same += 1;
        out.push(match n_same {
            1 => name,
            n => format!("{name} #{n}"),
        });
    }
    out
}

/// Reads the rows of a table as objects. `header` names columns that the header row has; what
/// stands before that row is passed over. With no names the first row is the header.
pub(crate) fn read<R: Read>(
    reader: R,
    separator: u8,
    header: &[String],
    on_row: &mut dyn FnMut(u64, Value) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut reader = builder(separator).from_reader(reader);
    let mut record = csv::StringRecord::new();
    let mut columns: Option<Vec<String>> = None;
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|error| damaged(&error))?;
        if !more {
            break;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let Some(columns) = &columns else {
            let found = names(&record);
            if header.iter().all(|name| found.contains(name)) {
                if found.len() > COLUMNS_MAX {
                    return Err(limit(line, "more than 4096 columns"));
                }
                columns = Some(found);
            }
            continue;
        };
        if record.as_slice().len() > ROW_BYTES_MAX {
            return Err(limit(line, "a row of more than 16 MiB"));
        }
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let row: Map<String, Value> = columns
            .iter()
            .zip(record.iter())
            .map(|(name, field)| (name.clone(), Value::String(field.trim().to_owned())))
            .collect();
        on_row(line, Value::Object(row))?;
    }
    match columns {
        Some(_) => Ok(()),
        None => Err(ImportError::damaged("line 1", "there is no header row")),
    }
}

fn limit(line: u64, reason: &str) -> ImportError {
    ImportError::Limit {
        place: format!("line {line}"),
        reason: reason.to_owned(),
    }
}

fn damaged(error: &csv::Error) -> ImportError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => ImportError::Encoding {
            place: format!("line {line}, field {}", err.field() + 1),
            reason: "it is no UTF-8".to_owned(),
        },
        csv::ErrorKind::Io(io) => ImportError::Read(std::io::Error::new(io.kind(), io.to_string())),
        _ => ImportError::damaged(format!("line {line}"), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_as_tools_write_them() {
        let text = "Report of x\r\n\r\n\"IP\";\"Score\";Score\r\n10.0.0.1;\"9,8 \"\"x\"\"\";b\r\n;;\r\n2;3\r\n";
        let mut rows = Vec::new();
        read(
            text.as_bytes(),
            b';',
            &["IP".to_owned()],
            &mut |line, row| {
                rows.push((line, row));
                Ok(())
            },
        )
        .expect("table");
        assert_eq!(rows.len(), 2);
        assert_eq!(
            rows[0].1,
            serde_json::json!({"IP": "10.0.0.1", "Score": "9,8 \"x\"", "Score #2": "b"})
        );
        assert_eq!(separator("\"a,b\";c;d"), b';');
        assert_eq!(separator("a,b"), b',');
    }
}
