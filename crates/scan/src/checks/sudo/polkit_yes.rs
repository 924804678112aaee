//! Rules of polkit that allow without asking.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{text, trust};
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// Local rules of polkit (`/etc/polkit-1/rules.d/*.rules`) do not `return polkit.Result.YES`, and
    /// old local authority files (`/etc/polkit-1/localauthority/*/*.pkla`) have no `ResultAny=yes` or
    /// `ResultActive=yes` for actions with a wildcard. The script is not run: a condition around the
    /// line may make it narrow, so look at it.
    ///
    /// # Why it matters
    /// A polkit rule is a sudo rule in another language: services such as systemd, NetworkManager
    /// and package tools do what it allows with the rights of root, without a password.
    ///
    /// # Example
    /// `if (subject.isInGroup("users")) return polkit.Result.YES;`
    ///
    /// # Instead
    /// Return `polkit.Result.AUTH_ADMIN_KEEP`, and compare `action.id` with one action.
    id: "sudo-polkit-yes",
    surface: Sudo,
    title: "polkit allows without asking",
    severity: Low,
    references: [Cwe "CWE-306", Attack "T1548", Man "polkit(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const RULES: &str = "/etc/polkit-1/rules.d";
    const OLD: &str = "/etc/polkit-1/localauthority";
    if !cx.facts.exists("/etc/polkit-1") {
        return Err(Skip::not_applicable("there is no /etc/polkit-1"));
    }
    for name in trust::names(cx, Path::new(RULES)) {
        let path = Path::new(RULES).join(&name);
        if path
            .extension()
            .is_some_and(|extension| extension == "rules")
        {
            script(cx, &path);
        }
    }
    for folder in trust::names(cx, Path::new(OLD)) {
        let folder = Path::new(OLD).join(folder);
        for name in trust::names(cx, &folder) {
            let path = folder.join(&name);
            if path
                .extension()
                .is_some_and(|extension| extension == "pkla")
            {
                authority(cx, &path);
            }
        }
    }
    Ok(())
}

fn script(cx: &mut Cx<'_>, path: &Path) {
    let Some(bytes) = trust::content(cx, path) else {
        return;
    };
    let source = without_comments(&String::from_utf8_lossy(&bytes));
    let yes = text::lines(source.as_bytes())
        .into_iter()
        .find(|line| line.text.contains("polkit.Result.YES"));
    let Some(line) = yes else {
        return;
    };
    // A rule that names no action at all, or compares nothing, speaks for every action.
    let all = !source.contains("action.id") && !source.contains("action.lookup");
    let hit = Hit::new(format!(
        "{} lets polkit say yes without asking",
        path.display()
    ))
    .path(path)
    .line(line.number)
    .severity(if all { Severity::High } else { Severity::Low })
    .evidence("line", line.text.trim())
    .evidence(
        "actions",
        if all {
            "every action"
        } else {
            "those that it compares"
        },
    );
    cx.hit(hit);
}

fn authority(cx: &mut Cx<'_>, path: &Path) {
    let Some(bytes) = trust::content(cx, path) else {
        return;
    };
    let mut wild = false;
    for line in text::lines(&bytes) {
        let entry = line.text.trim();
        if entry.starts_with('[') {
            wild = false;
        } else if let Some(actions) = entry.strip_prefix("Action=") {
            wild = actions.contains('*');
        } else if wild
            && ["ResultAny=yes", "ResultActive=yes", "ResultInactive=yes"].contains(&entry)
        {
            let hit = Hit::new(format!(
                "{} lets polkit say yes to many actions",
                path.display()
            ))
            .path(path)
            .line(line.number)
            .severity(Severity::Medium)
            .evidence("line", entry);
            cx.hit(hit);
            return;
        }
    }
}

/// JavaScript with comments blanked; line ends stay, and quotes protect.
fn without_comments(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut letters = source.chars().peekable();
    let mut quote: Option<char> = None;
    while let Some(letter) = letters.next() {
        if let Some(open) = quote {
            out.push(letter);
            if letter == '\\' {
                out.extend(letters.next());
            } else if letter == open || letter == '\n' {
                quote = None;
            }
            continue;
        }
        match (letter, letters.peek()) {
            ('/', Some('/')) => while letters.next_if(|c| *c != '\n').is_some() {},
            ('/', Some('*')) => {
                letters.next();
                let mut before = ' ';
                for inside in letters.by_ref() {
                    if inside == '\n' {
                        out.push('\n');
                    }
                    if before == '*' && inside == '/' {
                        break;
                    }
                    before = inside;
                }
            }
            _ => {
                if matches!(letter, '"' | '\'') {
                    quote = Some(letter);
                }
                out.push(letter);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comments_go_and_lines_stay() {
        assert_eq!(without_comments("a // b\nc /* d\n e */ f"), "a \nc \n f");
        assert_eq!(
            without_comments("'//' \"/* \\\" */\""),
            "'//' \"/* \\\" */\""
        );
    }
}
