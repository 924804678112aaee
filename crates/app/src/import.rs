//! From other tools' reports to one report of ours: open, unpack, read, count, join.

pub(crate) mod source;

use crate::error::{Error, InputError};
use crate::records::{self, ImportRecord, Scope};
use casemate_base::Timestamp;
use casemate_ingest::{ImportError, Imported, Input, Mapping, import, import_as};
use casemate_schema::{
    Changes, CheckCoverage, Component, Coverage, Finding, InputFile, Report, SCHEMA_VERSION,
    ScanInfo, ScanMode, Statement, Summary, Text, Tool,
};
use casemate_triage::Apart;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The files; `-` is standard input.
    pub files: Vec<String>,
    /// The kind of all of them; found out if absent.
    pub kind: Option<String>,
    /// Mappings of the site.
    pub mappings: Vec<Mapping>,
    /// Whether what the files hold is made ready for the records.
    pub record: bool,
    /// What people took apart, and is not merged again.
    pub apart: Apart,
    /// The time that the report carries.
    pub now: Timestamp,
    /// Threads to use.
    pub threads: usize,
}

/// One file (or one entry of an archive) that was taken.
#[derive(Clone, Debug)]
pub struct TakenFile {
    /// What the report says of it.
    pub input: InputFile,
    /// Number of findings of each severity, lowest first.
    pub by_severity: [u64; 5],
    /// Findings that the tool itself does not count.
    pub suppressed: u64,
    /// What it changes in the records.
    pub changes: Changes,
    /// Records that could not be taken, all of them.
    pub n_rejected: u64,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// Packages that it lists; taken over into the outcome.
    components: Vec<Component>,
    /// Ids of its findings, when nothing is recorded.
    ids: Vec<Text>,
    /// Whether it is a report of ours that is no import.
    is_scan: bool,
    /// What goes into the records.
    record: Option<ImportRecord>,
}

impl TakenFile {
    /// Takes out what goes into the records.
    pub(crate) fn record(&mut self) -> Option<ImportRecord> {
        self.record.take()
    }
}

/// What came of an import.
#[derive(Debug)]
pub struct Outcome {
    /// One report of all files.
    pub report: Report,
    /// The files that were taken, in the order in which they were named.
    pub files: Vec<TakenFile>,
    /// The files that were not, with the reason.
    pub refused: Vec<Error>,
    /// What VEX documents among the files say.
    pub statements: Vec<Statement>,
    /// Packages that bills of materials among the files list, with a package URL each.
    pub components: Vec<Component>,
}

/// Tells how far it is: files done, files in all.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Reads files of any kind and joins what they hold. The findings are in the order of their ids,
/// without risk.
///
/// # Errors
/// The reason itself when one file was named, [`Error::NoInput`] when several were and none could
/// be taken.
pub fn take(request: &ImportRequest, progress: Progress<'_>) -> Result<Outcome, Error> {
    let mut refused = Vec::new();
    let mut opened = Vec::new();
    for name in &request.files {
        match source::open(name) {
            Ok(parts) => opened.extend(parts),
            Err(error) => refused.push(error),
        }
    }
    let mut reports = Vec::new();
    let mut files = Vec::new();
    let mut statements = Vec::new();
    let mut components = Vec::new();
    for result in read_all(&opened, request, progress) {
        match result {
            Ok((report, mut file, said)) => {
                components.append(&mut file.components);
                reports.push(report);
                files.push(file);
                statements.extend(said);
            }
            Err(error) => refused.push(error),
        }
    }
    let Some(mut report) = casemate_triage::merge_except(reports, &request.apart) else {
        return Err(match refused.len() {
            1 => refused.remove(0),
            _ => Error::NoInput { reasons: refused },
        });
    };
    report.partial |= !refused.is_empty() || files.iter().any(|file| file.n_rejected > 0);
    Ok(Outcome {
        report,
        files,
        refused,
        statements,
        components,
    })
}

