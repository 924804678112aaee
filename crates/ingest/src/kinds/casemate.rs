//! casemate's own reports, JSON and NDJSON, without loss.

use crate::collector::Collector;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Error, NdjsonReader, Report, is_ndjson, read_report};
use std::io::{BufRead, BufReader};

/// Reads a report of ours.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let first = input.head().lines().next().unwrap_or_default();
    let report = if is_ndjson(first.as_bytes()) {
        lines(input)?
    } else {
        read_report(input.text()?.as_bytes()).map_err(|error| damaged(&error))?
    };
    out.own(report);
    Ok(())
}

fn lines(input: &Input<'_>) -> Result<Report, ImportError> {
    let mut reader = BufReader::new(input.reader()?);
    let mut taken = NdjsonReader::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let n = reader
            .read_until(b'\n', &mut line)
            .map_err(ImportError::Read)?;
        if n == 0 {
            return taken.finish().map_err(|error| damaged(&error));
        }
        taken.line(&line).map_err(|error| damaged(&error))?;
    }
}

fn damaged(error: &Error) -> ImportError {
    match error {
        Error::Json {
            reason,
            line,
            column,
        } => ImportError::damaged(format!("line {line}, column {column}"), reason.clone()),
        Error::Line { line, reason } => {
            ImportError::damaged(format!("line {line}"), reason.clone())
        }
        other => ImportError::damaged("line 1", other.to_string()),
    }
}
