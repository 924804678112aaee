//! Statements of rsyslog in the order in which they hold, with included files where they stand.
//!
//! Both languages: the old one, a line a statement, and RainerScript, whose objects go on until
//! their bracket closes. Source: rsyslog.conf(5) and rsyslog's documentation of `include()`.

use super::{Fact, Facts, read_or_limit};
use crate::check::Limit;
use std::path::{Path, PathBuf};

const DEPTH_MAX: usize = 8;
const STATEMENTS_MAX: usize = 20_000;

/// The configuration, empty when rsyslog has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rsyslog {
    /// Statements in order, comments taken off.
    pub(crate) statements: Vec<Statement>,
    /// Whether `/etc/rsyslog.conf` exists.
    pub(crate) present: bool,
    /// What could not be seen.
    pub(crate) limits: Vec<Limit>,
}

/// One statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Its text on one line.
    pub(crate) text: String,
    /// The file.
    pub(crate) file: PathBuf,
    /// Its first line.
    pub(crate) line: u64,
}

impl Statement {
    /// Selector and action of a rule in the old language: `*.* /var/log/syslog`.
    pub(crate) fn rule(&self) -> Option<(&str, &str)> {
        let (selector, action) = self.text.split_once([' ', '\t'])?;
        let rule = selector.contains('.') || selector.starts_with(':');
        (rule && !selector.contains('(')).then(|| (selector, action.trim()))
    }

    /// A parameter of an object: `action(type="omfwd" target="log")`; names in any case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let lower = self.text.to_ascii_lowercase();
        let name = name.to_ascii_lowercase();
        for (position, _) in lower.match_indices(&name) {
            let before = lower.get(..position)?.chars().next_back();
            if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '.') {
                continue;
            }
            let rest = self.text.get(position + name.len()..)?.trim_start();
            let Some(value) = rest.strip_prefix('=') else {
                continue;
            };
            let value = value.trim_start().strip_prefix('"')?;
            return value.split('"').next();
        }
        None
    }
}

/// Reads the main file and what it includes.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Rsyslog> {
    let mut rsyslog = Rsyslog::default();
    let main = Path::new("/etc/rsyslog.conf");
    rsyslog.present = facts.exists(main);
    take(facts, main, 0, &mut rsyslog);
    Ok(rsyslog)
}

fn take(facts: &Facts<'_>, path: &Path, depth: usize, rsyslog: &mut Rsyslog) {
    let Some(bytes) = read_or_limit(facts, path, &mut rsyslog.limits) else {
        return;
    };
    for (line, text) in statements(&String::from_utf8_lossy(&bytes)) {
        let statement = Statement {
            text,
            file: path.to_path_buf(),
            line,
        };
        let legacy = statement
            .text
            .get(..14)
            .filter(|text| text.eq_ignore_ascii_case("$IncludeConfig"));
        let included = if legacy.is_some() {
            statement.text.get(14..).map(str::trim)
        } else if statement.text.starts_with("include") {
            statement.parameter("file")
        } else {
            None
        };
        match included {
            Some(pattern) if depth < DEPTH_MAX => {
                for file in matching(facts, pattern, &mut rsyslog.limits) {
                    take(facts, &file, depth + 1, rsyslog);
                }
            }
            Some(_) => rsyslog.limits.push(Limit {
                reason: format!("`{}` includes too deep", path.display()),
                privileges: false,
            }),
            None if rsyslog.statements.len() < STATEMENTS_MAX => rsyslog.statements.push(statement),
            None => return,
        }
    }
}

/// Files of a pattern whose last part may hold `*`, sorted.
fn matching(facts: &Facts<'_>, pattern: &str, limits: &mut Vec<Limit>) -> Vec<PathBuf> {
    let path = Path::new(pattern);
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Vec::new();
    };
    let name = name.to_string_lossy();
    let Some((head, tail)) = name.split_once('*') else {
        return vec![path.to_path_buf()];
    };
    let Ok(names) = facts.list_if_there(folder) else {
        limits.push(Limit {
            reason: format!("`{}` cannot be listed", folder.display()),
            privileges: true,
        });
        return Vec::new();
    };
    let fits = |name: &str| {
        let long = name.len() >= head.len() + tail.len() && !name.starts_with('.');
        long && name.starts_with(head) && name.ends_with(tail)
    };
    names
        .iter()
        .filter(|name| fits(&name.to_string_lossy()))
        .map(|name| folder.join(name))
        .collect()
}

/// Statements with their first lines: continuation lines joined, objects up to their bracket.
fn statements(text: &str) -> Vec<(u64, String)> {
    let mut out: Vec<(u64, String)> = Vec::new();
    let mut open: Option<(u64, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = without_comment(line.trim());
        if line.is_empty() {
            continue;
        }
        let (first, mut whole) = open.take().unwrap_or((number, String::new()));
        let goes_on = line.strip_suffix('\\');
        whole.push_str(goes_on.unwrap_or(line));
        let object = [
            "action", "module", "input", "global", "include", "template", "ruleset", "*.*", "if",
        ];
        let script = object.iter().any(|word| whole.starts_with(word)) || whole.contains("action(");
        let closed = !script || balance(&whole) <= 0 || whole.len() > 64 << 10;
        if goes_on.is_none() && closed {
            out.push((first, whole));
        } else {
            whole.push(' ');
            open = Some((first, whole));
        }
    }
    out.extend(open);
    out
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (position, letter) in line.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '#' if !quoted => return line.get(..position).unwrap_or_default().trim_end(),
            _ => {}
        }
    }
    line
}

/// Opened round brackets that are not closed, outside of quotes.
fn balance(text: &str) -> i64 {
    let mut quoted = false;
    text.chars().fold(0, |open, letter| {
        quoted ^= letter == '"';
        match letter {
            '(' if !quoted => open + 1,
            ')' if !quoted => open - 1,
            _ => open,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn objects_lines_and_comments() {
        let text = "# c\n$FileCreateMode 0640 # d\nmail.*;\\\n  news.* -/var/log/m\naction(type=\"omfwd\"\n  # inside\n  Target=\"log#1\" protocol=\"tcp\")\n*.* @h\n";
        let found = statements(text);
        let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 5, 8]);
        let statement = Statement {
            text: found[2].1.clone(),
            file: PathBuf::new(),
            line: 5,
        };
        assert_eq!(statement.parameter("target"), Some("log#1"));
        assert_eq!(statement.parameter("port"), None);
    }

    proptest! {
        #[test]
        fn any_text_ends_as_statements(text in "(.|\n){0,300}") {
            prop_assert!(statements(&text).len() <= text.lines().count());
        }
    }
}
