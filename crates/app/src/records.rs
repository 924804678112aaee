//! Between reports and the records: what a report shows is recorded, and what people decided is
//! shown in a report.
//!
//! The key of a finding is unique over all hosts: imported findings have their host in their id
//! already; a finding of our own scan gets the id that it has in a report about several hosts
//! (`triage::merge`), so that both are one.

use crate::error::Error;
use crate::import::TakenFile;
use casemate_base::Timestamp;
use casemate_schema::{
    Changes, CheckCoverage, Decision, Finding, FindingState, Location, Report, ScanMode, Source,
    Status, Summary, Suppression, Text, finding_id,
};
pub use casemate_store::records::{
    Author, Batch, Entry, Group, GroupMember, ImportRecord, Looked, Proposal, Record, Records,
    RecordsError, Scope, Seen, SqliteRecords,
};
use casemate_triage::Apart;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Opens the records of the data directory, and makes them where there are none.
///
/// # Errors
/// [`Error::Records`].
pub fn open(data_dir: &Path) -> Result<SqliteRecords, Error> {
    Ok(SqliteRecords::open(data_dir)?)
}

/// Opens the records of the data directory, if there are any.
///
/// # Errors
/// [`Error::Records`].
pub fn open_existing(data_dir: &Path) -> Result<Option<SqliteRecords>, Error> {
    Ok(SqliteRecords::open_existing(data_dir)?)
}

/// Whether anything was recorded in the data directory.
#[must_use]
pub fn are_there(config: &crate::config::Config) -> bool {
    let file = config
        .data_dir()
        .map(|folder| folder.join(casemate_store::records::FILE));
    file.is_ok_and(|file| file.exists())
}

/// What people took apart; nothing where there are no records.
///
/// # Errors
/// [`Error::Records`].
pub fn apart(data_dir: Option<&Path>) -> Result<Apart, Error> {
    match data_dir.map(open_existing).transpose()?.flatten() {
        Some(records) => Ok(records.apart()?),
        None => Ok(Apart::default()),
    }
}

/// The key of one tool's record. `host` is the report's.
fn key_of(source: &Source, location: &Location, id: &Text, host: Option<&str>) -> Text {
    if location.host.is_none() && source.tool.eq_ignore_ascii_case("casemate") {
        let host = host.unwrap_or("unknown");
        return finding_id(&source.check, &[host.as_bytes(), id.as_bytes()]).into();
    }
    id.clone()
}

