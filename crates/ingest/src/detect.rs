//! Which kind is this file? Decided by what stands in it, never by its name alone.

use crate::error::ImportError;
use crate::input::Input;
use crate::items::{Family, header_line};
use crate::mapping::{Mapping, Rule};
use crate::path::{FieldPath, Scope, text_of};
use crate::{json, table, xml};
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;

/// Bytes of a document that are looked at first.
const HEAD_BYTES: usize = 1 << 20;

/// Bytes of a text or table that are looked at.
const TEXT_BYTES: usize = 256 << 10;

/// What a file looks like, each view made when it is first asked for.
struct Looks<'a> {
    head: &'a str,
    /// The beginning without the control sequences of terminals.
    plain: OnceCell<Cow<'a, str>>,
    json: OnceCell<Value>,
    xml: OnceCell<Value>,
}

impl<'a> Looks<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            head: beginning(text, HEAD_BYTES),
            plain: OnceCell::new(),
            json: OnceCell::new(),
            xml: OnceCell::new(),
        }
    }

    fn plain(&self) -> &str {
        self.plain
            .get_or_init(|| crate::lines::plain(beginning(self.head, TEXT_BYTES)))
    }

    fn outline(&self, family: Family) -> &Value {
        let first = self.head.trim_start().chars().next();
        match (family, first) {
            (Family::Json, Some('{' | '[')) => self.json.get_or_init(|| json::outline(self.head)),
            (Family::Xml, Some('<')) => self.xml.get_or_init(|| xml::outline(self.head)),
            _ => &Value::Null,
        }
    }

    /// How well a rule fits; `None` if it does not. Else what is missing.
    fn score(&self, mapping: &Mapping, rule: &Rule) -> Result<i64, String> {
        let needed = |found: bool, what: &String| {
            if found {
                Ok(())
            } else {
                Err(format!("there is no `{what}`"))
            }
        };
        match mapping.family {
            Family::Json | Family::Xml => {
                let outline = self.outline(mapping.family);
                if outline.is_null() {
                    return Err(format!(
                        "it is no {}",
                        mapping.family.as_str().to_uppercase()
                    ));
                }
                for path in &rule.has {
                    needed(!at(outline, path).is_empty(), path)?;
                }
                for (path, pattern) in &rule.equals {
                    let fits =
                        |value: &Value| text_of(value).is_some_and(|text| glob(pattern, &text));
                    if !at(outline, path).iter().any(|value| fits(value)) {
                        return Err(format!("`{path}` is not `{pattern}`"));
                    }
                }
                if let (true, Value::Object(names)) = (rule.only, outline)
                    && let Some(name) = names.keys().find(|name| !rule.has.contains(name))
                {
                    return Err(format!("there is `{name}`"));
                }
                if let Some(path) = rule.not.iter().find(|path| !at(outline, path).is_empty()) {
                    return Err(format!("there is `{path}`"));
                }
            }
            Family::Csv => {
                let wanted = if mapping.header.is_empty() {
                    &rule.has
                } else {
                    &mapping.header
                };
                if self.head.trim_start().starts_with(['{', '[', '<']) {
                    return Err("it is no table".to_owned());
                }
                let head = beginning(self.head, TEXT_BYTES);
                let line = header_line(head, wanted).ok_or_else(|| {
                    format!("there is no row with the columns {}", wanted.join(", "))
                })?;
                let columns = table::columns(line);
                for column in &rule.has {
                    needed(columns.contains(column), column)?;
                }
                if let Some(column) = rule.not.iter().find(|column| columns.contains(column)) {
                    return Err(format!("there is `{column}`"));
                }
            }
            Family::Text => self.text_fits(rule)?,
        }
        let n = rule.has.len() + rule.line.len() + 2 * rule.equals.len();
        Ok(i64::try_from(n)
            .unwrap_or(i64::MAX)
            .saturating_add(rule.priority))
    }

    /// Whether a text has the pieces and lines that a rule names.
    fn text_fits(&self, rule: &Rule) -> Result<(), String> {
        let plain = self.plain();
        if let Some(piece) = rule
            .has
            .iter()
            .find(|piece| !plain.contains(piece.as_str()))
        {
            return Err(format!("there is no `{piece}`"));
        }
        if let Some(piece) = rule.not.iter().find(|piece| plain.contains(piece.as_str())) {
            return Err(format!("there is `{piece}`"));
        }
        self.lines_fit(rule)
    }

    /// Whether the lines of a text are as a rule says; colours are taken off before.
    fn lines_fit(&self, rule: &Rule) -> Result<(), String> {
        if rule.line.is_empty() && rule.lines.is_none() {
            return Ok(());
        }
        let plain = self.plain();
        let mut lines: Vec<&str> = plain
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        if let Some(missing) = rule
            .line
            .iter()
            .find(|pattern| !lines.iter().any(|line| pattern.0.is_match(line)))
        {
            return Err(format!("there is no line as `{}`", missing.0));
        }
        // The last line may be cut.
        if lines.len() > 1 && !plain.ends_with('\n') {
            lines.pop();
        }
        match &rule.lines {
            Some(pattern)
                if lines.is_empty() || !lines.iter().all(|line| pattern.0.is_match(line)) =>
            {
                Err(format!("not every line is as `{}`", pattern.0))
            }
            _ => Ok(()),
        }
    }

    fn best(&self, mapping: &Mapping) -> Option<i64> {
        let scores = mapping
            .detect
            .iter()
            .filter_map(|rule| self.score(mapping, rule).ok());
        scores.max()
    }
}

