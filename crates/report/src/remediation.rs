//! Actions for other hands: a shell script, an Ansible playbook, tickets in Markdown, one patch.
//!
//! Invariants: pure; what several actions do to one file is one change, so that they compose;
//! every value from a host or a report is quoted for its medium and can be no code there; what
//! only a person can do is said in all of them and never left out.

mod ansible;
mod hunk;
mod shell;
mod tickets;

pub use ansible::ansible;
pub use shell::shell;
pub use tickets::tickets;

use casemate_schema::{Action, Change, Finding, Text};

/// What is exported.
#[derive(Clone, Debug)]
pub struct Remediation<'a> {
    /// The actions, in their order.
    pub actions: &'a [Action],
    /// What they do to files together, sorted by path.
    pub files: &'a [FilePatch],
    /// The report's findings, for titles.
    pub findings: &'a [Finding],
    /// Host or input that it is about.
    pub subject: &'a str,
    /// Name and version of the program.
    pub tool: &'a str,
}

/// What actions do to one file together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilePatch {
    /// The file.
    pub path: String,
    /// BLAKE3 of the text that it applies to, in hex; none for a file that is made.
    pub digest: Option<String>,
    /// The unified diff, for `patch -p1` in the root.
    pub diff: String,
    /// The whole content of a file that is made.
    pub content: Option<String>,
    /// Mode of a file that is made, octal.
    pub mode: String,
    /// The actions that it belongs to.
    pub actions: Vec<Text>,
}

impl FilePatch {
    /// Whether the file is a drop-in of ours, which may hold lines of earlier runs.
    fn is_drop_in(&self) -> bool {
        self.content.is_some() && self.path.ends_with("-casemate.conf")
    }
}

/// All file changes as one patch, for `patch -p1` in the root. Each part names its actions.
#[must_use]
pub fn patch(remediation: &Remediation<'_>) -> String {
    let mut out = String::new();
    for file in remediation.files {
        out.push_str(&format!("casemate: {}\n{}", ids(&file.actions), file.diff));
    }
    out
}

fn ids(actions: &[Text]) -> String {
    let all: Vec<&str> = actions.iter().map(Text::as_str).collect();
    all.join(", ")
}

/// One line, with control characters made visible.
fn line(text: &str) -> String {
    casemate_base::text::printable(text).replace('\n', " ")
}

/// Changes of an action that no file change holds.
fn others(action: &Action) -> impl Iterator<Item = &Change> {
    action
        .changes
        .iter()
        .filter(|change| !matches!(change, Change::Diff { .. } | Change::NewFile { .. }))
}

/// A command that only makes changed files count: once, after all of them.
fn is_reload(argv: &[Text]) -> bool {
    let words: Vec<&str> = argv.iter().map(Text::as_str).collect();
    matches!(
        words.as_slice(),
        ["sysctl", "--system"]
            | ["systemctl", "daemon-reload"]
            | [
                "systemctl",
                "restart" | "try-restart" | "reload" | "try-reload-or-restart",
                ..
            ]
            | ["service", _, "restart"]
            | ["exportfs" | "augenrules", ..]
            | ["mount", "-o", ..]
            | ["ufw", "reload"]
            | ["systemd-tmpfiles", ..]
    )
}

/// Package types of ecosystems, which no package manager of a host upgrades.
fn is_of_ecosystem(package: &str) -> bool {
    package.split_once(':').is_some_and(|(kind, rest)| {
        !rest.is_empty()
            && kind.len() > 2
            && !matches!(
                rest,
                "amd64" | "i386" | "arm64" | "armhf" | "any" | "native" | "all"
            )
    })
}
