//! Search paths: folders of `PATH=`, between colons, in shell files, crontabs and environment files.

use crate::remediate::doc::Doc;

/// How the scanner shows an empty part, which means the current folder.
const EMPTY: &str = "(empty)";

/// Takes a folder out of the search path that a line sets.
pub(crate) fn drop(doc: &mut Doc, line: u64, folder: &str) -> Result<(), String> {
    let gone = || format!("line {line} no longer sets a search path with `{folder}`");
    let index = doc.index_of(line).ok_or_else(gone)?;
    let old = doc.at(index).to_owned();
    let at = old.find("PATH").ok_or_else(gone)?;
    let after = old
        .get(at..)
        .and_then(|rest| rest.find('='))
        .ok_or_else(gone)?;
    let mut start = at + after + 1;
    let rest = old.get(start..).unwrap_or_default();
    start += rest.len() - rest.trim_start().len();
    let rest = old.get(start..).unwrap_or_default();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let body = quote.map_or(rest, |quote| rest.strip_prefix(quote).unwrap_or(rest));
    let end = match quote {
        Some(quote) => body.find(quote),
        None => body.find(|c: char| c.is_whitespace() || c == ';'),
    };
    let list = body.get(..end.unwrap_or(body.len())).unwrap_or_default();
    let wanted = if folder == EMPTY { "" } else { folder };
    let same = |part: &str| part.trim_end_matches('/') == wanted.trim_end_matches('/');
    let kept: Vec<&str> = list.split(':').filter(|part| !same(part)).collect();
    if kept.len() == list.split(':').count() {
        return Err(gone());
    }
    let from = start + quote.map_or(0, char::len_utf8);
    let head = old.get(..from).unwrap_or_default();
    let tail = old.get(from + list.len()..).unwrap_or_default();
    doc.set(index, format!("{head}{}{tail}", kept.join(":")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_leave_the_list_and_the_rest_stays() {
        for (before, folder, after) in [
            (
                "export PATH=.:/usr/bin # x",
                ".",
                "export PATH=/usr/bin # x",
            ),
            ("PATH=\"$PATH:/opt/t:\"", "(empty)", "PATH=\"$PATH:/opt/t\""),
            ("PATH=\"$PATH:/opt/t:\"", "/opt/t", "PATH=\"$PATH:\""),
            ("PATH = /a:/b", "/b", "PATH = /a"),
        ] {
            let mut doc = Doc::new(before);
            drop(&mut doc, 1, folder).expect("possible");
            assert_eq!(doc.text(), after);
            assert!(drop(&mut doc, 1, folder).is_err());
        }
    }
}
