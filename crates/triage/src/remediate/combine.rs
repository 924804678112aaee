//! What several actions do to one file together: edits are applied one after the other to the
//! scanned text, so that one diff holds them all.

use super::Plan;
use super::doc::{Doc, unified};
use super::edit::Edit;
use super::files::FileState;
use super::secret;
use casemate_schema::Text;
use std::collections::{BTreeMap, BTreeSet};

/// One edit of a file, or its whole new content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileEdit {
    path: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Change { edit: Edit, create: Option<String> },
    Whole { content: String, mode: &'static str },
}

impl FileEdit {
    pub(crate) fn change(path: &str, edit: &Edit, create: Option<&str>) -> Self {
        Self {
            path: path.to_owned(),
            what: What::Change {
                edit: edit.clone(),
                create: create.map(str::to_owned),
            },
        }
    }

    pub(crate) fn whole(path: &str, content: &str, mode: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            what: What::Whole {
                content: content.to_owned(),
                mode,
            },
        }
    }

    /// Whether the file has our name, so that it may be made without knowing whether it is there.
    pub(crate) fn is_ours(&self) -> bool {
        self.path.ends_with("-casemate.conf")
            && matches!(
                &self.what,
                What::Change {
                    create: Some(_),
                    ..
                }
            )
    }

    pub(crate) fn mode(&self) -> &'static str {
        match &self.what {
            What::Whole { mode, .. } => mode,
            What::Change { .. } => "0644",
        }
    }

    pub(crate) fn wanted(&self) -> String {
        match &self.what {
            What::Whole { content, .. } => content.clone(),
            What::Change { edit, .. } => edit.wanted(),
        }
    }

    /// Changes the text; `None` is a file that is not there.
    pub(crate) fn apply(&self, doc: &mut Option<Doc>) -> Result<(), String> {
        match &self.what {
            What::Whole { content, .. } => {
                *doc = Some(Doc::new(content));
                Ok(())
            }
            What::Change { edit, create } => {
                let mut changed = match (&doc, create) {
                    (Some(doc), _) => doc.clone(),
                    (None, Some(head)) => Doc::new(head),
                    (None, None) => return Err("the file is not there".to_owned()),
                };
                edit.apply(&mut changed)?;
                *doc = Some(changed);
                Ok(())
            }
        }
    }
}

/// What the chosen actions do to one file together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: String,
    /// BLAKE3 of the text that it applies to, in hex; none for a file that is made.
    pub digest: Option<String>,
    /// The unified diff, for `patch -p1` in the root.
    pub diff: String,
    /// The whole content of a file that is made; never that of a file that is there.
    pub content: Option<String>,
    /// Mode of a file that is made, octal.
    pub mode: &'static str,
    /// The actions that it belongs to, in their order.
    pub actions: Vec<Text>,
}

impl Plan {
    /// What these actions (all, when none is named) do to files together, sorted by path.
    #[must_use]
    pub fn file_changes(&self, ids: Option<&BTreeSet<&str>>) -> Vec<FileChange> {
        let mut by_path: BTreeMap<&str, Vec<(&Text, &FileEdit)>> = BTreeMap::new();
        for action in &self.actions {
            if ids.is_some_and(|ids| !ids.contains(action.id.as_str())) {
                continue;
            }
            for edit in self.edits.get(action.id.as_str()).into_iter().flatten() {
                by_path
                    .entry(edit.path.as_str())
                    .or_default()
                    .push((&action.id, edit));
            }
        }
        by_path
            .into_iter()
            .filter_map(|(path, edits)| self.joined(path, &edits))
            .collect()
    }

    fn joined(&self, path: &str, edits: &[(&Text, &FileEdit)]) -> Option<FileChange> {
        let old = match self.sources.get(path) {
            Some(FileState::Text(text)) => Some(text),
            _ => None,
        };
        let mut doc = old.map(|file| Doc::new(&file.text));
        let mut actions: Vec<Text> = Vec::new();
        for (id, edit) in edits {
            // What one action has done another need not do: that is no failure.
            if edit.apply(&mut doc).is_ok() && !actions.contains(id) {
                actions.push((*id).clone());
            }
        }
        let text = doc?.text();
        let diff = unified(path, old.map(|file| file.text.as_str()), &text);
        (!diff.is_empty() && !secret::in_diff(path, &diff)).then(|| FileChange {
            path: path.to_owned(),
            digest: old.map(|file| file.digest.clone()),
            diff,
            content: old.is_none().then_some(text),
            mode: edits.first().map_or("0644", |(_, edit)| edit.mode()),
            actions,
        })
    }
}
