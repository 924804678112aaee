//! What does not count: VEX statements and the site's ignore file, applied to a report.

use crate::error::{Error, InputError};
use casemate_base::{Timestamp, bytes};
use casemate_schema::{Report, Statement};
use casemate_triage::IgnoreRule;
use std::path::Path;

/// The ignore file that is taken when none is named and it is there.
pub const IGNORE_FILE: &str = ".casemateignore.yaml";

/// Largest ignore file.
const IGNORE_BYTES_MAX: u64 = 4 << 20;

/// The rules of the named file, or of [`IGNORE_FILE`] in the current folder if there is one.
///
/// # Errors
/// [`Error::Input`] with the file, the line and the reason.
pub fn rules(path: Option<&Path>) -> Result<Vec<IgnoreRule>, Error> {
    let path = path.unwrap_or(Path::new(IGNORE_FILE));
    let is_default = path == Path::new(IGNORE_FILE);
    let name = path.display().to_string();
    let wrong = |source: InputError| Error::Input {
        name: name.clone(),
        source,
    };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if is_default && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(wrong(InputError::Read(error))),
    };
    let content = bytes::read_capped(file, IGNORE_BYTES_MAX)
        .map_err(|error| wrong(InputError::Unpack(error.to_string())))?;
    let text = String::from_utf8(content).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        wrong(InputError::Unpack(format!("byte {at}: it is no UTF-8")))
    })?;
    casemate_ingest::ignore::parse(&name, &text).map_err(|error| wrong(error.into()))
}

/// Moves what does not count out of a report's findings, and returns what its reader should be
/// told: rules that have expired, and rules that fit nothing.
pub fn apply(
    report: &mut Report,
    statements: &[Statement],
    rules: &[IgnoreRule],
    now: Timestamp,
) -> Vec<String> {
    if statements.is_empty() && rules.is_empty() && report.suppressed.is_empty() {
        return Vec::new();
    }
    let done = casemate_triage::suppress(report, statements, rules, &now.to_string());
    let expired = done.expired.iter().map(|rule| {
        let (source, id) = (&rule.source, &rule.id);
        format!("{source}: the rule for `{id}` has expired and is not applied")
    });
    let unmatched = done.unmatched.iter().map(|rule| {
        let (source, id) = (&rule.source, &rule.id);
        format!("{source}: the rule for `{id}` fits no finding")
    });
    expired.chain(unmatched).collect()
}
