//! One scan: run the checks over the facts, and make findings and coverage of what they say.
//!
//! Checks run on as many threads as asked; their results are put in order by check, so the outcome
//! is the same on any number of threads. A check reports at most [`HITS_MAX`] findings: those with
//! the smallest ids, and one line that counts the rest, so that a tree of ten million bad files
//! ends in bounded memory.

use crate::check::{Check, Cx, Hit, Limit, Skip};
use crate::facts::Facts;
use crate::surface::Surface;
use crate::tree::Tree;
use casemate_base::{encoding, text};
use casemate_schema::{
    CheckCoverage, Coverage, Evidence, Finding, Host, HostGraph, InstalledPackage, Location,
    Reference, ScanMode, Source, Status, Text, finding_id,
};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Most findings that one check reports one by one.
pub(crate) const HITS_MAX: usize = 1000;

/// How a scan is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Surfaces to look at.
    pub surfaces: BTreeSet<Surface>,
    /// System paths only, or all local mounts and digests.
    pub mode: ScanMode,
    /// The time that ages and expiries are measured against, seconds since 1970.
    pub now_s: i64,
    /// Effective user of the scanner.
    pub uid: u32,
    /// The scanner's own process, which is left out of the report.
    pub own_pid: u32,
    /// Threads to use, at least 1.
    pub threads: usize,
}

impl Options {
    /// A quick scan of all surfaces at the given time, on one thread, as root.
    #[must_use]
    pub fn at(now_s: i64) -> Self {
        Self {
            surfaces: Surface::ALL.into_iter().collect(),
            mode: ScanMode::Quick,
            now_s,
            uid: 0,
            own_pid: 0,
            threads: 1,
        }
    }

    /// Whether this is a deep scan.
    #[must_use]
    pub fn is_deep(&self) -> bool {
        self.mode == ScanMode::Deep
    }
}

/// Told when a check is done: how many are done, of how many, and its identifier.
pub type Progress<'a> = &'a (dyn Fn(usize, usize, &str) + Sync);

/// What a scan found.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The host, as far as it could be read.
    pub host: Host,
    /// What was looked at and what was not.
    pub coverage: Coverage,
    /// The findings, sorted by id.
    pub findings: Vec<Finding>,
    /// The installed packages, sorted; none when the surface `packages` was not asked for.
    pub packages: Vec<InstalledPackage>,
    /// What runs, owns, may write or become what; none when no surface that was asked for tells.
    pub graph: Option<HostGraph>,
}

/// Scans a tree.
#[must_use]
pub fn scan(tree: &dyn Tree, options: &Options, progress: Progress<'_>) -> Scan {
    let facts = Facts::new(tree, options);
    let checks: Vec<&'static Check> = crate::check::all()
        .into_iter()
        .filter(|check| options.surfaces.contains(&check.surface))
        .collect();
    let mut findings = Vec::new();
    let mut covered = Vec::new();
    for (check, outcome) in run_all(&checks, &facts, options, progress) {
        covered.push(outcome.coverage(check));
        findings.extend(outcome.findings);
    }
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    crate::digest::add(tree, &mut findings);
    let host = facts.os().map(|os| os.host.clone()).unwrap_or_default();
    Scan {
        host,
        coverage: Coverage::from_checks(covered),
        findings,
        packages: installed(&facts),
        graph: graph(&facts),
    }
}

/// The host graph. One that cannot be made takes nothing else with it, and says so.
fn graph(facts: &Facts<'_>) -> Option<HostGraph> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| crate::graph::build(facts)))
        .unwrap_or_else(|_| {
            Some(HostGraph {
                limits: vec!["the graph itself failed: please report this".into()],
                ..HostGraph::default()
            })
        })
}

/// The inventory for the report.
fn installed(facts: &Facts<'_>) -> Vec<InstalledPackage> {
    if !facts.options().surfaces.contains(&Surface::Packages) {
        return Vec::new();
    }
    facts
        .inventory()
        .map(|inventory| inventory.listed())
        .unwrap_or_default()
}

/// Runs the checks on the asked number of threads and returns their outcomes in the checks' order.
fn run_all(
    checks: &[&'static Check],
    facts: &Facts<'_>,
    options: &Options,
    progress: Progress<'_>,
) -> Vec<(&'static Check, Outcome)> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Outcome>> = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(check) = checks.get(position) else {
                break;
            };
            let outcome = run_one(check, facts);
            let mut done = done
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            done.insert(position, outcome);
            progress(done.len(), checks.len(), check.id);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    let done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    checks.iter().copied().zip(done.into_values()).collect()
}

/// What one check said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) privileges: bool,
    pub(crate) findings: Vec<Finding>,
}

impl Outcome {
    fn coverage(&self, check: &Check) -> CheckCoverage {
        CheckCoverage {
            id: check.id.to_owned(),
            surface: check.surface.as_str().to_owned(),
            status: self.status,
            reason: self.reason.clone(),
            privileges: self.privileges,
            findings: self.findings.len() as u64,
        }
    }
}

