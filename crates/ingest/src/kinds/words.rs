//! What readers do with texts that they show: shortens and joins them, takes hosts of addresses.

use std::borrow::Cow;

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

/// Texts that are not empty, with something between them, each once.
pub(super) fn joined(texts: &[&str], between: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for text in texts {
        let text = text.trim();
        if !text.is_empty() && !out.contains(&text) {
            out.push(text);
        }
    }
    out.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_is_cut_says_so() {
        assert_eq!(cut("abc", 2), "ab\u{2026}");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn each_text_is_joined_once() {
        assert_eq!(joined(&["a", "", "a", "b"], ", "), "a, b");
    }
}
