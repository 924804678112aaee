//! One unit file: its assignments in order, each with file and line.
//!
//! Follows systemd.syntax(7) as systemd 252 reads it: sections, `#` and `;` comments (also inside
//! a continuation, where they are skipped), a backslash at the end of a line joins the next line
//! by a blank, LF, CR and NUL end a line, a byte order mark is dropped, and there are no comments
//! behind a value. A section header without `]`, a line that is not UTF-8 and a line that is too
//! long end the reading of the file: what stood before is kept, `complete` is false.
//!
//! Invariants: no assignment is interpreted here (an empty value is kept, because it may reset a
//! list); the line of a setting is the one on which its key stands.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::words::{BLANKS, trim};

/// Longest logical line that is read; systemd's own limit.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// Longest unit file that is read; the largest known unit is below 20 KiB.
pub const FILE_BYTES_MAX: usize = 4 << 20;
/// Most assignments kept from one file.
pub const SETTINGS_MAX: usize = 20_000;
/// Most problems kept from one file.
pub const PROBLEMS_MAX: usize = 100;

/// One assignment and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The section, without brackets.
    pub section: Arc<str>,
    /// The key, as written.
    pub key: String,
    /// The value, blanks around it removed; empty for a reset.
    pub value: String,
    /// The file that holds the assignment.
    pub file: Arc<Path>,
    /// The line of the key, counted from 1.
    pub line: u32,
}

/// Why a line gave no setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The file is longer than [`FILE_BYTES_MAX`]; nothing was read.
    FileTooLong,
    /// The line is longer than [`LINE_BYTES_MAX`]; reading stopped.
    LineTooLong,
    /// More than [`SETTINGS_MAX`] assignments; reading stopped.
    TooManySettings,
    /// The line is not UTF-8; reading stopped.
    NotUtf8,
    /// A section header without its closing bracket; reading stopped.
    SectionHeader,
    /// An assignment before the first section.
    OutsideSection,
    /// Neither a section nor an assignment.
    NoAssignment,
    /// The file could not be read.
    Unreadable,
    /// The unit has more drop-ins than are read; this is the first one left out.
    TooManyDropIns,
}

impl ProblemKind {
    /// Whether nothing behind the line was read.
    #[must_use]
    pub fn stops(self) -> bool {
        !matches!(self, Self::OutsideSection | Self::NoAssignment)
    }
}

/// A line that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The file.
    pub file: Arc<Path>,
    /// The line, counted from 1; 0 for the file as a whole.
    pub line: u32,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ProblemKind::FileTooLong => "file is longer than the limit",
            ProblemKind::LineTooLong => "line is longer than the limit",
            ProblemKind::TooManySettings => "more assignments than the limit",
            ProblemKind::NotUtf8 => "line is not UTF-8",
            ProblemKind::SectionHeader => "section header without closing bracket",
            ProblemKind::OutsideSection => "assignment before the first section",
            ProblemKind::NoAssignment => "neither a section nor an assignment",
            ProblemKind::Unreadable => "file cannot be read",
            ProblemKind::TooManyDropIns => "more drop-ins than the limit",
        };
        write!(out, "{what} at `{}:{}`", self.file.display(), self.line)
    }
}

/// What one unit file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedFile {
    /// The assignments in the order of the file.
    pub settings: Vec<Setting>,
    /// The lines that could not be used.
    pub problems: Vec<Problem>,
    /// False when reading stopped before the end.
    pub complete: bool,
}

