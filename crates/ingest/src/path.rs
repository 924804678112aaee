//! Paths into documents: where the records of a kind are, and where a record's fields are.
//!
//! A document of any format is a JSON value here (see [`crate::xml`] and [`crate::table`]). An
//! *item path* says where the records are: `Results[].Vulnerabilities[]`. A *field path* says where
//! a field of a record is:
//!
//! | path | meaning |
//! |---|---|
//! | `a.b` | member `b` of member `a` |
//! | `'a.b'.c` | a name with dots, in quotes |
//! | `a[]` | each element; a single value counts as a list of one |
//! | `a{}` | each member's value of an object |
//! | `a[0]`, `a[-1]` | first, last element |
//! | `a[@name=host-ip]` | the elements whose member `@name` is `host-ip` |
//! | `^.a`, `^^.a` | of the object around the record, and of the one around that |
//! | `$.a` | of the whole document |
//! | `.` | the record itself |
//! | `%key`, `%index` | the record's own name in a `{}` object, its number in a list |

use crate::error::ImportError;
use serde_json::Value;
use std::borrow::Cow;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Member of an object.
    Key(String),
    /// Each element of a list.
    Each,
    /// Each member of an object.
    EachValue,
    /// One element; negative from the end.
    Index(i64),
    /// The elements with a member of this value.
    Where(String, String),
}

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Item,
    Parent(usize),
    Root,
    Key,
    Index,
}

/// Where the records are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemPath {
    pub(crate) steps: Vec<Step>,
}

/// Where a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldPath {
    anchor: Anchor,
    steps: Vec<Step>,
}

/// A record with what is around it.
pub(crate) struct Scope<'a> {
    /// The document; without the records themselves when it is read as a stream.
    pub(crate) root: &'a Value,
    /// The objects around the record, the outermost first.
    pub(crate) parents: Vec<&'a Value>,
    /// The record.
    pub(crate) item: &'a Value,
    /// The record's name, if it is a member of an object.
    pub(crate) key: Option<&'a str>,
    /// The record's number in its list.
    pub(crate) index: usize,
    /// Where the record is, for people.
    pub(crate) place: &'a dyn std::fmt::Display,
}

impl ItemPath {
    /// Reads a path.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let steps = steps(text.trim_start_matches("$."))?;
        let plain = |step: &Step| matches!(step, Step::Key(_) | Step::Each | Step::EachValue);
        if !steps.iter().all(plain) {
            return Err(format!(
                "`{text}`: records are found by names, [] and {{}} alone"
            ));
        }
        Ok(Self { steps })
    }
}

impl FieldPath {
    /// Reads a path.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (anchor, rest) = match text {
            "." => (Anchor::Item, ""),
            "$" => (Anchor::Root, ""),
            "%key" => (Anchor::Key, ""),
            "%index" => (Anchor::Index, ""),
            _ if text.starts_with('^') => {
                let rest = text.trim_start_matches('^');
                (Anchor::Parent(text.len() - rest.len()), rest)
            }
            _ => match text.strip_prefix("$.") {
                Some(rest) => (Anchor::Root, rest),
                None => (Anchor::Item, text),
            },
        };
        let steps = steps(rest.trim_start_matches('.'))?;
        if text.is_empty() {
            return Err("a path is empty".to_owned());
        }
        Ok(Self { anchor, steps })
    }

    /// All values at the path, in the order of the document.
    pub(crate) fn all<'a>(&self, scope: &Scope<'a>) -> Vec<Cow<'a, Value>> {
        let start = match self.anchor {
            Anchor::Item => scope.item,
            Anchor::Root => scope.root,
            Anchor::Parent(level) => {
                let at = scope.parents.len().checked_sub(level);
                match at.and_then(|at| scope.parents.get(at)) {
                    Some(parent) => parent,
                    None => return Vec::new(),
                }
            }
            Anchor::Key => {
                let key = scope.key.map(|key| Value::String(key.to_owned()));
                return key.map(Cow::Owned).into_iter().collect();
            }
            Anchor::Index => return vec![Cow::Owned(Value::from(scope.index))],
        };
        values(start, &self.steps)
            .into_iter()
            .map(Cow::Borrowed)
            .collect()
    }

    /// The first value at the path that is neither null nor empty, as text.
    pub(crate) fn text(&self, scope: &Scope<'_>) -> Option<String> {
        self.all(scope).iter().find_map(|value| text_of(value))
    }

    /// All values at the path as text, without nulls and empty ones.
    pub(crate) fn texts(&self, scope: &Scope<'_>) -> Vec<String> {
        let mut out = Vec::new();
        for value in self.all(scope) {
            match value.as_ref() {
                Value::Array(items) => out.extend(items.iter().filter_map(text_of)),
                other => out.extend(text_of(other)),
            }
        }
        out
    }
}

