//! What the readers of network scanners' reports share: fields of a record, addresses, identifiers
//! in texts, and findings that a tool repeats row by row.

use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::input::Input;
use crate::items::header_line;
use crate::path::{ItemPath, text_of};
use crate::{cvss, severity, table};
use casemate_schema::Cvss;
use serde_json::Value;
use std::collections::HashMap;

/// Most outputs of a repeated finding that are kept.
const REPEATED_MAX: usize = 100;

/// Where records are.
pub(super) fn records(path: &str) -> Result<ItemPath, ImportError> {
    ItemPath::parse(path).map_err(|reason| ImportError::Mapping {
        name: path.to_owned(),
        reason,
    })
}

/// A kind that was asked for by name does not fit: read as an empty report it would say that all is
/// well.
pub(super) fn unfit(kind: &str, missing: &str) -> ImportError {
    ImportError::NotThisKind {
        kind: kind.to_owned(),
        reason: format!("there is no {missing}"),
    }
}

/// Whether the table has one of these columns.
pub(super) fn has_column(input: &Input<'_>, names: &[&str]) -> bool {
    let header = header_line(input.head(), &[]).map(table::columns);
    let columns = header.unwrap_or_default();
    columns
        .iter()
        .any(|column| names.contains(&column.as_str()))
}

/// All texts in an element and below, in no order that means something across names.
pub(super) fn deep_text(value: &Value) -> String {
    fn walk(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, out)),
            Value::Object(map) => {
                // An element's own text comes before what is in it.
                if let Some(own) = map.get("#text") {
                    walk(own, out);
                }
                for (name, inner) in map {
                    if name != "#text" && !name.starts_with('@') {
                        walk(inner, out);
                    }
                }
                if let Some(url) = map.get("@LinkURL").and_then(text_of) {
                    out.push(url);
                }
            }
            scalar => out.extend(text_of(scalar)),
        }
    }
    let mut out = Vec::new();
    walk(value, &mut out);
    let lines = out
        .iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The CVEs that a text names.
pub(super) fn cves(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut out: Vec<String> = Vec::new();
    for word in words.filter(|word| is_cve(word)) {
        let word = word.to_ascii_uppercase();
        if !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

/// The weaknesses that a text names, as `CWE:79` or `CWE #79`.
pub(super) fn cwes(text: &str) -> Vec<String> {
    let upper = text.to_ascii_uppercase();
    let mut out = Vec::new();
    for piece in upper.split("CWE").skip(1) {
        let piece = piece.trim_start_matches([':', '-', '#', ' ', '_']);
        let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() && !out.contains(&digits) {
            out.push(digits);
        }
    }
    out
}

/// A score with its vector; nothing if neither is there.
pub(super) fn cvss(version: &str, vector: &str, score: &str) -> Option<Cvss> {
    let vector = vector
        .trim()
        .trim_start_matches("CVSS2#")
        .trim_start_matches("CVSS3#")
        .trim_matches(['(', ')']);
    let vector = if vector.contains(':') { vector } else { "" };
    let named = cvss::version_of(vector);
    let is_plain = vector.is_empty() || named.is_some() || version.is_empty();
    let whole = if is_plain || version.starts_with('2') {
        vector.to_owned()
    } else {
        format!("CVSS:{version}/{vector}")
    };
    cvss::scored(version, &whole, severity::number(score), "")
}

/// Scores belong to a published vulnerability; those of a finding that is none are observations.
pub(super) fn see_scores(draft: &mut Draft) {
    if !draft.ids.is_empty() {
        return;
    }
    for cvss in std::mem::take(&mut draft.cvss) {
        let score = cvss.score.map(|score| score.to_string());
        let parts = [score.as_deref(), cvss.vector.as_deref()];
        let said: Vec<&str> = parts.into_iter().flatten().collect();
        let name = format!("cvss {}", cvss.version.as_deref().unwrap_or_default());
        draft.see(name.trim(), said.join(" "));
    }
}

/// The host of an address: `http://a.example.com:80/x` is about `a.example.com`.
pub(super) fn host_of(address: &str) -> String {
    let address = address.trim();
    let Some((_, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => host.to_owned(),
    }
}

/// `tcp/443`; nothing when it is about the host as a whole.
pub(super) fn service(protocol: &str, port: &str) -> String {
    let (protocol, port) = (protocol.trim().to_lowercase(), port.trim());
    // Spreadsheets write 443.0.
    let port = port.strip_suffix(".0").unwrap_or(port);
    match port.parse::<u32>() {
        Ok(number) if number > 0 && protocol.is_empty() => number.to_string(),
        Ok(number) if number > 0 => format!("{protocol}/{number}"),
        _ => String::new(),
    }
}

/// Findings of which a tool writes several rows (one for each CVE, or for each thing seen): the
/// first with what the others add.
#[derive(Default)]
pub(super) struct Merged {
    drafts: Vec<Draft>,
    known: HashMap<String, usize>,
}

impl Merged {
    /// Adds a finding; those with the same value of `key` are one.
    pub(super) fn add(&mut self, key: String, draft: Draft) {
        let known = self.known.get(&key).copied();
        let Some(first) = known.and_then(|at| self.drafts.get_mut(at)) else {
            self.known.insert(key, self.drafts.len());
            self.drafts.push(draft);
            return;
        };
        join(&mut first.ids, draft.ids);
        join(&mut first.cwes, draft.cwes);
        join(&mut first.references, draft.references);
        if draft.severity > first.severity {
            first.severity = draft.severity;
            first.severity_word = draft.severity_word;
        }
        if first.cvss.is_empty() {
            first.cvss = draft.cvss;
        }
        first.exploited = first.exploited.max(draft.exploited);
        for item in draft.evidence {
            if first.evidence.len() < REPEATED_MAX && !first.evidence.contains(&item) {
                first.evidence.push(item);
            }
        }
    }

    /// Hands all over.
    pub(super) fn finish(self, out: &mut Collector) {
        for mut draft in self.drafts {
            see_scores(&mut draft);
            out.finding(draft);
        }
    }
}

fn join(to: &mut Vec<String>, from: Vec<String>) {
    for item in from {
        if !to.contains(&item) {
            to.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_as_scanners_write_them() {
        assert_eq!(service("TCP", "443"), "tcp/443");
        assert_eq!(service("tcp", "0"), "");
        assert_eq!(host_of("http://u@a.example.com:80/x"), "a.example.com");
        assert_eq!(host_of("192.0.2.1"), "192.0.2.1");
        assert_eq!(host_of("fe80::1"), "fe80::1");
        assert_eq!(cwes("CERT #8,CWE #310;cwe:79"), ["310", "79"]);
        assert_eq!(
            cves("['cve-2020-1234', 'CVE-2020-1234']"),
            ["CVE-2020-1234"]
        );
        let two = cvss("2.0", "CVSS2#AV:N/AC:L/Au:N/C:N/I:P/A:N", "5,0");
        let two = two.expect("a score");
        assert_eq!(two.vector.as_deref(), Some("AV:N/AC:L/Au:N/C:N/I:P/A:N"));
        assert_eq!(two.score, Some(5.0));
        let three = cvss("3.0", "AV:N/AC:L", "").expect("a vector");
        assert_eq!(three.vector.as_deref(), Some("CVSS:3.0/AV:N/AC:L"));
        assert_eq!(cvss("3.0", "N/A", "null"), None);
        let nested = json!({"P": [{"#text": "a  b", "L": ["c"]}, "d"]});
        assert_eq!(deep_text(&nested), "a b\nc\nd");
    }
}
