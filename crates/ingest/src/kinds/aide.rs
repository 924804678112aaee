//! AIDE: its report as text, of any version and language, and as JSON (`report_format=json`).
//!
//! A finding is an entry that was added, removed or changed. In the text an entry is a mask of what
//! differs, a colon and the path; all plus signs is added, all minus signs is removed.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::lines;
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Shortest mask of any version.
const MASK_CHARACTERS_MIN: usize = 10;
/// Most characters of the list of one entry's differences.
const DETAIL_CHARACTERS_MAX: usize = 4000;

/// An attribute with its old and new value; one column for added and removed entries.
type Difference = (String, Vec<String>);

struct Entry {
    change: &'static str,
    mask: String,
    path: String,
}

/// Reads a text report.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut entries: Vec<Entry> = Vec::new();
    let mut known: BTreeSet<(String, &'static str)> = BTreeSet::new();
    let mut section = "";
    let mut open: Option<String> = None;
    let mut details: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    let mut stated: Vec<u64> = Vec::new();
    for line in text.lines() {
        about(line, out);
        if let Some(n) = counted(line) {
            stated.push(n);
        }
        if let Some(named) = heading(line) {
            section = named;
            open = None;
        } else if let Some(entry) = entry(line, section) {
            if known.insert((entry.path.clone(), entry.change)) {
                entries.push(entry);
            }
            open = None;
        } else if let Some(path) = detailed(line) {
            open = Some(path.to_owned());
        } else if line.trim().is_empty() || line.starts_with("---") {
            // The databases follow the last entry after a blank line.
            open = None;
        } else if let Some(path) = &open {
            difference(line, details.entry(path.clone()).or_default());
        }
    }
    let total: u64 = stated.iter().sum();
    let n = entries.len() as u64;
    if !stated.is_empty() && total != n {
        out.note(format!(
            "AIDE counts {total} differences, and {n} are listed"
        ));
    }
    out.check("aide", "integrity", state(&text, n), None);
    if n == 0 && text.contains("found differences") {
        out.note("AIDE found differences, and the report does not list them");
    }
    for entry in entries {
        let differences = details.remove(&entry.path).unwrap_or_default();
        out.finding(draft_of(entry, differences));
    }
    Ok(())
}

/// Reads a JSON report.
pub(super) fn read_json(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    out.tool_version(&field::first(document, &["aide_version", "version"]));
    out.scanned_at(&field::first(
        document,
        &["start_time", "start_timestamp", "end_time"],
    ));
    let none = Value::Null;
    let outline = field::text(document, "outline");
    let details = document.get("details").unwrap_or(&none);
    for change in ["added", "removed", "changed"] {
        let found = document.get(change).unwrap_or(&none);
        let mut paths: Vec<(String, String)> = Vec::new();
        match found {
            Value::Object(map) => {
                paths.extend(
                    map.iter()
                        .map(|(path, mask)| (path.clone(), field::shown(mask))),
                );
            }
            list => paths.extend(field::each(list).iter().map(|entry| {
                let path = field::first(entry, &["path", "name", "filename"]);
                let path = if path.is_empty() {
                    field::shown(entry)
                } else {
                    path
                };
                (
                    path,
                    field::first(entry, &["attributes", "summary", "flags"]),
                )
            })),
        }
        for (path, mask) in paths {
            let attributes = details.get(&path).and_then(Value::as_object);
            let differences = attributes.into_iter().flatten().map(|(name, values)| {
                let columns = match values {
                    Value::Object(_) => {
                        vec![field::text(values, "old"), field::text(values, "new")]
                    }
                    other => vec![field::shown(other)],
                };
                (name.clone(), columns)
            });
            let differences = differences.collect();
            out.finding(draft_of(Entry { change, mask, path }, differences));
        }
    }
    let n = out.n_findings() as u64;
    out.check("aide", "integrity", state(&outline, n), None);
    if n == 0 && outline.contains("found differences") {
        out.note("AIDE found differences, and the report does not list them");
    }
    Ok(())
}

/// What the comparison says as a whole. A report that lists nothing may still say that there is.
fn state(text: &str, n_entries: u64) -> Status {
    if n_entries > 0 || text.contains("found differences") {
        Status::Hit
    } else {
        Status::Passed
    }
}

fn about(line: &str, out: &mut Collector) {
    if let Some((_, rest)) = line.split_once("(AIDE ") {
        let version = rest.split([')', ' ']).next().unwrap_or_default();
        out.tool_version(version);
        if let Some(time) = line.strip_prefix("Start timestamp: ") {
            out.scanned_at(time.split(" (").next().unwrap_or_default());
        }
    } else if let Some(version) = line.strip_prefix("AIDE ")
        && version.starts_with(|c: char| c.is_ascii_digit())
    {
        out.tool_version(version.split_whitespace().next().unwrap_or_default());
    } else if let Some(time) = line.strip_prefix("Start timestamp: ") {
        out.scanned_at(time);
    }
}

