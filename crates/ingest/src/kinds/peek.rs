//! Short ways into a JSON document, for kinds that are code.

use crate::items::{self, Family, OnRecord};
use crate::path::{ItemPath, text_of};
use crate::{ImportError, Input};
use serde_json::Value;

/// Bytes of a document that show how its records are wrapped.
const HEAD_BYTES: usize = 1 << 20;

/// What is at a path of names with dots; of a list on the way its first element. Null if nothing.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    let mut now = value;
    for name in path.split('.') {
        if let Value::Array(items) = now {
            now = items.first().unwrap_or(&Value::Null);
        }
        now = now.get(name).unwrap_or(&Value::Null);
    }
    now
}

/// The text there; empty if there is none. A list gives its texts with commas.
pub(super) fn text(value: &Value, path: &str) -> String {
    text_of(at(value, path)).unwrap_or_default()
}

/// The first of several texts that is not empty.
pub(super) fn first(value: &Value, paths: &[&str]) -> String {
    paths
        .iter()
        .map(|path| text(value, path))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The elements of a list; a single value is a list of one.
pub(super) fn list<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    match at(value, path) {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    }
}

/// The texts of a list.
pub(super) fn texts(value: &Value, path: &str) -> Vec<String> {
    list(value, path).into_iter().filter_map(text_of).collect()
}

/// The records of a JSON document. They are its own elements, or stand under the first of `names`
/// that the beginning shows; one object is one record.
pub(super) fn records(
    input: &Input<'_>,
    names: &[&str],
    found: &mut OnRecord<'_>,
) -> Result<(), ImportError> {
    let mut end = input.head().len().min(HEAD_BYTES);
    while !input.head().is_char_boundary(end) {
        end -= 1;
    }
    let outline = crate::json::outline(input.head().get(..end).unwrap_or_default());
    let name = names.iter().find(|name| !at(&outline, name).is_null());
    // Several such documents after each other are a list of them.
    let path = match (name, &outline) {
        (Some(name), Value::Array(_)) => format!("[].{name}[]"),
        (Some(name), _) => format!("{name}[]"),
        (None, _) => "[]".to_owned(),
    };
    let path = ItemPath::parse(&path).map_err(|reason| ImportError::damaged("path", reason))?;
    items::each(input, Family::Json, &path, &[], found)
}

/// Texts that are not empty, with something between them, each once.
pub(super) fn joined(texts: &[&str], between: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for text in texts {
        let text = text.trim();
        if !text.is_empty() && !out.contains(&text) {
            out.push(text);
        }
    }
    out.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ways_lead_to_values() {
        let value = json!({"a": [{"b": "x"}, {"b": "y"}], "n": 7, "e": null});
        assert_eq!(text(&value, "a.b"), "x");
        assert_eq!(first(&value, &["e", "none", "n"]), "7");
        assert_eq!(list(&value, "a").len(), 2);
        assert_eq!(texts(&value, "n"), ["7"]);
        assert_eq!(joined(&["a", "", "a", "b"], ", "), "a, b");
    }
}
