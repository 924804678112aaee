//! The case: what a report's findings mean together, and what to do about them.
//!
//! A case is made from a report, packs, rules, the site's inventory and the recorded decisions by
//! `casemate-triage`; it holds no clock reading of its own, so the same input gives the same bytes.

use crate::{PackInfo, Severity, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a report's findings mean together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// `case:<12 hex digits>` of host and findings.
    pub id: Text,
    /// One line for people.
    pub title: Text,
    /// The most urgent chain's or finding's score, 0 to 100.
    pub risk: u8,
    /// How the stages ended, in their order.
    pub stages: Vec<StageResult>,
    /// Packs that the enrichment looked into, with their age.
    #[serde(default)]
    pub packs: Vec<PackInfo>,
    /// Attack paths and rules that hold, most urgent first.
    #[serde(default)]
    pub chains: Vec<Chain>,
    /// What to do, most risk removed per effort first.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Control frameworks, by name.
    #[serde(default)]
    pub compliance: BTreeMap<String, FrameworkResult>,
    /// What reading it costs.
    pub review: Review,
}

/// How a stage ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageResult {
    /// `ingest`, `enrich`, `correlate`, `score`, `controls`, `remediate`, `report`.
    pub stage: Text,
    /// `done`, `degraded` or `skipped`.
    pub status: StageStatus,
    /// Why, unless done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// How a stage ended, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageStatus {
    /// Whole.
    #[default]
    Done,
    /// A fallback stood in.
    Degraded,
    /// Not done.
    Skipped,
}

/// An attack path, or findings that a rule ties together by facts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// `chain:<12 hex digits>` of rule, members and edges.
    pub id: Text,
    /// The rule (or `attack-path`) that found it.
    pub rule: Text,
    /// One line for people.
    pub title: Text,
    /// How bad it is.
    pub severity: Severity,
    /// 0 to 100.
    pub risk: u8,
    /// Findings that take part, by id.
    pub members: Vec<Text>,
    /// Facts that make it possible, in the order of the path.
    pub steps: Vec<ChainStep>,
    /// ATT&CK techniques in the order of the path.
    pub techniques: Vec<Text>,
    /// What would break it most cheaply.
    pub break_at: Text,
    /// Why it matters.
    pub why: Text,
}

/// One fact of a chain; the words of an edge of the host graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainStep {
    /// Node that it goes out from.
    pub from: Text,
    /// Node that it leads to.
    pub to: Text,
    /// The edge's kind, such as `may_write`.
    pub edge: Text,
    /// What was seen.
    pub fact: Text,
    /// The finding that shows it, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Text>,
}

/// Something to do that removes one or many findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// `action:<12 hex digits>` of what is changed.
    pub id: Text,
    /// One line for people, imperative.
    pub title: Text,
    /// Findings that it removes, by id.
    pub findings: Vec<Text>,
    /// What it is about, for each subject: units, files, packages ...
    pub targets: Vec<Text>,
    /// What to change, in order.
    pub changes: Vec<Change>,
    /// How to see that it worked.
    pub verify: Vec<Text>,
    /// How to undo it.
    pub rollback: Vec<Text>,
    /// Minutes of work, as an estimate.
    pub effort_minutes: u32,
    /// What the change itself may break.
    pub change_risk: ChangeRisk,
    /// What may break, in words.
    pub change_risk_reason: Text,
    /// ATT&CK techniques that it makes harder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub techniques: Vec<Text>,
    /// D3FEND countermeasures that it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countermeasures: Vec<Text>,
    /// Sum of the risk scores of its findings.
    pub risk_removed: u64,
    /// The worst severity among its findings.
    pub severity: Severity,
}

/// What a change may break.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeRisk {
    /// Nothing that runs depends on it.
    #[default]
    Low,
    /// Something may behave differently.
    Medium,
    /// Access or a service may be lost.
    High,
}

/// One change of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A file's text: a unified diff of the real file, computed from what was scanned.
    Diff {
        /// The file.
        path: Text,
        /// BLAKE3 of the file that the diff applies to, in hex.
        digest: Text,
        /// The diff, with paths relative to the root (`a/etc/...`, `b/etc/...`).
        diff: Text,
    },
    /// A setting in a file that was not at hand: what must stand there, and why there is no diff.
    Setting {
        /// The file.
        path: Text,
        /// What must stand there.
        text: Text,
        /// Why no diff is possible.
        no_diff: Text,
    },
    /// A new file, such as a drop-in.
    NewFile {
        /// The file.
        path: Text,
        /// Its content.
        content: Text,
        /// Its mode, octal.
        mode: Text,
    },
    /// Owner, group or mode of a file.
    Permissions {
        /// The file.
        path: Text,
        /// New mode, octal, if it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<Text>,
        /// New owner, if it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<Text>,
        /// New group, if it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<Text>,
    },
    /// A package to bring to a version (or to the newest when none is named).
    Upgrade {
        /// The package.
        package: Text,
        /// The first version with the fix.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<Text>,
    },
    /// A command with its arguments; never a shell line.
    Command {
        /// Program and arguments.
        argv: Vec<Text>,
    },
    /// What only a person can do.
    Manual {
        /// In words, imperative.
        text: Text,
    },
}

/// A framework's controls on this report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrameworkResult {
    /// `pci_dss`, `hipaa`, `nist_csf`, `nist_800_53`.
    pub framework: Text,
    /// Its name for people.
    pub title: Text,
    /// Its version.
    pub version: Text,
    /// The controls, in the catalogue's order.
    pub controls: Vec<ControlResult>,
    /// passed / (passed + failed), 0 to 1; absent when nothing was assessed.
    pub score: Option<f64>,
    /// assessed / applicable, 0 to 1.
    pub coverage: f64,
}

/// One control.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ControlResult {
    /// The framework's identifier.
    pub id: Text,
    /// Title, in our own words where the licence asks it.
    pub title: Text,
    /// The verdict.
    pub status: ControlStatus,
    /// What the verdict rests on.
    pub evidence: Vec<ControlEvidence>,
    /// The highest risk among its failed evidence, 0 to 100; orders the gap list.
    #[serde(default)]
    pub risk: u8,
    /// Why, where the verdict needs words (not applicable, not assessed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// A control's verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlStatus {
    /// Every check that speaks of it passed.
    Pass,
    /// A check that speaks of it hit.
    Fail,
    /// What it is about does not exist here.
    NotApplicable,
    /// Nothing here speaks of it.
    #[default]
    NotAssessed,
}

/// A check or finding that a control's verdict rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ControlEvidence {
    /// The check.
    pub check: Text,
    /// `passed`, `hit`, `not_assessed`, `not_applicable`.
    pub outcome: Text,
    /// Findings of it, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Text>,
    /// Why this check speaks of this control.
    pub reasoning: Text,
}

/// What reading a case costs (M66): measured, not claimed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Findings that came in, suppressed ones included.
    pub findings_in: u64,
    /// Distinct weaknesses (same check or vulnerability) among them.
    pub weaknesses: u64,
    /// Actions that cover them.
    pub actions: u64,
    /// Share of findings that need no reading of their own, 0 to 1: those covered by an action that
    /// covers others too, or suppressed; the first of each action needs reading.
    pub share_without_reading: f64,
}
