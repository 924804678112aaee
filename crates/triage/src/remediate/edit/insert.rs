//! A line that has to stand at a certain place.

use crate::remediate::doc::Doc;

/// Where a new line goes. An anchor that is not there means the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Anchor {
    /// Behind everything.
    End,
    /// Before everything but the comment at the head of the file.
    Top,
    /// Behind the last line that begins with this word.
    AfterLast(&'static str),
    /// Before the first line of a PAM stack with this type and module.
    BeforePam(&'static str, &'static str),
    /// Behind the last line of a PAM stack with this type and module.
    AfterPam(&'static str, &'static str),
}

/// Puts a line in, unless the very same one stands there.
pub(crate) fn line(doc: &mut Doc, text: &str, anchor: &Anchor) {
    let same = |line: &str| line.split_whitespace().eq(text.split_whitespace());
    let all = 0..doc.lines.len();
    // At the top it has to stand before all else, wherever it stands already.
    let top = all
        .clone()
        .find(|index| !doc.at(*index).trim_start().starts_with('#'))
        .unwrap_or(doc.lines.len());
    let is_there = match anchor {
        Anchor::Top => same(doc.at(top)),
        _ => doc.lines.iter().any(|line| same(&line.text)),
    };
    if is_there {
        return;
    }
    let at = match anchor {
        Anchor::End => None,
        Anchor::Top => Some(top),
        Anchor::AfterLast(word) => all
            .rev()
            .find(|index| doc.at(*index).split_whitespace().next() == Some(word))
            .map(|index| index + 1),
        Anchor::BeforePam(kind, module) => all
            .clone()
            .find(|index| is_pam(doc.at(*index), kind, module)),
        Anchor::AfterPam(kind, module) => all
            .rev()
            .find(|index| is_pam(doc.at(*index), kind, module))
            .map(|index| index + 1),
    };
    doc.insert(at.unwrap_or(doc.lines.len()), text);
}

/// Whether a line of a PAM stack is of this type and calls this module.
fn is_pam(line: &str, kind: &str, module: &str) -> bool {
    let line = line.trim_start();
    let mut words = line.split_whitespace();
    !line.starts_with('#')
        && words
            .next()
            .is_some_and(|word| word.trim_start_matches('-') == kind)
        && words.any(|word| word.rsplit('/').next() == Some(module))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_to_their_anchor_once() {
        let text = "# c\nauth sufficient pam_rootok.so\nauth required pam_unix.so\n";
        let mut doc = Doc::new(text);
        for _ in 0..2 {
            line(
                &mut doc,
                "auth required pam_wheel.so",
                &Anchor::AfterPam("auth", "pam_rootok.so"),
            );
            line(
                &mut doc,
                "auth required pam_first.so",
                &Anchor::BeforePam("auth", "pam_unix.so"),
            );
            line(&mut doc, "last", &Anchor::End);
            line(&mut doc, "top", &Anchor::Top);
        }
        assert_eq!(
            doc.text(),
            "# c\ntop\nauth sufficient pam_rootok.so\nauth required pam_wheel.so\n\
             auth required pam_first.so\nauth required pam_unix.so\nlast\n"
        );
    }
}
