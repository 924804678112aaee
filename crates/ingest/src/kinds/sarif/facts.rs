//! What a result says of itself, wherever it is.

use super::hit::{Fix, Hit};
use super::loose::Prop;
use super::message;
use super::rules::{self, Known};
use crate::draft::{Draft, is_cve};
use casemate_schema::Severity;

/// Properties of a result that are kept as evidence, and the longest of them.
const PROPERTIES_MAX: usize = 16;
const PROPERTY_BYTES_MAX: usize = 2000;

/// The tool's own identity of the result: a fingerprint that is whole, parts of one, its guid.
pub(super) fn own_id(hit: &Hit<'_>) -> String {
    if let Some((_, value)) = hit.fingerprints.iter().find(|(_, value)| is_said(value)) {
        return value.to_string();
    }
    let mut parts: Vec<String> = hit
        .partial_fingerprints
        .iter()
        .filter(|(_, value)| is_said(value))
        .map(|(name, value)| format!("{name}:{}", value.0))
        .collect();
    parts.sort();
    if !parts.is_empty() {
        return parts.join("|");
    }
    let guids = [&hit.correlation_guid, &hit.guid];
    let guid = guids.into_iter().find(|guid| !guid.is_empty());
    guid.map(|guid| guid.to_string()).unwrap_or_default()
}

/// Semgrep writes `requires login` for what it does not tell.
fn is_said(value: &str) -> bool {
    !value.is_empty() && value != "requires login"
}

/// What the message says beyond the title, and what the rule is about. When the title says it all,
/// the rule's text stands alone, so that its findings share it.
pub(super) fn description(text: &str, title: &str, rule: &str) -> String {
    let text = text.trim();
    let plain = |text: &str| text.trim().trim_end_matches('.').to_owned();
    if text.is_empty() || (text == title && !rule.is_empty()) {
        rule.to_owned()
    } else if rule.is_empty() || text.contains(rule) || plain(rule) == plain(text) {
        text.to_owned()
    } else {
        format!("{text}\n\n{rule}")
    }
}

pub(super) fn remediation(hit: &Hit<'_>, rule: &Known<'_>, text: &str) -> String {
    let fixes = hit.fixes.iter();
    let fixes: Vec<_> = fixes
        .map(|fix: &Fix<'_>| message::text(&fix.description, &[]))
        .filter(|fix| !fix.is_empty())
        .collect();
    if !fixes.is_empty() {
        fixes.join("\n")
    } else if rule.help.trim() == text.trim() {
        String::new()
    } else {
        rule.help.clone()
    }
}

/// By the number or word in the properties of the result or the rule, else by the level.
pub(super) fn severity(
    hit: &Hit<'_>,
    rule: &Known<'_>,
    category: &str,
) -> (Option<Severity>, String) {
    for name in ["security-severity", "severity", "issue_severity"] {
        let word = hit.properties.text(name);
        if let Some(level) = rules::level(word) {
            return (Some(level), word.to_owned());
        }
    }
    if rule.severity.is_some() {
        return (rule.severity, rule.word.clone());
    }
    let levels = [&*hit.level.0, rule.level.as_str()];
    let word = levels
        .into_iter()
        .find(|level| !level.is_empty())
        .unwrap_or_default();
    let level = match word.to_ascii_lowercase().as_str() {
        "error" => Severity::High,
        "note" | "none" => Severity::Info,
        // Scanners for secrets rarely say a level, and a secret is more than a warning.
        "" if category == "secret" => Severity::High,
        _ => Severity::Medium,
    };
    (Some(level), word.to_owned())
}

/// Why the tool does not count a result: somebody accepted it, or it is not there any more.
pub(super) fn suppressed(hit: &Hit<'_>) -> Option<(String, String, String)> {
    let accepted = hit
        .suppressions
        .iter()
        .find(|one| one.status.is_empty() || one.status.eq_ignore_ascii_case("accepted"));
    if let Some(one) = accepted {
        let kind = one.kind.to_string();
        return Some(("accepted".to_owned(), kind, one.justification.to_string()));
    }
    if let Some(state) = hit
        .suppression_states
        .iter()
        .find(|state| !state.is_empty())
    {
        return Some(("accepted".to_owned(), state.to_string(), String::new()));
    }
    hit.baseline_state.eq_ignore_ascii_case("absent").then(|| {
        let said = "it was in the baseline and is not there any more";
        ("fixed".to_owned(), "absent".to_owned(), said.to_owned())
    })
}

/// A published vulnerability in the name of a rule.
pub(super) fn identifier(id: &str) -> Option<String> {
    let bytes = id.as_bytes();
    let starts = id
        .match_indices('-')
        .filter_map(|(at, _)| at.checked_sub(3));
    for start in starts {
        let begins = id.get(start..start + 4).unwrap_or_default();
        if !begins.eq_ignore_ascii_case("CVE-") {
            continue;
        }
        let digits = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let end = start + 9 + digits(start + 9);
        let found = id.get(start..end).unwrap_or_default();
        if is_cve(found) {
            return Some(found.to_ascii_uppercase());
        }
    }
    let known = ["GHSA-", "RUSTSEC-", "GO-20", "PYSEC-", "OSV-", "MAL-"];
    known
        .iter()
        .any(|prefix| id.starts_with(prefix))
        .then(|| id.to_owned())
}

/// Properties of the result that say something in a few words.
pub(super) fn properties(hit: &Hit<'_>, draft: &mut Draft) {
    let own = ["cwe", "cwes", "security-severity", "severity"];
    let all = hit
        .properties
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_ref()));
    for (name, value) in all.take(PROPERTIES_MAX) {
        let text = match value {
            Prop::Text(text) => text.to_string(),
            Prop::Texts(texts) => {
                let texts: Vec<&str> = texts.iter().map(|text| &*text.0).collect();
                texts.join(", ")
            }
            Prop::Other => continue,
        };
        if text.len() <= PROPERTY_BYTES_MAX {
            draft.see(name, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_in_rules() {
        assert_eq!(
            identifier("CVE-2020-12345-openssl").as_deref(),
            Some("CVE-2020-12345")
        );
        assert_eq!(
            identifier("x/cve-2021-44228").as_deref(),
            Some("CVE-2021-44228")
        );
        assert_eq!(
            identifier("GHSA-aaaa-bbbb-cccc").as_deref(),
            Some("GHSA-aaaa-bbbb-cccc")
        );
        assert_eq!(identifier("CVE-x-1"), None);
        assert_eq!(identifier("java-sql"), None);
    }
}
