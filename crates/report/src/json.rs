//! The report and the comparison as JSON: canonical, so that equal reports are equal bytes.
//!
//! Source: RFC 8785 (JSON Canonicalization Scheme).

use crate::Error;
use casemate_schema::{Diff, Report, to_canonical, to_ndjson};

/// The report as one canonical JSON object, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn json(report: &Report) -> Result<Vec<u8>, Error> {
    Ok(to_canonical(report)?)
}

/// The report as canonical JSON lines, each ended by a newline; nothing is lost against [`json`].
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn ndjson(report: &Report) -> Result<Vec<u8>, Error> {
    Ok(to_ndjson(report)?)
}

/// The comparison as one canonical JSON object, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn diff_json(diff: &Diff) -> Result<Vec<u8>, Error> {
    Ok(to_canonical(diff)?)
}