/// As [`take`], for one file that is in memory already; the counts of changes are left out.
///
/// # Errors
/// The reason when it cannot be taken.
pub fn take_bytes(name: &str, bytes: Vec<u8>, now: Timestamp) -> Result<Report, Error> {
    let request = ImportRequest {
        files: Vec::new(),
        kind: None,
        mappings: Vec::new(),
        record: false,
        apart: Apart::default(),
        now,
        threads: 1,
    };
    let (report, _, _) = read_one(&source::in_memory(name, bytes), &request)?;
    Ok(casemate_triage::merge(vec![report]).unwrap_or_default())
}

type Taken = (Report, TakenFile, Vec<Statement>);

/// Reads the files on several threads; the results are in the order of the files.
fn read_all(
    opened: &[source::Opened],
    request: &ImportRequest,
    progress: Progress<'_>,
) -> Vec<Result<Taken, Error>> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<Taken, Error>)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = opened.get(at) else { break };
            let result = read_one(file, request);
            if let Ok(mut results) = results.lock() {
                results.push((at, result));
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, opened.len());
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..request.threads.min(opened.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn read_one(file: &source::Opened, request: &ImportRequest) -> Result<Taken, Error> {
    let wrong = |error: ImportError| Error::Input {
        name: file.shown.clone(),
        source: InputError::Import(error),
    };
    let digest = file.digest().map_err(wrong)?;
    let input = Input::new(&file.shown, file).map_err(wrong)?;
    let imported = match &request.kind {
        Some(kind) => import_as(&input, kind, &request.mappings),
        None => import(&input, &request.mappings),
    }
    .map_err(wrong)?;
    Ok(report_of(file, digest, imported, request))
}

/// One file's report, and what is said of it besides.
fn report_of(
    file: &source::Opened,
    digest: String,
    imported: Imported,
    request: &ImportRequest,
) -> Taken {
    let Imported {
        kind,
        tool,
        tool_version,
        scanned_at,
        target,
        findings,
        suppressed,
        statements,
        components,
        checks,
        rejected,
        n_rejected,
        notes,
        report,
    } = imported;
    let is_own = report.is_some();
    let mut report = match report {
        Some(own) => *own,
        None => Report {
            suppressed,
            ..fresh_report(findings, checks, request.now)
        },
    };
    let input = InputFile {
        name: file.name.as_str().into(),
        digest: digest.into(),
        kind: kind.as_str().into(),
        tool: tool.into(),
        tool_version: tool_version.map(Text::from),
        scanned_at: scanned_at.map(Text::from),
        target: target.as_deref().map(Text::from),
        findings: (report.findings.len() + report.suppressed.len()) as u64,
        statements: statements.len() as u64,
        rejected,
    };
    for finding in &mut report.findings {
        request.apart.rename(finding);
    }
    let is_scan = report.scan.mode != ScanMode::Import;
    let place = target.as_deref().unwrap_or(&file.name);
    let rejected = (rejected_names(&file.name, &input), n_rejected);
    let record = request
        .record
        .then(|| record_of_file(&report, &input, place, request.now, rejected));
    // A report of ours keeps the inputs that it names.
    if !is_own {
        report.inputs = vec![input.clone()];
    }
    let file = TakenFile {
        by_severity: count_by_severity(&report.findings),
        suppressed: report.suppressed.len() as u64,
        changes: Changes::default(),
        n_rejected,
        notes,
        components,
        ids: ids_unless(record.is_some(), &report),
        is_scan,
        record,
        input,
    };
    (report, file, statements)
}

/// The findings' ids, which a record holds already.
fn ids_unless(is_recorded: bool, report: &Report) -> Vec<Text> {
    let findings = report.findings.iter().filter(|_| !is_recorded);
    findings.map(|finding| finding.id.clone()).collect()
}

/// What the records keep of a file; an imported one was seen when its tool ran, where it says so.
fn record_of_file(
    report: &Report,
    input: &InputFile,
    place: &str,
    now: Timestamp,
    rejected: (Vec<Text>, u64),
) -> ImportRecord {
    if report.scan.mode != ScanMode::Import {
        return records::of_scan(report, &input.digest, now);
    }
    let scope = Scope {
        host: Text::default(),
        tool: input.kind.clone(),
        target: place.into(),
    };
    let at = input.scanned_at.as_deref().and_then(|at| at.parse().ok());
    records::record_of(report, scope, &input.digest, at.unwrap_or(now), rejected)
}

/// How many findings each severity has, the least first.
fn count_by_severity(findings: &[Finding]) -> [u64; 5] {
    let mut counts = [0; 5];
    for finding in findings {
        if let Some(count) = counts.get_mut(finding.severity as usize) {
            *count += 1;
        }
    }
    counts
}

/// A report of what other tools found.
fn fresh_report(findings: Vec<Finding>, checks: Vec<CheckCoverage>, now: Timestamp) -> Report {
    let coverage = Coverage::from_checks(checks);
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool {
            name: "casemate".to_owned(),
            version: crate::VERSION.to_owned(),
        },
        scan: ScanInfo {
            started_at: now.to_string(),
            mode: ScanMode::Import,
            target: "reports".to_owned(),
            privileged: false,
            surfaces: Vec::new(),
        },
        summary: Summary::of(&findings, &coverage),
        coverage,
        findings,
        ..Report::default()
    }
}

