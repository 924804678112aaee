//! From a draft to an action: files are looked at, changes get their diff or the reason why there
//! is none, and the way back is written down.

use super::combine::FileEdit;
use super::countermeasures;
use super::doc::{Doc, unified};
use super::draft::{Draft, Step};
use super::files::{FileState, Files};
use super::imported::advice;
use super::secret;
use super::upgrade;
use crate::Knowledge;
use crate::version::Scheme;
use casemate_schema::{Action, Change, Finding, ReferenceKind, Severity, Text, finding_id};
use std::collections::{BTreeMap, BTreeSet};

/// An action with what it does to files.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) action: Action,
    pub(crate) edits: Vec<FileEdit>,
    pub(crate) sources: BTreeMap<String, FileState>,
}

/// The identifier of the action with this key.
pub(crate) fn id_of(key: &str) -> String {
    finding_id("action", &[key.as_bytes()])
}

/// Why a diff that holds a secret is not made.
const SECRET: &str = "a line in the change or beside it holds a secret, which no report may hold";

/// Makes the action of a draft.
pub(crate) fn make(
    draft: &Draft,
    all: &[Finding],
    files: &dyn Files,
    knowledge: &dyn Knowledge,
    remarks: &mut Vec<String>,
) -> Made {
    let findings: Vec<&Finding> = draft
        .findings
        .iter()
        .filter_map(|index| all.get(*index))
        .collect();
    let mut making = Making {
        findings: &findings,
        files,
        changes: Vec::new(),
        rollback: Vec::new(),
        edits: Vec::new(),
        sources: BTreeMap::new(),
    };
    let id = id_of(&draft.key);
    making.edit_files(&draft.steps, &id);
    let mut seen = BTreeSet::new();
    for step in &draft.steps {
        if seen.insert(step) {
            making.step(step);
        }
    }
    making.upgrades(&draft.steps);
    if making.changes.is_empty() && draft.after.is_empty() {
        let words = findings.first().map(|finding| advice(finding));
        making.changes.extend(words.map(manual));
    }
    for step in &draft.after {
        making.step(step);
    }
    if making.rollback.is_empty() {
        making
            .rollback
            .push("nothing is changed until a person has decided".into());
    }
    let action = Action {
        id: id.into(),
        title: titled(draft),
        findings: findings.iter().map(|finding| finding.id.clone()).collect(),
        targets: draft.targets.iter().map(Text::from).collect(),
        changes: making.changes,
        verify: draft.verify.iter().map(Text::from).collect(),
        rollback: making.rollback,
        effort_minutes: effort(draft),
        change_risk: draft.risk,
        change_risk_reason: draft.breaks.as_str().into(),
        risk_removed: findings.iter().map(|finding| removed(finding)).sum(),
        severity: findings
            .iter()
            .map(|finding| finding.severity)
            .max()
            .unwrap_or(Severity::Info),
        ..Action::default()
    };
    Made {
        action: with_catalogues(action, draft, &findings, knowledge, remarks),
        edits: making.edits,
        sources: making.sources,
    }
}

/// Risk that goes with a finding; remarks carry none.
fn removed(finding: &Finding) -> u64 {
    finding
        .risk
        .as_ref()
        .filter(|_| finding.severity > Severity::Info)
        .map_or(0, |risk| u64::from(risk.score))
}

fn effort(draft: &Draft) -> u32 {
    let more = u32::try_from(draft.targets.len().saturating_sub(1)).unwrap_or(u32::MAX);
    // What is done by machine still has to be looked at: ten subjects a minute.
    let each = draft.minutes_each.saturating_mul(more);
    draft.minutes.saturating_add(each).saturating_add(more / 10)
}

/// Other tools' titles name their subject; one that stands for several says so.
fn titled(draft: &Draft) -> Text {
    let more = draft.targets.len().saturating_sub(1);
    let is_manual = matches!(draft.steps.as_slice(), [Step::Manual(_), ..]);
    if more > 0 && is_manual && draft.key.contains(' ') && !draft.key.starts_with("unit-directive")
    {
        format!("{} (and {more} more of this rule)", draft.title).into()
    } else {
        draft.title.as_str().into()
    }
}

