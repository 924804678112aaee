//! Text that tools write for a terminal, as plain lines.

use std::borrow::Cow;

/// A text without control sequences of terminals (ECMA-48: `ESC [ ... letter`, `ESC ] ... BEL`) and
/// without what a carriage return overwrites the line with at its end.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{1b}', '\r']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\u{1b}', '\r']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = match from.strip_prefix('\u{1b}') {
            Some(sequence) => after_sequence(sequence),
            None => {
                let after = from.trim_start_matches('\r');
                if !after.is_empty() && !after.starts_with('\n') {
                    out.push('\r');
                }
                after
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What comes behind a control sequence whose ESC is taken off.
fn after_sequence(sequence: &str) -> &str {
    let end = match sequence.chars().next() {
        // Parameters and intermediates are 0x20 to 0x3f, the final character is 0x40 to 0x7e.
        Some('[') => sequence
            .char_indices()
            .skip(1)
            .find(|(_, c)| !matches!(c, ' '..='?'))
            .map(|(at, c)| at + if matches!(c, '@'..='~') { 1 } else { 0 }),
        Some(']') => sequence.find('\u{7}').map(|at| at + 1),
        // A character set is named by one more character.
        Some('(' | ')') => Some(2),
        Some(c) if c.is_ascii() => Some(1),
        _ => Some(0),
    };
    end.and_then(|end| sequence.get(end..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn colours_and_cursor_moves_are_taken_off() {
        let text =
            "\u{1b}[1;31m! bad\u{1b}[0m\r\n\u{1b}[2C- a\u{1b}[41C [ OK ]\u{1b}(B\r\r\nTitle\r\tx";
        assert_eq!(plain(text), "! bad\n- a [ OK ]\nTitle\r\tx");
        assert_eq!(plain("cut \u{1b}[1;"), "cut ");
        assert_eq!(plain("cut \u{1b}"), "cut ");
    }
}