/// What a file could not be taken of, each with its place.
fn rejected_names(name: &str, input: &InputFile) -> Vec<Text> {
    let rejected = input.rejected.iter();
    rejected
        .map(|record| format!("{name}: {}: {}", record.place, record.reason).into())
        .collect()
}

/// Puts what changed into the files and its counts into the report. Without records everything
/// counts as created.
pub(crate) fn count(report: &mut Report, files: &mut [TakenFile], kept: Option<Vec<Changes>>) {
    let mut kept = kept.map(Vec::into_iter);
    for file in files {
        file.changes = match &mut kept {
            Some(kept) => kept.next().unwrap_or_default(),
            None => Changes {
                created: std::mem::take(&mut file.ids),
                ..Changes::default()
            },
        };
        // A scan of ours was not imported: it stays as it is.
        if file.is_scan {
            continue;
        }
        let changes = &file.changes;
        for (name, number) in [
            ("imported", file.input.findings),
            ("created", changes.created.len() as u64),
            ("closed", changes.closed.len() as u64),
            ("untouched", changes.untouched.len() as u64),
            ("reopened", changes.reopened.len() as u64),
            ("rejected", file.n_rejected),
        ] {
            let counts = &mut report.summary.counts;
            *counts.entry(name.to_owned()).or_default() += number;
        }
    }
}

/// The kinds that are known, by name.
pub use casemate_ingest::kinds;

/// A kind as JSON, for `--list-kinds --format json`.
#[must_use]
pub fn kind_json(kind: &casemate_ingest::Kind) -> serde_json::Value {
    let samples: Vec<_> = kind
        .counts()
        .iter()
        .map(|count| {
            serde_json::json!({
                "sample": count.sample,
                "findings": count.findings,
                "defectdojo": count.theirs,
                "reason": count.why,
            })
        })
        .collect();
    serde_json::json!({
        "kind": kind.name(),
        "title": kind.title(),
        "tool": kind.tool(),
        "format": kind.family(),
        "docs": kind.docs(),
        "mapping": kind.is_mapping(),
        "samples": samples,
    })
}

/// Reads a mapping of the site.
///
/// # Errors
/// [`Error::Input`] with the place and the reason.
pub fn mapping(path: &Path) -> Result<Mapping, Error> {
    /// Largest mapping.
    const BYTES_MAX: u64 = 1 << 20;
    let name = path.display().to_string();
    let wrong = |source: InputError| Error::Input {
        name: name.clone(),
        source,
    };
    let file = std::fs::File::open(path).map_err(|error| wrong(InputError::Read(error)))?;
    let bytes = casemate_base::bytes::read_capped(file, BYTES_MAX)
        .map_err(|error| wrong(InputError::Unpack(error.to_string())))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| wrong(InputError::Unpack("it is no UTF-8".to_owned())))?;
    Mapping::parse(&name, &text).map_err(|error| wrong(error.into()))
}
