//! The report and the comparison as JSON: canonical, so that equal reports are equal bytes.
//!
//! Source: RFC 8785 (JSON Canonicalization Scheme).

use crate::Error;
use casemate_schema::{Diff, Report, to_canonical};
use std::io::Write;

/// The report as one canonical JSON object, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn json(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_json(report, &mut out)?;
    Ok(out)
}

/// Writes what [`json`] returns, finding by finding.
///
/// # Errors
/// [`Error::Json`] as there, also when the writer fails.
pub fn write_json(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    Ok(report.write_json(out)?)
}

/// The report as canonical JSON lines, each ended by a newline; nothing is lost against [`json`].
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn ndjson(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_ndjson(report, &mut out)?;
    Ok(out)
}

/// Writes what [`ndjson`] returns, line by line.
///
/// # Errors
/// [`Error::Json`] as there, also when the writer fails.
pub fn write_ndjson(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    Ok(casemate_schema::write_ndjson(report, out)?)
}

/// The comparison as one canonical JSON object, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn diff_json(diff: &Diff) -> Result<Vec<u8>, Error> {
    Ok(to_canonical(diff)?)
}
