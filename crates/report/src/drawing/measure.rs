//! How much room does a text take? All text is set in a fixed-pitch face, so that the width is
//! known without the font: no face in use is wider than 0.602 em a letter.

use casemate_base::text::printable;

/// Height of a line in pixels, for 12 pixel type.
pub(crate) const LINE_HEIGHT: i64 = 16;

/// A text that was broken into lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) lines: Vec<String>,
    /// Whether something was cut.
    pub(crate) cut: bool,
}

impl Lines {
    /// Breaks a text after blanks and after `/`, `:`, `,`, `-`; a longer run is broken anywhere.
    pub(crate) fn of(text: &str, columns_max: usize, lines_max: usize) -> Self {
        let text = printable(text);
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut columns = 0;
        for piece in pieces(&text, columns_max) {
            let width = columns_of(piece.trim_end());
            if columns > 0 && columns + width > columns_max {
                lines.push(line.trim_end().to_owned());
                line.clear();
                columns = 0;
            }
            line.push_str(piece);
            columns += columns_of(piece);
        }
        if !line.trim_end().is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        let cut = lines.len() > lines_max;
        lines.truncate(lines_max);
        if cut && let Some(last) = lines.last_mut() {
            while columns_of(last) >= columns_max {
                last.pop();
            }
            last.push('\u{2026}');
        }
        Self { lines, cut }
    }

    /// Width in pixels of 12 pixel type.
    pub(crate) fn width(&self) -> i64 {
        let columns = self.lines.iter().map(|line| columns_of(line)).max();
        // 12 * 0.602, rounded up.
        (i64::try_from(columns.unwrap_or(0)).unwrap_or(i64::MAX / 100) * 73 + 9) / 10
    }

    /// Height in pixels.
    pub(crate) fn height(&self) -> i64 {
        i64::try_from(self.lines.len()).unwrap_or(0) * LINE_HEIGHT
    }
}

/// Columns of a terminal or of a fixed-pitch face; letters that may be wide count as two.
fn columns_of(text: &str) -> usize {
    text.chars()
        .map(|letter| {
            if u32::from(letter) < 0x1100 {
                1
            } else {
                width_of_far(letter)
            }
        })
        .sum()
}

/// General punctuation and the like are narrow, all the rest beyond may be wide.
fn width_of_far(letter: char) -> usize {
    if matches!(u32::from(letter), 0x1e00..=0x20ff) {
        1
    } else {
        2
    }
}

/// Pieces that may stand on a line of their own, none wider than a line.
fn pieces(text: &str, columns_max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    for piece in text.split_inclusive([' ', '/', ':', ',', '-']) {
        let mut rest = piece;
        while columns_of(rest.trim_end()) > columns_max {
            let mut columns = 0;
            let at = rest.char_indices().find_map(|(at, letter)| {
                columns += columns_of(letter.encode_utf8(&mut [0; 4]));
                (columns > columns_max && at > 0).then_some(at)
            });
            let Some((first, second)) = at.and_then(|at| rest.split_at_checked(at)) else {
                break;
            };
            pieces.push(first);
            rest = second;
        }
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, columns: usize, lines: usize, expected: &[&str], cut: bool) {
        let broken = Lines::of(text, columns, lines);
        assert_eq!(broken.lines, expected, "{text}");
        assert_eq!(broken.cut, cut, "{text}");
    }

    #[test]
    fn texts_are_broken_where_a_reader_would() {
        check("", 8, 2, &[], false);
        check("short", 8, 2, &["short"], false);
        check("two words", 8, 2, &["two", "words"], false);
        check("/usr/lib/systemd", 9, 3, &["/usr/lib/", "systemd"], false);
        check("abcdefghij", 4, 3, &["abcd", "efgh", "ij"], false);
        check("abcdefghij", 4, 2, &["abcd", "efg\u{2026}"], true);
        check("a\nb", 12, 2, &["a\\u{a}b"], false);
        check(
            "\u{6f22}\u{5b57}\u{6f22}",
            4,
            2,
            &["\u{6f22}\u{5b57}", "\u{6f22}"],
            false,
        );
    }
}