/// The number in the summary of a kind of difference.
fn counted(line: &str) -> Option<u64> {
    let (name, number) = line.trim().split_once(':')?;
    let number = number.trim();
    let is_kind = ["Added", "Removed", "Changed"]
        .iter()
        .any(|kind| name.starts_with(kind));
    is_kind.then(|| number.parse().ok()).flatten()
}

fn heading(line: &str) -> Option<&'static str> {
    let name = line.trim().strip_suffix(':')?.to_lowercase();
    Some(match name.as_str() {
        "added entries" | "added files" => "added",
        "removed entries" | "removed files" => "removed",
        "changed entries" | "changed files" => "changed",
        "detailed information about changes" => "details",
        _ => return None,
    })
}

/// An entry: `f > ... ....H : /path`, or `added: /path` of version 0.15 and before.
fn entry(line: &str, section: &'static str) -> Option<Entry> {
    let (mask, path) = line.split_once(": ")?;
    let path = path.trim_end();
    if !path.starts_with('/') {
        return None;
    }
    let mask = mask.trim_end();
    let (change, mask) = match mask {
        "added" => ("added", ""),
        "removed" => ("removed", ""),
        "changed" => ("changed", ""),
        _ if section == "details" || !is_mask(mask) => return None,
        _ => {
            let flags = mask.get(1..).unwrap_or_default();
            let all = |sign: char| flags.chars().all(|c| c == sign);
            let change = match section {
                _ if all('+') => "added",
                _ if all('-') => "removed",
                "" => "changed",
                named => named,
            };
            (change, mask)
        }
    };
    Some(Entry {
        change,
        mask: mask.to_owned(),
        path: path.to_owned(),
    })
}

fn is_mask(text: &str) -> bool {
    let mut characters = text.chars();
    let starts = characters
        .next()
        .is_some_and(|c| "fdlLbcspDPB?!|-".contains(c));
    let flags = characters.as_str();
    starts
        && text.len() >= MASK_CHARACTERS_MIN
        && flags.contains(['.', '+', '-', '=', '<', '>'])
        && flags
            .chars()
            .all(|c| c.is_ascii_alphabetic() || " .+-=<>!:?".contains(c))
}

/// The path of `File: /path` in the detailed part, in any language.
fn detailed(line: &str) -> Option<&str> {
    let (kind, path) = line.split_once(':')?;
    let path = path.trim();
    let is_kind = !kind.is_empty() && !kind.starts_with(' ') && kind.len() < 30;
    (is_kind && path.starts_with('/')).then_some(path)
}

/// ` Size : old | new`, or more of the columns of the line before.
fn difference(line: &str, all: &mut Vec<Difference>) {
    let named = line.split_once(':').filter(|(name, _)| {
        let name = name.trim();
        !name.is_empty() && name.len() <= 24 && !name.contains(['|', '=', '+'])
    });
    let columns = |text: &str| -> Vec<String> {
        text.split(" | ")
            .map(|part| part.trim().to_owned())
            .collect()
    };
    match (named, all.last_mut()) {
        (Some((name, values)), _) => all.push((name.trim().to_owned(), columns(values))),
        (None, Some((_, last))) => {
            for (index, part) in columns(line).into_iter().enumerate() {
                match last.get_mut(index) {
                    Some(column) => column.push_str(&part),
                    None => last.push(part),
                }
            }
        }
        (None, None) => {}
    }
}

fn draft_of(entry: Entry, differences: Vec<Difference>) -> Draft {
    let mut draft = Draft {
        check: entry.change.to_owned(),
        title: format!("File {}: {}", entry.change, entry.path),
        // What a change means depends on the path alone, and AIDE grades nothing.
        severity: Some(Severity::Medium),
        category: "integrity".to_owned(),
        path: entry.path,
        ..Draft::default()
    };
    draft.see("attributes", entry.mask);
    let mut described = String::new();
    for (name, columns) in differences {
        let value = match columns.as_slice() {
            [old, new] => format!("{old} -> {new}"),
            other => other.join(" "),
        };
        if described.len() < DETAIL_CHARACTERS_MAX {
            described.push_str(&format!("{name}: {value}\n"));
        }
        draft.see(&name, value);
    }
    draft.description = described;
    draft
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_all_versions() {
        let change = |line: &str, section| entry(line, section).map(|entry| entry.change);
        assert_eq!(
            change("f > ... ....H      : /a", "changed"),
            Some("changed")
        );
        assert_eq!(change("d =.... mc.. .. : /a b", ""), Some("changed"));
        assert_eq!(change("f++++++++++++++++++: /a", "added"), Some("added"));
        assert_eq!(change("f------------------: /a", ""), Some("removed"));
        assert_eq!(change("removed: /a", ""), Some("removed"));
        for line in [
            "File: /a",
            "Directory: /a",
            " Size : 4 | 5",
            "/var/lib/aide/aide.db",
        ] {
            assert!(entry(line, "").is_none(), "{line}");
        }
    }
}
