//! `dpkg -V` and `rpm -Va`: files of packages that are missing or not as they were packed.
//!
//! A line is a mask of what differs, a letter for the file's kind and the path:
//! `S.5....T.  c /etc/x`, `??5??????   /usr/x`, `missing   c /etc/x`. A dot is "as packed", a
//! question mark "not looked at".

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::lines;
use casemate_schema::{Severity, Status};

/// What the letters of a mask mean, in their order.
const ATTRIBUTES: [(char, &str); 9] = [
    ('S', "size"),
    ('M', "mode"),
    ('5', "content"),
    ('D', "device number"),
    ('L', "link target"),
    ('U', "user"),
    ('G', "group"),
    ('T', "modification time"),
    ('P', "capabilities"),
];

/// Reads the output.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut unread = 0_u64;
    let mut n_messages = 0;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.trim().is_empty() {
            continue;
        }
        match take(line) {
            Some(Line::Found(draft)) => out.finding(*draft),
            Some(Line::Unread) => unread += 1,
            None if line.starts_with('/') || line.starts_with('S') => {
                out.reject(
                    format!("line {}", number + 1),
                    "it is no line of a verification",
                );
            }
            // The package manager's own messages, and unmet dependencies of rpm -Va.
            None => out.note_some(&mut n_messages, line),
        }
    }
    if unread > 0 {
        let reason = format!("{unread} files could not be read");
        out.note(reason.clone());
        out.check("packages", "integrity", Status::NotAssessed, Some(reason));
    }
    Ok(())
}

enum Line {
    Found(Box<Draft>),
    Unread,
}

fn take(line: &str) -> Option<Line> {
    let (mask, rest) = line.split_once([' ', '\t'])?;
    let rest = rest.trim_start();
    let (kind, path) = match rest.split_once(char::is_whitespace) {
        Some((kind, path)) if kind.len() == 1 && "cdglra".contains(kind) => {
            (kind, path.trim_start())
        }
        _ => ("", rest),
    };
    if !path.starts_with('/') {
        return None;
    }
    // rpm says why a file cannot be looked at.
    let (path, reason) = match path
        .strip_suffix(')')
        .and_then(|path| path.rsplit_once(" ("))
    {
        Some((path, reason)) if mask == "missing" => (path, reason),
        _ => (path, ""),
    };
    if mask == "missing" {
        if reason.to_lowercase().contains("denied") {
            return Some(Line::Unread);
        }
        return Some(Line::Found(Box::new(draft_of("missing", "", kind, path))));
    }
    let is_mask = mask.len() >= 8
        && mask
            .chars()
            .all(|c| matches!(c, '.' | '?') || ATTRIBUTES.iter().any(|(letter, _)| *letter == c));
    if !is_mask {
        return None;
    }
    let says_something = mask.contains(|c: char| !matches!(c, '.' | '?'));
    if !says_something {
        return Some(Line::Unread);
    }
    Some(Line::Found(Box::new(draft_of("changed", mask, kind, path))))
}

fn draft_of(check: &str, mask: &str, kind: &str, path: &str) -> Draft {
    let changed: Vec<&str> = ATTRIBUTES
        .iter()
        .filter(|(letter, _)| mask.contains(*letter))
        .map(|(_, name)| *name)
        .collect();
    let kind = match kind {
        "c" => "configuration",
        "d" => "documentation",
        "g" => "not part of the package",
        "l" => "licence",
        "r" => "read me",
        _ => "",
    };
    let title = if check == "missing" {
        format!("Packaged file is missing: {path}")
    } else {
        format!("Packaged file has changed ({}): {path}", changed.join(", "))
    };
    let mut draft = Draft {
        check: check.to_owned(),
        title,
        severity: Some(level(check, &changed, kind, path)),
        category: "integrity".to_owned(),
        path: path.to_owned(),
        remediation: "Find out what changed the file; reinstall the package if nobody did on \
                      purpose."
            .to_owned(),
        ..Draft::default()
    };
    draft.see("mask", mask);
    draft.see("differs", changed.join(", "));
    draft.see("kind of file", kind);
    draft
}

/// Configuration is there to be changed, documentation is often left out; a program with another
/// content is neither.
fn level(check: &str, changed: &[&str], kind: &str, path: &str) -> Severity {
    let is_program = ["/bin/", "/sbin/", "/lib/", "/lib64/", "/usr/", "/boot/"]
        .iter()
        .any(|start| path.starts_with(start));
    let is_text = [
        "/usr/share/doc/",
        "/usr/share/man/",
        "/usr/share/locale/",
        "/usr/share/info/",
    ]
    .iter()
    .any(|start| path.starts_with(start));
    let of_owner = ["mode", "user", "group", "capabilities", "link target"]
        .iter()
        .any(|name| changed.contains(name));
    if is_text || !kind.is_empty() {
        return Severity::Low;
    }
    match check {
        "missing" => Severity::Medium,
        _ if changed.contains(&"content") && is_program => Severity::High,
        _ if changed.contains(&"content") || of_owner => Severity::Medium,
        _ => Severity::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_tools() {
        let found = |line: &str| match take(line) {
            Some(Line::Found(draft)) => Some((draft.check, draft.path, draft.severity)),
            _ => None,
        };
        let one =
            |check: &str, path: &str, level| Some((check.to_owned(), path.to_owned(), Some(level)));
        assert_eq!(
            found("??5??????   /usr/bin/a b"),
            one("changed", "/usr/bin/a b", Severity::High)
        );
        assert_eq!(
            found("S.5....T.  c /etc/x"),
            one("changed", "/etc/x", Severity::Low)
        );
        assert_eq!(
            found("missing     /usr/lib/x"),
            one("missing", "/usr/lib/x", Severity::Medium)
        );
        assert!(matches!(
            take("missing  c /root/x (Permission denied)"),
            Some(Line::Unread)
        ));
        assert!(matches!(
            take("..?......    /usr/bin/x"),
            Some(Line::Unread)
        ));
        assert!(take("dpkg: package 'x' is not installed").is_none());
    }
}
