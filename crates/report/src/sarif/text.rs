//! How is text written in SARIF messages and in their Markdown?
//!
//! Source: SARIF 2.1.0, sections 3.11.5 (placeholders: braces are doubled) and 3.11.6 (embedded
//! links: brackets are escaped).

use crate::rich::{Block, Span, blocks};
use casemate_base::text::printable_lines;
use serde_json::{Value, json};

/// Text for a message: printable, without placeholders and links.
pub(super) fn plain(text: &str) -> String {
    let shown = printable_lines(text);
    let mut out = String::with_capacity(shown.len());
    let has_link = shown.contains("](");
    for letter in shown.chars() {
        match letter {
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            '[' | ']' if has_link => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

/// A message with text and Markdown made from the prose of a check; `None` of nothing.
pub(super) fn prose(text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return None;
    }
    let parts: Vec<String> = blocks(text).iter().map(block).collect();
    let markdown = parts.join("\n\n").replace('{', "{{").replace('}', "}}");
    Some(json!({ "text": plain(text), "markdown": markdown }))
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(runs) => line(runs),
        Block::List(items) => {
            let items: Vec<String> = items.iter().map(|i| format!("- {}", line(i))).collect();
            items.join("\n")
        }
        Block::Code(code) => {
            let fence = "`".repeat(longest_run(code).max(2) + 1);
            format!("{fence}\n{code}\n{fence}")
        }
    }
}

fn line(runs: &[Span]) -> String {
    runs.iter()
        .map(|run| {
            if run.code {
                format!("`{}`", run.text)
            } else {
                escaped(&run.text)
            }
        })
        .collect()
}

/// Prose with every mark of Markdown and HTML escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\`*_[]<>&#|~!".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn longest_run(code: &str) -> usize {
    code.split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_neither_placeholders_nor_links() {
        assert_eq!(plain("{0} [a](b)"), "{{0}} \\[a\\](b)");
        assert_eq!(plain("a[0]"), "a[0]");
        assert_eq!(plain("\u{1b}"), "\\u{{1b}}");
    }

    #[test]
    fn markdown_keeps_code_and_escapes_the_rest() {
        let value = prose("Set <b> in `a*b`:\n\n```\nx ```` y\n```\n").expect("text");
        assert_eq!(
            value["markdown"],
            "Set \\<b\\> in `a*b`:\n\n`````\nx ```` y\n`````"
        );
        assert!(prose(" \n").is_none());
    }
}
