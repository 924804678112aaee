//! Counting the facts of the baseline.

use super::super::RecordsError;
use casemate_base::Timestamp;
use casemate_schema::Text;
use rusqlite::Connection;
use std::collections::BTreeSet;

pub(super) fn observe(
    connection: &Connection,
    host: &str,
    report: &str,
    at: Timestamp,
    facts: &BTreeSet<Text>,
) -> Result<(), RecordsError> {
    let at = at.to_string();
    let is_new = connection
        .prepare_cached(
            "INSERT INTO observed (host, report, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute((host, report, &at))?;
    if is_new == 0 {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO baseline (fact, host, first_seen, last_seen, times) VALUES (?1, ?2, ?3, ?3, 1)
         ON CONFLICT (fact, host) DO UPDATE SET first_seen = min (first_seen, excluded.first_seen),
           last_seen = max (last_seen, excluded.last_seen), times = times + 1",
    )?;
    for fact in facts {
        statement.execute((fact.as_str(), host, &at))?;
    }
    Ok(())
}