fn at<'v>(outline: &'v Value, path: &str) -> Vec<std::borrow::Cow<'v, Value>> {
    let Ok(path) = FieldPath::parse(path) else {
        return Vec::new();
    };
    path.all(&Scope {
        root: outline,
        parents: Vec::new(),
        item: outline,
        key: None,
        index: 0,
        place: &"",
    })
}

/// The first bytes of a text, up to a whole character.
fn beginning(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// Whether a text fits a pattern with `*` for anything.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            if after.is_empty() {
                return true;
            }
            let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts
                .into_iter()
                .any(|at| rest.get(at..).is_some_and(|rest| glob(after, rest)))
        }),
    }
}

/// The kind that fits a file best; of two that fit as well, the first by name.
pub(crate) fn detect<'m>(
    input: &Input<'_>,
    mappings: &[&'m Mapping],
) -> Result<&'m Mapping, ImportError> {
    let looks = Looks::new(input.head());
    let best = |looks: &Looks<'_>| {
        let mut best: Option<(i64, &'m Mapping)> = None;
        for mapping in mappings {
            let Some(score) = looks.best(mapping) else {
                continue;
            };
            if best.is_none_or(|(top, _)| score > top) {
                best = Some((score, mapping));
            }
        }
        best.map(|(_, mapping)| mapping)
    };
    if let Some(mapping) = best(&looks) {
        return Ok(mapping);
    }
    // What tells the kind may stand behind a very long list.
    if input.is_whole() && input.head().len() > HEAD_BYTES {
        let whole = Looks::new(input.head());
        if let Ok(value) = input.json() {
            drop(whole.json.set(value.clone()));
        } else if let Ok(value) = input.xml() {
            drop(whole.xml.set(value.clone()));
        }
        if let Some(mapping) = best(&whole) {
            return Ok(mapping);
        }
    }
    Err(unknown(input))
}

/// Whether a file has what a kind is recognised by.
pub(crate) fn fits(input: &Input<'_>, mapping: &Mapping) -> bool {
    let looks = Looks::new(input.head());
    looks.best(mapping).is_some() || is_empty_list(input)
}

/// `[]`, which many tools write when they found nothing; tools in Go write `null` for it.
pub(crate) fn is_empty_list(input: &Input<'_>) -> bool {
    input.is_whole() && input.head().len() < 4096 && {
        let text: String = input.head().split_whitespace().collect();
        text == "[]" || text == "null"
    }
}

/// What keeps a file from being of a kind, by the rule that comes nearest.
pub(crate) fn missing(input: &Input<'_>, mapping: &Mapping) -> String {
    let looks = Looks::new(input.head());
    let reasons = mapping
        .detect
        .iter()
        .filter_map(|rule| looks.score(mapping, rule).err());
    let mut reasons: Vec<String> = reasons.collect();
    reasons.dedup();
    reasons.join("; or ")
}

/// Says what a file is that no kind fits: damage first, since a cut file fits nothing.
fn unknown(input: &Input<'_>) -> ImportError {
    let head = input.head().trim_start();
    if head.is_empty() {
        return ImportError::Unknown {
            reason:
                "the file is empty; if its tool writes nothing when it finds nothing, name the \
                     kind with --kind"
                    .to_owned(),
        };
    }
    if input.is_whole() {
        let parsed = match head.chars().next() {
            Some('{' | '[') => input.json().map(drop),
            Some('<') => input.xml().map(drop),
            _ => Ok(()),
        };
        if let Err(error) = parsed {
            return error;
        }
    }
    let seen = match head.chars().next() {
        Some('{' | '[') => format!("JSON with {}", names(&json::outline(head))),
        Some('<') => format!("XML with {}", names(&xml::outline(head))),
        _ => {
            let line: String = head
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(80)
                .collect();
            format!("text that begins with `{line}`")
        }
    };
    ImportError::Unknown { reason: seen }
}

/// The first names of a document, for a message.
fn names(outline: &Value) -> String {
    let (what, object) = match outline {
        Value::Array(items) => ("a list of objects with", items.first()),
        other => ("the names", Some(other)),
    };
    match object {
        Some(Value::Object(map)) if !map.is_empty() => {
            let names: Vec<String> = map.keys().take(6).map(|name| format!("`{name}`")).collect();
            format!("{what} {}", names.join(", "))
        }
        _ => "no names".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{glob, is_empty_list};
    use crate::input::{Bytes, Input};

    #[test]
    fn empty_lists_are_known() {
        for (text, expected) in [("[ ]\n", true), ("null", true), ("", false), ("[1]", false)] {
            let source = Bytes(text.as_bytes());
            let input = Input::new("x", &source).expect("text");
            assert_eq!(is_empty_list(&input), expected, "{text}");
        }
    }

    #[test]
    fn patterns_fit() {
        assert!(glob("a*c", "abbc") && glob("*", "") && glob("x", "x") && glob("*b*", "abc"));
        assert!(!glob("a*c", "abd") && !glob("x", "xy") && glob("\u{e9}*", "\u{e9}\u{e9}"));
    }
}