/// Techniques of the findings, and countermeasures of the change.
fn with_catalogues(
    mut action: Action,
    draft: &Draft,
    findings: &[&Finding],
    knowledge: &dyn Knowledge,
    remarks: &mut Vec<String>,
) -> Action {
    let mut techniques: BTreeSet<Text> = BTreeSet::new();
    let mut counter: BTreeSet<String> = draft.countermeasures.clone();
    for finding in findings {
        let references = finding.references.iter();
        techniques.extend(
            references
                .filter(|reference| reference.kind == ReferenceKind::Attack)
                .map(|reference| reference.id.clone()),
        );
        let mapped = finding.enrichment.iter().flat_map(|it| &it.techniques);
        techniques.extend(mapped.map(|technique| technique.id.clone()));
    }
    let surface = findings
        .first()
        .map_or("", |finding| finding.category.as_str());
    counter.extend(
        countermeasures::of(draft, surface)
            .into_iter()
            .map(str::to_owned),
    );
    for technique in &techniques {
        match knowledge.countermeasures(technique) {
            Ok(found) => counter.extend(found.iter().map(|it| it.id.to_string())),
            Err(error) => remarks.push(format!("countermeasures of {technique}: {error}")),
        }
    }
    action.techniques = techniques.into_iter().collect();
    action.countermeasures = counter.into_iter().map(Text::from).collect();
    action
}

struct Making<'a> {
    findings: &'a [&'a Finding],
    files: &'a dyn Files,
    changes: Vec<Change>,
    rollback: Vec<Text>,
    edits: Vec<FileEdit>,
    sources: BTreeMap<String, FileState>,
}

fn manual(text: impl Into<Text>) -> Change {
    Change::Manual { text: text.into() }
}

