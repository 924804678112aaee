//! `%` specifiers of systemd.unit(5), as far as the unit files decide them.
//!
//! Invariant: what only the running host knows (machine id, host name, kernel release) is
//! reported as unknown, never guessed.

use std::path::Path;

use super::name::UnitName;

/// Longest text that an expansion may give.
const TEXT_BYTES_MAX: usize = 1 << 16;

/// Why a text has no value that the files decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The specifier depends on the running host.
    #[error("specifier `%{0}` depends on the running host")]
    HostOnly(char),
    /// The expansion passes 64 KiB.
    #[error("expansion is longer than 64 KiB")]
    TooLong,
}

/// Replaces the specifiers of a setting of the given unit.
///
/// # Errors
/// [`Error`] names the specifier that cannot be decided, or that the result is too long.
pub fn expand(text: &str, name: &UnitName, path: Option<&Path>) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if out.len() > TEXT_BYTES_MAX {
            return Err(Error::TooLong);
        }
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            None => out.push('%'),
            Some('%') => out.push('%'),
            Some(letter) => match value(letter, name, path)? {
                Some(value) => out.push_str(&value),
                None => {
                    out.push('%');
                    out.push(letter);
                }
            },
        }
    }
    Ok(out)
}

/// The value of one specifier for the system manager; `None` for a letter without meaning.
fn value(letter: char, name: &UnitName, path: Option<&Path>) -> Result<Option<String>, Error> {
    let full = name.as_str();
    let suffix = name.kind().suffix().len().saturating_add(1);
    let instance = name.instance().unwrap_or_default();
    let last = name.prefix().rsplit('-').next().unwrap_or_default();
    Ok(Some(match letter {
        'n' => full.to_owned(),
        'N' => full
            .get(..full.len().saturating_sub(suffix))
            .unwrap_or_default()
            .to_owned(),
        'p' => name.prefix().to_owned(),
        'P' => unescape(name.prefix()),
        'i' => instance.to_owned(),
        'I' => unescape(instance),
        'j' => last.to_owned(),
        'J' => unescape(last),
        'f' => {
            let source = if instance.is_empty() {
                name.prefix()
            } else {
                instance
            };
            format!("/{}", unescape(source).trim_start_matches('/'))
        }
        'y' => path.unwrap_or(Path::new("")).to_string_lossy().into_owned(),
        'Y' => path
            .and_then(Path::parent)
            .unwrap_or(Path::new(""))
            .to_string_lossy()
            .into_owned(),
        't' => "/run".to_owned(),
        'S' => "/var/lib".to_owned(),
        'C' => "/var/cache".to_owned(),
        'L' => "/var/log".to_owned(),
        'E' => "/etc".to_owned(),
        'T' => "/tmp".to_owned(),
        'V' => "/var/tmp".to_owned(),
        'u' | 'g' => "root".to_owned(),
        'U' | 'G' => "0".to_owned(),
        'h' => "/root".to_owned(),
        's' | 'a' | 'A' | 'b' | 'B' | 'c' | 'd' | 'H' | 'l' | 'm' | 'M' | 'o' | 'q' | 'r' | 'R'
        | 'v' | 'w' | 'W' => return Err(Error::HostOnly(letter)),
        _ => return Ok(None),
    }))
}

/// Undoes unit name escaping: `-` is a slash and `\xHH` a byte.
fn unescape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let byte = rest
            .strip_prefix("\\x")
            .and_then(|hex| hex.get(..2))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = byte {
            out.push(byte);
            rest = rest.get(4..).unwrap_or_default();
            continue;
        }
        let shown = if c == '-' { '/' } else { c };
        out.extend_from_slice(shown.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(unit: &str, text: &str, expected: &str) {
        let name = UnitName::parse(unit).unwrap();
        let path = Path::new("/etc/systemd/system/x.service");
        assert_eq!(
            expand(text, &name, Some(path)).as_deref(),
            Ok(expected),
            "{unit} {text}"
        );
    }

    #[test]
    fn names_and_folders() {
        check(
            "a-b@c\\x2dd-e.service",
            "%n|%N|%p|%P",
            "a-b@c\\x2dd-e.service|a-b@c\\x2dd-e|a-b|a/b",
        );
        check(
            "a-b@c\\x2dd-e.service",
            "%i|%I|%j|%f",
            "c\\x2dd-e|c-d/e|b|/c-d/e",
        );
        check(
            "a-b.service",
            "%f %u%U %t %Y %z 100%% 5%",
            "/a/b root0 /run /etc/systemd/system %z 100% 5%",
        );
    }

    #[test]
    fn the_host_is_not_guessed() {
        let name = UnitName::parse("a.service").unwrap();
        assert_eq!(expand("x-%m", &name, None), Err(Error::HostOnly('m')));
        let bomb = "%n".repeat(40_000);
        assert_eq!(expand(&bomb, &name, None), Err(Error::TooLong));
    }

    proptest! {
        #[test]
        fn text_without_specifiers_stays(text in "[^%]{0,40}") {
            let name = UnitName::parse("a@b.service").unwrap();
            prop_assert_eq!(expand(&text, &name, None), Ok(text));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let name = UnitName::parse("a@b.service").unwrap();
            if let Ok(out) = expand(&text, &name, None) {
                prop_assert!(out.len() <= text.len() * 12 + 12);
            }
        }
    }
}
