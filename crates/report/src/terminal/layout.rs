//! Lines of a terminal: wrapped at words, cut at the edge, coloured when asked.

use casemate_schema::Severity;

/// Narrower terminals get lines of this width.
const WIDTH_MIN: usize = 60;

/// The text under construction.
#[derive(Debug)]
pub(super) struct Page {
    width: usize,
    colour: bool,
    text: String,
}

impl Page {
    pub(super) fn new(width: usize, colour: bool) -> Self {
        Self {
            width: width.max(WIDTH_MIN),
            colour,
            text: String::new(),
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line as it is.
    pub(super) fn raw(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A blank line and a heading.
    pub(super) fn heading(&mut self, words: &str) {
        self.blank();
        let words = clip(words, self.width);
        if self.colour {
            self.raw(&format!("\u{1b}[1m{words}\u{1b}[0m"));
        } else {
            self.raw(&words);
        }
    }

    /// A severity, padded to the longest word.
    pub(super) fn severity(&self, severity: Severity) -> String {
        let word = format!("{severity:<8}");
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => "2",
        };
        if self.colour {
            format!("\u{1b}[{code}m{word}\u{1b}[0m")
        } else {
            word
        }
    }

    /// `lead` and text, wrapped at words; further lines are indented as wide as the lead.
    pub(super) fn wrapped(&mut self, lead: &str, words: &str) {
        let indent = columns(lead);
        for (number, line) in wrap(words, self.width - indent.min(self.width / 2))
            .iter()
            .enumerate()
        {
            let lead = if number == 0 {
                lead.to_owned()
            } else {
                " ".repeat(indent)
            };
            self.raw(&format!("{lead}{line}"));
        }
    }

    /// `lead` and text in one line, cut at the edge.
    pub(super) fn cut(&mut self, lead: &str, words: &str) {
        let room = self.width.saturating_sub(columns(lead));
        self.raw(&format!("{lead}{}", clip(words, room)));
    }

    /// The first line of an entry: wrapped below itself at a small indent.
    pub(super) fn entry(&mut self, lead: &str, words: &str) {
        let indent = columns(lead);
        let lines = wrap(words, self.width.saturating_sub(indent).max(20));
        for (number, line) in lines.iter().take(2).enumerate() {
            let last = number == 1 && lines.len() > 2;
            let line = if last {
                clip(
                    &format!("{line}..."),
                    self.width - indent.min(self.width / 2),
                )
            } else {
                line.clone()
            };
            if number == 0 {
                self.raw(&format!("{lead}{line}"));
            } else {
                self.raw(&format!("{}{line}", " ".repeat(indent)));
            }
        }
    }

    /// A named line of an entry; `tail` is kept whole, the value is cut.
    pub(super) fn field(&mut self, name: &str, value: &str, tail: &str) {
        let lead = format!("     {name:<4} ");
        let room = self
            .width
            .saturating_sub(columns(&lead) + columns(tail))
            .max(10);
        self.raw(&format!("{lead}{}{tail}", clip(value, room)));
    }
}

/// Columns that a text takes: ANSI colour sequences none, wide letters two.
fn columns(text: &str) -> usize {
    let mut total = 0;
    let mut in_escape = false;
    for letter in text.chars() {
        match letter {
            '\u{1b}' => in_escape = true,
            'm' if in_escape => in_escape = false,
            _ if in_escape => {}
            _ => total += letter_columns(letter),
        }
    }
    total
}

/// Wide and combining letters by block (Unicode East Asian Width, the blocks that are in use).
fn letter_columns(letter: char) -> usize {
    match u32::from(letter) {
        0x0300..=0x036f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The text in at most `room` columns, with three dots where it was cut.
fn clip(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut cut = head(text, room.saturating_sub(3));
    cut.push_str("...");
    cut
}

fn head(text: &str, room: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|letter| {
            used += letter_columns(*letter);
            used <= room
        })
        .collect()
}

/// Lines of at most `room` columns; a word that is longer is broken.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(10);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word.to_owned();
        if !line.is_empty() && columns(&line) + 1 + columns(&word) > room {
            lines.push(std::mem::take(&mut line));
        }
        while columns(&word) > room {
            let part = head(&word, room);
            word = word.split_off(part.len());
            lines.push(part);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_wrapped_and_cut_by_columns() {
        assert_eq!(wrap("one two three", 10), ["one two", "three"]);
        assert_eq!(wrap("abcdefghijklmno", 10), ["abcdefghij", "klmno"]);
        assert_eq!(clip("abcdefgh", 6), "abc...");
        assert_eq!(clip("東京東京", 7), "東京...");
        assert_eq!(columns("\u{1b}[31mab\u{1b}[0m"), 2);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_letter_lost(text in "[ a-z東]{0,60}", room in 10_usize..30) {
            let lines = wrap(&text, room);
            for line in &lines {
                prop_assert!(columns(line) <= room, "{line:?}");
            }
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
