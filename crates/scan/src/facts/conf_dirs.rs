//! Files of a setting that several folders hold: the first folder that has a name gives that file,
//! and a link to `/dev/null` masks it (sysctl.d(5), modprobe.d(5), limits.d of pam_limits(8)).

use super::Facts;
use crate::check::Limit;
use crate::tree;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Paths of the files that count, sorted by file name over all folders.
pub(crate) fn files(
    facts: &Facts<'_>,
    folders: &[&str],
    suffix: &str,
    limits: &mut Vec<Limit>,
) -> Vec<PathBuf> {
    let mut by_name: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    for folder in folders {
        match tree::list(facts.tree(), folder) {
            Ok(names) => {
                for name in names {
                    if name.as_bytes().ends_with(suffix.as_bytes()) {
                        let path = Path::new(folder).join(&name);
                        by_name.entry(name).or_insert(path);
                    }
                }
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => limits.push(Limit::from_error(&error)),
        }
    }
    by_name
        .into_values()
        .filter(|path| !is_masked(facts, path))
        .collect()
}

/// Whether the path is a link to `/dev/null`.
pub(crate) fn is_masked(facts: &Facts<'_>, path: &Path) -> bool {
    facts
        .tree()
        .read_link(path)
        .is_ok_and(|target| target == Path::new("/dev/null"))
}

/// Lines of a text with their one-based numbers; a backslash at the end joins the next line.
pub(crate) fn logical_lines(text: &str) -> Vec<(u64, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(u64, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let (begin, mut whole) = open.take().unwrap_or((number, String::new()));
        match line.strip_suffix('\\') {
            Some(part) => {
                whole.push_str(part);
                whole.push(' ');
                open = Some((begin, whole));
            }
            None => {
                whole.push_str(line);
                lines.push((begin, whole));
            }
        }
    }
    lines.extend(open);
    lines
}

#[cfg(test)]
mod tests {
    use super::logical_lines;

    #[test]
    fn a_backslash_joins_and_the_first_line_gives_the_number() {
        let lines = logical_lines("a \\\nb\nc\\\n");
        assert_eq!(lines, [(1, "a  b".to_owned()), (3, "c ".to_owned())]);
    }
}
