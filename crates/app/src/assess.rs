//! From a host, a tree or reports to one ranked report: read, scan, join, rank.

use crate::error::Error;
use crate::reports;
use casemate_base::Timestamp;
use casemate_report::{Format, HtmlOptions};
use casemate_scan::tree::LiveTree;
use casemate_scan::{Options, Progress, Surface};
use casemate_schema::{Report, SCHEMA_VERSION, ScanInfo, ScanMode, Summary, Tool};
use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What to scan, and how.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// A mounted or fixture tree; the running host if absent.
    pub root: Option<PathBuf>,
    /// Surfaces to look at.
    pub surfaces: BTreeSet<Surface>,
    /// Quick or deep.
    pub mode: ScanMode,
    /// The time that the report carries.
    pub now: Timestamp,
    /// Threads to use.
    pub threads: usize,
}

/// Scans the host or a tree. The findings are in the order of their ids, without risk.
///
/// # Errors
/// [`Error::Root`] when the tree cannot be opened.
pub fn scan(request: &ScanRequest, progress: Progress<'_>) -> Result<Report, Error> {
    let tree = match &request.root {
        None => LiveTree::host(),
        Some(root) => LiveTree::at(root),
    }
    .map_err(|source| Error::Root {
        path: request.root.clone().unwrap_or_else(|| PathBuf::from("/")),
        source,
    })?;
    let uid = rustix::process::geteuid().as_raw();
    let options = Options {
        surfaces: request.surfaces.clone(),
        mode: request.mode,
        now_s: request.now.unix_seconds(),
        uid,
        own_pid: std::process::id(),
        threads: request.threads,
    };
    let scan = casemate_scan::scan(&tree, &options, progress);
    Ok(Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool {
            name: "casemate".to_owned(),
            version: crate::VERSION.to_owned(),
        },
        scan: ScanInfo {
            started_at: request.now.to_string(),
            mode: request.mode,
            target: if request.root.is_some() {
                "tree"
            } else {
                "host"
            }
            .to_owned(),
            privileged: uid == 0,
            surfaces: request
                .surfaces
                .iter()
                .map(|s| s.as_str().to_owned())
                .collect(),
        },
        host: scan.host,
        summary: Summary::of(&scan.findings, &scan.coverage),
        coverage: scan.coverage,
        partial: false,
        findings: scan.findings,
        packages: scan.packages,
        graph: scan.graph.map(Box::new),
        ..Report::default()
    })
}

/// Ranks a report's findings by risk.
pub fn rank(report: &mut Report) {
    casemate_triage::rank(report);
}

/// Writes a report in all formats into a folder and returns the files' names. What does not count
/// stands in the JSON formats in any case, and in the others if it is asked for.
///
/// # Errors
/// [`Error::Format`] or [`Error::Write`].
pub fn write_all(
    report: &Report,
    folder: &Path,
    show_suppressed: bool,
) -> Result<Vec<PathBuf>, Error> {
    let mut written = Vec::new();
    // A copy is made only where something must not be shown.
    let hides = !show_suppressed && !report.suppressed.is_empty();
    let shown = hides.then(|| Report {
        suppressed: Vec::new(),
        ..report.clone()
    });
    for format in [Format::Html, Format::Json, Format::Ndjson, Format::Sarif] {
        let keeps_all = matches!(format, Format::Json | Format::Ndjson);
        let report = shown.as_ref().filter(|_| !keeps_all).unwrap_or(report);
        let name = format!("report.{}", format.file_extension());
        write_file(report, format, folder, &name)?;
        written.push(folder.join(name));
    }
    Ok(written)
}

/// Writes a report in one format, in memory.
///
/// # Errors
/// [`Error::Format`].
pub fn render(report: &Report, format: Format) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write(report, format, &mut out)?;
    Ok(out)
}

/// Writes a report in one format; the large ones are never held whole.
///
/// # Errors
/// [`Error::Format`], also when the writer fails.
pub fn write(report: &Report, format: Format, out: &mut dyn Write) -> Result<(), Error> {
    let written = match format {
        Format::Html => {
            let factors = casemate_triage::FACTORS
                .map(|(n, m)| (n.to_owned(), m.to_owned()))
                .to_vec();
            let options = HtmlOptions {
                factors,
                ..HtmlOptions::default()
            };
            casemate_report::html(report, &options).and_then(|page| {
                out.write_all(page.as_bytes())
                    .map_err(casemate_report::Error::Write)
            })
        }
        other => other.write_to(report, out),
    };
    written.map_err(|source| Error::Format {
        format: format.as_str(),
        source,
    })
}

/// Writes a report to a file, whole or not at all.
///
/// # Errors
/// [`Error::Format`] or [`Error::Write`].
pub fn write_file(report: &Report, format: Format, folder: &Path, name: &str) -> Result<(), Error> {
    let mut failed = None;
    let written = reports::write_with(folder, name, &mut |out| {
        let mut out = BufWriter::with_capacity(1 << 18, out);
        if let Err(error) = write(report, format, &mut out) {
            failed = Some(error);
            return Err(std::io::ErrorKind::Other.into());
        }
        out.flush()
    });
    match failed {
        Some(error) => Err(error),
        None => written,
    }
}
