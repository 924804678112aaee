//! How is a change of an action shown? A line that says what it is, and the text to be copied.

use crate::rich::{Block, Span, blocks, spans};
use casemate_base::text::{printable, printable_lines};
use casemate_schema::{Change, Text};
use std::collections::BTreeMap;

/// Changes of one action that are shown.
const SHOWN_MAX: usize = 12;
/// Files that get the same content and are named.
const FILES_MAX: usize = 8;
/// Letters of a diff or file that are shown.
const LETTERS_MAX: usize = 12_000;

/// One change.
#[derive(Debug)]
pub(super) struct Shown {
    /// What it is.
    pub(super) lead: Vec<Span>,
    /// What is written or run.
    pub(super) code: Option<String>,
    /// Words below.
    pub(super) note: Option<String>,
    /// What only a person can do.
    pub(super) prose: Vec<Block>,
}

fn shown(lead: &str, code: Option<String>, note: Option<String>) -> Shown {
    Shown {
        lead: spans(lead),
        code,
        note,
        prose: Vec::new(),
    }
}

/// The changes in their order, as many as a page holds, and how many are left out. New files with
/// the same content are one change.
pub(super) fn changes(all: &[Change]) -> (Vec<Shown>, usize) {
    let mut same: BTreeMap<(&str, &str), Vec<&Text>> = BTreeMap::new();
    for change in all {
        if let Change::NewFile {
            path,
            content,
            mode,
        } = change
        {
            same.entry((content, mode)).or_default().push(path);
        }
    }
    let mut out = Vec::new();
    let mut left = 0;
    for change in all {
        let next = match change {
            Change::NewFile { content, mode, .. } => {
                match same.remove(&(content.as_str(), mode.as_str())) {
                    Some(paths) => new_files(&paths, content, mode),
                    // Said with the first of these files.
                    None => continue,
                }
            }
            other => one(other),
        };
        if out.len() < SHOWN_MAX {
            out.push(next);
        } else {
            left += 1;
        }
    }
    (out, left)
}

/// A value inside of a lead, as code; what would end the code is left out.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

fn new_files(paths: &[&Text], content: &str, mode: &str) -> Shown {
    let named: Vec<String> = paths.iter().take(FILES_MAX).map(|it| code(it)).collect();
    let more = match paths.len().saturating_sub(FILES_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let word = if paths.len() == 1 {
        "New file".to_owned()
    } else {
        format!("The same new file in {} places", paths.len())
    };
    let lead = format!("{word}, mode {}: {}{more}", code(mode), named.join(", "));
    let (content, note) = cut(content);
    shown(&lead, Some(content), note)
}

/// The text, cut where a page has no room for it.
fn cut(text: &str) -> (String, Option<String>) {
    let text = printable_lines(text);
    match text.char_indices().nth(LETTERS_MAX) {
        None => (text.into_owned(), None),
        Some((end, _)) => (
            text.get(..end).unwrap_or_default().to_owned(),
            Some("The rest stands in the JSON report.".to_owned()),
        ),
    }
}

fn one(change: &Change) -> Shown {
    match change {
        Change::Diff { path, diff, .. } => {
            let (diff, note) = cut(diff);
            shown(&format!("Change {}", code(path)), Some(diff), note)
        }
        Change::Setting {
            path,
            text,
            no_diff,
        } => {
            let note = format!("There is no diff: {}.", printable(no_diff));
            let lead = format!("In {} there has to stand", code(path));
            shown(&lead, Some(cut(text).0), Some(note))
        }
        Change::NewFile {
            path,
            content,
            mode,
        } => new_files(&[path], content, mode),
        Change::Permissions {
            path,
            mode,
            owner,
            group,
        } => {
            let parts = [("mode", mode), ("owner", owner), ("group", group)];
            let parts: Vec<String> = parts
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{name} {}", code(value.as_deref()?))))
                .collect();
            let lead = format!("Give {} {}", code(path), parts.join(", "));
            shown(&lead, None, None)
        }
        Change::Upgrade { package, version } => {
            let to = match version.as_deref() {
                Some(version) => format!("{} or later", code(version)),
                None => "the newest version".to_owned(),
            };
            shown(&format!("Bring {} to {to}", code(package)), None, None)
        }
        Change::Command { argv } => {
            let words: Vec<String> = argv.iter().map(|word| word_of_shell(word)).collect();
            shown("Run", Some(printable(&words.join(" ")).into_owned()), None)
        }
        Change::Manual { text } => Shown {
            prose: blocks(text),
            ..shown("", None, None)
        },
    }
}

/// An argument as a shell reads it back as one word.
fn word_of_shell(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
