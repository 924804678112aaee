//! Editors: pure functions on the text of one file, by syntax.
//!
//! Each leaves comments and lines that it does not know untouched, changes nothing when what it
//! wants stands there already, and says why when it cannot be done.

mod folders;
mod fstab;
mod insert;
mod json;
mod setting;
mod sshd;
mod sudoers;
mod words;

use super::doc::Doc;

pub(crate) use insert::Anchor;
pub(crate) use setting::Style;
pub(crate) use sudoers::Default;

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edit {
    /// A keyword of `sshd_config(5)`: the line with this number, else the global part.
    Sshd {
        keyword: String,
        /// None takes the line out.
        value: Option<String>,
        line: Option<u64>,
    },
    /// A key with a value, one a line.
    Setting {
        key: String,
        value: String,
        style: Style,
        /// The section that it belongs to, in files with `[sections]`.
        section: Option<String>,
    },
    /// A part of the line with this number becomes another.
    Replace { line: u64, from: String, to: String },
    /// The line with this number goes, if it still holds this.
    Delete { line: u64, holds: String },
    /// Every line that holds this loses a word.
    Drop { word: String, holds: String },
    /// A folder leaves the search path that the line with this number sets.
    Folder { line: u64, folder: String },
    /// A setting of a `Defaults` line of sudoers(5).
    Default {
        line: u64,
        name: String,
        change: Default,
    },
    /// A line that has to stand somewhere.
    Insert { text: String, anchor: Anchor },
    /// Options of a mount point in `fstab(5)`.
    Mount {
        point: String,
        add: Vec<String>,
        drop: Vec<String>,
    },
    /// Members of the top object of a JSON file, with their values as JSON.
    Json { members: Vec<(String, String)> },
    /// A word of the kernel's command line in `/etc/default/grub`.
    Grub { word: String, add: bool },
}

impl Edit {
    /// Changes the file.
    ///
    /// # Errors
    /// Why it cannot be done, in words.
    pub(crate) fn apply(&self, doc: &mut Doc) -> Result<(), String> {
        match self {
            Self::Sshd {
                keyword,
                value,
                line,
            } => sshd::set(doc, keyword, value.as_deref(), *line),
            Self::Setting {
                key,
                value,
                style,
                section,
            } => {
                setting::set(doc, key, value, *style, section.as_deref());
                Ok(())
            }
            Self::Replace { line, from, to } => words::replace(doc, *line, from, to),
            Self::Delete { line, holds } => words::delete(doc, *line, holds),
            Self::Drop { word, holds } => words::drop_everywhere(doc, word, holds),
            Self::Folder { line, folder } => folders::drop(doc, *line, folder),
            Self::Default { line, name, change } => sudoers::default(doc, *line, name, change),
            Self::Insert { text, anchor } => {
                insert::line(doc, text, anchor);
                Ok(())
            }
            Self::Mount { point, add, drop } => fstab::options(doc, point, add, drop),
            Self::Json { members } => json::members(doc, members),
            Self::Grub { word, add } => words::grub(doc, word, *add),
        }
    }

    /// What must stand in the file afterwards, for a reader without the file.
    pub(crate) fn wanted(&self) -> String {
        match self {
            Self::Sshd { keyword, value, .. } => match value {
                Some(value) => format!("{keyword} {value}"),
                None => format!("no line `{keyword}`"),
            },
            Self::Setting {
                key,
                value,
                style,
                section,
            } => {
                let line = style.line(key, value);
                match section {
                    Some(section) => format!("[{section}]\n{line}"),
                    None => line,
                }
            }
            Self::Replace { line, from, to } if to.is_empty() => {
                format!("line {line} without `{}`", from.trim())
            }
            Self::Replace { line, from, to } => {
                format!(
                    "line {line} with `{}` in place of `{}`",
                    to.trim(),
                    from.trim()
                )
            }
            Self::Delete { line, holds } => format!("no line {line} (it holds `{holds}`)"),
            Self::Drop { word, holds } => format!("lines with `{holds}` without `{word}`"),
            Self::Folder { line, folder } => {
                format!("line {line} without the folder `{folder}` in the search path")
            }
            Self::Default { line, name, change } => match change {
                Default::Set(text) => format!("Defaults {text} (line {line})"),
                Default::Without(word) => format!("line {line}: `{name}` without `{word}`"),
            },
            Self::Insert { text, .. } => text.clone(),
            Self::Mount { point, add, drop } => {
                let mut parts = Vec::new();
                if !add.is_empty() {
                    parts.push(format!("with the options {}", add.join(",")));
                }
                if !drop.is_empty() {
                    parts.push(format!("without the options {}", drop.join(",")));
                }
                format!("the line of {point} {}", parts.join(" and "))
            }
            Self::Json { members } => members
                .iter()
                .map(|(name, value)| format!("\"{name}\": {value}"))
                .collect::<Vec<_>>()
                .join(", "),
            Self::Grub { word, add: true } => format!("GRUB_CMDLINE_LINUX with the word `{word}`"),
            Self::Grub { word, add: false } => {
                format!("GRUB_CMDLINE_LINUX and GRUB_CMDLINE_LINUX_DEFAULT without `{word}`")
            }
        }
    }

    /// The setting that it decides and its value: two edits of one file with the same setting and
    /// different values contradict each other.
    pub(crate) fn decides(&self) -> Option<(String, String)> {
        match self {
            Self::Sshd {
                keyword,
                value,
                line,
            } => Some((
                format!("{} {line:?}", keyword.to_ascii_lowercase()),
                value.clone().unwrap_or_default(),
            )),
            Self::Setting {
                key,
                value,
                section,
                style,
            } if !style.repeats => Some((
                format!("{} {key}", section.as_deref().unwrap_or_default()),
                value.clone(),
            )),
            Self::Grub { word, add } => Some((word.clone(), add.to_string())),
            Self::Delete { line, .. } => Some((format!("line {line}"), "gone".to_owned())),
            _ => None,
        }
    }
}
