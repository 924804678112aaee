//! Fields of records that code takes by name, whatever their type.
//!
//! A [`Way`] to a field is its names with dots (`"info.name"`), or the names one by one where a
//! name may have a dot in it, as columns and names out of the file itself (`["fd.name"]`). A list
//! on the way counts as its first element, since XML does not tell a single element from a list of
//! one. What is missing is nothing, never an error: null, an empty text, no elements.

use crate::path::text_of;
use serde_json::Value;

/// How to get from a value to one inside of it.
pub(crate) trait Way {
    /// The value there; null if there is none.
    fn of<'v>(&self, value: &'v Value) -> &'v Value;
}

impl Way for str {
    fn of<'v>(&self, value: &'v Value) -> &'v Value {
        self.split('.').fold(value, member)
    }
}

impl Way for [&str] {
    fn of<'v>(&self, value: &'v Value) -> &'v Value {
        self.iter().copied().fold(value, member)
    }
}

impl<const N: usize> Way for [&str; N] {
    fn of<'v>(&self, value: &'v Value) -> &'v Value {
        self.as_slice().of(value)
    }
}

impl<W: Way + ?Sized> Way for &W {
    fn of<'v>(&self, value: &'v Value) -> &'v Value {
        (**self).of(value)
    }
}

fn member<'v>(mut value: &'v Value, name: &str) -> &'v Value {
    while let Value::Array(items) = value {
        value = items.first().unwrap_or(&Value::Null);
    }
    value.get(name).unwrap_or(&Value::Null)
}

/// The value there; null if there is none.
pub(crate) fn at(value: &Value, way: impl Way) -> &Value {
    way.of(value)
}

/// The text there; empty if there is none. A list gives its texts with commas.
pub(crate) fn text(value: &Value, way: impl Way) -> String {
    text_of(way.of(value)).unwrap_or_default()
}

/// The first of several texts that is not empty.
pub(crate) fn first(value: &Value, ways: impl IntoIterator<Item: Way>) -> String {
    let mut texts = ways.into_iter().filter_map(|way| text_of(way.of(value)));
    texts.next().unwrap_or_default()
}

/// The text of a member, or of the attribute of this name: formats that are JSON and XML alike.
pub(crate) fn named(value: &Value, name: &str) -> String {
    let found = value.get(name).or_else(|| value.get(format!("@{name}")));
    found.and_then(text_of).unwrap_or_default()
}

/// The elements of a list; a single value is a list of one, null and blank text are none.
pub(crate) fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        Value::String(text) if text.trim().is_empty() => &[],
        single => std::slice::from_ref(single),
    }
}

/// The elements of the list there.
pub(crate) fn list(value: &Value, way: impl Way) -> &[Value] {
    each(way.of(value))
}

/// The texts of the list there, without empty ones.
pub(crate) fn texts(value: &Value, way: impl Way) -> Vec<String> {
    list(value, way).iter().filter_map(text_of).collect()
}

/// Whether the flag there is set; nothing if it does not say.
pub(crate) fn flag(value: &Value, way: impl Way) -> Option<bool> {
    flag_of(&text(value, way))
}

/// What a word says of a flag, as JSON, XML and tables write it.
pub(crate) fn flag_of(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "y" => Some(true),
        "false" | "no" | "0" | "n" => Some(false),
        _ => None,
    }
}

/// A value as one line: texts as they are, lists and objects as JSON.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(_) => value.to_string(),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            value.to_string()
        }
        other => text_of(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ways_lead_to_values() {
        let value = json!({"a": [{"b": " x "}, {"b": "y"}], "d.e": 7, "@id": "i", "n": null});
        assert_eq!(text(&value, "a.b"), "x");
        assert_eq!(text(&value, ["a", "b"]), "x");
        assert_eq!(text(&value, "d.e"), "");
        assert_eq!(text(&value, ["d.e"]), "7");
        assert_eq!(text(&json!([[{"a": 1}], {"a": 2}]), "a"), "1");
        assert!(at(&value, "a.b.c").is_null() && at(&value, "n.x").is_null());
        assert_eq!(first(&value, ["n", "none", "@id"]), "i");
        assert_eq!(first(&value, [["d"], ["d.e"]]), "7");
        assert_eq!(
            (named(&value, "id"), named(&value, "@id")),
            ("i".into(), "i".into())
        );
        assert_eq!(named(&value, "a"), "");
    }

    #[test]
    fn one_value_is_a_list_of_one() {
        let value = json!({"a": ["x", "", "y"], "n": 7, "e": null, "blank": " \n", "o": {}});
        assert_eq!(list(&value, "a").len(), 3);
        assert_eq!(texts(&value, "a"), ["x", "y"]);
        assert_eq!(texts(&value, "n"), ["7"]);
        assert_eq!(list(&value, "o").len(), 1);
        for none in ["e", "blank", "none"] {
            assert!(list(&value, none).is_empty(), "{none}");
        }
        assert_eq!(each(&value).len(), 1);
    }

    #[test]
    fn flags_and_lines() {
        let value = json!({"a": true, "b": "No", "c": 1, "d": "maybe", "l": ["x", 2], "m": [{}]});
        let flags = ["a", "b", "c", "d"].map(|name| flag(&value, name));
        assert_eq!(flags, [Some(true), Some(false), Some(true), None]);
        assert_eq!(shown(at(&value, "l")), "x, 2");
        assert_eq!(shown(at(&value, "m")), "[{}]");
        assert_eq!(shown(&json!({"a": 1})), r#"{"a":1}"#);
        assert_eq!(shown(&Value::Null), "");
    }
}
