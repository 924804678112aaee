//! Folders in which root looks for commands.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{text, trust};
use std::path::Path;

check! {
    /// # What it checks
    /// Assignments of `PATH` in root's start files, `/etc/environment` and `ENV_SUPATH` of
    /// `/etc/login.defs` hold no empty part, no `.` or other relative folder, and no folder that
    /// somebody besides root may write to.
    ///
    /// # Why it matters
    /// Root types `ls` and gets the `ls` of whoever may write to a folder early in the list; a `.`
    /// or an empty part makes that whatever folder root happens to stand in, such as `/tmp`.
    ///
    /// # Example
    /// `export PATH=$PATH:` in `/root/.bashrc` (the colon at the end is an empty part)
    ///
    /// # Instead
    /// `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, and
    /// `chown root: DIR; chmod go-w DIR` for each folder that stays in it.
    id: "user-root-path",
    surface: Users,
    title: "PATH of root leads to folders of others",
    severity: High,
    references: [Cwe "CWE-426", Cis "Debian 12 5.4.2.5", Attack "T1574.007"],
}

const FILES: [&str; 7] = [
    "/root/.profile",
    "/root/.bashrc",
    "/root/.bash_profile",
    "/root/.bash_login",
    "/root/.zshrc",
    "/etc/environment",
    "/etc/login.defs",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut seen = false;
    for file in FILES {
        let Some(bytes) = trust::content(cx, Path::new(file)) else {
            continue;
        };
        seen = true;
        for line in text::lines(&bytes) {
            if let Some(value) = path_value(&line.text, file) {
                for part in value.split(':') {
                    part_of_path(cx, part, file, line.number);
                }
            }
        }
    }
    if !seen {
        cx.facts.users()?;
    }
    Ok(())
}

/// The value that a line gives to `PATH`.
fn path_value<'a>(line: &'a str, file: &str) -> Option<&'a str> {
    let mut text = line.trim();
    if file == "/etc/login.defs" {
        text = text.strip_prefix("ENV_SUPATH")?.trim_start();
    }
    let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
    let value = text.strip_prefix("PATH=")?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    Some(match quote {
        Some(quote) => value.trim_start_matches(quote).split(quote).next()?,
        None => value.split([' ', '\t', ';', '&']).next()?,
    })
}

fn part_of_path(cx: &mut Cx<'_>, part: &str, file: &str, line: u64) {
    // What a variable or `~` expands to is not known here.
    if part.contains('$') || part.starts_with('~') || part.contains('`') {
        return;
    }
    let problem = if part.is_empty() {
        "an empty part, which is the current folder".to_owned()
    } else if !part.starts_with('/') {
        format!("the relative folder `{part}`")
    } else {
        match trust::weak_spot(cx.facts, Path::new(part), &[]) {
            Ok(None) => return,
            Ok(Some(weak)) if weak.path == Path::new(part) => {
                format!("{part}, which {} may write to", weak.who)
            }
            Ok(Some(weak)) => format!(
                "{part}, under {} which {} may write to",
                weak.path.display(),
                weak.who
            ),
            Err(error) if error.is_not_found() => return,
            Err(error) => {
                cx.limit(crate::check::Limit::from_error(&error));
                return;
            }
        }
    };
    let hit = Hit::new(format!("PATH of root holds {problem}"))
        .path(file)
        .line(line)
        .subject(if part.is_empty() { "(empty)" } else { part });
    cx.hit(hit);
}

#[cfg(test)]
mod tests {
    use super::path_value;

    #[test]
    fn values_end_where_the_shell_ends_them() {
        let value = |line| path_value(line, "/root/.profile");
        assert_eq!(value("export PATH=\"/a:/b c\" # x"), Some("/a:/b c"));
        assert_eq!(value("PATH=/a:.; export PATH"), Some("/a:."));
        assert_eq!(value("# PATH=/a"), None);
        assert_eq!(value("MANPATH=/a"), None);
        assert_eq!(
            path_value("ENV_SUPATH\tPATH=/a", "/etc/login.defs"),
            Some("/a")
        );
    }
}
