//! Cases: the findings of one host (or of one thing that was looked at) that stand, counted and
//! shown with their decisions and history.

use crate::error::Error;
use casemate_schema::{CaseState, Chain, Decision, Severity, State, Text};
pub use casemate_store::records::CaseChange;
use casemate_store::records::{Author, CaseStanding, Entry, Event, Group, Record, Records};
use casemate_triage::states::Standing;
use std::collections::BTreeMap;

/// Verdicts that are known; others are allowed, in words.
pub const VERDICTS: [&str; 6] = [
    "true_positive_impact",
    "true_positive_no_impact",
    "false_positive",
    "expected",
    "duplicate",
    "indeterminate",
];

/// A case in numbers.
#[derive(Clone, Debug, Default)]
pub struct CaseSummary {
    /// Its name: the host, else what was looked at.
    pub name: Text,
    /// Where it stands.
    pub state: CaseState,
    /// Its verdict.
    pub verdict: Option<Text>,
    /// Open findings of each severity, lowest first.
    pub open: [u64; 5],
    /// Closed findings.
    pub closed: u64,
    /// Decisions that wait for an approval.
    pub waiting: u64,
    /// Highest risk of an open finding; absent when none was ranked.
    pub risk: Option<u8>,
    /// When a report showed a finding of it last, RFC 3339 UTC.
    pub last_seen: Text,
    /// Its chains, as the last report with any had them.
    pub chains: Vec<Chain>,
}

/// A finding of a case.
#[derive(Clone, Debug)]
pub struct CaseFinding {
    /// The record that stands for it.
    pub record: Record,
    /// Where it stands today.
    pub standing: Standing,
    /// What the people decided about it, in order.
    pub decisions: Vec<Decision>,
    /// What reports did to it, in order.
    pub events: Vec<Event>,
    /// What was merged into it, and by which keys.
    pub group: Option<Group>,
}

/// Where a record stands on a day: an acceptance that is over does not hold.
#[must_use]
pub fn standing_on(record: &Record, today: &str) -> Standing {
    if record.standing.is_expired(today) {
        return Standing::new(record.standing.since);
    }
    record.standing.clone()
}

/// All cases, the most urgent first.
///
/// # Errors
/// [`Error::Records`].
pub fn list(records: &dyn Records, today: &str) -> Result<Vec<CaseSummary>, Error> {
    let mut cases: BTreeMap<Text, CaseSummary> = BTreeMap::new();
    let standings = records.cases()?;
    for record in records.findings(None)? {
        let case = cases.entry(record.seen.case.clone()).or_default();
        add(case, &record, today);
    }
    for (name, case) in &mut cases {
        case.name = name.clone();
        if let Some(standing) = standings.get(name) {
            set(case, standing)?;
        }
    }
    let mut all: Vec<CaseSummary> = cases.into_values().collect();
    all.sort_by(|a, b| {
        let urgency = |case: &CaseSummary| {
            let mut open = case.open;
            open.reverse();
            (case.state != CaseState::Closed, case.risk, open)
        };
        urgency(b)
            .cmp(&urgency(a))
            .then_with(|| a.name.cmp(&b.name))
    });
    Ok(all)
}

fn add(case: &mut CaseSummary, record: &Record, today: &str) {
    case.last_seen = record
        .last_seen
        .to_string()
        .as_str()
        .max(&case.last_seen)
        .into();
    // Of merged records the one that stands for all is the finding.
    if record.head.is_some() {
        return;
    }
    case.waiting += u64::from(record.waiting.is_some());
    if standing_on(record, today).state == State::Closed {
        case.closed += 1;
        return;
    }
    if let Some(count) = case.open.get_mut(record.seen.severity as usize) {
        *count += 1;
    }
    case.risk = case.risk.max(record.seen.risk);
}

fn set(case: &mut CaseSummary, standing: &CaseStanding) -> Result<(), Error> {
    case.state = standing.state;
    case.verdict = standing.verdict.clone();
    if let Some(chains) = &standing.chains {
        case.chains =
            serde_json::from_str(chains).map_err(casemate_store::records::RecordsError::from)?;
    }
    Ok(())
}

