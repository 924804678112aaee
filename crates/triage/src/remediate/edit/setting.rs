//! `key = value` and `key value` files: login.defs, pwquality.conf, sysctl.d, systemd, yum ...
//!
//! Every active line of the key (in its section) gets the value: which one wins then does not
//! matter. When there is none, the new line goes below the commented default, else to the end of
//! its section.

use crate::remediate::doc::Doc;

/// How a file writes its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Style {
    /// What a new line has between key and value.
    separator: &'static str,
    /// Signs that begin a comment.
    comments: &'static str,
    /// Whether ` #` after a value begins a comment.
    trailing: bool,
    /// Whether a key may stand several times with several meanings.
    pub(crate) repeats: bool,
}

impl Style {
    /// `KEY value`, as in login.defs and auditd's rules.
    pub(crate) const WORDS: Self = Self::of(" ", "#", true);
    /// `key = value`.
    pub(crate) const EQUALS: Self = Self::of(" = ", "#;", false);
    /// `key=value`, as in ini files and systemd.
    pub(crate) const TIGHT: Self = Self::of("=", "#;", false);

    const fn of(separator: &'static str, comments: &'static str, trailing: bool) -> Self {
        Self {
            separator,
            comments,
            trailing,
            repeats: false,
        }
    }

    /// The line as it is written anew.
    pub(crate) fn line(self, key: &str, value: &str) -> String {
        format!("{key}{}{value}", self.separator)
    }

    fn is_comment(self, line: &str) -> bool {
        line.trim_start().starts_with(|c| self.comments.contains(c))
    }
}

/// Key and value of an active line, and where the value begins.
fn parts(line: &str) -> Option<(&str, usize, &str)> {
    let start = line.len() - line.trim_start().len();
    let body = line.get(start..)?;
    let key_end = body.find(|c: char| c == '=' || c.is_whitespace())?;
    let key = body.get(..key_end)?;
    let rest = body.get(key_end..)?;
    let after = rest.trim_start();
    let after = after.strip_prefix('=').unwrap_or(after).trim_start();
    let value_at = line.len() - after.len();
    Some((key, value_at, after))
}

/// The same key: sysctl names may be written with slashes and a leading hyphen.
fn same_key(one: &str, other: &str) -> bool {
    let plain = |key: &str| key.trim_start_matches('-').replace('/', ".");
    one == other || plain(one) == plain(other)
}

/// Sets a key.
pub(crate) fn set(doc: &mut Doc, key: &str, value: &str, style: Style, section: Option<&str>) {
    let (from, to) = match section {
        Some(name) => bounds(doc, name),
        None => (0, doc.lines.len()),
    };
    let mut found = false;
    for index in from..to {
        let line = doc.at(index).to_owned();
        if style.is_comment(&line) {
            continue;
        }
        let Some((have, value_at, old)) = parts(&line) else {
            continue;
        };
        if !same_key(have, key) {
            continue;
        }
        found = true;
        let (old, tail) = split_tail(old, style);
        if old != value {
            let head = line.get(..value_at).unwrap_or_default();
            // A key without a value has nothing between both.
            let gap = if old.is_empty() && head.trim_end() == have {
                style.separator
            } else {
                ""
            };
            doc.set(index, format!("{head}{gap}{value}{tail}"));
        }
    }
    if !found {
        let default = (from..to)
            .rev()
            .find(|index| is_default(doc.at(*index), key, style));
        let at = default.map_or_else(|| end_of(doc, from, to), |index| index + 1);
        doc.insert(at, style.line(key, value));
    }
}

/// The value and what follows it: blanks, a comment, a carriage return.
fn split_tail(rest: &str, style: Style) -> (&str, &str) {
    let comment = rest
        .char_indices()
        .find(|(at, c)| {
            style.trailing
                && *c == '#'
                && rest
                    .get(..*at)
                    .is_some_and(|before| before.ends_with(char::is_whitespace))
        })
        .map_or(rest.len(), |(at, _)| at);
    let value = rest.get(..comment).unwrap_or(rest).trim_end();
    (value, rest.get(value.len()..).unwrap_or_default())
}