/// Runs one check. Deep checks say so in a quick scan instead of running.
pub(crate) fn run_one(check: &'static Check, facts: &Facts<'_>) -> Outcome {
    if check.deep && !facts.options().is_deep() {
        let skip = Skip::not_assessed("part of the deep scan alone (--deep)");
        return outcome(check, Err(skip), Vec::new(), Vec::new());
    }
    let mut cx = Cx::new(facts);
    // One check that fails takes nothing else with it.
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (check.run)(&mut cx)))
        .unwrap_or_else(|_| {
            Err(Skip::not_assessed(
                "the check itself failed: please report this",
            ))
        });
    let (hits, limits) = cx.into_parts();
    outcome(check, result, hits, limits)
}

fn outcome(
    check: &'static Check,
    result: Result<(), Skip>,
    hits: Vec<Hit>,
    limits: Vec<Limit>,
) -> Outcome {
    let mut privileges = limits.iter().any(|limit| limit.privileges);
    let mut reasons: BTreeSet<String> = limits.into_iter().map(|limit| limit.reason).collect();
    let skipped = match result {
        Ok(()) => None,
        Err(Skip::NotApplicable(reason)) => {
            reasons.insert(reason);
            Some(Status::NotApplicable)
        }
        Err(Skip::NotAssessed {
            reason,
            privileges: denied,
        }) => {
            privileges |= denied;
            reasons.insert(reason);
            Some(Status::NotAssessed)
        }
    };
    let status = match skipped {
        _ if !hits.is_empty() => Status::Hit,
        Some(status) => status,
        None if reasons.is_empty() => Status::Passed,
        None => Status::NotAssessed,
    };
    let reason = shorten(reasons);
    Outcome {
        status,
        reason,
        privileges,
        findings: findings_of(check, hits),
    }
}

/// Joins reasons; a long list keeps its first ones and counts the rest.
fn shorten(reasons: BTreeSet<String>) -> Option<String> {
    const SHOWN: usize = 3;
    let more = reasons.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = reasons.into_iter().take(SHOWN).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    (!shown.is_empty()).then(|| shown.join("; "))
}

fn findings_of(check: &'static Check, hits: Vec<Hit>) -> Vec<Finding> {
    let mut by_id: BTreeMap<String, Finding> = BTreeMap::new();
    let mut more = 0_u64;
    let card = check.card();
    for hit in hits {
        let finding = finding_of(check, &card, hit);
        if by_id.insert(finding.id.to_string(), finding).is_none() && by_id.len() > HITS_MAX {
            by_id.pop_last();
            more += 1;
        }
    }
    if more > 0 {
        let title = format!("{}: {more} more of the same", check.title);
        let hit = Hit::new(title)
            .subject("more")
            .evidence("not_listed", more.to_string());
        let finding = finding_of(check, &card, hit);
        by_id.insert(finding.id.to_string(), finding);
    }
    by_id.into_values().collect()
}

fn finding_of(check: &'static Check, card: &crate::check::Card, hit: Hit) -> Finding {
    let path_bytes = hit.path.as_deref().map(|path| path.as_os_str().as_bytes());
    let subject = hit.subject.as_deref().unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![path_bytes.unwrap_or_default(), subject.as_bytes()];
    parts.extend(hit.keys.iter().map(Vec::as_slice));
    let (path, path_base64) = match hit.path.as_deref() {
        Some(path) => {
            let (shown, exact) = path_text(path);
            (Some(shown), exact)
        }
        None => (None, None),
    };
    let references = check
        .references
        .iter()
        .map(|(kind, id)| Reference {
            kind: *kind,
            id: (*id).into(),
        })
        .collect();
    Finding {
        id: finding_id(check.id, &parts).into(),
        title: hit.title.into(),
        category: check.surface.as_str().into(),
        severity: hit.severity.unwrap_or(check.severity),
        source: Source {
            tool: "casemate".into(),
            check: check.id.into(),
            id: None,
            severity: None,
        },
        location: Location {
            host: None,
            path: path.map(Text::from),
            path_base64: path_base64.map(Text::from),
            line: hit.line,
            subject: hit.subject.map(Text::from),
        },
        evidence: hit.evidence,
        description: card.why.clone().into(),
        remediation: hit.instead.unwrap_or_else(|| card.instead.clone()).into(),
        references,
        ..Finding::default()
    }
}

/// A path as text, and its exact bytes in base64 when the text does not hold them.
pub(crate) fn path_text(path: &Path) -> (String, Option<String>) {
    let bytes = path.as_os_str().as_bytes();
    let (shown, exact) = text::lossy_path(bytes);
    (shown, (!exact).then(|| encoding::base64_encode(bytes)))
}

/// One evidence line, as fixtures show it.
pub(crate) fn evidence_line(evidence: &Evidence) -> String {
    let mut line = format!("{} = {}", evidence.name, text::printable(&evidence.value));
    if let Some(path) = &evidence.path {
        line.push_str(&format!(" ({}", text::printable(path)));
        if let Some(number) = evidence.line {
            line.push_str(&format!(":{number}"));
        }
        line.push(')');
    }
    line
}
