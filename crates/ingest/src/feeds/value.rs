//! Looking into JSON values without a panic and without a word for what is absent.

use crate::dates::rfc3339;
use casemate_schema::{Cvss, Text};
use serde_json::Value;

/// Longest summary of a record, in characters.
const SUMMARY_CHARS_MAX: usize = 300;

/// The member of this name; null if there is none.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, name| {
        value.get(*name).unwrap_or(&Value::Null)
    })
}

/// The text of a member, trimmed; empty if it is none.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    at(value, &[name]).as_str().unwrap_or_default().trim()
}

/// The text of a member, if it is not empty.
pub(crate) fn opt(value: &Value, name: &str) -> Option<Text> {
    some(text(value, name))
}

/// A text that is not empty.
pub(crate) fn some(text: &str) -> Option<Text> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

/// The elements of a list; none if it is no list.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    at(value, &[name]).as_array().map_or(&[], Vec::as_slice)
}

/// The texts of a list.
pub(crate) fn texts<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    list(value, name)
        .iter()
        .filter_map(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect()
}

/// An element or the elements of a list: how XML read as JSON shows repeated elements.
pub(crate) fn many<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    match at(value, &[name]) {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

/// The text of an XML element, with or without attributes.
pub(crate) fn content(value: &Value) -> &str {
    match value {
        Value::String(text) => text.trim(),
        other => text(other, "#text"),
    }
}

/// A scalar as text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => some(text).map(String::from),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A time of a member.
pub(crate) fn time(value: &Value, name: &str) -> Option<Text> {
    rfc3339(text(value, name)).map(Text::from)
}

/// A number that is written as one or as text.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// The beginning of a text on one line.
pub(crate) fn summary(text: &str) -> Option<Text> {
    let mut line = String::new();
    let mut n_chars = 0;
    for word in text.split_whitespace() {
        n_chars += word.chars().count() + 1;
        if n_chars > SUMMARY_CHARS_MAX {
            line.push_str(" ...");
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    // One word that is longer than all that is kept.
    if line == " ..." {
        line = text.trim().chars().take(SUMMARY_CHARS_MAX).collect();
    }
    some(&line)
}

/// A CVSS vector with the version that it names itself.
pub(crate) fn cvss(vector: &str, score: Option<f64>, source: Option<Text>) -> Option<Cvss> {
    let vector = vector.trim();
    let version = match vector.strip_prefix("CVSS:") {
        Some(rest) => rest.split('/').next().and_then(some),
        None if vector.starts_with("AV:") => Some("2.0".into()),
        None => None,
    };
    let score = score.filter(|score| (0.0..=10.0).contains(score));
    (version.is_some() || score.is_some()).then(|| Cvss {
        version,
        vector: some(vector),
        score,
        source,
    })
}

/// Whether a text is a CVE identifier.
pub(crate) fn is_cve(id: &str) -> bool {
    let Some((year, number)) = id
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)
}

/// A CWE identifier as `CWE-79`, from that or from a number.
pub(crate) fn cwe(text: &str) -> Option<Text> {
    let text = text.trim();
    let number = text
        .strip_prefix("CWE-")
        .or_else(|| text.strip_prefix("cwe-"))
        .unwrap_or(text);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && number.len() < 6).then(|| format!("CWE-{number}").into())
}

/// An ATT&CK technique's identifier in upper case, `None` if it is none.
pub(crate) fn technique(text: &str) -> Option<Text> {
    let text = text.trim().to_ascii_uppercase();
    let rest = text.strip_prefix('T')?;
    let (main, sub) = rest
        .split_once('.')
        .map_or((rest, None), |(main, sub)| (main, Some(sub)));
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    (digits(main, 4) && sub.is_none_or(|sub| digits(sub, 3))).then(|| text.as_str().into())
}

/// Texts sorted, each once.
pub(crate) fn sorted(texts: impl IntoIterator<Item = Text>) -> Vec<Text> {
    let unique: std::collections::BTreeSet<Text> = texts.into_iter().collect();
    unique.into_iter().collect()
}

/// Texts in their order, each once.
pub(crate) fn unique(texts: impl IntoIterator<Item = Text>) -> Vec<Text> {
    let mut seen = std::collections::BTreeSet::new();
    texts
        .into_iter()
        .filter(|text| seen.insert(text.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_checked() {
        assert!(is_cve("CVE-2024-0727") && !is_cve("CVE-24-0727") && !is_cve("CVE-2023-XXXX"));
        assert_eq!(cwe("79").as_deref(), Some("CWE-79"));
        assert_eq!(cwe("NVD-CWE-Other"), None);
        assert_eq!(technique("t1548.001").as_deref(), Some("T1548.001"));
        assert_eq!(technique("TA0001"), None);
    }

    #[test]
    fn summaries_are_one_short_line() {
        assert_eq!(summary(" a\n b ").as_deref(), Some("a b"));
        assert_eq!(summary(""), None);
        let long = summary(&"word ".repeat(200)).expect("text");
        assert!(long.ends_with(" ...") && long.chars().count() <= 304);
        assert_eq!(summary(&"x".repeat(1000)).expect("text").len(), 300);
    }

    #[test]
    fn vectors_name_their_version() {
        let version = |vector| cvss(vector, None, None).and_then(|cvss| cvss.version);
        assert_eq!(version("CVSS:3.1/AV:N").as_deref(), Some("3.1"));
        assert_eq!(
            version("AV:L/AC:L/Au:N/C:N/I:N/A:P").as_deref(),
            Some("2.0")
        );
        assert_eq!(version("none"), None);
    }
}
