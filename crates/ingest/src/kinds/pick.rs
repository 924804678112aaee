//! Fields of records that readers take by name, whatever their type.

use crate::path::text_of;
use serde_json::Value;
use std::borrow::Cow;

/// The value below some names; a list on the way counts as its first element.
pub(super) fn at<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    let mut now = value;
    for name in names {
        while let Value::Array(items) = now {
            now = items.first()?;
        }
        now = now.get(name)?;
    }
    Some(now)
}

/// The text below some names; empty when there is none.
pub(super) fn text(value: &Value, names: &[&str]) -> String {
    at(value, names).and_then(text_of).unwrap_or_default()
}

/// The first of several members that holds a text.
pub(super) fn first(value: &Value, names: &[&str]) -> String {
    names
        .iter()
        .map(|name| text(value, &[name]))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The elements of a list; a single value counts as a list of one, nothing as an empty one.
pub(super) fn each<'v>(
    value: &'v Value,
    names: &[&str],
) -> impl Iterator<Item = &'v Value> + use<'v> {
    let found = at(value, names).filter(|value| !value.is_null());
    match found {
        Some(Value::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
    .iter()
}

/// All texts of a list, or the single one.
pub(super) fn texts(value: &Value, names: &[&str]) -> Vec<String> {
    each(value, names).filter_map(text_of).collect()
}

/// Whether a flag is set, as JSON or XML write it.
pub(super) fn flag(value: &Value, names: &[&str]) -> Option<bool> {
    match text(value, names).to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// The beginning of a text, with a mark when there is more.
pub(super) fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or(text).trim_end()).into(),
        None => text.into(),
    }
}

/// The host of an address: without scheme, user, port and path.
pub(super) fn host_of(address: &str) -> &str {
    let rest = address
        .split_once("://")
        .map_or(address, |(_, rest)| rest)
        .trim_start_matches('/');
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if let Some(inner) = authority.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    // More than one colon is an address of IPv6 without a port.
    match authority.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hosts_of_addresses() {
        for (address, host) in [
            ("https://user:x@example.com:8443/a?b#c", "example.com"),
            ("example.com:22", "example.com"),
            ("http://[2001:db8::1]:80/", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("example.com", "example.com"),
        ] {
            assert_eq!(host_of(address), host, "{address}");
        }
    }

    #[test]
    fn fields_of_any_type() {
        let value = json!({"a": [{"b": 7}], "c": null, "d": "x"});
        assert_eq!(text(&value, &["a", "b"]), "7");
        assert_eq!(first(&value, &["c", "d"]), "x");
        assert_eq!(each(&value, &["c"]).count(), 0);
        assert_eq!(texts(&value, &["d"]), ["x"]);
        assert_eq!(cut("abc", 2), "ab\u{2026}");
    }
}
