//! From a report to actions: which files may be read, and the export that was asked for.
//!
//! A diff is made of the host's own files alone. They are read below `--root`, or from this host
//! when the report is a scan of it; a report from elsewhere gets settings without a diff.

use crate::error::Error;
use casemate_report::remediation::{self, FilePatch, Remediation};
use casemate_scan::tree::{self, LiveTree};
use casemate_schema::{Action, Report, Review, ScanMode, Text};
use casemate_triage::{FileState, FileText, Files, Knowledge, NoFiles, Plan};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Largest file that a diff is made of.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What an export looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// A POSIX shell script.
    Shell,
    /// An Ansible playbook.
    Ansible,
    /// Tickets in Markdown.
    Markdown,
    /// One patch.
    Diff,
}

impl Export {
    /// Names on the command line, in the order of the documentation.
    pub const NAMES: [&'static str; 4] = ["shell", "ansible", "md", "diff"];

    /// Reads a name; `None` for an unknown one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "shell" => Some(Self::Shell),
            "ansible" => Some(Self::Ansible),
            "md" => Some(Self::Markdown),
            "diff" => Some(Self::Diff),
            _ => None,
        }
    }
}

/// Files of a host or of a tree that holds one.
#[derive(Debug)]
pub struct HostFiles {
    tree: LiveTree,
}

impl Files for HostFiles {
    fn file(&self, path: &str) -> FileState {
        match tree::read_up_to(&self.tree, Path::new(path), FILE_BYTES_MAX) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => FileState::Text(FileText::new(text)),
                Err(_) => FileState::Unknown("the file is no text".to_owned()),
            },
            Err(error) if error.is_not_found() => FileState::Absent,
            Err(error) => FileState::Unknown(error.to_string()),
        }
    }
}

/// The files that belong to a report.
///
/// # Errors
/// [`Error::Root`] when the tree cannot be opened.
pub fn files(report: &Report, root: Option<&Path>) -> Result<Box<dyn Files>, Error> {
    let hosts: BTreeSet<&Text> = report
        .findings
        .iter()
        .filter_map(|finding| finding.location.host.as_ref())
        .collect();
    if hosts.len() > 1 {
        let reason = format!(
            "the report is about {} hosts: give one report at a time",
            hosts.len()
        );
        return Ok(Box::new(NoFiles { reason }));
    }
    let open = |tree: Result<LiveTree, tree::TreeError>, path: PathBuf| {
        tree.map(|tree| Box::new(HostFiles { tree }) as Box<dyn Files>)
            .map_err(|source| Error::Root { path, source })
    };
    if let Some(root) = root {
        return open(LiveTree::at(root), root.to_path_buf());
    }
    let reason = if report.scan.mode == ScanMode::Import {
        "the file was not at hand: the findings were imported (give the host's tree with --root)"
    } else if report.scan.target != "host" || !is_this_host(report) {
        "the file was not at hand: the scan is not of this host (give its tree with --root)"
    } else {
        return open(LiveTree::host(), PathBuf::from("/"));
    };
    Ok(Box::new(NoFiles {
        reason: reason.to_owned(),
    }))
}

/// Whether a report is about the host that this program runs on.
fn is_this_host(report: &Report) -> bool {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    report.host.name.as_deref() == Some(name.as_ref())
}

/// A plan with what its reader should know.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What reading it costs.
    pub review: Review,
}

/// Plans what to do about a ranked report.
#[must_use]
pub fn plan(report: &Report, files: &dyn Files, knowledge: &dyn Knowledge) -> Planned {
    let plan = casemate_triage::plan_with_files(&report.findings, files, knowledge);
    let review = casemate_triage::review(&report.findings, report.suppressed.len(), &plan.actions);
    Planned { plan, review }
}

/// The actions that were asked for, in their order; all when none is named.
///
/// # Errors
/// [`Error::UnknownAction`] for an id that the plan does not have.
pub fn chosen(planned: &Planned, ids: &[String]) -> Result<Vec<Action>, Error> {
    let all = &planned.plan.actions;
    if ids.is_empty() {
        return Ok(all.clone());
    }
    for id in ids {
        if !all.iter().any(|action| action.id == *id) {
            return Err(Error::UnknownAction { id: id.clone() });
        }
    }
    Ok(all
        .iter()
        .filter(|action| ids.iter().any(|id| action.id == *id))
        .cloned()
        .collect())
}

/// What the actions do to files together.
fn patches(planned: &Planned, actions: &[Action]) -> Vec<FilePatch> {
    let ids: BTreeSet<&str> = actions.iter().map(|action| action.id.as_str()).collect();
    planned
        .plan
        .file_changes(Some(&ids))
        .into_iter()
        .map(|file| FilePatch {
            path: file.path,
            digest: file.digest,
            diff: file.diff,
            content: file.content,
            mode: file.mode.to_owned(),
            actions: file.actions,
        })
        .collect()
}

/// The actions in another form.
#[must_use]
pub fn export(report: &Report, planned: &Planned, actions: &[Action], to: Export) -> String {
    let files = patches(planned, actions);
    let subject = report.host.name.as_deref().map_or_else(
        || {
            let names: Vec<&str> = report
                .inputs
                .iter()
                .map(|input| input.name.as_str())
                .collect();
            if names.is_empty() {
                "an unnamed host".to_owned()
            } else {
                names.join(", ")
            }
        },
        str::to_owned,
    );
    let tool = format!("casemate {}", crate::VERSION);
    let remediation = Remediation {
        actions,
        files: &files,
        findings: &report.findings,
        subject: &subject,
        tool: &tool,
    };
    match to {
        Export::Shell => remediation::shell(&remediation),
        Export::Ansible => remediation::ansible(&remediation),
        Export::Markdown => remediation::tickets(&remediation),
        Export::Diff => remediation::patch(&remediation),
    }
}

/// What `--format json` prints.
#[derive(Debug, Serialize)]
struct Document<'a> {
    actions: &'a [Action],
    review: &'a Review,
    remarks: &'a [String],
}

/// The actions as canonical JSON, with what reading costs.
///
/// # Errors
/// [`Error::Format`] when a number is too large for JSON.
pub fn json(planned: &Planned, actions: &[Action]) -> Result<Vec<u8>, Error> {
    let document = Document {
        actions,
        review: &planned.review,
        remarks: &planned.plan.remarks,
    };
    casemate_schema::to_canonical(&document).map_err(|source| Error::Format {
        format: "json",
        source: source.into(),
    })
}
