//! YARA: what `yara` prints: `rule path`, with namespace (-e), tags (-g), metadata (-m) and the
//! strings that matched (-s).

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::lines;
use casemate_schema::Severity;
use std::collections::HashMap;

/// Most matched strings of a finding that are kept.
const STRINGS_MAX: usize = 50;

#[derive(Default)]
struct Match {
    rule: String,
    namespace: String,
    path: String,
    tags: Vec<String>,
    meta: Vec<(String, String)>,
    strings: Vec<String>,
}

/// Reads the output. A rule that matches a file more than once is one finding.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut matches: Vec<Match> = Vec::new();
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    let mut current: Option<usize> = None;
    let mut n_messages = 0;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.trim().is_empty() {
            continue;
        }
        if is_string(line) {
            if let Some(found) = current.and_then(|at| matches.get_mut(at))
                && found.strings.len() < STRINGS_MAX
            {
                found.strings.push(line.to_owned());
            }
        } else if line.starts_with("error") || line.starts_with("warning:") {
            out.note_some(&mut n_messages, line);
        } else if let Some(found) = matched(line) {
            let key = (found.rule.clone(), found.path.clone());
            let at = *known.entry(key).or_insert(matches.len());
            if at == matches.len() {
                matches.push(found);
            }
            current = Some(at);
        } else {
            out.reject(format!("line {}", number + 1), "it is no match of a rule");
        }
    }
    for found in matches {
        out.finding(draft_of(found));
    }
    Ok(())
}

/// A string that matched: `0x1f:$a: text`, with -L also `0x1f:12:$a: text`.
fn is_string(line: &str) -> bool {
    line.strip_prefix("0x").is_some_and(|rest| {
        rest.split_once(':').is_some_and(|(offset, rest)| {
            offset.bytes().all(|byte| byte.is_ascii_hexdigit()) && rest.contains('$')
        })
    })
}

fn matched(line: &str) -> Option<Match> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let (name, mut rest) = line.split_once(' ')?;
    let (namespace, rule) = name.rsplit_once(':').unwrap_or(("", name));
    if !is_name(rule) {
        return None;
    }
    let mut found = Match {
        rule: rule.to_owned(),
        namespace: namespace.to_owned(),
        ..Match::default()
    };
    rest = rest.trim_start();
    while let Some((inner, after)) = bracketed(rest) {
        let fields = fields(inner);
        if fields.iter().any(|(_, value)| value.is_some()) {
            let pairs = fields.into_iter();
            found
                .meta
                .extend(pairs.map(|(name, value)| (name, value.unwrap_or_default())));
        } else {
            found.tags.extend(fields.into_iter().map(|(name, _)| name));
        }
        rest = after.trim_start();
    }
    rest.clone_into(&mut found.path);
    (!found.path.is_empty()).then_some(found)
}

/// What stands in brackets at the beginning, where quoted texts may hold brackets.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('[')?;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, character) in inner.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ']' if !is_quoted => {
                let after = inner.get(at + 1..)?;
                // A path may begin with a bracket; then no blank follows.
                return after
                    .starts_with(' ')
                    .then(|| (inner.get(..at).unwrap_or_default(), after));
            }
            _ => {}
        }
    }
    None
}

/// `name="text",name=1,name=true`, or names alone.
fn fields(inner: &str) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    let mut name = String::new();
    let mut value: Option<String> = None;
    let mut is_quoted = false;
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if is_quoted => {
                if let (Some(next), Some(value)) = (characters.next(), &mut value) {
                    value.push(next);
                }
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                out.push((name.trim().to_owned(), value.take()));
                name.clear();
            }
            '=' if !is_quoted && value.is_none() => value = Some(String::new()),
            other => value.as_mut().unwrap_or(&mut name).push(other),
        }
    }
    out.push((name.trim().to_owned(), value));
    out.retain(|(name, _)| !name.is_empty());
    out
}

fn draft_of(found: Match) -> Draft {
    let meta = |names: &[&str]| {
        let wanted = |name: &str| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        let mut values = found.meta.iter().filter(|(name, _)| wanted(name));
        values
            .next()
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let word = meta(&["severity", "threat_level"]);
    let level = match word.to_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "low" => Severity::Low,
        "info" | "informational" => Severity::Info,
        // What a match means is up to who wrote the rule.
        _ => Severity::Medium,
    };
    let mut draft = Draft {
        check: found.rule.clone(),
        title: format!("{} matched {}", found.rule, found.path),
        severity: Some(level),
        severity_word: word,
        category: "malware".to_owned(),
        description: meta(&["description", "desc"]),
        path: found.path.clone(),
        ..Draft::default()
    };
    for (name, value) in &found.meta {
        let lower = name.to_lowercase();
        if lower.starts_with("reference") || lower == "url" {
            draft.references.push(value.clone());
        } else if lower.starts_with("mitre") || lower == "attack" {
            let ids = value
                .split([',', ' ', ';'])
                .filter(|id| id.starts_with('T'));
            draft.techniques.extend(ids.map(str::to_owned));
        }
        draft.see(name, value);
    }
    draft.see("namespace", found.namespace);
    draft.see("tags", found.tags.join(", "));
    for string in found.strings {
        draft.see("matched", string);
    }
    draft
}

#[cfg(test)]
mod tests {
    use super::matched;

    #[test]
    fn all_options_at_once() {
        let line =
            r#"default:Rule_1 [tag1,tag2] [author="a, \"b\" [c]",score=90,on=true] /a/b [x].txt"#;
        let found = matched(line).expect("a match");
        assert_eq!(
            (found.rule.as_str(), found.path.as_str()),
            ("Rule_1", "/a/b [x].txt")
        );
        assert_eq!(found.tags, ["tag1", "tag2"]);
        let meta: Vec<(&str, &str)> = found
            .meta
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            meta,
            [("author", "a, \"b\" [c]"), ("score", "90"), ("on", "true")]
        );
        assert_eq!(matched("Rule [x]y").expect("a match").path, "[x]y");
        assert!(matched("not-a-rule /x").is_none() && matched("Rule").is_none());
    }
}
