//! Appending to the journal, and what that changes.

use super::super::journal::{self, Entry, SplitMember};
use super::super::{Author, CaseChange, Group, Proposal, Record, RecordsError};
use super::{batch, read};
use casemate_schema::{Decision, Text};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

/// Number and digest of the last entry.
fn end(connection: &Connection) -> Result<(u64, String), RecordsError> {
    let last = connection
        .prepare_cached("SELECT number, digest FROM journal ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .optional()?;
    Ok(match last {
        Some((number, digest)) => (u64::try_from(number).unwrap_or_default(), digest),
        None => (0, journal::ORIGIN.to_owned()),
    })
}

fn next_number(connection: &Connection) -> Result<u64, RecordsError> {
    Ok(end(connection)?.0 + 1)
}

fn append(connection: &Connection, entry: &Entry) -> Result<u64, RecordsError> {
    let (last, previous) = end(connection)?;
    let number = last + 1;
    let body = entry.body()?;
    let digest = journal::digest(&previous, &body);
    connection
        .prepare_cached(
            "INSERT INTO journal (number, kind, subject, previous, body, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            i64::try_from(number).unwrap_or(i64::MAX),
            entry.kind(),
            entry.subject(),
            previous,
            body,
            digest
        ])?;
    Ok(number)
}

pub(super) fn decide(
    connection: &Connection,
    author: &Author,
    why: &str,
    proposals: &[Proposal],
) -> Result<Vec<Option<Decision>>, RecordsError> {
    proposals
        .iter()
        .map(|proposal| one(connection, author, why, proposal))
        .collect()
}

fn one(
    connection: &Connection,
    author: &Author,
    why: &str,
    proposal: &Proposal,
) -> Result<Option<Decision>, RecordsError> {
    let Some(record) = read::finding(connection, &proposal.key)? else {
        return Ok(None);
    };
    if record.standing != proposal.standing || record.waiting != proposal.waiting {
        return Ok(None);
    }
    let decision = Decision {
        number: next_number(connection)?,
        verb: proposal.verb.clone(),
        to: proposal.to,
        reason: proposal.reason,
        until: proposal.until.clone(),
        duplicate_of: proposal.duplicate_of.clone(),
        answers: proposal.answers,
        pending: proposal.pending,
        ..about(author, why, &record)
    };
    let entry = Entry::Decision {
        key: proposal.key.clone(),
        decision: decision.clone(),
    };
    let number = append(connection, &entry)?;
    apply(connection, proposal, author, number)?;
    Ok(Some(decision))
}

/// What every decision about a finding says.
fn about(author: &Author, why: &str, record: &Record) -> Decision {
    let host = &record.seen.host;
    Decision {
        finding: record.seen.id.clone(),
        host: (!host.is_empty()).then(|| host.clone()),
        from: record.standing.state,
        to: record.standing.state,
        reason: record.standing.reason,
        who: author.who.clone(),
        sudo_user: author.sudo_user.clone(),
        when: author.when.to_string().into(),
        why: why.into(),
        ..Decision::default()
    }
}

/// Brings the finding to where the decision leads.
fn apply(
    connection: &Connection,
    proposal: &Proposal,
    author: &Author,
    number: u64,
) -> Result<(), RecordsError> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let key = proposal.key.as_str();
    if proposal.pending {
        connection
            .prepare_cached("UPDATE finding SET waiting = ?2 WHERE key = ?1")?
            .execute((key, number))?;
        return Ok(());
    }
    if proposal.verb == "reject" {
        connection
            .prepare_cached("UPDATE finding SET waiting = NULL WHERE key = ?1")?
            .execute([key])?;
        return Ok(());
    }
    // Of an approved decision the first word holds, not the approval.
    let holds = proposal
        .answers
        .and_then(|answers| i64::try_from(answers).ok());
    connection
        .prepare_cached(
            "UPDATE finding SET state = ?2, reason = ?3, until = ?4, since = ?5, duplicate_of = ?6,
               decision = ?7, waiting = NULL WHERE key = ?1",
        )?
        .execute(params![
            key,
            proposal.to.as_str(),
            proposal.reason.map(|reason| reason.as_str()),
            proposal.until.as_deref(),
            author.when.to_string(),
            proposal.duplicate_of.as_deref(),
            holds.unwrap_or(number),
        ])?;
    Ok(())
}

pub(super) fn split(
    connection: &Connection,
    author: &Author,
    why: &str,
    group: &Group,
    out: &BTreeSet<Text>,
) -> Result<Decision, RecordsError> {
    let record = read::finding(connection, &group.head)?.ok_or(RecordsError::Stored {
        what: "merge",
        reason: format!("there is no finding `{}`", group.head),
    })?;
    let decision = Decision {
        number: next_number(connection)?,
        verb: "split".into(),
        ..about(author, why, &record)
    };
    let members = group.members.iter().map(|member| SplitMember {
        tool: member.tool.clone(),
        check: member.check.clone(),
        id: member.id.clone(),
        out: out.is_empty() || out.contains(&member.id),
    });
    let entry = Entry::Split {
        key: group.head.clone(),
        members: members.collect(),
        decision: decision.clone(),
    };
    append(connection, &entry)?;
    batch::forget_group(connection, &group.head)?;
    Ok(decision)
}

pub(super) fn set_case(connection: &Connection, change: &CaseChange) -> Result<u64, RecordsError> {
    let entry = Entry::Case {
        change: change.clone(),
    };
    let number = append(connection, &entry)?;
    let verdict = change.verdict.as_deref();
    connection
        .prepare_cached(
            "INSERT INTO case_standing (name, state, verdict)
             VALUES (?1, coalesce (?2, 'new'), nullif (?3, ''))
             ON CONFLICT (name) DO UPDATE SET state = coalesce (?2, state),
               verdict = CASE WHEN ?3 IS NULL THEN verdict ELSE nullif (?3, '') END",
        )?
        .execute((
            change.case.as_str(),
            change.state.map(|state| state.as_str()),
            verdict,
        ))?;
    Ok(number)
}
