//! The records of a document, whatever its format and size, with what is around them.

use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::json::{Splitter, Spot};
use crate::path::{ItemPath, Scope, Step, visit};
use crate::{table, xml};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::io::BufReader;

/// The formats whose records are found by a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    /// One JSON document, or several after each other.
    Json,
    /// One XML document.
    Xml,
    /// Rows under a header.
    Csv,
    /// Lines; code reads them.
    Text,
}

impl Family {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Csv => "csv",
            Self::Text => "text",
        }
    }
}

/// Bytes of a document that show how its records are wrapped.
const HEAD_BYTES: usize = 1 << 20;

/// Takes a record with what is around it.
pub(crate) type OnRecord<'a> = dyn FnMut(&Scope<'_>) -> Result<(), ImportError> + 'a;

/// Hands out the records of an input in their order.
pub(crate) fn each(
    input: &Input<'_>,
    family: Family,
    path: &ItemPath,
    header: &[String],
    found: &mut OnRecord<'_>,
) -> Result<(), ImportError> {
    match family {
        Family::Csv | Family::Text => rows(input, header, found),
        Family::Json if input.is_whole() => visit(input.json()?, path, &mut |scope| found(scope)),
        Family::Xml if input.is_whole() => visit(input.xml()?, path, &mut |scope| found(scope)),
        Family::Json => {
            let skeleton = Splitter::new(input.reader()?, path, true).run(&mut |_, _| Ok(()))?;
            Splitter::new(input.reader()?, path, false)
                .run(&mut |spot, bytes| {
                    let item: Value = serde_json::from_slice(bytes).map_err(|error| {
                        let place = format!("byte {}", spot.offset);
                        ImportError::damaged(place, ImportError::of_json(&error).to_string())
                    })?;
                    let parents = json_parents(&skeleton, path, spot);
                    found(&scope(&skeleton, parents, &item, spot))
                })
                .map(drop)
        }
        Family::Xml => {
            let reader = || Ok::<_, ImportError>(BufReader::new(input.reader()?));
            let skeleton = xml::read(reader()?, Some(path), &mut |_, _| Ok(()))?;
            xml::read(reader()?, Some(path), &mut |spot, item| {
                let parents = xml_parents(&skeleton, path, spot);
                found(&scope(&skeleton, parents, &item, spot))
            })
            .map(drop)
        }
    }
}

/// The records of a JSON document. They are its own elements, or stand under the first of `names`
/// that the beginning shows; one object is one record.
pub(crate) fn wrapped(
    input: &Input<'_>,
    names: &[&str],
    found: &mut OnRecord<'_>,
) -> Result<(), ImportError> {
    let mut end = input.head().len().min(HEAD_BYTES);
    while !input.head().is_char_boundary(end) {
        end -= 1;
    }
    let outline = crate::json::outline(input.head().get(..end).unwrap_or_default());
    let name = names
        .iter()
        .find(|name| !field::at(&outline, *name).is_null());
    // Several such documents after each other are a list of them.
    let path = match (name, &outline) {
        (Some(name), Value::Array(_)) => format!("[].{name}[]"),
        (Some(name), _) => format!("{name}[]"),
        (None, _) => "[]".to_owned(),
    };
    let path = ItemPath::parse(&path).map_err(|reason| ImportError::damaged("path", reason))?;
    each(input, Family::Json, &path, &[], found)
}

/// The document of an input without its records, for what is said once.
pub(crate) fn around(
    input: &Input<'_>,
    family: Family,
    path: &ItemPath,
) -> Result<Value, ImportError> {
    match family {
        Family::Csv | Family::Text => Ok(Value::Null),
        Family::Json if input.is_whole() => Ok(input.json()?.clone()),
        Family::Xml if input.is_whole() => Ok(input.xml()?.clone()),
        Family::Json => Splitter::new(input.reader()?, path, true).run(&mut |_, _| Ok(())),
        Family::Xml => {
            let reader = BufReader::new(input.reader()?);
            xml::read(reader, Some(path), &mut |_, _| Ok(()))
        }
    }
}

fn rows(input: &Input<'_>, header: &[String], found: &mut OnRecord<'_>) -> Result<(), ImportError> {
    let separator = header_line(input.head(), header).map_or(b',', table::separator);
    let mut index = 0;
    table::read(input.reader()?, separator, header, &mut |line, row| {
        let place = format!("line {line}");
        let done = found(&Scope {
            root: &Value::Null,
            parents: Vec::new(),
            item: &row,
            key: None,
            index,
            place: &place,
        });
        index += 1;
        done
    })
}

/// The line of the header: the first that has all of the names, else the first with anything.
pub(crate) fn header_line<'t>(text: &'t str, header: &[String]) -> Option<&'t str> {
    /// Longest header of a table; a document in one line is none.
    const BYTES_MAX: usize = 64 << 10;
    let is_line = |line: &&str| !line.trim().is_empty() && line.len() <= BYTES_MAX;
    let mut lines = text.lines().filter(is_line);
    if header.is_empty() {
        return lines.next();
    }
    lines.find(|line| header.iter().all(|name| line.contains(name.as_str())))
}

struct Place<'a>(&'a Spot);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}", self.0.offset)
    }
}

fn scope<'a>(
    root: &'a Value,
    parents: Vec<&'a Value>,
    item: &'a Value,
    spot: &'a Spot,
) -> Scope<'a> {
    // The place is shown for rejected records alone; the spot lives as long as the record.
    Scope {
        root,
        parents,
        item,
        key: spot.key.as_deref(),
        index: spot.indices.last().copied().unwrap_or_default(),
        place: spot,
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Place(self).fmt(f)
    }
}

/// The objects around a record, found again in the skeleton.
fn json_parents<'a>(skeleton: &'a Value, path: &ItemPath, spot: &Spot) -> Vec<&'a Value> {
    let mut out = Vec::new();
    let mut now = skeleton;
    let mut indices = spot.indices.iter();
    for step in &path.steps {
        let next = match (step, now) {
            (Step::Key(name), Value::Object(map)) => {
                out.push(now);
                map.get(name)
            }
            (Step::Each, Value::Array(items)) => indices.next().and_then(|index| items.get(*index)),
            (Step::Each, single) => {
                indices.next();
                Some(single)
            }
            (Step::EachValue, Value::Object(map)) => {
                out.push(now);
                let _position = indices.next();
                spot.key.as_ref().and_then(|key| map.get(key))
            }
            _ => None,
        };
        let Some(next) = next else { break };
        now = next;
    }
    out
}

fn xml_parents<'a>(skeleton: &'a Value, path: &ItemPath, spot: &Spot) -> Vec<&'a Value> {
    let mut out = Vec::new();
    let mut now = skeleton;
    let names = path.steps.iter().filter_map(|step| match step {
        Step::Key(name) => Some(name),
        _ => None,
    });
    for (name, index) in names.zip(&spot.indices) {
        out.push(now);
        let next = match now.get(name) {
            Some(Value::Array(items)) => items.get(*index),
            single => single,
        };
        let Some(next) = next else { break };
        now = next;
    }
    out
}
