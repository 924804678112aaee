//! EPSS scores (CSV of first.org), in the shapes of all years.
//!
//! 2021: `cve,epss`, then `cve,epss,percentile`, without a date; since 2022 a first line
//! `#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000`. Where the line is, it has to
//! have the date: scores of an unknown day are worth nothing.

use super::out::Out;
use super::value::{is_cve, number};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{EpssScore, PackRecord, Text};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};

/// Longest first line.
const LINE_BYTES_MAX: u64 = 4096;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut reader = BufReader::new(input.reader()?);
    let first = line(&mut reader)?;
    let (date, header, header_line) = match first.strip_prefix('#') {
        Some(comment) => (Some(dated(comment, out)?), line(&mut reader)?, 2),
        None => (of_name(out), first, 1),
    };
    if let Some(date) = &date {
        out.dated(date);
    }
    let columns: Vec<String> = header
        .trim()
        .split(',')
        .map(str::to_ascii_lowercase)
        .collect();
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    if !matches!(
        names.as_slice(),
        ["cve", "epss"] | ["cve", "epss", "percentile"]
    ) {
        let reason = format!(
            "the columns are `{}`, not `cve,epss,percentile`",
            header.trim()
        );
        return Err(ImportError::damaged(format!("line {header_line}"), reason));
    }
    let mut number = header_line;
    let mut line = String::new();
    loop {
        line.clear();
        number += 1;
        let n_read = (&mut reader)
            .take(LINE_BYTES_MAX)
            .read_line(&mut line)
            .map_err(|error| wrong(number, error))?;
        if n_read == 0 {
            return Ok(());
        }
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match one(line.trim(), names.len(), date.as_ref()) {
            Ok(score) => out.put(PackRecord::Epss(score)),
            Err(reason) => out.reject(format!("line {number}"), reason),
        }
    }
}

fn line(reader: &mut impl BufRead) -> Result<String, ImportError> {
    let mut line = String::new();
    reader
        .take(LINE_BYTES_MAX)
        .read_line(&mut line)
        .map_err(|error| wrong(1, error))?;
    Ok(line)
}

fn wrong(line: u64, error: std::io::Error) -> ImportError {
    match error.kind() {
        std::io::ErrorKind::InvalidData if error.get_ref().is_some() => {
            ImportError::damaged(format!("line {line}"), error.to_string())
        }
        std::io::ErrorKind::InvalidData => ImportError::Encoding {
            place: format!("line {line}"),
            reason: "it is no UTF-8".to_owned(),
        },
        _ => ImportError::Read(error),
    }
}

/// The day of the scores, from the comment.
fn dated(comment: &str, out: &mut Out<'_>) -> Result<Text, ImportError> {
    let mut date = None;
    for part in comment.trim().split(',') {
        match part.split_once(':') {
            Some(("model_version", version)) => out.version(version),
            Some(("score_date", text)) => date = rfc3339(text),
            _ => {}
        }
    }
    let day = date.and_then(|date| date.get(..10).map(Text::from));
    day.ok_or_else(|| ImportError::damaged("line 1", "the comment has no `score_date`"))
}

/// The day in the name of a file of the first years, `epss_scores-2021-04-14.csv`.
fn of_name(out: &Out<'_>) -> Option<Text> {
    let rest = out.file_name().strip_prefix("epss_scores-")?;
    let day = rest.get(..10)?;
    rfc3339(day).map(|_| day.into())
}

fn one(line: &str, n_columns: usize, date: Option<&Text>) -> Result<EpssScore, String> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let (Some(id), Some(score), n_fields) = (fields.first(), fields.get(1), fields.len()) else {
        return Err("the row has less than two fields".to_owned());
    };
    if n_fields != n_columns {
        return Err(format!("the row has {n_fields} fields, not {n_columns}"));
    }
    if !is_cve(id) {
        return Err(format!("`{id}` is no CVE"));
    }
    let share = |text: &str| {
        let number = number(&Value::from(text)).filter(|number| (0.0..=1.0).contains(number));
        number.ok_or_else(|| format!("`{text}` of {id} is no share between 0 and 1"))
    };
    Ok(EpssScore {
        id: (*id).into(),
        probability: share(score)?,
        percentile: fields.get(2).map(|text| share(text)).transpose()?,
        date: date.cloned(),
    })
}