/// Reads one unit file.
#[must_use]
pub fn parse(file: &Path, bytes: &[u8]) -> ParsedFile {
    let mut reader = Reader::new(file);
    if bytes.len() > FILE_BYTES_MAX {
        reader.stop(ProblemKind::FileTooLong, 0);
        return reader.parsed;
    }
    let mut pending: Option<(Vec<u8>, u32)> = None;
    let mut bom_seen = false;
    let mut number: u32 = 0;
    for raw in (Lines { rest: bytes }) {
        number = number.saturating_add(1);
        let first_visible = raw
            .iter()
            .find(|byte| !BLANKS.contains(&char::from(**byte)));
        if matches!(first_visible, Some(b'#' | b';')) {
            continue;
        }
        let line = match raw.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) if !bom_seen => {
                bom_seen = true;
                rest
            }
            _ => raw,
        };
        let (mut logical, first) = pending.take().unwrap_or((Vec::new(), number));
        if logical.len().saturating_add(line.len()) > LINE_BYTES_MAX {
            reader.stop(ProblemKind::LineTooLong, first);
            return reader.parsed;
        }
        logical.extend_from_slice(line);
        if ends_in_open_backslash(&logical) {
            logical.pop();
            logical.push(b' ');
            pending = Some((logical, first));
            continue;
        }
        if !reader.line(&logical, first) {
            return reader.parsed;
        }
    }
    if let Some((logical, first)) = pending {
        reader.line(&logical, first);
    }
    reader.parsed
}

struct Reader {
    parsed: ParsedFile,
    file: Arc<Path>,
    section: Option<Arc<str>>,
}

impl Reader {
    fn new(file: &Path) -> Self {
        Self {
            parsed: ParsedFile {
                settings: Vec::new(),
                problems: Vec::new(),
                complete: true,
            },
            file: Arc::from(PathBuf::from(file)),
            section: None,
        }
    }

    /// Takes one logical line; false ends the file.
    fn line(&mut self, bytes: &[u8], number: u32) -> bool {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.stop(ProblemKind::NotUtf8, number);
        };
        let text = trim(text);
        if text.is_empty() {
            return true;
        }
        if let Some(header) = text.strip_prefix('[') {
            let Some(section) = header.strip_suffix(']') else {
                return self.stop(ProblemKind::SectionHeader, number);
            };
            self.section = Some(Arc::from(section));
            return true;
        }
        let Some(section) = self.section.clone() else {
            self.note(ProblemKind::OutsideSection, number);
            return true;
        };
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                if self.parsed.settings.len() >= SETTINGS_MAX {
                    return self.stop(ProblemKind::TooManySettings, number);
                }
                self.parsed.settings.push(Setting {
                    section,
                    key: trim(key).to_owned(),
                    value: trim(value).to_owned(),
                    file: Arc::clone(&self.file),
                    line: number,
                });
            }
            _ => self.note(ProblemKind::NoAssignment, number),
        }
        true
    }

    fn note(&mut self, kind: ProblemKind, line: u32) {
        if self.parsed.problems.len() < PROBLEMS_MAX || kind.stops() {
            self.parsed.problems.push(Problem {
                kind,
                file: Arc::clone(&self.file),
                line,
            });
        }
    }

    fn stop(&mut self, kind: ProblemKind, line: u32) -> bool {
        self.note(kind, line);
        self.parsed.complete = false;
        false
    }
}

