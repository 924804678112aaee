//! What a report changes in the records.

use super::super::{Batch, Group, ImportRecord, RecordsError, Scope, Seen};
use super::read;
use casemate_base::Timestamp;
use casemate_schema::{Changes, Text};
use casemate_triage::states::{self, Change, Standing};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

pub(super) fn record(connection: &Connection, batch: &Batch) -> Result<Vec<Changes>, RecordsError> {
    let imports = batch.imports.iter();
    let all = imports
        .map(|import| Taking::new(connection, import, batch.now)?.take())
        .collect::<Result<Vec<_>, _>>()?;
    for group in &batch.groups {
        keep_group(connection, group)?;
    }
    for (case, chains) in &batch.chains {
        connection
            .prepare_cached(
                "INSERT INTO case_standing (name, state, chains) VALUES (?1, 'new', ?2)
                 ON CONFLICT (name) DO UPDATE SET chains = excluded.chains",
            )?
            .execute((case.as_str(), chains.as_str()))?;
    }
    Ok(all)
}

/// One report on its way into the records.
struct Taking<'a> {
    connection: &'a Connection,
    import: &'a ImportRecord,
    /// The day on which acceptances are looked at.
    today: String,
    scope: i64,
    number: i64,
    /// The last report of this scope, taken once more: nothing is counted twice.
    again: bool,
    older: bool,
}

impl<'a> Taking<'a> {
    fn new(
        connection: &'a Connection,
        import: &'a ImportRecord,
        now: Timestamp,
    ) -> Result<Self, RecordsError> {
        let Scope { host, tool, target } = &import.scope;
        let known = connection
            .prepare_cached(
                "SELECT number, newest_at, newest_report FROM scope
                 WHERE host = ?1 AND tool = ?2 AND target = ?3",
            )?
            .query_row((host.as_str(), tool.as_str(), target.as_str()), |row| {
                Ok((
                    row.get(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                ))
            })
            .optional()?;
        let (scope, again, older) = match known {
            Some((number, at, report)) => (
                number,
                report == import.report.as_str(),
                import.at < read::time(&at)?,
            ),
            None => {
                connection
                    .prepare_cached(
                        "INSERT INTO scope (host, tool, target, newest_at, newest_report)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![
                        host.as_str(),
                        tool.as_str(),
                        target.as_str(),
                        import.at.to_string(),
                        import.report.as_str()
                    ])?;
                (connection.last_insert_rowid(), false, false)
            }
        };
        connection
            .prepare_cached(
                "INSERT INTO import (scope, report, at, taken_at, created, closed, untouched,
                   reopened, rejected, not_looked, older) VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0, 0, 0, 0)",
            )?
            .execute(params![
                scope,
                import.report.as_str(),
                import.at.to_string(),
                now.to_string()
            ])?;
        Ok(Self {
            connection,
            import,
            today: now.date(),
            scope,
            number: connection.last_insert_rowid(),
            again,
            older,
        })
    }

    fn take(&self) -> Result<Changes, RecordsError> {
        let mut changes = Changes {
            rejected: self.import.rejected.clone(),
            ..Changes::default()
        };
        let mut keys = BTreeSet::new();
        for seen in &self.import.findings {
            if !keys.insert(&seen.key) {
                continue;
            }
            if self.older {
                changes.older.push(seen.id.clone());
                continue;
            }
            match self.seen(seen)? {
                Change::Created => changes.created.push(seen.id.clone()),
                Change::Reopened => changes.reopened.push(seen.id.clone()),
                Change::Untouched | Change::Closed => changes.untouched.push(seen.id.clone()),
            }
        }
        if !self.older {
            self.absent(&mut changes)?;
            self.connection
                .prepare_cached(
                    "UPDATE scope SET newest_at = ?2, newest_report = ?3 WHERE number = ?1",
                )?
                .execute((
                    self.scope,
                    self.import.at.to_string(),
                    self.import.report.as_str(),
                ))?;
        }
        self.count(&changes)?;
        for list in [
            &mut changes.created,
            &mut changes.closed,
            &mut changes.untouched,
            &mut changes.reopened,
            &mut changes.not_looked,
            &mut changes.older,
        ] {
            list.sort_unstable();
        }
        Ok(changes)
    }

    fn count(&self, changes: &Changes) -> Result<(), RecordsError> {
        let n = |list: &[Text]| i64::try_from(list.len()).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "UPDATE import SET created = ?2, closed = ?3, untouched = ?4, reopened = ?5,
                   rejected = ?6, not_looked = ?7, older = ?8 WHERE number = ?1",
            )?
            .execute(params![
                self.number,
                n(&changes.created),
                n(&changes.closed),
                n(&changes.untouched),
                n(&changes.reopened),
                n(&changes.rejected),
                n(&changes.not_looked),
                n(&changes.older),
            ])?;
        Ok(())
    }

    /// A finding that the report shows.
    fn seen(&self, seen: &Seen) -> Result<Change, RecordsError> {
        let at = self.import.at;
        let known = read::standing(self.connection, &seen.key)?;
        let (change, standing) = states::seen(known.as_ref(), at, &self.today);
        self.keep(seen, &standing)?;
        match change {
            Change::Created => self.event(&seen.key, "created")?,
            Change::Reopened => {
                self.stand(&seen.key, &standing)?;
                self.event(&seen.key, "reopened")?;
            }
            Change::Untouched | Change::Closed => {}
        }
        self.sight(&seen.key, true)?;
        Ok(change)
    }

    /// Writes what the report says of a finding; of one that is known, where it stands stays.
    fn keep(&self, seen: &Seen, standing: &Standing) -> Result<(), RecordsError> {
        let at = self.import.at.to_string();
        self.connection
            .prepare_cached(
                "INSERT INTO finding (key, id, host, case_name, tool, check_id, title, category,
                   severity, risk, path, subject, vulnerability, component, first_seen, last_seen,
                   times, state, since)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15, 1,
                   ?16, ?17)
                 ON CONFLICT (key) DO UPDATE SET id = excluded.id, case_name = excluded.case_name,
                   title = excluded.title, category = excluded.category,
                   severity = excluded.severity, risk = coalesce (excluded.risk, risk),
                   path = excluded.path, subject = excluded.subject,
                   vulnerability = excluded.vulnerability, component = excluded.component,
                   first_seen = min (first_seen, excluded.first_seen),
                   last_seen = max (last_seen, excluded.last_seen), times = times + ?18",
            )?
            .execute(params![
                seen.key.as_str(),
                seen.id.as_str(),
                seen.host.as_str(),
                seen.case.as_str(),
                seen.tool.as_str(),
                seen.check.as_str(),
                seen.title.as_str(),
                seen.category.as_str(),
                seen.severity.as_str(),
                seen.risk,
                seen.path.as_deref(),
                seen.subject.as_deref(),
                seen.vulnerability.as_deref(),
                seen.component.as_deref(),
                at,
                standing.state.as_str(),
                standing.since.to_string(),
                i64::from(!self.again),
            ])?;
        Ok(())
    }

    fn stand(&self, key: &str, standing: &Standing) -> Result<(), RecordsError> {
        // What a report says ends the decision that held before, and what waited for an approval.
        self.connection
            .prepare_cached(
                "UPDATE finding SET state = ?2, reason = ?3, until = NULL, since = ?4,
                   duplicate_of = NULL, decision = NULL, waiting = NULL WHERE key = ?1",
            )?
            .execute((
                key,
                standing.state.as_str(),
                standing.reason.map(|reason| reason.as_str()),
                standing.since.to_string(),
            ))?;
        Ok(())
    }

    fn event(&self, key: &str, change: &str) -> Result<(), RecordsError> {
        self.connection
            .prepare_cached("INSERT INTO event (finding, import, change) VALUES (?1, ?2, ?3)")?
            .execute((key, self.number, change))?;
        Ok(())
    }

    fn sight(&self, key: &str, present: bool) -> Result<(), RecordsError> {
        self.connection
            .prepare_cached(
                "INSERT INTO sighting (scope, finding, present, last_import)
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT (scope, finding)
                 DO UPDATE SET present = excluded.present, last_import = excluded.last_import",
            )?
            .execute((self.scope, key, present, self.number))?;
        Ok(())
    }

    /// What this scope showed before and this report does not.
    fn absent(&self, changes: &mut Changes) -> Result<(), RecordsError> {
        let mut missing: Vec<(String, String, String)> = Vec::new();
        let mut statement = self.connection.prepare_cached(
            "SELECT f.key, f.id, f.check_id FROM sighting s JOIN finding f ON f.key = s.finding
             WHERE s.scope = ?1 AND s.last_import <> ?2 AND (s.present OR f.state <> 'closed')
             ORDER BY f.key",
        )?;
        let mut rows = statement.query((self.scope, self.number))?;
        while let Some(row) = rows.next()? {
            missing.push((row.get(0)?, row.get(1)?, row.get(2)?));
        }
        for (key, id, check) in missing {
            // Still there; something else says that it does not count.
            if self.import.suppressed.contains(key.as_str()) {
                changes.untouched.push(id.into());
                continue;
            }
            let Some(standing) = read::standing(self.connection, &key)? else {
                continue;
            };
            let closed = states::absent(&standing, self.import.at);
            if !self.import.looked.at(&check) {
                if closed.is_some() {
                    changes.not_looked.push(id.into());
                }
                continue;
            }
            self.sight(&key, false)?;
            match closed {
                Some(closed) if !read::is_present(self.connection, &key)? => {
                    self.stand(&key, &closed)?;
                    self.event(&key, "closed")?;
                    changes.closed.push(id.into());
                }
                // Another tool still shows it.
                Some(_) => changes.untouched.push(id.into()),
                None => {}
            }
        }
        Ok(())
    }
}

