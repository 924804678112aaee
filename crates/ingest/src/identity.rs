//! What makes an imported finding the same next time, and in another format.
//!
//! A published vulnerability is its identifier, the component with its version, and where that is:
//! not the tool, so that two formats of one report, and often two tools, agree. Everything else is
//! the tool, its rule, and the place. Never a part: severity, texts, times, a tool's random ids.

use crate::draft::Draft;
use casemate_base::hash;
use casemate_schema::{Component, finding_id};

/// Longest readable part of an id.
const PREFIX_CHARACTERS: usize = 64;

/// The id of a finding, before repeated ones are told apart.
pub(crate) fn id_of(tool: &str, draft: &Draft) -> String {
    let line = draft.line.map(|line| line.to_string()).unwrap_or_default();
    let place = [draft.host.as_str(), &draft.path, &draft.subject, &draft.key];
    match (draft.ids.first(), &draft.component) {
        (Some(id), Some(component)) => {
            let name = component_name(component);
            let version = component.version.as_deref().unwrap_or_default();
            let mut parts: Vec<&[u8]> = vec![name.as_bytes(), version.as_bytes()];
            parts.extend(place.iter().map(|part| part.as_bytes()));
            finding_id(&readable(&id.to_ascii_uppercase()), &parts)
        }
        _ => {
            let prefix = format!("{}-{}", slug(tool), readable(&draft.check));
            let mut parts: Vec<&[u8]> = vec![draft.check.as_bytes()];
            parts.extend(place.iter().map(|part| part.as_bytes()));
            parts.push(line.as_bytes());
            finding_id(&prefix, &parts)
        }
    }
}

/// The id of a finding whose [`id_of`] another one has too.
pub(crate) fn id_of_repeated(id: &str, draft: &Draft, n_before: u64) -> String {
    let check = id.rsplit_once(':').map_or(id, |(check, _)| check);
    let mut seen = String::new();
    for (name, value) in &draft.evidence {
        seen.push_str(name);
        seen.push('\u{1f}');
        seen.push_str(value);
        seen.push('\u{1e}');
    }
    let line = draft.line.map(|line| line.to_string()).unwrap_or_default();
    let number = n_before.to_string();
    let parts = [id, &draft.title, &draft.description, &seen, &line, &number];
    finding_id(check, &parts.map(str::as_bytes))
}

/// The name that tools agree on: without the version, in lower case.
fn component_name(component: &Component) -> String {
    component.name.to_lowercase()
}

/// A tool's name as the beginning of an identifier.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            out.push(character.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// A rule's name as part of an identifier: no blanks, no controls, no colon, and not too long (the
/// whole name is part of the digest behind it).
fn readable(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let out: String = text
        .trim()
        .chars()
        .map(|c| if plain(c) { c } else { '-' })
        .take(PREFIX_CHARACTERS)
        .collect();
    let out = out.trim_matches('-').to_owned();
    if out.is_empty() {
        "finding".to_owned()
    } else {
        out
    }
}

/// 64 bits of a digest, for sets of ids.
pub(crate) fn short(text: &str) -> u64 {
    let digest = hash::blake3(text.as_bytes());
    let mut out = [0; 8];
    for (to, from) in out.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    u64::from_le_bytes(out)
}

/// The package URL of a component, where its type and name say enough (purl specification,
/// section "rules for each purl component").
pub(crate) fn purl(kind: &str, name: &str, version: Option<&str>) -> Option<String> {
    let path = match kind {
        // Without its group an artifact of Maven is not named.
        "maven" if !name.contains([':', '/']) => return None,
        "maven" => name.replacen(':', "/", 1),
        "pypi" => name.to_lowercase().replace('_', "-"),
        "npm" | "golang" | "composer" | "gem" | "cargo" | "nuget" | "swift" | "hex" | "pub"
        | "conan" | "github" => name.to_owned(),
        // Packages of distributions need the distribution, which only the source can say.
        _ => return None,
    };
    let mut out = format!("pkg:{kind}/{}", encode(&path, true));
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        out.push('@');
        out.push_str(&encode(version, false));
    }
    Some(out)
}

fn encode(text: &str, slashes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':')
            || (slashes && byte == b'/');
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(id: &str, version: &str) -> Draft {
        Draft {
            check: "rule".to_owned(),
            ids: vec![id.to_owned()],
            component: Some(Component {
                name: "Musl".into(),
                version: Some(version.into()),
                ..Component::default()
            }),
            ..Draft::default()
        }
    }

    #[test]
    fn a_vulnerability_is_the_same_for_every_tool() {
        let one = id_of("Trivy", &draft("CVE-2019-14697", "1.1"));
        assert_eq!(one, id_of("Grype", &draft("cve-2019-14697", "1.1")));
        assert_ne!(one, id_of("Trivy", &draft("CVE-2019-14697", "1.2")));
        assert!(one.starts_with("CVE-2019-14697:"));
        let rule = Draft {
            check: "a b:c".to_owned(),
            ..Draft::default()
        };
        assert!(id_of("OWASP ZAP", &rule).starts_with("owasp-zap-a-b-c:"));
        assert_ne!(id_of("Trivy", &rule), id_of("Grype", &rule));
    }

    #[test]
    fn purls_are_built_where_the_type_says_enough() {
        assert_eq!(
            purl("npm", "@a/b", Some("1.0")).as_deref(),
            Some("pkg:npm/%40a/b@1.0")
        );
        assert_eq!(purl("maven", "g:a", None).as_deref(), Some("pkg:maven/g/a"));
        assert_eq!(purl("deb", "curl", Some("1")), None);
        assert_eq!(purl("maven", "log4j-core", Some("2.1")), None);
    }
}
