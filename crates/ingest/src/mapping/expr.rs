//! What a field of a finding is made of: a path, the first of several, a text with paths in it.

use crate::path::{FieldPath, Scope};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How to get a text from a record.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) enum Expr {
    /// What is at a path.
    Path(FieldPath),
    /// The first that is not empty.
    First(Vec<Self>),
    /// A text with `{path}` in it; empty if one of them is, unless it is `{path?}`.
    Text(Vec<Part>),
    /// Always the same.
    Fixed(String),
    /// What another gives, changed.
    Changed(Box<Self>, Change),
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Fixed(String),
    Path(FieldPath),
    /// `{path?}`: it may be missing.
    Maybe(FieldPath),
}

/// How a text is changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// Words (in lower case) to what they become; others stay.
    map: BTreeMap<String, String>,
    /// The first group of this, or all that it matches; nothing if it does not match.
    matches: Option<Regex>,
    /// All values of the path, with this between them.
    join: Option<String>,
    /// Pieces between these.
    split: Option<String>,
    /// Whether tags are taken off.
    html: bool,
    lower: bool,
}

/// As it is written in a mapping.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Path(String),
    First(Vec<Expr>),
    Table(Box<Table>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    path: Option<Expr>,
    text: Option<String>,
    is: Option<String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    matches: Option<String>,
    join: Option<String>,
    split: Option<String>,
    #[serde(default)]
    html: bool,
    #[serde(default)]
    lower: bool,
}

impl TryFrom<Written> for Expr {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let table = match written {
            Written::Path(path) => return Ok(Self::Path(FieldPath::parse(&path)?)),
            Written::First(all) => return Ok(Self::First(all)),
            Written::Table(table) => table,
        };
        let base = match (table.path, table.text, table.is) {
            (Some(path), None, None) => path,
            (None, Some(text), None) => Self::Text(parts(&text)?),
            (None, None, Some(fixed)) => Self::Fixed(fixed),
            _ => return Err("an expression has exactly one of path, text and is".to_owned()),
        };
        let matches = table
            .matches
            .map(|pattern| Regex::new(&pattern).map_err(|error| error.to_string()))
            .transpose()?;
        let change = Change {
            map: table.map,
            matches,
            join: table.join,
            split: table.split,
            html: table.html,
            lower: table.lower,
        };
        Ok(Self::Changed(Box::new(base), change))
    }
}

/// Reads `text {path} text`.
fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        // `{}` inside of a path is the step for each value.
        let mut end = after.find('}');
        while let Some(at) = end
            && at > 0
            && after.as_bytes().get(at - 1) == Some(&b'{')
        {
            end = after
                .get(at + 1..)
                .and_then(|more| more.find('}'))
                .map(|more| at + 1 + more);
        }
        let at = end.ok_or_else(|| format!("`{text}`: `{{` without `}}`"))?;
        let (path, after) = (after.get(..at), after.get(at + 1..));
        out.push(Part::Fixed(before.to_owned()));
        let path = path.unwrap_or_default();
        out.push(match path.strip_suffix('?') {
            Some(path) => Part::Maybe(FieldPath::parse(path)?),
            None => Part::Path(FieldPath::parse(path)?),
        });
        rest = after.unwrap_or_default();
    }
    out.push(Part::Fixed(rest.to_owned()));
    Ok(out)
}

impl Expr {
    /// The text; `None` if there is none, or an empty one.
    pub(crate) fn text(&self, scope: &Scope<'_>) -> Option<String> {
        match self {
            Self::Path(path) => path.text(scope),
            Self::First(all) => all.iter().find_map(|one| one.text(scope)),
            Self::Fixed(text) => Some(text.clone()),
            Self::Text(parts) => {
                let mut out = String::new();
                for part in parts {
                    match part {
                        Part::Fixed(text) => out.push_str(text),
                        Part::Path(path) => out.push_str(&path.text(scope)?),
                        Part::Maybe(path) => out.push_str(&path.text(scope).unwrap_or_default()),
                    }
                }
                Some(out)
            }
            Self::Changed(base, change) => match &change.join {
                Some(between) => {
                    let all = self.texts(scope);
                    (!all.is_empty()).then(|| all.join(between))
                }
                None if change.split.is_some() => self.texts(scope).into_iter().next(),
                None => change.apply(&base.text(scope)?),
            },
        }
    }

