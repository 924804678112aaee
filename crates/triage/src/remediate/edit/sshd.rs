//! `sshd_config(5)`: keywords in any case, the first value wins, Match blocks reach to the end of
//! the file, comments after a value.

use crate::remediate::doc::Doc;

/// Old names of keywords, and the ones that they have now.
const ALIASES: [(&str, &str); 3] = [
    (
        "ChallengeResponseAuthentication",
        "KbdInteractiveAuthentication",
    ),
    ("HostbasedAcceptedKeyTypes", "HostbasedAcceptedAlgorithms"),
    ("PubkeyAcceptedKeyTypes", "PubkeyAcceptedAlgorithms"),
];

/// Keyword and value of an active line, and where the value begins and ends.
fn parts(line: &str) -> Option<(&str, usize, usize)> {
    let body = line.trim_start();
    if body.is_empty() || body.starts_with('#') {
        return None;
    }
    let start = line.len() - body.len();
    let keyword_end = body
        .find(|c: char| c == '=' || c.is_whitespace())
        .unwrap_or(body.len());
    let keyword = body.get(..keyword_end)?;
    let rest = body.get(keyword_end..)?.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let value_at = start + body.len() - rest.len();
    let comment = rest.find(" #").unwrap_or(rest.len());
    let value_end = value_at + rest.get(..comment)?.trim_end().len();
    Some((keyword, value_at, value_end))
}

fn is(line: &str, keyword: &str) -> bool {
    parts(line).is_some_and(|(have, _, _)| {
        let have = have.trim_matches('"');
        let other = ALIASES
            .iter()
            .find(|(_, new)| new.eq_ignore_ascii_case(keyword));
        have.eq_ignore_ascii_case(keyword)
            || other.is_some_and(|(old, _)| have.eq_ignore_ascii_case(old))
    })
}

/// Whether a comment shows the keyword's default: `#PermitRootLogin prohibit-password`.
fn is_default(line: &str, keyword: &str) -> bool {
    line.trim_start().strip_prefix('#').is_some_and(|bare| {
        let mut words = bare.split_whitespace();
        words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
            && words.count() == 1
    })
}

/// Sets a keyword at a line, or for all connections.
pub(crate) fn set(
    doc: &mut Doc,
    keyword: &str,
    value: Option<&str>,
    line: Option<u64>,
) -> Result<(), String> {
    let index = match line {
        Some(number) => {
            let index = doc
                .index_of(number)
                .filter(|index| is(doc.at(*index), keyword));
            Some(index.ok_or_else(|| format!("line {number} no longer sets {keyword}"))?)
        }
        None => (0..global_end(doc)).find(|index| is(doc.at(*index), keyword)),
    };
    match (index, value) {
        (Some(index), Some(value)) => {
            let old = doc.at(index).to_owned();
            if let Some((_, start, end)) = parts(&old)
                && old.get(start..end) != Some(value)
            {
                let head = old.get(..start).unwrap_or_default();
                let tail = old.get(end..).unwrap_or_default();
                doc.set(index, format!("{head}{value}{tail}"));
            }
        }
        (Some(index), None) => drop(doc.lines.remove(index)),
        (None, Some(value)) => insert(doc, keyword, value),
        (None, None) => {}
    }
    if keyword.eq_ignore_ascii_case("AcceptEnv") && index.is_some_and(|it| it < global_end(doc)) {
        // The lines of a list add up: the first one now says it all.
        let end = global_end(doc);
        let mut at = 0;
        doc.lines.retain(|line| {
            at += 1;
            at > end || Some(at - 1) == index || !is(&line.text, keyword)
        });
    }
    Ok(())
}

/// Where the first Match block begins.
fn global_end(doc: &Doc) -> usize {
    (0..doc.lines.len())
        .find(|index| is(doc.at(*index), "match"))
        .unwrap_or(doc.lines.len())
}

fn insert(doc: &mut Doc, keyword: &str, value: &str) {
    let end = global_end(doc);
    let line = format!("{keyword} {value}");
    if let Some(index) = (0..end)
        .rev()
        .find(|index| is_default(doc.at(*index), keyword))
    {
        return doc.insert(index + 1, line);
    }
    // Comments right above a Match block belong to it.
    let mut at = end;
    while at > 0 && end < doc.lines.len() && doc.at(at - 1).trim_start().starts_with('#') {
        at -= 1;
    }
    doc.insert(at, line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, value: Option<&str>, line: Option<u64>, after: &str) {
        let mut doc = Doc::new(before);
        set(&mut doc, "PermitRootLogin", value, line).expect("possible");
        assert_eq!(doc.text(), after);
    }

    #[test]
    fn the_first_value_is_changed_and_the_default_kept() {
        check(
            "permitrootlogin=yes # why\n",
            Some("no"),
            None,
            "permitrootlogin=no # why\n",
        );
        check(
            "#PermitRootLogin yes\nX 1\n",
            Some("no"),
            None,
            "#PermitRootLogin yes\nPermitRootLogin no\nX 1\n",
        );
        check("X 1", Some("no"), None, "X 1\nPermitRootLogin no\n");
    }

    #[test]
    fn match_blocks_are_respected() {
        check(
            "X 1\n# people\nMatch user a\n  PermitRootLogin yes\n",
            Some("no"),
            None,
            "X 1\nPermitRootLogin no\n# people\nMatch user a\n  PermitRootLogin yes\n",
        );
        check(
            "Match user a\n  PermitRootLogin yes\n",
            Some("no"),
            Some(2),
            "Match user a\n  PermitRootLogin no\n",
        );
    }

    #[test]
    fn a_line_that_changed_since_is_left_alone() {
        let mut doc = Doc::new("X 1\n");
        assert!(set(&mut doc, "PermitRootLogin", Some("no"), Some(1)).is_err());
        assert_eq!(doc.text(), "X 1\n");
        check("A 1\nPermitRootLogin yes\n", None, Some(2), "A 1\n");
    }
}
