//! What the readers of bills of materials and VEX documents have in common.

use crate::path::text_of;
use casemate_schema::{Component, Text};
use casemate_triage::Purl;
use serde_json::Value;

/// The elements of a list: `ratings: [..]` in JSON, `<ratings><rating/></ratings>` in XML.
pub(super) fn list<'v>(value: &'v Value, name: &str, element: &str) -> Vec<&'v Value> {
    match value.get(name) {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(map)) if map.is_empty() => Vec::new(),
        Some(object @ Value::Object(map)) => match map.get(element) {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
            // A tool that writes one object where a list belongs.
            None => vec![object],
        },
        Some(Value::String(text)) if text.trim().is_empty() => Vec::new(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

/// The texts of a list.
pub(super) fn texts(value: &Value, name: &str, element: &str) -> Vec<String> {
    let all = list(value, name, element);
    all.into_iter().filter_map(text_of).collect()
}

/// The documents of a file: one, several after each other, or what an in-toto attestation holds.
pub(super) fn documents(root: &Value) -> Vec<&Value> {
    let all = match root {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    all.into_iter().map(attested).collect()
}

fn attested(document: &Value) -> &Value {
    let predicate = document.get("predicate");
    match document.get("predicateType") {
        Some(_) => predicate.unwrap_or(document),
        None => document,
    }
}

/// The component that a name, version and package URL stand for.
pub(super) fn component(group: &str, name: &str, version: &str, purl: &str) -> Component {
    let parsed = Purl::parse(purl);
    let full = match &parsed {
        Some(parsed) if name.is_empty() || parsed.full_name() != parsed.name => parsed.full_name(),
        _ if group.is_empty() || name.starts_with(group) => name.to_owned(),
        _ => format!("{group}/{name}"),
    };
    let version = some(version).or_else(|| {
        let version = parsed.as_ref()?.version.as_deref()?;
        some(version)
    });
    Component {
        name: full.into(),
        version,
        purl: some(purl).filter(|_| parsed.is_some()),
        kind: parsed.map(|parsed| parsed.kind.into()),
        fixed_version: None,
    }
}

/// Name and version for people.
pub(super) fn label(component: &Component) -> String {
    match &component.version {
        Some(version) => format!("{} {version}", component.name),
        None => component.name.to_string(),
    }
}

pub(super) fn some(text: &str) -> Option<Text> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

/// Adds a text to others, once.
pub(super) fn add(to: &mut Vec<Text>, text: &str) {
    let text = text.trim();
    if !text.is_empty() && !to.iter().any(|known| known == text) {
        to.push(text.into());
    }
}

/// The identifier at the end of an address such as `https://nvd.nist.gov/vuln/detail/CVE-2021-1`.
pub(super) fn last_segment(address: &str) -> &str {
    let address = address.trim().trim_end_matches('/');
    address.rsplit(['/', '=']).next().unwrap_or(address)
}