/// The keys of a finding, that of the record that stands for all first.
fn keys_of(finding: &Finding, host: Option<&str>) -> Vec<Text> {
    let Some(merged) = &finding.merged else {
        return vec![key_of(
            &finding.source,
            &finding.location,
            &finding.id,
            host,
        )];
    };
    let mut records: Vec<_> = merged.records.iter().collect();
    let stands = |source: &Source, id: &Text| *id == finding.id && *source == finding.source;
    records.sort_by_key(|record| !stands(&record.source, &record.id));
    let mut keys: Vec<Text> = Vec::new();
    for record in records {
        let key = key_of(&record.source, &record.location, &record.id, host);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// What a report of one scope holds, for the records.
pub(crate) fn record_of(
    report: &Report,
    scope: Scope,
    digest: &str,
    at: Timestamp,
    rejected: (Vec<Text>, u64),
) -> ImportRecord {
    let host = report.host.name.as_deref();
    let mut findings = Vec::with_capacity(report.findings.len());
    for finding in &report.findings {
        findings.push(seen(finding, host, &scope.target));
    }
    let suppressed = report.suppressed.iter();
    let (rejected, n_rejected) = rejected;
    ImportRecord {
        report: digest.into(),
        at,
        suppressed: suppressed.flat_map(|one| keys_of(one, host)).collect(),
        looked: if n_rejected > 0 {
            Looked::Unknown
        } else {
            looked(report)
        },
        rejected,
        findings,
        scope,
    }
}

/// A scan of ours, for the records.
#[must_use]
pub fn of_scan(report: &Report, digest: &str, now: Timestamp) -> ImportRecord {
    let hosts: BTreeSet<&str> = report
        .findings
        .iter()
        .filter_map(|finding| finding.location.host.as_deref())
        .collect();
    // A report about several hosts says nothing about a host that it does not name.
    let several = || hosts.into_iter().collect::<Vec<_>>().join(",");
    let target = report.host.name.clone().unwrap_or_else(several);
    let scope = Scope {
        host: report.host.name.as_deref().unwrap_or("unknown").into(),
        tool: "casemate".into(),
        target: target.into(),
    };
    let at = report.scan.started_at.parse().unwrap_or(now);
    record_of(report, scope, digest, at, (Vec::new(), 0))
}

fn seen(finding: &Finding, host: Option<&str>, target: &Text) -> Seen {
    let location = &finding.location;
    let is_own = finding.source.tool.eq_ignore_ascii_case("casemate");
    let named = location.host.clone();
    let host_name = named.or_else(|| host.filter(|_| is_own).map(Text::from));
    Seen {
        key: key_of(&finding.source, location, &finding.id, host),
        id: finding.id.clone(),
        case: host_name.clone().unwrap_or_else(|| target.clone()),
        host: host_name.unwrap_or_default(),
        tool: finding.source.tool.clone(),
        check: finding.source.check.clone(),
        title: finding.title.clone(),
        category: finding.category.clone(),
        severity: finding.severity,
        risk: finding.risk.as_ref().map(|risk| risk.score),
        path: location.path.clone(),
        subject: location.subject.clone(),
        vulnerability: finding.vulnerability.as_ref().map(|one| one.id.clone()),
        component: finding.component.as_ref().map(|one| one.name.clone()),
    }
}

/// A check that could not look at everything says nothing about what it does not show.
fn looked(report: &Report) -> Looked {
    let whole = |check: &&CheckCoverage| match check.status {
        Status::Passed | Status::NotApplicable => true,
        Status::Hit => check.reason.is_none() && !check.privileges,
        Status::NotAssessed => false,
    };
    let checks = report.coverage.checks.iter();
    let id = |check: &CheckCoverage| Text::from(check.id.as_str());
    if report.scan.mode == ScanMode::Import {
        Looked::Except(checks.filter(|check| !whole(check)).map(id).collect())
    } else {
        Looked::Only(checks.filter(whole).map(id).collect())
    }
}

/// What is merged in a report.
fn groups(report: &Report) -> Vec<Group> {
    let host = report.host.name.as_deref();
    let all = report.findings.iter().chain(&report.suppressed);
    let merged = all.filter_map(|finding| Some((finding, finding.merged.as_deref()?)));
    let mut out: Vec<Group> = merged
        .filter_map(|(finding, merged)| {
            let members = merged.records.iter().map(|record| GroupMember {
                key: key_of(&record.source, &record.location, &record.id, host),
                id: record.id.clone(),
                tool: record.source.tool.clone(),
                check: record.source.check.clone(),
                title: record.title.clone(),
            });
            Some(Group {
                head: keys_of(finding, host).into_iter().next()?,
                words: merged.keys.clone(),
                members: members.collect(),
            })
        })
        .collect();
    out.sort();
    out
}

/// The chains of a report that is about one host.
fn chains(report: &Report, imports: &[ImportRecord]) -> Result<BTreeMap<Text, Text>, Error> {
    let mut out = BTreeMap::new();
    let name = report.host.name.as_deref().map(Text::from).or_else(|| {
        let cases: BTreeSet<&Text> = imports
            .iter()
            .flat_map(|import| import.findings.iter().map(|finding| &finding.case))
            .collect();
        let mut cases = cases.into_iter();
        match (cases.next(), cases.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    });
    if let (Some(case), Some(name)) = (&report.case, name) {
        let bytes = casemate_schema::to_canonical(&case.chains).map_err(RecordsError::from)?;
        out.insert(name, String::from_utf8_lossy(&bytes).as_ref().into());
    }
    Ok(out)
}

/// Records what a report holds (with `save`), or says what recording it would change; then shows in
/// the report where each finding stands. Without `save` and without records nothing is done.
///
/// # Errors
/// [`Error::Records`].
pub fn keep(
    data_dir: &Path,
    report: &mut Report,
    mut imports: Vec<ImportRecord>,
    now: Timestamp,
    save: bool,
) -> Result<Option<Vec<Changes>>, Error> {
    let records = if save {
        Some(open(data_dir)?)
    } else {
        open_existing(data_dir)?
    };
    let Some(mut records) = records else {
        return Ok(None);
    };
    let risks = if save { risks(report) } else { BTreeMap::new() };
    for finding in imports.iter_mut().flat_map(|import| &mut import.findings) {
        finding.risk = risks.get(&finding.key).copied().or(finding.risk);
    }
    let batch = Batch {
        now,
        groups: groups(report),
        chains: chains(report, &imports)?,
        imports,
    };
    let changes = if save {
        records.record(&batch)?
    } else {
        records.compare(&batch)?
    };
    let mut all = Changes::default();
    for one in &changes {
        for (to, from) in [
            (&mut all.created, &one.created),
            (&mut all.closed, &one.closed),
            (&mut all.untouched, &one.untouched),
            (&mut all.reopened, &one.reopened),
            (&mut all.rejected, &one.rejected),
            (&mut all.not_looked, &one.not_looked),
            (&mut all.older, &one.older),
        ] {
            to.extend(from.iter().cloned());
        }
    }
    report.changes = Some(Box::new(all));
    show(&records, report, now)?;
    Ok(Some(changes))
}

/// The scores of a report's findings by key.
fn risks(report: &Report) -> BTreeMap<Text, u8> {
    let host = report.host.name.as_deref();
    let mut ranked;
    let mut findings = &report.findings;
    if findings.iter().any(|finding| finding.risk.is_none()) {
        ranked = report.clone();
        casemate_triage::rank(&mut ranked);
        findings = &ranked.findings;
    }
    let scores = findings.iter().filter_map(|finding| {
        let score = finding.risk.as_ref()?.score;
        Some(
            keys_of(finding, host)
                .into_iter()
                .map(move |key| (key, score)),
        )
    });
    scores.flatten().collect()
}

/// Records or compares what files hold, and puts the counts into the report and the files.
///
/// # Errors
/// [`Error::Records`].
pub fn keep_files(
    data_dir: Option<&Path>,
    report: &mut Report,
    files: &mut [TakenFile],
    now: Timestamp,
    save: bool,
) -> Result<(), Error> {
    let imports: Vec<ImportRecord> = files.iter_mut().filter_map(TakenFile::record).collect();
    let kept = match data_dir {
        Some(data_dir) => keep(data_dir, report, imports, now, save)?,
        None => None,
    };
    crate::import::count(report, files, kept);
    Ok(())
}

/// Shows in a report what the records say of its findings, if there are any: where they stand, and
/// apart from the rest what a person ruled out.
///
/// # Errors
/// [`Error::Records`].
pub fn show_known(
    data_dir: Option<&Path>,
    report: &mut Report,
    now: Timestamp,
) -> Result<(), Error> {
    match data_dir.map(open_existing).transpose()?.flatten() {
        Some(records) => show(&records, report, now),
        None => Ok(()),
    }
}

fn show(records: &SqliteRecords, report: &mut Report, now: Timestamp) -> Result<(), Error> {
    let host = report.host.name.clone();
    let today = now.date();
    for finding in &mut report.suppressed {
        if let Some((_, state)) = standing(records, finding, host.as_deref(), &today)? {
            finding.state = Some(Box::new(state));
        }
    }
    let mut moved = false;
    let mut kept = Vec::with_capacity(report.findings.len());
    for mut finding in std::mem::take(&mut report.findings) {
        if let Some((record, state)) = standing(records, &finding, host.as_deref(), &today)? {
            let ruled_out = record.standing.is_ruled_out(&today);
            finding.suppression = ruled_out.then(|| Box::new(suppression(&state)));
            finding.state = Some(Box::new(state));
        }
        if finding.suppression.is_some() {
            moved = true;
            report.suppressed.push(finding);
        } else {
            kept.push(finding);
        }
    }
    report.findings = kept;
    if moved {
        let counts = std::mem::take(&mut report.summary.counts);
        report.summary = Summary::of(&report.findings, &report.coverage);
        report.summary.counts = counts;
        let n = report.suppressed.len() as u64;
        report.summary.counts.insert("suppressed".to_owned(), n);
    }
    Ok(())
}

/// Where a finding stands. Of a merged one the record counts that a person ruled out, else the one
/// that stands for all.
fn standing(
    records: &SqliteRecords,
    finding: &Finding,
    host: Option<&str>,
    today: &str,
) -> Result<Option<(Record, FindingState)>, Error> {
    let mut found: Option<Record> = None;
    for key in keys_of(finding, host) {
        let Some(record) = records.finding(&key)? else {
            continue;
        };
        let rules = record.standing.is_ruled_out(today);
        if found.is_none() || rules {
            found = Some(record);
        }
        if rules {
            break;
        }
    }
    let Some(record) = found else {
        return Ok(None);
    };
    let state = state_of(records, &record, today)?;
    Ok(Some((record, state)))
}

/// A record as a report shows it.
///
/// # Errors
/// [`Error::Records`].
pub fn state_of(
    records: &dyn Records,
    record: &Record,
    today: &str,
) -> Result<FindingState, Error> {
    let expired = record.standing.is_expired(today);
    let open = casemate_triage::states::Standing::new(record.standing.since);
    let standing = if expired { &open } else { &record.standing };
    Ok(FindingState {
        state: standing.state,
        reason: standing.reason,
        first_seen: record.first_seen.to_string().into(),
        last_seen: record.last_seen.to_string().into(),
        seen: record.times,
        decision: holding(records, record, record.decision)?.map(Box::new),
        waiting: holding(records, record, record.waiting)?.map(Box::new),
    })
}

/// A decision, with the name of who approved it.
fn holding(
    records: &dyn Records,
    record: &Record,
    number: Option<u64>,
) -> Result<Option<Decision>, Error> {
    let Some(number) = number else {
        return Ok(None);
    };
    let Some(Entry::Decision { mut decision, .. }) = records.entry(number)? else {
        return Ok(None);
    };
    if decision.pending {
        let later = records.entries(Some(&record.seen.key))?;
        let approval = later.into_iter().find_map(|entry| match entry {
            Entry::Decision { decision, .. }
                if decision.answers == Some(number) && decision.verb == "approve" =>
            {
                Some(decision)
            }
            _ => None,
        });
        if let Some(approval) = approval {
            decision.approved_by = Some(approval.who);
            decision.pending = false;
        }
    }
    Ok(Some(decision))
}

/// Why a finding that a person ruled out does not count.
fn suppression(state: &FindingState) -> Suppression {
    let decision = state.decision.as_deref();
    let status = state.reason.map_or("closed", |reason| reason.as_str());
    let source = decision.map_or_else(
        || "records".to_owned(),
        |decision| {
            let approved = decision.approved_by.as_deref();
            let approved = approved.map_or_else(String::new, |who| format!(", approved by {who}"));
            let until = decision.until.as_deref();
            let until = until.map_or_else(String::new, |day| format!(", until {day}"));
            let Decision {
                number, who, when, ..
            } = decision;
            format!("decision {number} by {who} at {when}{approved}{until}")
        },
    );
    Suppression {
        by: "decision".into(),
        status: status.into(),
        justification: None,
        statement: decision.map(|decision| decision.why.clone()),
        source: source.into(),
    }
}
