//! Lines of pam.d(5) and pam.conf(5).

use super::{Control, Entry, Item, Kind};
use crate::check::Limit;
use crate::facts::text::joined_lines;
use std::collections::BTreeMap;
use std::path::Path;

/// The lines of one file in `pam.d`.
pub(super) fn service(path: &Path, bytes: &[u8], limits: &mut Vec<Limit>) -> Vec<Item> {
    let mut items = Vec::new();
    for line in joined_lines(bytes) {
        let text = without_comment(&line.text);
        if text.is_empty() {
            continue;
        }
        if let Some(name) = text.strip_prefix("@include") {
            items.push(Item::Include(name.trim().to_owned()));
        } else if let Some(entry) = entry(path, line.number, text) {
            items.push(Item::Entry(entry));
        } else {
            limits.push(Limit {
                reason: format!(
                    "line {} of {} cannot be understood",
                    line.number,
                    path.display()
                ),
                privileges: false,
            });
        }
    }
    items
}

/// The lines of `/etc/pam.conf`, which begin with the service.
pub(super) fn single_file(bytes: &[u8], limits: &mut Vec<Limit>) -> BTreeMap<String, Vec<Item>> {
    let path = Path::new("/etc/pam.conf");
    let mut services: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for line in joined_lines(bytes) {
        let text = without_comment(&line.text);
        let Some((name, rest)) = text.split_once([' ', '\t']) else {
            continue;
        };
        match entry(path, line.number, rest.trim_start()) {
            Some(entry) => services
                .entry(name.to_ascii_lowercase())
                .or_default()
                .push(Item::Entry(entry)),
            None => limits.push(Limit {
                reason: format!("line {} of /etc/pam.conf cannot be understood", line.number),
                privileges: false,
            }),
        }
    }
    services
}

fn without_comment(text: &str) -> &str {
    // `\#` is a letter.
    let mut before = ' ';
    for (place, letter) in text.char_indices() {
        if letter == '#' && before != '\\' {
            return text.get(..place).unwrap_or_default().trim();
        }
        before = letter;
    }
    text.trim()
}

fn entry(path: &Path, line: u64, text: &str) -> Option<Entry> {
    let (kind, rest) = text.split_once([' ', '\t'])?;
    let kind = kind.strip_prefix('-').unwrap_or(kind);
    let kind = match kind.to_ascii_lowercase().as_str() {
        "auth" => Kind::Auth,
        "account" => Kind::Account,
        "password" => Kind::Password,
        "session" => Kind::Session,
        _ => return None,
    };
    let rest = rest.trim_start();
    let (control_text, rest) = match rest.strip_prefix('[') {
        Some(inner) => {
            let (inner, rest) = inner.split_once(']')?;
            (format!("[{inner}]"), rest)
        }
        None => {
            let (word, rest) = rest.split_once([' ', '\t'])?;
            (word.to_ascii_lowercase(), rest)
        }
    };
    let control = control(&control_text)?;
    let mut words = words(rest).into_iter();
    let module = words.next()?;
    Some(Entry {
        path: path.to_path_buf(),
        line,
        kind,
        control,
        control_text,
        module,
        arguments: words.collect(),
    })
}

/// Words of a line; `[...]` holds blanks together, and `\]` is a bracket inside.
fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|c| c.is_whitespace()).is_some() {}
        let Some(first) = letters.peek() else {
            return all;
        };
        let bracket = *first == '[';
        if bracket {
            letters.next();
        }
        let mut word = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if bracket && letters.peek() == Some(&']') => word.extend(letters.next()),
                ']' if bracket => break,
                _ if !bracket && letter.is_whitespace() => break,
                _ => word.push(letter),
            }
        }
        all.push(word);
    }
}

/// The four words stand for the actions that pam.d(5) gives them.
fn control(text: &str) -> Option<Control> {
    let written = match text {
        "required" => "success=ok new_authtok_reqd=ok ignore=ignore default=bad",
        "requisite" => "success=ok new_authtok_reqd=ok ignore=ignore default=die",
        "sufficient" => "success=done new_authtok_reqd=done default=ignore",
        "optional" => "success=ok new_authtok_reqd=ok default=ignore",
        "include" => return Some(Control::Include),
        "substack" => return Some(Control::Substack),
        other => other.strip_prefix('[')?.strip_suffix(']')?,
    };
    let pairs = written
        .split_whitespace()
        .filter_map(|pair| pair.split_once('='));
    let actions =
        pairs.map(|(answer, action)| (answer.to_ascii_lowercase(), action.to_ascii_lowercase()));
    Some(Control::Actions(actions.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_of_every_form() {
        let mut limits = Vec::new();
        let items = service(
            Path::new("/x"),
            b"# c\n@include common-auth\n-auth [success=1 \\\n default=ignore] pam_unix.so nullok # c\nAuth Required pam_x.so [a b=\\] c] d\nnonsense\n",
            &mut limits,
        );
        assert_eq!(items.len(), 3);
        assert_eq!(limits.len(), 1);
        assert_eq!(items[0], Item::Include("common-auth".to_owned()));
        let Item::Entry(first) = &items[1] else {
            panic!()
        };
        assert_eq!(
            (first.line, first.name(), first.has("nullok")),
            (3, "pam_unix", true)
        );
        assert_eq!(first.arguments.len(), 1);
        let Item::Entry(second) = &items[2] else {
            panic!()
        };
        assert_eq!(second.arguments, ["a b=] c", "d"]);
        assert_eq!(second.control_text, "required");
    }

    proptest! {
        #[test]
        fn any_bytes(bytes: Vec<u8>, text in "[a-z\\[\\]=\\\\ \t#@-]{0,60}") {
            let mut limits = Vec::new();
            service(Path::new("/x"), &bytes, &mut limits);
            service(Path::new("/x"), text.as_bytes(), &mut limits);
            single_file(&bytes, &mut limits);
        }
    }
}
