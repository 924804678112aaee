//! `Defaults` lines of sudoers(5): settings between commas, with quotes around lists.

use crate::remediate::doc::Doc;

/// What becomes of a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Default {
    /// It is written like this.
    Set(String),
    /// Its list loses a word; without words it goes.
    Without(String),
}

/// Changes a setting of a line.
pub(crate) fn default(
    doc: &mut Doc,
    line: u64,
    name: &str,
    change: &Default,
) -> Result<(), String> {
    let gone = || format!("line {line} no longer sets `{name}`");
    let index = doc.index_of(line).ok_or_else(gone)?;
    let old = doc.at(index).to_owned();
    let head_end = old.find(char::is_whitespace).ok_or_else(gone)?;
    let head = old.get(..head_end).unwrap_or_default();
    if !head.starts_with("Defaults") {
        return Err(gone());
    }
    let rest = old.get(head_end..).unwrap_or_default();
    let body = rest.trim_start();
    let gap = rest.get(..rest.len() - body.len()).unwrap_or_default();
    let mut found = false;
    let mut kept: Vec<String> = Vec::new();
    for item in items(body) {
        if named(item) != name {
            kept.push(item.to_owned());
            continue;
        }
        found = true;
        match change {
            Default::Set(text) => {
                let blank = item.len() - item.trim_start().len();
                kept.push(format!("{}{text}", item.get(..blank).unwrap_or_default()));
            }
            Default::Without(word) => kept.extend(without(item, word)),
        }
    }
    if !found {
        return Err(gone());
    }
    if kept.is_empty() {
        doc.lines.remove(index);
    } else {
        doc.set(index, format!("{head}{gap}{}", kept.join(",").trim_start()));
    }
    Ok(())
}

/// The settings of a line; commas in quotes part nothing.
fn items(body: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (at, c) in body.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                all.extend(body.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    all.extend(body.get(start..));
    all
}

/// The name of a setting: `!env_reset`, `timestamp_timeout = -1`, `env_keep += "A B"`.
fn named(item: &str) -> &str {
    let item = item.trim().trim_start_matches('!').trim_start();
    let end = item.find(|c: char| c == '=' || c == '+' || c == '-' || c.is_whitespace());
    item.get(..end.unwrap_or(item.len())).unwrap_or(item)
}

/// The setting without a word of its list; none when the list is empty then.
fn without(item: &str, word: &str) -> Option<String> {
    let (head, list) = item.split_once('=')?;
    let list = list.trim();
    let bare = list.trim_matches('"');
    let kept: Vec<&str> = bare
        .split_whitespace()
        .filter(|have| *have != word)
        .collect();
    if kept.is_empty() {
        return None;
    }
    let quote = if list.starts_with('"') { "\"" } else { "" };
    Some(format!("{head}= {quote}{}{quote}", kept.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, name: &str, change: &Default, after: &str) {
        let mut doc = Doc::new(before);
        default(&mut doc, 1, name, change).expect("possible");
        assert_eq!(doc.text(), after);
    }

    #[test]
    fn settings_change_and_their_neighbours_stay() {
        let without = |word: &str| Default::Without(word.to_owned());
        let set = |text: &str| Default::Set(text.to_owned());
        check(
            "Defaults env_keep += \"A B\"\n",
            "env_keep",
            &without("B"),
            "Defaults env_keep += \"A\"\n",
        );
        check(
            "Defaults env_keep += \"B\"\nx\n",
            "env_keep",
            &without("B"),
            "x\n",
        );
        check(
            "Defaults:ann env_keep += \"P*\", !env_reset\n",
            "env_reset",
            &set("env_reset"),
            "Defaults:ann env_keep += \"P*\", env_reset\n",
        );
        check(
            "Defaults:ann env_keep += \"P*\", env_reset\n",
            "env_keep",
            &without("P*"),
            "Defaults:ann env_reset\n",
        );
        check(
            "Defaults timestamp_timeout = -1\n",
            "timestamp_timeout",
            &set("timestamp_timeout=5"),
            "Defaults timestamp_timeout=5\n",
        );
    }
}
