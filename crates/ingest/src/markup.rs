//! Texts with HTML in them, as web scanners write, in plain words.

/// Text without tags, with entities resolved and blank runs closed up. Text without tags stays as
/// it is, apart from its entities.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = if from.starts_with('<') {
            tag(from, &mut out)
        } else {
            entity(from, &mut out)
        };
    }
    out.push_str(rest);
    close_up(&out)
}

/// Takes a tag off; what only looks like one stays.
fn tag<'t>(from: &'t str, out: &mut String) -> &'t str {
    let inner = from.strip_prefix('<').unwrap_or(from);
    let first = inner.chars().next();
    if !first.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!')) {
        out.push('<');
        return inner;
    }
    let Some((name, after)) = inner.split_once('>') else {
        out.push('<');
        return inner;
    };
    let word: String = name
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    match word.to_ascii_lowercase().as_str() {
        "br" | "p" | "div" | "tr" | "ul" | "ol" | "h1" | "h2" | "h3" | "pre" | "paragraph"
        | "unorderedlist" | "orderedlist" => out.push('\n'),
        "li" | "listitem" if !name.starts_with('/') => out.push_str("\n- "),
        _ => {}
    }
    after
}

fn entity<'t>(from: &'t str, out: &mut String) -> &'t str {
    let inner = from.strip_prefix('&').unwrap_or(from);
    let end = inner.find(';').filter(|end| *end <= 8);
    let known = end.and_then(|end| {
        let name = inner.get(..end)?;
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
        let code = match name.strip_prefix('#') {
            Some(hex) if hex.starts_with(['x', 'X']) => number(hex.get(1..)?, 16),
            Some(digits) => number(digits, 10),
            None => match name {
                "amp" => Some(0x26),
                "lt" => Some(0x3c),
                "gt" => Some(0x3e),
                "quot" => Some(0x22),
                "apos" => Some(0x27),
                "nbsp" => Some(0x20),
                _ => None,
            },
        };
        Some((code.and_then(char::from_u32)?, inner.get(end + 1..)?))
    });
    match known {
        Some((character, after)) => {
            out.push(character);
            after
        }
        None => {
            out.push('&');
            inner
        }
    }
}

/// Lines without blanks around them, and at most one empty line between two.
fn close_up(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut n_empty = 0;
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() {
            n_empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if n_empty > 0 { "\n\n" } else { "\n" });
        }
        n_empty = 0;
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn tags_go_and_comparisons_stay() {
        assert_eq!(
            plain("<p>One &amp; two</p><p>a<br/>b</p>"),
            "One & two\n\na\nb"
        );
        assert_eq!(plain("x < 3 && y > 1"), "x < 3 && y > 1");
        assert_eq!(plain("<ul><li>a</li><li>b</li></ul>"), "- a\n- b");
        assert_eq!(plain("&#x41;&#66;&bogus;"), "AB&bogus;");
        assert_eq!(plain("<unclosed"), "<unclosed");
    }
}
