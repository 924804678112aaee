//! What to do about findings: actions with the change itself, the way back, effort and risk.
//!
//! The way of a plan: each finding is drafted by the table of its check (`fixes`) or by what
//! another tool says (`imported`); drafts with the same key become one; files that the caller has
//! are changed in memory and give diffs; what only a person can do stays in words. A diff is made
//! when the file is the one that was scanned (its digest stands in the finding), else the action
//! says what must stand there and why there is no diff.
//!
//! Invariants: pure; no file's whole text enters an action, nor a line with a secret; the same
//! findings in any order give the same actions; edits of one file by several actions compose.

mod action;
mod combine;
mod conflicts;
mod countermeasures;
mod doc;
mod draft;
mod edit;
mod files;
mod fix;
mod fixes;
mod foreign;
mod imported;
mod secret;
mod upgrade;

pub use combine::FileChange;
pub use files::{FileState, FileText, Files, MemoryFiles, NoFiles};

use crate::Knowledge;
use casemate_schema::{Action, Finding, Review, Severity, SourceRecord};
use draft::Draft;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Actions with what is needed to join them.
#[derive(Debug, Default)]
pub struct Plan {
    /// What to do, most risk removed per effort first.
    pub actions: Vec<Action>,
    /// What could not be looked up, for the reader.
    pub remarks: Vec<String>,
    edits: BTreeMap<String, Vec<combine::FileEdit>>,
    sources: BTreeMap<String, FileState>,
}

/// What to do about these findings, most risk removed per effort first.
#[must_use]
pub fn plan(findings: &[Finding], files: &dyn Files, knowledge: &dyn Knowledge) -> Vec<Action> {
    plan_with_files(findings, files, knowledge).actions
}

/// As [`plan`], with what is needed to join the changes of several actions.
#[must_use]
pub fn plan_with_files(findings: &[Finding], files: &dyn Files, knowledge: &dyn Knowledge) -> Plan {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|index| findings.get(*index).map(|finding| &finding.id));
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    for index in order {
        let Some(finding) = findings.get(index) else {
            continue;
        };
        if let Some(draft) = drafted(finding, index) {
            join(&mut drafts, draft);
        }
    }
    let conflicts = conflicts::resolve(&mut drafts);
    let mut plan = Plan::default();
    for draft in drafts.values() {
        let made = action::make(draft, findings, files, knowledge, &mut plan.remarks);
        plan.edits.insert(made.action.id.to_string(), made.edits);
        plan.sources.extend(made.sources);
        plan.actions.push(made.action);
    }
    conflicts::tell(&mut plan.actions, &conflicts);
    plan.actions.sort_by(by_risk_per_effort);
    plan.remarks.sort();
    plan.remarks.dedup();
    plan
}

/// The checks of ours that have an entry in the tables.
pub fn fixed_checks() -> impl Iterator<Item = &'static str> {
    fixes::checks()
}

/// What reading costs: of these findings, `suppressed` further ones, with these actions.
#[must_use]
pub fn review(findings: &[Finding], suppressed: usize, actions: &[Action]) -> Review {
    let weaknesses: BTreeSet<&str> = findings
        .iter()
        .map(|finding| {
            finding
                .vulnerability
                .as_deref()
                .map_or(finding.source.check.as_str(), |it| it.id.as_str())
        })
        .collect();
    let findings_in = findings.len() + suppressed;
    // A finding may be covered by several actions; it is spared once, and the first of each is read.
    let mut read: BTreeSet<&str> = BTreeSet::new();
    let mut covered: BTreeSet<&str> = BTreeSet::new();
    for action in actions {
        let mut ids = action.findings.iter().map(casemate_schema::Text::as_str);
        read.extend(ids.next());
        covered.extend(ids);
    }
    let spared = covered.difference(&read).count() + suppressed;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a report holds far fewer findings than a double counts exactly"
    )]
    let share = if findings_in == 0 {
        0.0
    } else {
        spared as f64 / findings_in as f64
    };
    Review {
        findings_in: findings_in as u64,
        weaknesses: weaknesses.len() as u64,
        actions: actions.len() as u64,
        share_without_reading: share,
    }
}

/// The draft of one finding.
fn drafted(finding: &Finding, index: usize) -> Option<Draft> {
    let own = as_own(finding);
    let mut draft = if own.source.tool == *"casemate" {
        let fix = fixes::of(&own.source.check)?;
        let mut draft = Draft {
            key: fix.check.to_owned(),
            title: fix.title.to_owned(),
            minutes: fix.minutes,
            risk: fix.risk,
            breaks: fix.breaks.to_owned(),
            ..Draft::default()
        };
        let target = [
            own.location.subject.as_deref(),
            own.location.path.as_deref(),
        ];
        draft
            .targets
            .extend(target.into_iter().flatten().next().map(str::to_owned));
        (fix.how)(&mut draft, &own);
        // The shown form of a path that is no text names no file.
        if own.location.path_base64.is_some() {
            draft.steps.clear();
            draft.after.clear();
        }
        if draft.steps.is_empty() {
            draft.manual(imported::advice(&own));
            draft.minutes_each = (fix.minutes / 2).max(1);
        }
        draft.check(format!("casemate assess --surface {}", own.category));
        draft
    } else {
        let mut draft = imported::draft(finding)?;
        draft.check(format!(
            "run {} again and import its report",
            finding.source.tool
        ));
        draft
    };
    if let Some(host) = finding.location.host.as_deref() {
        draft.targets = draft
            .targets
            .iter()
            .map(|target| format!("{host}: {target}"))
            .collect();
    }
    draft.findings.insert(index);
    Some(draft)
}

/// What our own check says of a weakness that several tools found, if it is among them.
fn as_own(finding: &Finding) -> Cow<'_, Finding> {
    let is_own = |record: &&SourceRecord| record.source.tool == *"casemate";
    let record = finding
        .merged
        .as_deref()
        .and_then(|merged| merged.records.iter().find(is_own));
    match record {
        Some(record) if finding.source.tool != *"casemate" => {
            let mut own = finding.clone();
            own.source = record.source.clone();
            own.location = record.location.clone();
            own.evidence = record.evidence.clone();
            own.title = record.title.clone();
            Cow::Owned(own)
        }
        _ => Cow::Borrowed(finding),
    }
}

/// Adds a draft to the one with its key.
fn join(drafts: &mut BTreeMap<String, Draft>, draft: Draft) {
    let Some(have) = drafts.get_mut(&draft.key) else {
        drafts.insert(draft.key.clone(), draft);
        return;
    };
    have.findings.extend(draft.findings);
    have.targets.extend(draft.targets);
    have.minutes = have.minutes.max(draft.minutes);
    have.minutes_each = have.minutes_each.max(draft.minutes_each);
    have.countermeasures.extend(draft.countermeasures);
    // Equal steps are dropped once, when the action is made.
    have.steps.extend(draft.steps);
    for step in draft.after {
        if !have.after.contains(&step) {
            have.after.push(step);
        }
    }
    for text in draft.verify {
        have.check(text);
    }
}

/// More risk removed per minute first; then the higher severity; ties by id.
fn by_risk_per_effort(one: &Action, other: &Action) -> std::cmp::Ordering {
    let value = |a: &Action, b: &Action| a.risk_removed * u64::from(b.effort_minutes.max(1));
    value(other, one)
        .cmp(&value(one, other))
        .then_with(|| other.severity.cmp(&one.severity))
        .then_with(|| one.id.cmp(&other.id))
}

/// Whether a finding has to have an action.
#[must_use]
pub fn needs_action(finding: &Finding) -> bool {
    finding.severity >= Severity::Medium
}