/// Whether a comment shows the key's default: `#key = value`.
fn is_default(line: &str, key: &str, style: Style) -> bool {
    if !style.is_comment(line) {
        return false;
    }
    let bare = line
        .trim_start()
        .trim_start_matches(|c| style.comments.contains(c))
        .trim_start();
    // Prose that begins with the key has more than one word after it.
    parts(bare).is_some_and(|(have, _, rest)| {
        same_key(have, key) && (bare.contains('=') || rest.split_whitespace().count() == 1)
    })
}

/// Where new lines of a part go: behind its last line that is not blank.
fn end_of(doc: &Doc, from: usize, to: usize) -> usize {
    (from..to)
        .rev()
        .find(|index| !doc.at(*index).trim().is_empty())
        .map_or(from, |index| index + 1)
}

/// The lines between a section's head and the next one; the section is made when it is missing.
fn bounds(doc: &mut Doc, name: &str) -> (usize, usize) {
    let head = |line: &str| {
        let line = line.trim();
        line.starts_with('[') && line.ends_with(']')
    };
    let wanted = format!("[{name}]");
    let start = match (0..doc.lines.len()).find(|index| doc.at(*index).trim() == wanted) {
        Some(start) => start,
        None => {
            if !doc.lines.is_empty()
                && !doc.at(doc.lines.len() - 1).trim().is_empty()
                && doc.lines.iter().any(|line| head(&line.text))
            {
                doc.push("");
            }
            doc.push(wanted);
            doc.lines.len() - 1
        }
    };
    let end = (start + 1..doc.lines.len())
        .find(|index| head(doc.at(*index)))
        .unwrap_or(doc.lines.len());
    (start + 1, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, key: &str, style: Style, section: Option<&str>, after: &str) {
        let mut doc = Doc::new(before);
        set(&mut doc, key, "9", style, section);
        assert_eq!(doc.text(), after);
        let mut again = Doc::new(after);
        set(&mut again, key, "9", style, section);
        assert_eq!(again.text(), after, "a second time changes nothing");
    }

    #[test]
    fn values_change_in_place_and_comments_stay() {
        check(
            "# A\nA\t5  # five\nB 1\n",
            "A",
            Style::WORDS,
            None,
            "# A\nA\t9  # five\nB 1\n",
        );
        check("a=1\n a = 2\n", "a", Style::TIGHT, None, "a=9\n a = 9\n");
        check(
            "-net/ipv4/x = 1\n",
            "net.ipv4.x",
            Style::EQUALS,
            None,
            "-net/ipv4/x = 9\n",
        );
        check("a=\n", "a", Style::TIGHT, None, "a=9\n");
        check("a = 1\r\n", "a", Style::EQUALS, None, "a = 9\r\n");
    }

    #[test]
    fn a_new_line_goes_below_its_default_or_to_the_end() {
        check(
            "#a = 1\nb = 2\n",
            "a",
            Style::EQUALS,
            None,
            "#a = 1\na = 9\nb = 2\n",
        );
        check(
            "# a is the first letter\nb = 2\n",
            "a",
            Style::EQUALS,
            None,
            "# a is the first letter\nb = 2\na = 9\n",
        );
        check("b = 2", "a", Style::EQUALS, None, "b = 2\na = 9\n");
        check("", "a", Style::EQUALS, None, "a = 9\n");
    }

    #[test]
    fn sections_are_respected_and_made() {
        check(
            "[x]\na=1\n[y]\na=1\n",
            "a",
            Style::TIGHT,
            Some("y"),
            "[x]\na=1\n[y]\na=9\n",
        );
        check(
            "[x]\nb=1\n\n[y]\na=1\n",
            "a",
            Style::TIGHT,
            Some("x"),
            "[x]\nb=1\na=9\n\n[y]\na=1\n",
        );
        check(
            "[x]\nb=1\n",
            "a",
            Style::TIGHT,
            Some("y"),
            "[x]\nb=1\n\n[y]\na=9\n",
        );
        check("", "a", Style::TIGHT, Some("y"), "[y]\na=9\n");
    }
}