/// Keeps what is merged with what; each record is in one group.
fn keep_group(connection: &Connection, group: &Group) -> Result<(), RecordsError> {
    let words = serde_json::to_string(&group.words)?;
    let mut former: BTreeSet<String> = BTreeSet::new();
    for member in &group.members {
        let mut statement =
            connection.prepare_cached("SELECT DISTINCT head FROM merged WHERE member = ?1")?;
        let mut rows = statement.query([member.key.as_str()])?;
        while let Some(row) = rows.next()? {
            former.insert(row.get(0)?);
        }
    }
    for head in &former {
        forget_group(connection, head)?;
    }
    for member in &group.members {
        connection
            .prepare_cached(
                "INSERT INTO merged (head, member, tool, id, check_id, title, words)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            )?
            .execute((
                group.head.as_str(),
                member.key.as_str(),
                member.tool.as_str(),
                member.id.as_str(),
                member.check.as_str(),
                member.title.as_str(),
                &words,
            ))?;
        if member.key != group.head {
            connection
                .prepare_cached("UPDATE finding SET head = ?2 WHERE key = ?1")?
                .execute((member.key.as_str(), group.head.as_str()))?;
        }
    }
    Ok(())
}

pub(super) fn forget_group(connection: &Connection, head: &str) -> Result<(), RecordsError> {
    connection
        .prepare_cached("UPDATE finding SET head = NULL WHERE head = ?1")?
        .execute([head])?;
    connection
        .prepare_cached("DELETE FROM merged WHERE head = ?1")?
        .execute([head])?;
    Ok(())
}
