//! Messages: found by their ids, filled with their arguments, without the links of viewers.

use super::hit::Message;
use super::loose::Members;
use std::borrow::Cow;

/// Longest title that is made of a message.
const TITLE_CHARACTERS: usize = 160;

/// The text of a message. One that has only an id is looked up in these, the first first.
pub(super) fn text<'m>(
    message: &'m Message<'_>,
    strings: &[&'m Members<'_, Message<'_>>],
) -> Cow<'m, str> {
    let mut raw = message.text.as_ref();
    if raw.is_empty() && !message.id.is_empty() {
        let known = strings.iter().find_map(|all| all.get(&message.id));
        if let Some(known) = known {
            raw = if known.text.is_empty() {
                &known.markdown
            } else {
                &known.text
            };
        }
    }
    if raw.is_empty() {
        raw = &message.markdown;
    }
    let filled = if message.arguments.is_empty() || !raw.contains('{') {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(filled(raw, message))
    };
    if filled.contains('[') {
        Cow::Owned(without_links(&filled))
    } else {
        filled
    }
}

/// Puts the arguments in for `{0}`, `{1}` ...; `{{` and `}}` are braces (section 3.11.5).
fn filled(raw: &str, message: &Message<'_>) -> String {
    let mut out = String::with_capacity(raw.len() + 32);
    let mut rest = raw;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = here.strip_prefix("{{") {
            out.push('{');
            rest = after;
        } else if let Some(after) = here.strip_prefix("}}") {
            out.push('}');
            rest = after;
        } else if let Some((argument, after)) = placeholder(here, message) {
            out.push_str(argument);
            rest = after;
        } else {
            let mut characters = here.chars();
            out.extend(characters.next());
            rest = characters.as_str();
        }
    }
    out.push_str(rest);
    out
}

fn placeholder<'m>(here: &'m str, message: &'m Message<'_>) -> Option<(&'m str, &'m str)> {
    let (number, after) = here.strip_prefix('{')?.split_once('}')?;
    let number: usize = number.parse().ok()?;
    Some((message.arguments.get(number)?, after))
}

/// Takes `[text](target)` as its text where the target is a location of the result or a place in
/// the file; addresses of the web stay readable. `\[` is a bracket.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '\\']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = here.strip_prefix('\\') {
            // An escaped bracket or backslash; a backslash of a path stays.
            if !after.starts_with(['[', ']']) {
                out.push('\\');
            }
            let mut characters = after.chars();
            out.extend(characters.next());
            rest = characters.as_str();
            continue;
        }
        match link(here) {
            Some((shown, after)) => {
                out.push_str(shown);
                rest = after;
            }
            None => {
                out.push('[');
                rest = here.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn link(here: &str) -> Option<(&str, &str)> {
    let (shown, after) = here.strip_prefix('[')?.split_once(']')?;
    let (target, after) = after.strip_prefix('(')?.split_once(')')?;
    let inner = !target.is_empty()
        && (target.bytes().all(|byte| byte.is_ascii_digit())
            || target.starts_with("sarif:")
            || target.starts_with('#'));
    (inner && !shown.contains('[')).then_some((shown, after))
}

/// A line for people: the message if it is short, else its first sentence, else what the rule is
/// about, else the beginning of the message.
pub(super) fn title(message: &str, rule: &str) -> String {
    let message = message.trim();
    let line = message.lines().next().unwrap_or_default().trim();
    let short = |text: &str| !text.is_empty() && text.chars().count() <= TITLE_CHARACTERS;
    if short(line) && (line.len() == message.len() || ends(line)) {
        return line.to_owned();
    }
    let paragraph = message.split("\n\n").next().unwrap_or_default();
    let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = paragraph
        .match_indices(". ")
        .next()
        .and_then(|(at, _)| paragraph.get(..=at))
        .unwrap_or(&paragraph);
    if short(sentence) {
        return sentence.to_owned();
    }
    if short(rule) {
        return rule.to_owned();
    }
    let mut out: String = sentence.chars().take(TITLE_CHARACTERS).collect();
    if let Some(at) = out.rfind(' ') {
        out.truncate(at);
    }
    out.push('\u{2026}');
    out
}

fn ends(line: &str) -> bool {
    line.ends_with(['.', '!', '?', ':', '`', '"', '\'', ')'])
}

#[cfg(test)]
mod tests {
    use super::super::loose::Txt;
    use super::*;

    #[test]
    fn messages_are_filled_and_plain() {
        let message = Message {
            text: "{{x}} of {0} in {1} {7} [here](1), \\[not\\] [web](https://example.com) C:\\a"
                .into(),
            arguments: vec![Txt("a".into()), Txt("b".into())],
            ..Message::default()
        };
        assert_eq!(
            text(&message, &[]),
            "{x} of a in b {7} here, [not] [web](https://example.com) C:\\a"
        );
        let strings = Members(vec![(
            "default".into(),
            Message {
                text: "found {0}".into(),
                ..Message::default()
            },
        )]);
        let message = Message {
            id: "default".into(),
            arguments: vec![Txt("it".into())],
            ..Message::default()
        };
        assert_eq!(text(&message, &[&Members::default(), &strings]), "found it");
    }

    #[test]
    fn titles_are_one_line() {
        assert_eq!(title("Short.", "rule"), "Short.");
        assert_eq!(
            title("One thing\nis here. And more.", "rule"),
            "One thing is here."
        );
        let long = "word ".repeat(60);
        assert_eq!(title(&long, "Rule"), "Rule");
        assert!(title(&long, "").ends_with('\u{2026}'));
    }
}
