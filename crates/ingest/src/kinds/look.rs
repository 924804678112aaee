//! Fields of JSON and XML values, as readers ask for them.

use crate::collector::Collector;
use crate::path::text_of;
use serde_json::Value;

/// The text of a member; empty if there is none.
pub(super) fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(text_of).unwrap_or_default()
}

/// The text of the first of these members that has one.
pub(super) fn first(value: &Value, names: &[&str]) -> String {
    let texts = names
        .iter()
        .filter_map(|name| value.get(*name).and_then(text_of));
    texts.into_iter().next().unwrap_or_default()
}

/// The elements of a list; a single value counts as a list of one, null as none.
pub(super) fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        single => std::slice::from_ref(single),
    }
}

/// The elements of a member.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).map_or(&[], each)
}

/// The texts of a member that is a list, or a single text.
pub(super) fn texts(value: &Value, name: &str) -> Vec<String> {
    list(value, name).iter().filter_map(text_of).collect()
}

/// Messages of a tool that are noted.
const NOTES_MAX: u64 = 20;

/// Notes a line that a tool wrote between its results, and not more than some of them.
pub(super) fn note_some(n: &mut u64, line: &str, out: &mut Collector) {
    *n += 1;
    if *n <= NOTES_MAX {
        out.note(line.trim());
    } else if *n == NOTES_MAX + 1 {
        out.note("there are more messages of the tool, which are left out here");
    }
}

/// A value as one line: texts as they are, lists and objects as JSON.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(_) => value.to_string(),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            value.to_string()
        }
        other => text_of(other).unwrap_or_default(),
    }
}