/// An odd number of backslashes at the end leaves the last one open.
fn ends_in_open_backslash(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Physical lines: ended by LF, CR or NUL, or by different ones of them in a row (CR LF), of
/// which NUL is always the last.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0);
        let Some(end) = self.rest.iter().position(is_end) else {
            return Some(std::mem::take(&mut self.rest));
        };
        let (line, mut rest) = self.rest.split_at(end);
        let mut seen: Vec<u8> = Vec::with_capacity(3);
        while let Some((byte, after)) = rest.split_first() {
            if !is_end(byte) || seen.contains(byte) || seen.contains(&0) {
                break;
            }
            seen.push(*byte);
            rest = after;
        }
        self.rest = rest;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: impl AsRef<[u8]>, expected: &[(&str, &str, &str, u32)]) -> ParsedFile {
        let parsed = parse(Path::new("/a.service"), text.as_ref());
        let found: Vec<_> = parsed
            .settings
            .iter()
            .map(|one| {
                (
                    &*one.section,
                    one.key.as_str(),
                    one.value.as_str(),
                    one.line,
                )
            })
            .collect();
        assert_eq!(found, expected);
        parsed
    }

    #[test]
    fn comments_are_whole_lines_only() {
        check(
            "# c\n ; c\n[Service]\n A = b # not a comment \nC=;d\n",
            &[
                ("Service", "A", "b # not a comment", 4),
                ("Service", "C", ";d", 5),
            ],
        );
    }

    #[test]
    fn a_continuation_joins_lines_and_skips_comments_between() {
        check(
            "[S]\nA=one \\\n# two \\\n; three\n  four\\\\\nB=\\\n\nC=x\\\n",
            &[
                ("S", "A", "one    four\\\\", 2),
                ("S", "B", "", 6),
                ("S", "C", "x", 8),
            ],
        );
    }

    #[test]
    fn a_backslash_before_a_blank_does_not_continue() {
        check(
            "[S]\nA=one\\ \nB=two\n",
            &[("S", "A", "one\\", 2), ("S", "B", "two", 3)],
        );
    }

    #[test]
    fn all_line_ends_count() {
        check(
            "\u{feff}[S]\r\nA=1\rB=2\0C=3\n\rD=4",
            &[
                ("S", "A", "1", 2),
                ("S", "B", "2", 3),
                ("S", "C", "3", 4),
                ("S", "D", "4", 5),
            ],
        );
        check(
            "[S]\r\nA=x \\\r\n y\r\n\r\nB=z\r\n",
            &[("S", "A", "x   y", 2), ("S", "B", "z", 5)],
        );
    }

    #[test]
    fn sections_may_repeat_and_strangers_are_kept() {
        check(
            "A=0\n[S]\nA=1\n[X-Y]\nB=2\n[S]\nno\n=3\nA=\n",
            &[("S", "A", "1", 3), ("X-Y", "B", "2", 5), ("S", "A", "", 9)],
        );
    }

    #[test]
    fn reading_stops_where_systemd_stops() {
        let parsed = check("[S]\nA=1\n[T\nB=2\n", &[("S", "A", "1", 2)]);
        assert!(!parsed.complete);
        assert_eq!(parsed.problems[0].kind, ProblemKind::SectionHeader);
        assert_eq!(
            parsed.problems[0].to_string(),
            "section header without closing bracket at `/a.service:3`",
        );
        let parsed = check(b"[S]\nA=1\nB=\xff\nC=2\n", &[("S", "A", "1", 2)]);
        assert_eq!(parsed.problems[0].kind, ProblemKind::NotUtf8);
        assert!(!parsed.complete);
    }

    #[test]
    fn limits_hold() {
        let long = [
            b"[S]\nA=".as_slice(),
            &vec![b'x'; LINE_BYTES_MAX],
            b"\nB=1\n",
        ]
        .concat();
        assert_eq!(check(&long, &[]).problems[0].kind, ProblemKind::LineTooLong);
        let huge = vec![b'\n'; FILE_BYTES_MAX + 1];
        assert_eq!(check(&huge, &[]).problems[0].kind, ProblemKind::FileTooLong);
        let many = format!("[S]\n{}", "A=1\n".repeat(SETTINGS_MAX + 1));
        let parsed = parse(Path::new("/a"), many.as_bytes());
        assert_eq!(parsed.settings.len(), SETTINGS_MAX);
        assert_eq!(parsed.problems[0].kind, ProblemKind::TooManySettings);
    }

    proptest! {
        #[test]
        fn any_bytes_end_as_a_value(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let parsed = parse(Path::new("/a"), &bytes);
            prop_assert!(parsed.complete != parsed.problems.iter().any(|one| one.kind.stops()));
            for setting in &parsed.settings {
                prop_assert!(setting.line as usize <= bytes.len() + 1);
                prop_assert_eq!(setting.value.trim_ascii(), setting.value.as_str());
            }
        }

        #[test]
        fn what_is_written_is_read(
            pairs in proptest::collection::vec(("[A-Za-z]{1,8}", "[a-z0-9 =#;%/-]{0,12}"), 0..20)
        ) {
            let mut text = String::from("[Service]\n");
            for (key, value) in &pairs {
                text.push_str(&format!("{key}={value}\n"));
            }
            let parsed = parse(Path::new("/a"), text.as_bytes());
            let found: Vec<_> =
                parsed.settings.iter().map(|one| (one.key.clone(), one.value.clone())).collect();
            let expected: Vec<_> = pairs
                .iter()
                .map(|(key, value)| (key.clone(), value.trim_ascii().to_owned()))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