/// The values that steps lead to.
pub(crate) fn values<'a>(start: &'a Value, steps: &[Step]) -> Vec<&'a Value> {
    let mut now = vec![start];
    for step in steps {
        let mut next = Vec::with_capacity(now.len());
        for value in now {
            follow(value, step, &mut next);
        }
        now = next;
    }
    now
}

fn follow<'a>(value: &'a Value, step: &Step, next: &mut Vec<&'a Value>) {
    match step {
        Step::Key(name) => match value {
            Value::Object(map) => next.extend(map.get(name)),
            // A list of objects: XML repeats an element, or a tool writes a list of one.
            Value::Array(items) => next.extend(items.iter().filter_map(|item| item.get(name))),
            _ => {}
        },
        Step::Each => match value {
            Value::Array(items) => next.extend(items),
            Value::Null => {}
            single => next.push(single),
        },
        Step::EachValue => {
            if let Value::Object(map) = value {
                next.extend(map.values());
            }
        }
        Step::Index(index) => match value {
            Value::Array(items) => {
                let at = match usize::try_from(*index) {
                    Ok(at) => Some(at),
                    Err(_) => usize::try_from(index.unsigned_abs())
                        .ok()
                        .and_then(|back| items.len().checked_sub(back)),
                };
                next.extend(at.and_then(|at| items.get(at)));
            }
            single if matches!(index, 0 | -1) => next.push(single),
            _ => {}
        },
        Step::Where(name, wanted) => {
            let fits = |item: &&Value| {
                item.get(name).and_then(text_of).as_deref() == Some(wanted.as_str())
            };
            match value {
                Value::Array(items) => next.extend(items.iter().filter(fits)),
                single => next.extend(Some(single).filter(fits)),
            }
        }
    }
}

/// A value as text: a scalar, or an XML element's text; nothing for null, empty text and the rest.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Object(map) => map.get("#text").and_then(text_of)?,
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(text_of).collect();
            texts.join(", ")
        }
        Value::Null => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Reads the steps of a path.
fn steps(text: &str) -> Result<Vec<Step>, String> {
    let wrong = |reason: &str| format!("`{text}`: {reason}");
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("[]") {
            out.push(Step::Each);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{}") {
            out.push(Step::EachValue);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = after
                .split_once(']')
                .ok_or_else(|| wrong("`[` without `]`"))?;
            out.push(match inside.split_once('=') {
                Some((name, value)) => Step::Where(name.to_owned(), value.to_owned()),
                None => Step::Index(inside.parse().map_err(|_| wrong("no number in []"))?),
            });
            rest = after;
        } else if let Some(after) = rest.strip_prefix('\'') {
            let (name, after) = after
                .split_once('\'')
                .ok_or_else(|| wrong("an open quote"))?;
            out.push(Step::Key(name.to_owned()));
            rest = after;
        } else {
            let end = rest.find(['.', '[', '{']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                return Err(wrong("`{` without `}` right behind it"));
            }
            out.push(Step::Key(name.to_owned()));
            rest = after;
        }
    }
    Ok(out)
}

impl From<ItemPath> for String {
    fn from(path: ItemPath) -> Self {
        path.to_string()
    }
}

