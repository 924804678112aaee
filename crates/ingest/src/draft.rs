//! A finding as a reader fills it in, before it is normalised and identified.

use casemate_schema::{Component, Cvss, Reference, ReferenceKind, Severity};

/// What a reader says of one finding. Empty text means "not said".
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The tool's rule: `CKV_AWS_20`, a plugin's number. For a published vulnerability it may stay
    /// empty: its identifier is taken.
    pub check: String,
    /// The tool's own identifier of this finding, kept beside ours.
    pub own_id: String,
    /// One line for people; made from the rest when empty.
    pub title: String,
    /// Our level; from the word, else from the highest CVSS score, else info.
    pub severity: Option<Severity>,
    /// The tool's own word or number for the severity.
    pub severity_word: String,
    /// One of the words in [`CATEGORIES`].
    pub category: String,
    /// Why it matters.
    pub description: String,
    /// What to do.
    pub remediation: String,
    /// The host, image or account that it is about.
    pub host: String,
    /// Path of a file.
    pub path: String,
    /// One-based line in it.
    pub line: Option<u64>,
    /// What it is about when that is no file: an address with port, a resource, a user.
    pub subject: String,
    /// What was seen: name and value.
    pub evidence: Vec<(String, String)>,
    /// Identifiers of the published vulnerability; a CVE comes first if there is one.
    pub ids: Vec<String>,
    /// Weaknesses, as `CWE-79` or `79`.
    pub cwes: Vec<String>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Addresses and entries of other catalogues.
    pub references: Vec<String>,
    /// The affected software.
    pub component: Option<Component>,
    /// Scores and vectors.
    pub cvss: Vec<Cvss>,
    /// EPSS probability, 0 to 1.
    pub epss: Option<f64>,
    /// Known to be exploited.
    pub exploited: Option<bool>,
    /// When the vulnerability was published.
    pub published: String,
    /// When the tool saw it first.
    pub first_seen: String,
    /// When the tool saw it last.
    pub last_seen: String,
    /// What tells it from other findings of the same check at the same place, if the fields above
    /// do not. It becomes part of the id, so it must be the same in the next run.
    pub key: String,
    /// Findings of one file with the same value here are one: its first, with the others' places
    /// as evidence. Empty for findings that stand alone.
    pub same_as: String,
    /// Why the tool itself does not count it (status, justification, statement).
    pub suppressed: Option<(String, String, String)>,
}

/// The categories of imported findings: what kind of thing is wrong.
pub const CATEGORIES: [&str; 12] = [
    "vulnerability",
    "misconfiguration",
    "compliance",
    "secret",
    "license",
    "code",
    "web",
    "network",
    "tls",
    "malware",
    "integrity",
    "threat",
];

impl Draft {
    /// An observation; empty ones are left out.
    pub fn see(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.trim().is_empty() {
            self.evidence.push((name.to_owned(), value));
        }
    }

    /// The references in their catalogues, sorted and each once.
    pub(crate) fn catalogue(&self) -> Vec<Reference> {
        let mut out: Vec<Reference> = Vec::new();
        let cwes = self.cwes.iter().filter_map(|cwe| cwe_id(cwe));
        out.extend(cwes.map(|id| reference(ReferenceKind::Cwe, &id)));
        let cves = self.ids.iter().filter(|id| is_cve(id));
        out.extend(cves.map(|id| reference(ReferenceKind::Cve, &id.to_ascii_uppercase())));
        let techniques = self
            .techniques
            .iter()
            .map(|id| id.trim())
            .filter(|id| !id.is_empty());
        out.extend(techniques.map(|id| reference(ReferenceKind::Attack, id)));
        let urls = self
            .references
            .iter()
            .map(|url| url.trim())
            .filter(|url| !url.is_empty());
        out.extend(urls.map(|url| reference(ReferenceKind::Url, url)));
        out.sort();
        out.dedup();
        out
    }
}

fn reference(kind: ReferenceKind, id: &str) -> Reference {
    Reference {
        kind,
        id: id.into(),
    }
}

/// Whether a text is a CVE identifier.
#[must_use]
pub(crate) fn is_cve(id: &str) -> bool {
    let id = id.trim();
    let Some((prefix, rest)) = id.split_at_checked(4) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    prefix.eq_ignore_ascii_case("CVE-")
        && rest
            .split_once('-')
            .is_some_and(|(year, number)| year.len() == 4 && digits(year) && digits(number))
}

/// `CWE-79` from `CWE-79`, `cwe-79: title`, `79`, `CWE79`; `None` for 0 and what is no number.
#[must_use]
pub(crate) fn cwe_id(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = match text.split_at_checked(3) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("cwe") => rest,
        _ => text,
    };
    let rest = rest.trim_start_matches(['-', ':', '_', ' ']);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let number: u32 = digits.parse().ok()?;
    (number > 0).then(|| format!("CWE-{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_as_tools_write_them() {
        for text in ["CWE-79", "cwe-79: XSS", "79", "CWE79", " CWE:79"] {
            assert_eq!(cwe_id(text).as_deref(), Some("CWE-79"), "{text}");
        }
        assert_eq!(cwe_id("0"), None);
        assert_eq!(cwe_id("NVD-CWE-noinfo"), None);
        assert!(is_cve("cve-2021-44228") && !is_cve("CVE-2021") && !is_cve("GHSA-x"));
    }
}
