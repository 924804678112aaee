//! Words of one line: of a PAM stack, a sudo rule, an export, a package source, a command line.

use crate::remediate::doc::Doc;

/// Replaces a part of a line. With nothing to put in its place, one blank beside it goes too.
pub(crate) fn replace(doc: &mut Doc, line: u64, from: &str, to: &str) -> Result<(), String> {
    let gone = || format!("line {line} no longer holds `{}`", from.trim());
    let mut index = doc.index_of(line).ok_or_else(gone)?;
    // A line that ends with a backslash goes on in the next.
    while find(doc.at(index), from).is_none() && doc.at(index).ends_with('\\') {
        index += 1;
    }
    let old = doc.at(index).to_owned();
    let Some((start, end)) = find(&old, from) else {
        // Another edit of the same plan may have done it.
        return if !to.is_empty() && old.contains(to) {
            Ok(())
        } else {
            Err(gone())
        };
    };
    let head = old.get(..start).unwrap_or_default();
    let tail = old.get(end..).unwrap_or_default();
    let new = if to.is_empty() && head.ends_with([' ', '\t']) {
        format!("{}{tail}", head.trim_end_matches([' ', '\t']))
    } else if to.is_empty() {
        format!("{head}{}", tail.trim_start_matches([' ', '\t']))
    } else {
        format!("{head}{to}{tail}")
    };
    doc.set(index, new);
    Ok(())
}

/// The first place where the text stands as a word of its own, not inside a comment.
fn find(line: &str, text: &str) -> Option<(usize, usize)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let first_is = text.starts_with(is_part);
    let last_is = text.ends_with(is_part);
    line.match_indices(text).find_map(|(start, found)| {
        let end = start + found.len();
        let before = line.get(..start)?.chars().next_back();
        let after = line.get(end..)?.chars().next();
        let is_part_of_more =
            (first_is && before.is_some_and(is_part)) || (last_is && after.is_some_and(is_part));
        (!is_part_of_more).then_some((start, end))
    })
}

/// Takes a line out, if it is still the one that was seen.
pub(crate) fn delete(doc: &mut Doc, line: u64, holds: &str) -> Result<(), String> {
    match doc.index_of(line) {
        Some(index) if doc.at(index).contains(holds) => {
            doc.lines.remove(index);
            Ok(())
        }
        _ => Err(format!("line {line} no longer holds `{holds}`")),
    }
}

/// Takes a word out of every line that holds something, comments apart.
pub(crate) fn drop_everywhere(doc: &mut Doc, word: &str, holds: &str) -> Result<(), String> {
    let mut seen = false;
    for index in 0..doc.lines.len() {
        let line = doc.at(index).to_owned();
        if line.trim_start().starts_with('#') || !line.contains(holds) {
            continue;
        }
        seen = true;
        if let Some((start, end)) = find(&line, word) {
            let head = line.get(..start).unwrap_or_default().trim_end();
            doc.set(
                index,
                format!("{head}{}", line.get(end..).unwrap_or_default()),
            );
        }
    }
    if seen {
        Ok(())
    } else {
        Err(format!("no line holds `{holds}`"))
    }
}

/// Adds a word to the kernel's command line in `/etc/default/grub`, or takes it out.
pub(crate) fn grub(doc: &mut Doc, word: &str, add: bool) -> Result<(), String> {
    let mut seen = false;
    for index in 0..doc.lines.len() {
        let line = doc.at(index).to_owned();
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let is_ours = match name.trim() {
            "GRUB_CMDLINE_LINUX" => true,
            "GRUB_CMDLINE_LINUX_DEFAULT" => !add,
            _ => false,
        };
        if !is_ours {
            continue;
        }
        seen = true;
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (inner, tail) = match quote {
            Some(quote) => {
                let rest = value.strip_prefix(quote).unwrap_or(value);
                rest.split_once(quote).unwrap_or((rest, ""))
            }
            None => (value, ""),
        };
        let mut words: Vec<&str> = inner.split_whitespace().collect();
        let has = words.contains(&word);
        if has == add {
            continue;
        }
        if add {
            words.push(word);
        } else {
            words.retain(|have| *have != word);
        }
        let quote = quote.unwrap_or('"');
        let joined = words.join(" ");
        doc.set(index, format!("{name}={quote}{joined}{quote}{tail}"));
    }
    if !seen && add {
        doc.push(format!("GRUB_CMDLINE_LINUX=\"{word}\""));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, from: &str, to: &str, after: Option<&str>) {
        let mut doc = Doc::new(before);
        let result = replace(&mut doc, 1, from, to);
        assert_eq!(result.is_ok(), after.is_some());
        assert_eq!(doc.text(), after.unwrap_or(before));
    }

    #[test]
    fn words_go_with_one_blank_and_parts_of_words_stay() {
        check("auth x.so nullok y\n", "nullok", "", Some("auth x.so y\n"));
        check(
            "auth x.so nullok_secure nullok\n",
            "nullok",
            "",
            Some("auth x.so nullok_secure\n"),
        );
        check(
            "a ALL=NOPASSWD: ALL\n",
            "NOPASSWD:",
            "",
            Some("a ALL=ALL\n"),
        );
        check("x md5 y\n", "md5", "yescrypt", Some("x yescrypt y\n"));
        check("x md55 y\n", "md5", "yescrypt", None);
    }

    #[test]
    fn words_of_the_kernel_come_and_go() {
        let mut doc = Doc::new(
            "# c\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet selinux=0\" # d\nGRUB_CMDLINE_LINUX=\n",
        );
        grub(&mut doc, "selinux=0", false).expect("possible");
        grub(&mut doc, "lockdown=integrity", true).expect("possible");
        assert_eq!(
            doc.text(),
            "# c\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\" # d\nGRUB_CMDLINE_LINUX=\"lockdown=integrity\"\n"
        );
    }
}