impl Making<'_> {
    fn undo(&mut self, text: impl Into<Text>) {
        let text = text.into();
        if !self.rollback.contains(&text) {
            self.rollback.push(text);
        }
    }

    /// The file as it was scanned, or why it is not at hand.
    fn source(&self, path: &str) -> FileState {
        let state = self.files.file(path);
        let FileState::Text(text) = &state else {
            return state;
        };
        let mut scanned = self.findings.iter().flat_map(|finding| {
            finding
                .evidence
                .iter()
                .filter(|seen| seen.name == *"digest" && seen.path.as_deref() == Some(path))
        });
        if scanned.any(|seen| seen.value != text.digest) {
            return FileState::Unknown(
                "the file has changed since the scan: scan again".to_owned(),
            );
        }
        state
    }

    /// All edits, file by file.
    fn edit_files(&mut self, steps: &[Step], id: &str) {
        let mut by_path: BTreeMap<&str, Vec<FileEdit>> = BTreeMap::new();
        for step in steps {
            let (path, edit) = match step {
                Step::Edit { path, edit, create } => {
                    (path, FileEdit::change(path, edit, create.as_deref()))
                }
                Step::NewFile {
                    path,
                    content,
                    mode,
                } => (path, FileEdit::whole(path, content, mode)),
                _ => continue,
            };
            let list = by_path.entry(path).or_default();
            if !list.contains(&edit) {
                list.push(edit);
            }
        }
        for (path, edits) in by_path {
            let source = self.source(path);
            self.edit_file(path, edits, &source, id);
            self.sources.insert(path.to_owned(), source);
        }
    }

    fn edit_file(&mut self, path: &str, edits: Vec<FileEdit>, source: &FileState, id: &str) {
        let reason = match source {
            FileState::Unknown(reason) => Some(reason.as_str()),
            _ => None,
        };
        // A file of ours is made anew without knowing more; what others wrote is not.
        let is_ours = edits.iter().all(FileEdit::is_ours);
        if let Some(reason) = reason.filter(|_| !is_ours) {
            for edit in &edits {
                self.setting(path, edit, reason);
            }
            return;
        }
        let old = match source {
            FileState::Text(text) => Some(text),
            _ => None,
        };
        let mut doc = old.map(|file| Doc::new(&file.text));
        let mut done = Vec::new();
        for edit in edits {
            match edit.apply(&mut doc) {
                Ok(()) => done.push(edit),
                Err(reason) => self.setting(path, &edit, &reason),
            }
        }
        let Some(doc) = doc.filter(|_| !done.is_empty()) else {
            return;
        };
        let text = doc.text();
        let diff = unified(path, old.map(|file| file.text.as_str()), &text);
        if diff.is_empty() {
            return;
        }
        if secret::in_diff(path, &diff) {
            done.iter()
                .for_each(|edit| self.setting(path, edit, SECRET));
            return;
        }
        match old {
            Some(file) => {
                self.changes.push(Change::Diff {
                    path: path.into(),
                    digest: file.digest.as_str().into(),
                    diff: diff.into(),
                });
                self.undo(format!(
                    "casemate remediate REPORT --to diff --action {id} | patch -R -p1 -d /"
                ));
            }
            None => {
                let mode = done.first().map_or("0644", FileEdit::mode);
                self.changes.push(Change::NewFile {
                    path: path.into(),
                    content: text.into(),
                    mode: mode.into(),
                });
                self.undo(format!("rm {}", quoted(path)));
            }
        }
        self.edits.extend(done);
    }

    fn setting(&mut self, path: &str, edit: &FileEdit, reason: &str) {
        let change = Change::Setting {
            path: path.into(),
            text: edit.wanted().into(),
            no_diff: reason.into(),
        };
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
        self.undo(format!("put the former text back into {path}"));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Edit { .. } | Step::NewFile { .. } | Step::Upgrade { .. } => {}
            Step::Permissions {
                path,
                mode,
                owner,
                group,
                old,
                old_owner,
            } => {
                self.changes.push(Change::Permissions {
                    path: path.into(),
                    mode: mode.map(|mode| format!("{mode:04o}").into()),
                    owner: owner.as_deref().map(Text::from),
                    group: group.as_deref().map(Text::from),
                });
                if let Some(old) = old.filter(|_| mode.is_some()) {
                    self.undo(format!("chmod {old:04o} {}", quoted(path)));
                }
                if owner.is_some() {
                    let was = old_owner.as_deref().unwrap_or("its former owner");
                    self.undo(format!("give {path} back to {was}"));
                }
            }
            Step::Command { argv, undo } => {
                self.changes.push(Change::Command {
                    argv: argv.iter().map(Text::from).collect(),
                });
                if let Some(undo) = undo {
                    self.undo(undo.as_str());
                }
            }
            Step::Manual(text) => self.changes.push(manual(text.as_str())),
        }
    }

    /// Upgrades of one package become one, to the version that has all fixes.
    fn upgrades(&mut self, steps: &[Step]) {
        let mut wanted: BTreeMap<&str, (BTreeSet<String>, Option<Scheme>)> = BTreeMap::new();
        for step in steps {
            if let Step::Upgrade {
                package,
                scheme,
                version,
            } = step
            {
                let (versions, known) = wanted.entry(package).or_default();
                versions.extend(version.clone());
                *known = known.or(*scheme);
            }
        }
        for (package, (versions, scheme)) in wanted {
            let versions: Vec<String> = versions.into_iter().collect();
            let version = upgrade::highest(&versions, scheme);
            if version.is_none() && !versions.is_empty() {
                let list = versions.join("; ");
                self.changes.push(manual(format!(
                    "Choose the release line: the fixes of {package} are in {list}."
                )));
            }
            self.changes.push(Change::Upgrade {
                package: package.into(),
                version: version.map(Text::from),
            });
            self.undo(format!("install the former version of {package} again"));
        }
    }
}

/// A word for a shell, in quotes when it needs them.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:,=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
