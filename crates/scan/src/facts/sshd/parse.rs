//! One line of sshd_config(5), as servconf.c and misc.c (`strdelim`, `argv_split`) read it.

/// Most arguments that are kept of one line.
const ARGUMENTS_MAX: usize = 4096;

/// Keyword in lower case under its present name, and the arguments; `None` without both.
pub(super) fn line(text: &str) -> Option<(String, Vec<String>)> {
    let text = text
        .trim_end_matches([' ', '\t', '\r', '\x0c'])
        .trim_start_matches([' ', '\t', '\r']);
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let (keyword, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => {
            let end = text.find([' ', '\t', '\r', '=', '"']).unwrap_or(text.len());
            text.split_at(end)
        }
    };
    let rest = rest.trim_start_matches([' ', '\t', '\r']);
    // One `=` may stand between keyword and value.
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let keyword = keyword.to_ascii_lowercase();
    // A command keeps its quotes: the user's shell reads them.
    let arguments = match keyword.as_str() {
        "forcecommand" if !rest.trim().is_empty() => vec![rest.trim_start().to_owned()],
        _ => split(rest),
    };
    if keyword.is_empty() || arguments.is_empty() {
        return None;
    }
    let keyword = match keyword.as_str() {
        "challengeresponseauthentication" | "skeyauthentication" => "kbdinteractiveauthentication",
        "dsaauthentication" => "pubkeyauthentication",
        "pubkeyacceptedkeytypes" => "pubkeyacceptedalgorithms",
        "hostbasedacceptedkeytypes" => "hostbasedacceptedalgorithms",
        "hostdsakey" => "hostkey",
        "keepalive" => "tcpkeepalive",
        same => same,
    };
    Some((keyword.to_owned(), arguments))
}

/// Splits at blanks; quotes of both kinds protect, and `#` at the start of a word ends the line.
fn split(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut letters = text.chars().peekable();
    while all.len() < ARGUMENTS_MAX {
        while letters.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        match letters.peek() {
            None | Some('#') => break,
            Some(_) => {}
        }
        let mut word = String::new();
        let mut quote: Option<char> = None;
        while let Some(letter) = letters.next() {
            let next = letters.peek().copied();
            match (letter, quote) {
                ('\\', _) if matches!(next, Some('"' | '\'' | '\\')) => word.extend(letters.next()),
                ('\\', None) if next == Some(' ') => word.extend(letters.next()),
                (' ' | '\t', None) => break,
                ('"' | '\'', None) => quote = Some(letter),
                (_, Some(open)) if open == letter => quote = None,
                _ => word.push(letter),
            }
        }
        all.push(word);
    }
    all
}

/// Criteria of a Match line: `all` and `invalid-user` stand alone, all others have a pattern list,
/// also written `name=list` (since 9.9).
pub(super) fn criteria(arguments: &[String]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        let name = name.to_ascii_lowercase();
        let value = match value {
            Some(value) => value,
            None if matches!(name.as_str(), "all" | "invalid-user") => String::new(),
            None => words.next().cloned().unwrap_or_default(),
        };
        all.push((name, value));
    }
    all
}

/// The release in a program's bytes: `OpenSSH_9.2p1` gives 9 and 2.
pub(super) fn version(program: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"OpenSSH_";
    for (place, _) in program
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, bytes)| *bytes == MARK)
    {
        let rest = program.get(place + MARK.len()..)?;
        let digits = |bytes: &[u8]| -> Option<u32> {
            let end = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            std::str::from_utf8(bytes.get(..end)?).ok()?.parse().ok()
        };
        let Some(major) = digits(rest) else { continue };
        let dot = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        if rest.get(dot) == Some(&b'.')
            && let Some(minor) = digits(rest.get(dot + 1..)?)
        {
            return Some((major, minor));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_quotes_and_comments() {
        let of = |text| line(text).map(|(keyword, words)| (keyword, words.join("|")));
        let is = |keyword: &str, words: &str| Some((keyword.to_owned(), words.to_owned()));
        assert_eq!(of("PermitRootLogin = no # c"), is("permitrootlogin", "no"));
        assert_eq!(of("\"Banner\" \"/etc/a b\""), is("banner", "/etc/a b"));
        assert_eq!(of("\tPort=22 "), is("port", "22"));
        assert_eq!(of("AllowUsers a'b c' d\\ e"), is("allowusers", "ab c|d e"));
        assert_eq!(of("#Port 22"), None);
        assert_eq!(of("Port"), None);
        assert_eq!(of("Banner a#b"), is("banner", "a#b"));
    }

    #[test]
    fn versions_in_programs() {
        assert_eq!(
            version(b"\0OpenSSH_%s\0OpenSSH_9.2p1 Debian\0"),
            Some((9, 2))
        );
        assert_eq!(version(b"OpenSSH_10.0"), Some((10, 0)));
        assert_eq!(version(b"OpenSSH_"), None);
    }

    proptest! {
        #[test]
        fn any_text(text: String, bytes: Vec<u8>) {
            if let Some((_, words)) = line(&text) {
                criteria(&words);
            }
            version(&bytes);
        }
    }
}
