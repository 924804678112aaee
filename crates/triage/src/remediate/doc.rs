//! A text file as lines that remember their number, and the unified diff of two states of it.
//!
//! Findings name lines by the number that they had in the scanned file. Lines keep it while others
//! are inserted or removed around them, so that several edits of one file compose.

use similar::TextDiff;

/// One line without its line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// One-based number in the scanned file; none for a line that an edit added.
    pub(crate) number: Option<u64>,
    /// Its text.
    pub(crate) text: String,
}

/// A text file in change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doc {
    pub(crate) lines: Vec<Line>,
    newline_at_end: bool,
}

impl Doc {
    /// Cuts a text into lines.
    pub(crate) fn new(text: &str) -> Self {
        let newline_at_end = text.is_empty() || text.ends_with('\n');
        let body = text.strip_suffix('\n').unwrap_or(text);
        let lines = if text.is_empty() {
            Vec::new()
        } else {
            (1..)
                .zip(body.split('\n'))
                .map(|(number, line)| Line {
                    number: Some(number),
                    text: line.to_owned(),
                })
                .collect()
        };
        Self {
            lines,
            newline_at_end,
        }
    }

    /// The text again.
    pub(crate) fn text(&self) -> String {
        let mut text = self
            .lines
            .iter()
            .map(|line| line.text.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        if self.newline_at_end && !self.lines.is_empty() {
            text.push('\n');
        }
        text
    }

    /// Where the line with this number stands now.
    pub(crate) fn index_of(&self, number: u64) -> Option<usize> {
        self.lines
            .iter()
            .position(|line| line.number == Some(number))
    }

    /// Puts a line before the one at `index`; at the end when there is none.
    pub(crate) fn insert(&mut self, index: usize, text: impl Into<String>) {
        let index = index.min(self.lines.len());
        if index == self.lines.len() {
            self.newline_at_end = true;
        }
        let line = Line {
            number: None,
            text: text.into(),
        };
        self.lines.insert(index, line);
    }

    /// Puts a line at the end.
    pub(crate) fn push(&mut self, text: impl Into<String>) {
        self.insert(self.lines.len(), text);
    }

    /// Gives the line at `index` another text.
    pub(crate) fn set(&mut self, index: usize, text: impl Into<String>) {
        if let Some(line) = self.lines.get_mut(index) {
            line.text = text.into();
        }
    }

    /// The text of the line at `index`; empty when there is none.
    pub(crate) fn at(&self, index: usize) -> &str {
        self.lines.get(index).map_or("", |line| line.text.as_str())
    }
}

/// The unified diff that leads from one text to another, for `patch -p1` in the root. Empty when
/// both are the same.
pub(crate) fn unified(path: &str, old: Option<&str>, new: &str) -> String {
    let relative = path.trim_start_matches('/');
    let from = match old {
        Some(_) => format!("a/{relative}"),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(old.unwrap_or_default(), new);
    diff.unified_diff()
        .context_radius(3)
        .header(&from, &format!("b/{relative}"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_cut_into_lines_is_the_same_text() {
        for text in ["", "\n", "a", "a\n", "a\n\nb", "a\r\nb\r\n", "\n\n"] {
            assert_eq!(Doc::new(text).text(), text);
        }
    }

    #[test]
    fn lines_keep_their_number() {
        let mut doc = Doc::new("a\nb\nc");
        doc.insert(0, "x");
        doc.push("y");
        assert_eq!(doc.index_of(3), Some(3));
        assert_eq!(doc.text(), "x\na\nb\nc\ny\n");
    }

    #[test]
    fn a_diff_says_when_a_line_end_is_missing() {
        assert_eq!(
            unified("/etc/x", Some("a"), "b\n"),
            "--- a/etc/x\n+++ b/etc/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"
        );
        assert_eq!(
            unified("/etc/x", None, "b\n"),
            "--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1 @@\n+b\n"
        );
        assert_eq!(unified("/etc/x", Some("a\n"), "a\n"), "");
    }
}
