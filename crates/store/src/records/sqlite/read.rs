//! Reading the records.

use super::super::journal::{Entry, Follow};
use super::super::{
    Baseline, CaseStanding, ChainEnd, Event, Group, GroupMember, Record, RecordsError, Scope, Seen,
};
use casemate_base::Timestamp;
use casemate_schema::{CaseState, CloseReason, Severity, State, Text};
use casemate_triage::Apart;
use casemate_triage::states::Standing;
use rusqlite::{Connection, OptionalExtension as _, Row};
use std::collections::{BTreeMap, BTreeSet};

fn stored(what: &'static str, reason: &dyn std::fmt::Display) -> RecordsError {
    RecordsError::Stored {
        what,
        reason: reason.to_string(),
    }
}

/// A stored time.
pub(super) fn time(text: &str) -> Result<Timestamp, RecordsError> {
    text.parse().map_err(|error| stored("time", &error))
}

fn state(word: &str) -> Result<State, RecordsError> {
    State::parse(word).ok_or_else(|| stored("state", &word))
}

fn reason(word: Option<&str>) -> Result<Option<CloseReason>, RecordsError> {
    word.map(|word| CloseReason::parse(word).ok_or_else(|| stored("reason", &word)))
        .transpose()
}

fn text(row: &Row<'_>, column: usize) -> Result<Text, RecordsError> {
    Ok(row
        .get_ref(column)?
        .as_str()
        .map_err(|error| stored("text", &error))?
        .into())
}

fn maybe(row: &Row<'_>, column: usize) -> Result<Option<Text>, RecordsError> {
    let value = row
        .get_ref(column)?
        .as_str_or_null()
        .map_err(|error| stored("text", &error))?;
    Ok(value.map(Text::from))
}

fn number(row: &Row<'_>, column: usize) -> Result<Option<u64>, RecordsError> {
    let value: Option<i64> = row.get(column)?;
    value
        .map(|value| u64::try_from(value).map_err(|error| stored("number", &error)))
        .transpose()
}

/// Where a finding stands.
pub(super) fn standing(
    connection: &Connection,
    key: &str,
) -> Result<Option<Standing>, RecordsError> {
    let mut statement = connection
        .prepare_cached("SELECT state, reason, until, since FROM finding WHERE key = ?1")?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(|row| standing_of(row, 0)).transpose()
}

fn standing_of(row: &Row<'_>, first: usize) -> Result<Standing, RecordsError> {
    Ok(Standing {
        state: state(&text(row, first)?)?,
        reason: reason(maybe(row, first + 1)?.as_deref())?,
        until: maybe(row, first + 2)?,
        since: time(&text(row, first + 3)?)?,
    })
}

/// Whether the last report of any scope shows a finding.
pub(super) fn is_present(connection: &Connection, key: &str) -> Result<bool, RecordsError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sighting WHERE finding = ?1 AND present)")?
        .query_row([key], |row| row.get(0))?)
}

const RECORD: &str = "SELECT key, id, host, case_name, tool, check_id, title, category, severity, \
     risk, path, subject, vulnerability, component, first_seen, last_seen, times, state, reason, \
     until, since, duplicate_of, decision, waiting, head, \
     EXISTS (SELECT 1 FROM sighting s WHERE s.finding = finding.key AND s.present) FROM finding ";

fn record_of(row: &Row<'_>) -> Result<Record, RecordsError> {
    let severity = text(row, 8)?;
    Ok(Record {
        seen: Seen {
            key: text(row, 0)?,
            id: text(row, 1)?,
            host: text(row, 2)?,
            case: text(row, 3)?,
            tool: text(row, 4)?,
            check: text(row, 5)?,
            title: text(row, 6)?,
            category: text(row, 7)?,
            severity: Severity::parse(&severity).ok_or_else(|| stored("severity", &severity))?,
            risk: row.get(9)?,
            path: maybe(row, 10)?,
            subject: maybe(row, 11)?,
            vulnerability: maybe(row, 12)?,
            component: maybe(row, 13)?,
        },
        first_seen: time(&text(row, 14)?)?,
        last_seen: time(&text(row, 15)?)?,
        times: number(row, 16)?.unwrap_or_default(),
        standing: standing_of(row, 17)?,
        duplicate_of: maybe(row, 21)?,
        decision: number(row, 22)?,
        waiting: number(row, 23)?,
        head: maybe(row, 24)?,
        present: row.get(25)?,
    })
}

pub(super) fn findings(
    connection: &Connection,
    case: Option<&str>,
) -> Result<Vec<Record>, RecordsError> {
    let wanted = if case.is_some() {
        "WHERE case_name = ?1 ORDER BY key"
    } else {
        "WHERE ?1 IS NULL ORDER BY key"
    };
    let mut statement = connection.prepare_cached(&format!("{RECORD}{wanted}"))?;
    let mut rows = statement.query([case])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(record_of(row)?);
    }
    Ok(out)
}

pub(super) fn finding(connection: &Connection, key: &str) -> Result<Option<Record>, RecordsError> {
    let mut statement = connection.prepare_cached(&format!("{RECORD}WHERE key = ?1"))?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(record_of).transpose()
}

