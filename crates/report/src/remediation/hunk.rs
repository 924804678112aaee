//! The hunks of a unified diff as blocks of lines, for tools that replace text and know no diff.

/// One hunk: what stands there and what has to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) old: Vec<String>,
    pub(super) new: Vec<String>,
    /// It begins at the first line of the file.
    pub(super) at_start: bool,
    /// It reaches to the last line of the file.
    pub(super) at_end: bool,
}

/// Lines of context that a diff has where the file has them.
const CONTEXT: usize = 3;

/// The hunks of a diff.
pub(super) fn hunks(diff: &str) -> Vec<Hunk> {
    let mut all: Vec<Hunk> = Vec::new();
    let mut trailing = 0;
    let mut leading: Option<usize> = None;
    let close = |all: &mut Vec<Hunk>, leading: Option<usize>, trailing: usize| {
        if let Some(hunk) = all.last_mut() {
            hunk.at_start = leading.unwrap_or(0) < CONTEXT;
            hunk.at_end = trailing < CONTEXT;
        }
    };
    for line in diff.lines() {
        if line.starts_with("@@ ") {
            close(&mut all, leading, trailing);
            all.push(Hunk::default());
            (trailing, leading) = (0, None);
            continue;
        }
        let Some(hunk) = all.last_mut() else {
            continue;
        };
        let text = line.get(1..).unwrap_or_default().to_owned();
        match line.chars().next() {
            Some(' ') => {
                hunk.old.push(text.clone());
                hunk.new.push(text);
                trailing += 1;
            }
            Some(sign @ ('-' | '+')) => {
                leading = leading.or(Some(trailing));
                trailing = 0;
                if sign == '-' {
                    hunk.old.push(text);
                } else {
                    hunk.new.push(text);
                }
            }
            _ => {}
        }
    }
    close(&mut all, leading, trailing);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_know_where_they_stand() {
        let diff = "--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n-a\n+A\n b\n c\n d\n@@ -9,4 +9,5 @@\n i\n j\n k\n l\n+m\n";
        let all = hunks(diff);
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].at_start, all[0].at_end), (true, false));
        assert_eq!((all[1].at_start, all[1].at_end), (false, true));
        assert_eq!(all[0].old, ["a", "b", "c", "d"]);
        assert_eq!(all[1].new, ["i", "j", "k", "l", "m"]);
    }
}