impl std::fmt::Display for ItemPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(name) if at == 0 => f.write_str(name)?,
                Step::Key(name) => write!(f, ".{name}")?,
                Step::EachValue => f.write_str("{}")?,
                _ => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

/// Visits the records of a document that is held whole.
pub(crate) fn visit(
    root: &Value,
    path: &ItemPath,
    found: &mut dyn FnMut(&Scope<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut walk = Walk {
        root,
        parents: Vec::new(),
        key: None,
        index: 0,
    };
    walk.go(root, &path.steps, "", found)
}

struct Walk<'a> {
    root: &'a Value,
    parents: Vec<&'a Value>,
    key: Option<&'a str>,
    index: usize,
}

impl<'a> Walk<'a> {
    fn go(
        &mut self,
        value: &'a Value,
        steps: &[Step],
        place: &str,
        found: &mut dyn FnMut(&Scope<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let Some((step, rest)) = steps.split_first() else {
            return found(&Scope {
                root: self.root,
                parents: self.parents.clone(),
                item: value,
                key: self.key,
                index: self.index,
                place: &place,
            });
        };
        match (step, value) {
            (Step::Key(name), Value::Object(map)) => {
                if let Some(member) = map.get(name) {
                    self.parents.push(value);
                    let dot = if place.is_empty() { "" } else { "." };
                    let inner = format!("{place}{dot}{name}");
                    let done = self.go(member, rest, &inner, found);
                    self.parents.pop();
                    done?;
                }
            }
            // A repeated XML element, or several documents: the name is looked for in each.
            (Step::Key(_), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.go(item, steps, &format!("{place}[{index}]"), found)?;
                }
            }
            (Step::Each, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.index = index;
                    self.go(item, rest, &format!("{place}[{index}]"), found)?;
                }
            }
            (Step::Each, Value::Null) => {}
            (Step::Each, single) => {
                self.index = 0;
                self.go(single, rest, &format!("{place}[0]"), found)?;
            }
            (Step::EachValue, Value::Object(map)) => {
                self.parents.push(value);
                for (index, (key, member)) in map.iter().enumerate() {
                    self.index = index;
                    self.key = Some(key);
                    self.go(member, rest, &format!("{place}.{key}"), found)?;
                }
                self.parents.pop();
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn records(root: &Value, path: &str, field: &str) -> Vec<(String, Option<String>)> {
        let path = ItemPath::parse(path).expect("path");
        let field = FieldPath::parse(field).expect("path");
        let mut out = Vec::new();
        visit(root, &path, &mut |scope| {
            out.push((scope.place.to_string(), field.text(scope)));
            Ok(())
        })
        .expect("visited");
        out
    }

    #[test]
    fn records_know_what_is_around_them() {
        let root = json!({"R": [{"T": "a", "V": [{"id": 1}, {"id": 2}]}, {"T": "b", "V": null}]});
        let one = |place: &str, text: &str| (place.to_owned(), Some(text.to_owned()));
        assert_eq!(
            records(&root, "R[].V[]", "^.T"),
            [one("R[0].V[0]", "a"), one("R[0].V[1]", "a")]
        );
        assert_eq!(
            records(&root, "R[].V[]", "$.R[-1].T")[0].1.as_deref(),
            Some("b")
        );
        assert_eq!(
            records(&root, "R[].V[]", "$.R[T=b].T")[1].1.as_deref(),
            Some("b")
        );
        let map = json!({"x": {"k.1": {"n": 1}}});
        assert_eq!(records(&map, "x{}", "%key")[0].1.as_deref(), Some("k.1"));
        assert_eq!(records(&map, "x", "'k.1'.n")[0].1.as_deref(), Some("1"));
    }

    #[test]
    fn a_wrong_path_is_named() {
        assert!(FieldPath::parse("a[x").expect_err("open").contains("a[x"));
        assert!(ItemPath::parse("a[0]").is_err());
        assert!(ItemPath::parse("{items}.a[]").is_err());
    }
}