pub(super) fn history(connection: &Connection, key: &str) -> Result<Vec<Event>, RecordsError> {
    let mut statement = connection.prepare_cached(
        "SELECT i.at, e.change, i.report, s.host, s.tool, s.target FROM event e
         JOIN import i ON i.number = e.import JOIN scope s ON s.number = i.scope
         WHERE e.finding = ?1 ORDER BY e.number",
    )?;
    let mut rows = statement.query([key])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(Event {
            at: time(&text(row, 0)?)?,
            change: text(row, 1)?,
            report: text(row, 2)?,
            scope: Scope {
                host: text(row, 3)?,
                tool: text(row, 4)?,
                target: text(row, 5)?,
            },
        });
    }
    Ok(out)
}

pub(super) fn entry(connection: &Connection, number: u64) -> Result<Option<Entry>, RecordsError> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM journal WHERE number = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    body.map(|body| Ok(serde_json::from_str(&body)?))
        .transpose()
}

pub(super) fn entries(
    connection: &Connection,
    subject: Option<&str>,
) -> Result<Vec<Entry>, RecordsError> {
    let wanted = if subject.is_some() {
        "SELECT body FROM journal WHERE subject = ?1 ORDER BY number"
    } else {
        "SELECT body FROM journal WHERE ?1 IS NULL ORDER BY number"
    };
    let mut statement = connection.prepare_cached(wanted)?;
    let mut rows = statement.query([subject])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
    }
    Ok(out)
}

pub(super) fn apart(connection: &Connection) -> Result<Apart, RecordsError> {
    let mut statement = connection
        .prepare_cached("SELECT body FROM journal WHERE kind = 'split' ORDER BY number")?;
    let mut rows = statement.query([])?;
    let mut apart = Apart::default();
    while let Some(row) = rows.next()? {
        let Entry::Split { members, .. } = serde_json::from_str(&row.get::<_, String>(0)?)? else {
            continue;
        };
        for (at, one) in members.iter().enumerate() {
            for two in members.iter().skip(at + 1) {
                if one.out || two.out {
                    apart.add(&one.member(), &two.member());
                }
            }
        }
    }
    Ok(apart)
}

pub(super) fn groups(connection: &Connection) -> Result<Vec<Group>, RecordsError> {
    let mut statement = connection.prepare_cached(
        "SELECT head, member, id, tool, check_id, title, words FROM merged
         ORDER BY head, member, tool",
    )?;
    let mut rows = statement.query([])?;
    let mut out: Vec<Group> = Vec::new();
    while let Some(row) = rows.next()? {
        let head = text(row, 0)?;
        let member = GroupMember {
            key: text(row, 1)?,
            id: text(row, 2)?,
            tool: text(row, 3)?,
            check: text(row, 4)?,
            title: text(row, 5)?,
        };
        match out.last_mut() {
            Some(group) if group.head == head => group.members.push(member),
            _ => out.push(Group {
                head,
                words: serde_json::from_str(&text(row, 6)?)?,
                members: vec![member],
            }),
        }
    }
    Ok(out)
}

pub(super) fn cases(connection: &Connection) -> Result<BTreeMap<Text, CaseStanding>, RecordsError> {
    let mut statement =
        connection.prepare_cached("SELECT name, state, verdict, chains FROM case_standing")?;
    let mut rows = statement.query([])?;
    let mut out = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let word = text(row, 1)?;
        let standing = CaseStanding {
            state: CaseState::parse(&word).ok_or_else(|| stored("state", &word))?,
            verdict: maybe(row, 2)?,
            chains: maybe(row, 3)?,
        };
        out.insert(text(row, 0)?, standing);
    }
    Ok(out)
}

pub(super) fn verify(connection: &Connection) -> Result<ChainEnd, RecordsError> {
    let mut statement = connection
        .prepare_cached("SELECT number, previous, body, digest FROM journal ORDER BY number")?;
    let mut rows = statement.query([])?;
    let mut follow = Follow::new();
    while let Some(row) = rows.next()? {
        follow.step(
            row.get(0)?,
            &row.get::<_, String>(1)?,
            &row.get::<_, String>(2)?,
            &row.get::<_, String>(3)?,
        )?;
    }
    Ok(follow.end())
}

pub(super) fn baseline(
    connection: &Connection,
    facts: &BTreeSet<Text>,
) -> Result<BTreeMap<Text, Baseline>, RecordsError> {
    let mut statement = connection.prepare_cached(
        "SELECT host, first_seen, last_seen, times FROM baseline WHERE fact = ?1 ORDER BY host",
    )?;
    let mut out = BTreeMap::new();
    for fact in facts {
        let mut found: Option<Baseline> = None;
        let mut rows = statement.query([fact.as_str()])?;
        while let Some(row) = rows.next()? {
            let (first, last) = (time(&text(row, 1)?)?, time(&text(row, 2)?)?);
            let known = found.get_or_insert(Baseline {
                first_seen: first,
                last_seen: last,
                hosts: BTreeMap::new(),
            });
            known.first_seen = known.first_seen.min(first);
            known.last_seen = known.last_seen.max(last);
            let times = number(row, 3)?.unwrap_or_default();
            known.hosts.insert(text(row, 0)?, times);
        }
        if let Some(found) = found {
            out.insert(fact.clone(), found);
        }
    }
    Ok(out)
}

pub(super) fn baseline_hosts(connection: &Connection) -> Result<BTreeSet<Text>, RecordsError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT host FROM observed")?;
    let mut rows = statement.query([])?;
    let mut out = BTreeSet::new();
    while let Some(row) = rows.next()? {
        out.insert(text(row, 0)?);
    }
    Ok(out)
}
