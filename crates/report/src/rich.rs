//! How is the prose of a check shown? Descriptions and fixes are written as light Markdown:
//! paragraphs, `- ` lists, fenced code, and inline code between backticks. Everything else in them
//! is plain text, also what looks like markup.
//!
//! Invariants: no character is lost but the marks themselves; control and invisible characters are
//! made visible; the result holds text only, and each writer escapes it for its medium.

use casemate_base::text::{printable, printable_lines};

/// A run of text in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Whether it is code.
    pub(crate) code: bool,
    /// The text, printable.
    pub(crate) text: String,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// Prose.
    Paragraph(Vec<Span>),
    /// Items of a list.
    List(Vec<Vec<Span>>),
    /// Lines to be copied as they are.
    Code(String),
}

/// Cuts a text into blocks.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let shown = printable_lines(text);
    let mut out = Vec::new();
    let mut prose: Vec<&str> = Vec::new();
    let mut lines = shown.lines();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("```") {
            flush(&mut prose, &mut out);
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.trim_start().starts_with("```"))
                .collect();
            out.push(Block::Code(code.join("\n")));
        } else if line.trim().is_empty() {
            flush(&mut prose, &mut out);
        } else {
            prose.push(line);
        }
    }
    flush(&mut prose, &mut out);
    out
}

/// The runs of one line of text; a backtick without a partner is a backtick.
pub(crate) fn spans(text: &str) -> Vec<Span> {
    let mut out = Vec::new();
    let shown = printable(text);
    let mut rest: &str = &shown;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else {
            break;
        };
        push(&mut out, false, before);
        push(&mut out, true, code);
        rest = after;
    }
    push(&mut out, false, rest);
    out
}

/// What to do in one line: the first line of code if there is some, else the first sentence.
pub(crate) fn one_line(text: &str) -> String {
    let blocks = blocks(text);
    let code = blocks.iter().find_map(|block| match block {
        Block::Code(code) => code.lines().find(|line| !line.trim().is_empty()),
        Block::Paragraph(_) | Block::List(_) => None,
    });
    if let Some(code) = code {
        return code.trim().to_owned();
    }
    let prose = blocks.iter().find_map(|block| match block {
        Block::Paragraph(spans) => Some(plain(spans)),
        Block::List(items) => items.first().map(|item| plain(item)),
        Block::Code(_) => None,
    });
    first_sentence(&prose.unwrap_or_default())
}

/// The text of some runs, code between backticks.
pub(crate) fn plain(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| {
            if span.code {
                format!("`{}`", span.text)
            } else {
                span.text.clone()
            }
        })
        .collect()
}

/// Up to and with the first full stop that ends a sentence outside of code.
fn first_sentence(text: &str) -> String {
    let mut in_code = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '`' => in_code = !in_code,
            '.' if !in_code && letters.peek().is_none_or(|(_, next)| *next == ' ') => {
                return text.get(..=at).unwrap_or(text).to_owned();
            }
            _ => {}
        }
    }
    text.to_owned()
}

fn flush(prose: &mut Vec<&str>, out: &mut Vec<Block>) {
    let lines = std::mem::take(prose);
    let is_item = |line: &&str| line.trim_start().starts_with("- ");
    let lead: Vec<&str> = lines
        .iter()
        .take_while(|line| !is_item(line))
        .copied()
        .collect();
    if !lead.is_empty() {
        out.push(Block::Paragraph(spans(&join(&lead))));
    }
    let mut items: Vec<Vec<&str>> = Vec::new();
    for line in lines.into_iter().skip(lead.len()) {
        match line.trim_start().strip_prefix("- ") {
            Some(item) => items.push(vec![item]),
            None => {
                if let Some(item) = items.last_mut() {
                    item.push(line);
                }
            }
        }
    }
    if !items.is_empty() {
        out.push(Block::List(
            items.iter().map(|item| spans(&join(item))).collect(),
        ));
    }
}

fn join(lines: &[&str]) -> String {
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    trimmed.join(" ")
}

fn push(out: &mut Vec<Span>, code: bool, text: &str) {
    if !text.is_empty() {
        out.push(Span {
            code,
            text: text.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paragraphs_lists_and_code_are_told_apart() {
        let text = "Set it in\n`/etc/x`.\n\n- one\n  more\n- two\n\n```sh\nchmod 755 /x\n```\nEnd";
        let blocks = blocks(text);
        assert_eq!(blocks.len(), 4);
        let Block::Paragraph(spans) = &blocks[0] else {
            panic!("a paragraph")
        };
        assert_eq!(plain(spans), "Set it in `/etc/x`.");
        let Block::List(items) = &blocks[1] else {
            panic!("a list")
        };
        assert_eq!(plain(&items[0]), "one more");
        assert_eq!(blocks[2], Block::Code("chmod 755 /x".to_owned()));
    }

    #[test]
    fn one_line_prefers_code_then_the_first_sentence() {
        assert_eq!(one_line("Do it:\n```\n\n  rm x\nrm y\n```"), "rm x");
        assert_eq!(
            one_line("Keep `a. b` v1.2\nout. Then more."),
            "Keep `a. b` v1.2 out."
        );
        assert_eq!(one_line(""), "");
        assert_eq!(one_line("an `open tick. End"), "an `open tick. End");
    }

    #[test]
    fn a_lone_backtick_is_text_and_controls_are_seen() {
        assert_eq!(plain(&spans("a ` b")), "a ` b");
        assert_eq!(plain(&spans("\u{1b}[31mred")), "\\u{1b}[31mred");
    }

    proptest! {
        #[test]
        fn spans_lose_nothing(text in "[a-z` ]{0,40}") {
            prop_assert_eq!(plain(&spans(&text)).replace('`', ""), text.replace('`', ""));
        }

        #[test]
        fn blocks_survive_anything(text: String) {
            for block in blocks(&text) {
                if let Block::Paragraph(spans) = block {
                    prop_assert!(!spans.is_empty());
                }
            }
        }
    }
}
