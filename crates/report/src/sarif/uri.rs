//! How is a path written as a URI? Percent-encoded byte by byte, so that any name fits.
//!
//! Source: RFC 3986, sections 2.3 (unreserved), 3.3 (path) and 4.2 (a colon in the first segment
//! of a relative reference would be read as a scheme, so it is always encoded).

use super::ROOT;
use casemate_base::encoding;
use casemate_schema::Location;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The bytes with all but unreserved characters and slashes percent-encoded.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            out.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            write!(out, "%{byte:02X}").ok();
        }
    }
    out
}

/// The artifact location of a finding's path; `None` without a path.
pub(super) fn artifact(location: &Location) -> Option<Value> {
    let path = location.path.as_deref()?;
    let exact = location
        .path_base64
        .as_deref()
        .and_then(|text| encoding::base64_decode(text).ok());
    Some(of_path(exact.as_deref().unwrap_or(path.as_bytes())))
}

/// An absolute path as a reference under the root, any other as a reference of its own.
pub(super) fn of_path(path: &[u8]) -> Value {
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    let relative = encode(path.get(slashes..).unwrap_or_default());
    // An empty reference would mean the document itself.
    let relative = if relative.is_empty() {
        "./".to_owned()
    } else {
        relative
    };
    if slashes > 0 {
        json!({ "uri": relative, "uriBaseId": ROOT })
    } else {
        json!({ "uri": relative })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &[u8], expected: &str) {
        assert_eq!(of_path(path)["uri"], expected);
    }

    #[test]
    fn any_name_becomes_a_valid_reference() {
        check(b"/etc/ssh/sshd_config", "etc/ssh/sshd_config");
        check("/srv/größe 1%".as_bytes(), "srv/gr%C3%B6%C3%9Fe%201%25");
        check(b"/a:b?#[", "a%3Ab%3F%23%5B");
        check(b"/\xff\n", "%FF%0A");
        check(b"/", "./");
        check(b"//evil.example/x", "evil.example/x");
        check(b"image:tag", "image%3Atag");
        assert_eq!(of_path(b"/x")["uriBaseId"], "ROOT");
        assert!(of_path(b"x").get("uriBaseId").is_none());
    }

    #[test]
    fn exact_bytes_win_over_the_shown_path() {
        let location = Location {
            path: Some("/tmp/\\xff".into()),
            path_base64: Some(encoding::base64_encode(b"/tmp/\xff").into()),
            ..Location::default()
        };
        assert_eq!(artifact(&location).expect("a path")["uri"], "tmp/%FF");
    }
}
