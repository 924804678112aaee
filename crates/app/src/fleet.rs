//! Many reports, host by host: each is read, ranked, counted and let go.

use crate::error::Error;
use crate::import::{self, ImportRequest, Progress};
use casemate_base::Timestamp;
pub use casemate_triage::FleetReport;
use casemate_triage::{Fleet, Site};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The fleet.
    pub report: FleetReport,
    /// Files that could not be taken, in the order in which they were named.
    pub refused: Vec<Error>,
}

/// Looks at all files of a request as reports of hosts. The memory holds one report a thread, and a
/// few numbers of each host.
///
/// # Errors
/// [`Error::NoInput`] when no file could be taken.
pub fn look(
    request: &ImportRequest,
    site: Option<&Site>,
    progress: Progress<'_>,
) -> Result<Outcome, Error> {
    let fleet = Mutex::new(Fleet::new(site));
    let refused: Mutex<Vec<(usize, Error)>> = Mutex::new(Vec::new());
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let n_files = request.files.len();
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = request.files.get(at) else {
                break;
            };
            match one(name, request, site) {
                Ok((report, at_s)) => {
                    if let Ok(mut fleet) = fleet.lock() {
                        fleet.add(&report, at_s);
                    }
                }
                Err(error) => {
                    if let Ok(mut refused) = refused.lock() {
                        refused.push((at, error));
                    }
                }
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, n_files);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..request.threads.min(n_files) {
            scope.spawn(work);
        }
        work();
    });
    let mut refused = refused.into_inner().unwrap_or_default();
    refused.sort_by_key(|(at, _)| *at);
    let refused: Vec<Error> = refused.into_iter().map(|(_, error)| error).collect();
    if refused.len() == n_files {
        return Err(Error::NoInput { reasons: refused });
    }
    let fleet = fleet.into_inner().unwrap_or_else(|poisoned| {
        // A thread that panicked has ended the scope already.
        poisoned.into_inner()
    });
    Ok(Outcome {
        report: fleet.finish(),
        refused,
    })
}

/// One report, ranked, with its time. Imported reports carry the time of the tool where it says one.
fn one(
    name: &str,
    request: &ImportRequest,
    site: Option<&Site>,
) -> Result<(casemate_schema::Report, i64), Error> {
    let alone = ImportRequest {
        files: vec![name.to_owned()],
        threads: 1,
        record: false,
        ..request.clone()
    };
    let mut outcome = import::take(&alone, &|_, _| {})?;
    let scanned = outcome
        .files
        .iter()
        .filter_map(|file| file.input.scanned_at.as_deref())
        .max()
        .map(str::to_owned);
    let report = &mut outcome.report;
    if let Some(scanned) = scanned {
        report.scan.started_at = scanned;
    }
    // A report that hides its host's name is told from others by its target or file.
    let file = outcome.files.first().map(|file| &file.input);
    if let (None, Some(file)) = (&report.host.name, file) {
        let name = file.target.as_ref().unwrap_or(&file.name);
        report.host.name = Some(name.to_string());
    }
    casemate_triage::rank_on(report, site);
    let at_s = report
        .scan
        .started_at
        .parse::<Timestamp>()
        .map_or(0, Timestamp::unix_seconds);
    Ok((outcome.report, at_s))
}
