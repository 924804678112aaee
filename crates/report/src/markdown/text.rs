//! How is text written so that no part of it is markup?
//!
//! A word that a renderer makes a link of without being asked (addresses, mail, mentions,
//! references to issues) becomes code, the one place where nothing is a link; in all other words
//! the marks of Markdown are escaped. Control and invisible characters are made visible before.
//!
//! Source: GitHub Flavored Markdown Spec 0.29, sections 2.4 (escapes), 4.10 (tables), 6.3 (code),
//! 6.9 (autolinks).

use crate::rich::{Block, Span, blocks, spans};
use casemate_base::text::printable;

/// Text in a line.
pub(crate) fn inline(text: &str) -> String {
    let shown = printable(text);
    let words = shown.split(' ').filter(|word| !word.is_empty());
    let words: Vec<String> = (0..).zip(words).map(|(n, w)| word(w, n == 0)).collect();
    words.join(" ")
}

/// A title: text in a line in which what stands between backticks is code.
pub(super) fn title(text: &str) -> String {
    line(&spans(text))
}

/// Text as code in a line; nothing of nothing.
pub(super) fn code(text: &str) -> String {
    let shown = printable(text);
    if shown.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&shown) + 1);
    let pad = if shown.starts_with(['`', ' ']) || shown.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// What [`inline`] or [`code`] made, for a cell of a table: a bar inside of code ends the code,
/// stands escaped, and begins new code, because a backslash before it could be part of the text.
pub(crate) fn cell(written: &str) -> String {
    if !written.contains('|') {
        return written.to_owned();
    }
    let mut out = String::with_capacity(written.len() + 8);
    let mut rest = written;
    while let Some(start) = code_start(rest) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let fence_length = from.len() - from.trim_start_matches('`').len();
        let (fence, from) = from.split_at(fence_length);
        let Some(end) = code_end(from, fence_length) else {
            out.push_str(fence);
            rest = from;
            continue;
        };
        let (inner, after) = from.split_at(end);
        let parts: Vec<String> = inner.split('|').map(code).collect();
        out.push_str(&parts.join("\\|"));
        rest = after.get(fence_length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The prose of a check: paragraphs, lists and code, each ended by an empty line.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::new();
    for block in blocks(text) {
        match block {
            Block::Paragraph(runs) => out.push_str(&line(&runs)),
            Block::List(items) => {
                let items: Vec<String> = items.iter().map(|i| format!("- {}", line(i))).collect();
                out.push_str(&items.join("\n"));
            }
            Block::Code(code) => {
                let fence = "`".repeat(longest_run(&code).max(2) + 1);
                out.push_str(&format!("{fence}\n{code}\n{fence}"));
            }
        }
        out.push_str("\n\n");
    }
    out
}

fn line(runs: &[Span]) -> String {
    let mut out = String::new();
    let mut ends_in_code = false;
    for run in runs {
        let written = if run.code {
            code(&run.text)
        } else {
            prose_run(&run.text)
        };
        // Code beside code would be one longer fence.
        if ends_in_code && written.starts_with('`') {
            out.push(' ');
        }
        let last = run.text.rsplit(' ').next().unwrap_or_default();
        ends_in_code = !written.is_empty() && (run.code || is_link(last));
        out.push_str(&written);
    }
    out.trim().to_owned()
}

/// Words between code; blanks at the ends keep them apart from it.
fn prose_run(text: &str) -> String {
    let lead = if text.starts_with(' ') { " " } else { "" };
    let trail = if text.ends_with(' ') { " " } else { "" };
    match inline(text) {
        words if words.is_empty() => lead.to_owned(),
        words => format!("{lead}{words}{trail}"),
    }
}

/// A word; the first one may stand at the beginning of a line.
fn word(word: &str, is_first: bool) -> String {
    if is_link(word) {
        return code(word);
    }
    let mut out = String::with_capacity(word.len() + 4);
    // There these begin headings, lists, rulers and quotes; a heading also ends in `#`.
    if word.starts_with('#') || (is_first && word.starts_with(['+', '-', '=', ':'])) {
        out.push('\\');
    }
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_number =
        is_first && digits > 0 && digits + 1 == word.len() && word.ends_with(['.', ')']);
    for (at, letter) in word.char_indices() {
        if "\\`*_[]<>&|~${}^".contains(letter) || (is_number && at == digits) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// Whether a renderer makes a link of the word: addresses, mail and mentions, references.
fn is_link(word: &str) -> bool {
    let lower = word.to_lowercase();
    let mut letters = word.trim_start_matches(['(', '"', '\'']).chars();
    let is_reference = matches!(letters.next(), Some('#' | '!' | '~' | '%' | '$' | '&'))
        && letters.next().is_some_and(char::is_alphanumeric);
    is_reference || word.contains('@') || lower.contains("://") || lower.contains("www.")
}

/// Where the next code begins: a backtick that is not escaped.
fn code_start(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, letter)| {
        let found = (letter == '`' && !escaped).then_some(at);
        escaped = letter == '\\' && !escaped;
        found
    })
}

/// Where code with a fence of that length ends: at the next run of as many backticks.
fn code_end(text: &str, fence_length: usize) -> Option<usize> {
    let mut at = 0;
    let mut rest = text;
    loop {
        let start = rest.find('`')?;
        let (_, from) = rest.split_at(start);
        let run = from.len() - from.trim_start_matches('`').len();
        if run == fence_length {
            return Some(at + start);
        }
        at += start + run;
        rest = from.get(run..)?;
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_text() {
        assert_eq!(inline("a *b* [c](d) <e>"), "a \\*b\\* \\[c\\](d) \\<e\\>");
        assert_eq!(
            inline("see https://x.example/ and me@x"),
            "see `https://x.example/` and `me@x`"
        );
        assert_eq!(inline("# 1. - #12 ##"), "\\# 1. - `#12` \\##");
        assert_eq!(inline("1. a"), "1\\. a");
        assert_eq!(inline("- a = b"), "\\- a = b");
        assert_eq!(inline("3.14 out-of-bounds"), "3.14 out-of-bounds");
        assert_eq!(title("`a@``b@`"), "`a@` `b@`");
        assert_eq!(title("set `a_b` in c_d"), "set `a_b` in c\\_d");
        assert_eq!(inline("a\nb"), "a\\\\u\\{a\\}b");
    }

    #[test]
    fn code_holds_backticks_and_cells_hold_bars() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(" "), "");
        assert_eq!(cell(&code("a|b")), "`a`\\|`b`");
        assert_eq!(cell(&code("a``\\|b")), "```a``\\```\\|`b`");
        assert_eq!(cell(&inline("a|b")), "a\\|b");
    }
}
