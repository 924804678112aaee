//! Texts within the limits of DefectDojo's database.

use casemate_base::hash;
use casemate_base::text::printable;
use std::net::IpAddr;

/// A text of at most that many letters, with an ellipsis where it was cut.
pub(super) fn clip(text: &str, letters_max: usize) -> String {
    if text.chars().nth(letters_max).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(letters_max.saturating_sub(1)).collect();
    cut.push('\u{2026}');
    cut
}

/// An identifier within the limit; a longer one becomes its digest, so that two stay two.
pub(super) fn identity(id: &str, letters_max: usize) -> String {
    let shown = printable(id);
    if shown == id && id.chars().nth(letters_max).is_none() {
        return id.to_owned();
    }
    hash::blake3(id.as_bytes()).to_hex()
}

/// The name or address of a host, if a web address can hold it.
pub(super) fn host_name(host: &str) -> Option<String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    (host.len() <= 253 && host.split('.').all(label)).then(|| host.to_owned())
}

/// A word without blanks, commas and quotes, which tags must not have.
pub(super) fn tag(text: &str) -> String {
    let word: String = text
        .chars()
        .take(60)
        .map(|letter| match letter {
            'a'..='z' | '0'..='9' | '.' | '_' => letter,
            'A'..='Z' => letter.to_ascii_lowercase(),
            _ => '-',
        })
        .collect();
    word.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_limits() {
        assert_eq!(clip("abcdef", 4), "abc\u{2026}");
        assert_eq!(clip("abcd", 4), "abcd");
        assert_eq!(identity("a:1", 500), "a:1");
        assert_eq!(identity(&"a".repeat(501), 500).len(), 64);
        assert_eq!(tag("SQL, \"x\""), "sql---x");
        assert_eq!(tag("<b>"), "b");
    }

    #[test]
    fn hosts_are_told_from_other_text() {
        assert_eq!(host_name("::1").as_deref(), Some("[::1]"));
        assert_eq!(
            host_name("db-07.example.com").as_deref(),
            Some("db-07.example.com")
        );
        for bad in ["", "a b", "a/b", "-a", "a..b", "\u{e4}", "a:80"] {
            assert_eq!(host_name(bad), None, "{bad}");
        }
    }
}