/// One case, named by itself or by its beginning.
///
/// # Errors
/// [`Error::NotRecorded`], [`Error::Records`].
pub fn find(records: &dyn Records, name: &str, today: &str) -> Result<CaseSummary, Error> {
    let all = list(records, today)?;
    let exact = all.iter().find(|case| &*case.name == name);
    let mut begins = all.iter().filter(|case| case.name.starts_with(name));
    let only = match (begins.next(), begins.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let found = exact.or(only).cloned();
    found.ok_or_else(|| Error::NotRecorded {
        what: format!("a case `{name}`"),
    })
}

/// The findings of a case: open ones first, by risk, severity and id.
///
/// # Errors
/// [`Error::Records`].
pub fn findings(records: &dyn Records, case: &str, today: &str) -> Result<Vec<CaseFinding>, Error> {
    let groups: BTreeMap<Text, Group> = records
        .groups()?
        .into_iter()
        .map(|group| (group.head.clone(), group))
        .collect();
    let all = records.findings(Some(case))?;
    let mut out = Vec::new();
    for record in all.into_iter().filter(|record| record.head.is_none()) {
        let key = &record.seen.key;
        out.push(CaseFinding {
            standing: standing_on(&record, today),
            decisions: decisions(records, key)?,
            events: records.history(key)?,
            group: groups.get(key).cloned(),
            record,
        });
    }
    out.sort_by(|a, b| {
        let urgency = |one: &CaseFinding| {
            let seen = &one.record.seen;
            let is_open = one.standing.state != State::Closed;
            (is_open, seen.risk, seen.severity as u8)
        };
        urgency(b)
            .cmp(&urgency(a))
            .then_with(|| a.record.seen.id.cmp(&b.record.seen.id))
    });
    Ok(out)
}

/// What the people decided about a finding.
fn decisions(records: &dyn Records, key: &str) -> Result<Vec<Decision>, Error> {
    let entries = records.entries(Some(key))?.into_iter();
    let decisions = entries.filter_map(|entry| match entry {
        Entry::Decision { decision, .. } | Entry::Split { decision, .. } => Some(decision),
        Entry::Case { .. } => None,
    });
    Ok(decisions.collect())
}

/// What the people said about a case itself.
///
/// # Errors
/// [`Error::Records`].
pub fn changes(records: &dyn Records, case: &str) -> Result<Vec<CaseChange>, Error> {
    let entries = records.entries(Some(case))?.into_iter();
    let changes = entries.filter_map(|entry| match entry {
        Entry::Case { change } => Some(change),
        _ => None,
    });
    Ok(changes.collect())
}

/// Sets the state or verdict of a case; returns the number in the journal.
///
/// # Errors
/// [`Error::Decision`] when nothing is to be set or no reason is given, [`Error::Records`].
pub fn change(
    records: &mut dyn Records,
    case: &CaseSummary,
    state: Option<CaseState>,
    verdict: Option<&str>,
    author: &Author,
    why: &str,
) -> Result<u64, Error> {
    let wrong = |reason: &str| Error::Decision {
        reason: reason.to_owned(),
    };
    if state.is_none() && verdict.is_none() {
        return Err(wrong("nothing to set: --state STATE or --verdict TEXT"));
    }
    if why.trim().is_empty() {
        return Err(wrong("a decision needs a reason: --why TEXT"));
    }
    let verdict = verdict.map(|verdict| {
        let word = verdict.trim().to_lowercase().replace(['-', ' '], "_");
        let known = VERDICTS.into_iter().find(|known| *known == word);
        Text::from(known.unwrap_or(verdict.trim()))
    });
    Ok(records.set_case(&CaseChange {
        case: case.name.clone(),
        state,
        verdict,
        who: author.who.clone(),
        sudo_user: author.sudo_user.clone(),
        when: author.when.to_string().into(),
        why: why.into(),
    })?)
}

/// Open findings of a severity and worse, for one line.
#[must_use]
pub fn open_count(case: &CaseSummary, severity: Severity) -> u64 {
    case.open
        .get(severity as usize)
        .copied()
        .unwrap_or_default()
}