    /// All texts, for fields that are lists.
    pub(crate) fn texts(&self, scope: &Scope<'_>) -> Vec<String> {
        match self {
            Self::Path(path) => path.texts(scope),
            Self::First(all) => all
                .iter()
                .map(|one| one.texts(scope))
                .find(|texts| !texts.is_empty())
                .unwrap_or_default(),
            Self::Fixed(_) | Self::Text(_) => self.text(scope).into_iter().collect(),
            Self::Changed(base, change) => {
                let mut texts = base.texts(scope);
                if let Some(separators) = &change.split {
                    texts = texts
                        .iter()
                        .flat_map(|text| text.split(|c| separators.contains(c)))
                        .map(|piece| piece.trim().to_owned())
                        .filter(|piece| !piece.is_empty())
                        .collect();
                }
                let mut out = Vec::with_capacity(texts.len());
                for text in texts {
                    match &change.matches {
                        // Of a list, every match counts.
                        Some(pattern) => {
                            let found = pattern.captures_iter(&text);
                            let groups = found.filter_map(|c| c.get(1).or_else(|| c.get(0)));
                            out.extend(groups.filter_map(|found| change.last(found.as_str())));
                        }
                        None => out.extend(change.last(&text)),
                    }
                }
                out
            }
        }
    }
}

impl Change {
    fn apply(&self, text: &str) -> Option<String> {
        match &self.matches {
            Some(pattern) => {
                let found = pattern.captures(text)?;
                let group = found.get(1).or_else(|| found.get(0))?;
                self.last(group.as_str())
            }
            None => self.last(text),
        }
    }

    fn last(&self, text: &str) -> Option<String> {
        let mut text = match self.map.get(&text.trim().to_lowercase()) {
            Some(mapped) => mapped.clone(),
            None => text.trim().to_owned(),
        };
        if self.html {
            text = crate::markup::plain(&text);
        }
        if self.lower {
            text = text.to_lowercase();
        }
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Deserialize)]
    struct Holder {
        e: Expr,
    }

    fn text(expression: &str, item: &serde_json::Value) -> Option<String> {
        let holder: Holder = toml::from_str(&format!("e = {expression}")).expect("expression");
        holder.e.text(&Scope {
            root: item,
            parents: Vec::new(),
            item,
            key: None,
            index: 0,
            place: &"",
        })
    }

    #[test]
    fn expressions_read_as_written() {
        let item = json!({"a": "x", "b": "", "n": 7, "l": ["p:1", "q:2"]});
        assert_eq!(text("'a'", &item).as_deref(), Some("x"));
        assert_eq!(text("['b', 'n']", &item).as_deref(), Some("7"));
        assert_eq!(
            text("{text = '{a} is {n}'}", &item).as_deref(),
            Some("x is 7")
        );
        assert_eq!(text("{text = '{a} is {b}'}", &item), None);
        assert_eq!(
            text("{text = '{a}-{b?}-{c?}'}", &item).as_deref(),
            Some("x--")
        );
        assert_eq!(
            text("{path = 'a', map = {x = 'high'}}", &item).as_deref(),
            Some("high")
        );
        assert_eq!(
            text("{path = 'l', matches = '([a-z]):', join = '+'}", &item).as_deref(),
            Some("p+q")
        );
        assert_eq!(
            text("{path = 'l[0]', split = ':', join = ' '}", &item).as_deref(),
            Some("p 1")
        );
        assert_eq!(text("{is = 'c'}", &item).as_deref(), Some("c"));
        assert!(toml::from_str::<Holder>("e = {path = 'a', is = 'b'}").is_err());
    }
}
