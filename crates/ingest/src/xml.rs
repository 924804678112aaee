//! XML documents as JSON values, whole or record by record.
//!
//! An element becomes an object: `@name` for an attribute, the element's name for a child (a list
//! when it is repeated), `#text` for its text. An element with text alone becomes that text.
//! Namespace prefixes are taken off. XHTML inside of other XML is text, so that the words of a
//! paragraph with markup in it stay in their order.
//!
//! A DOCTYPE is passed over, so no entity is defined and none is fetched; references to other than
//! the five predefined entities and characters stay as they are written.

use crate::error::ImportError;
use crate::json::{SKELETON_BYTES_MAX, Spot};
use crate::path::{ItemPath, Step};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};
use std::io::BufRead;

/// Deepest nesting of elements.
const DEPTH_MAX: usize = 100;
/// Most attributes of an element.
const ATTRIBUTES_MAX: usize = 1024;
/// The namespace of XHTML, and the prefixes that documents give it.
const XHTML: &str = "http://www.w3.org/1999/xhtml";
const XHTML_PREFIXES: [&str; 3] = ["html", "xhtml", "htm"];

/// Takes a record; see [`read`].
pub(crate) type OnItem<'a> = dyn FnMut(&Spot, Value) -> Result<(), ImportError> + 'a;

struct Open {
    name: String,
    value: Map<String, Value>,
    text: String,
    /// Step of the path that applies to its children, if it is on the way.
    step: Option<usize>,
    /// How often each name on the way was met inside of it.
    seen: usize,
    is_item: bool,
    /// XHTML: its text is part of the text around it.
    is_markup: bool,
}

/// Reads a document. What lies at the path is handed out and not kept; the rest is returned. With
/// no path the whole document is returned.
pub(crate) fn read<R: BufRead>(
    reader: R,
    path: Option<&ItemPath>,
    on_item: &mut OnItem<'_>,
) -> Result<Value, ImportError> {
    let names: Vec<&str> = path
        .map(|path| {
            let names = path.steps.iter().filter_map(|step| match step {
                Step::Key(name) => Some(name.as_str()),
                _ => None,
            });
            names.collect()
        })
        .unwrap_or_default();
    let mut reader = Reader::from_reader(reader);
    reader.config_mut().check_end_names = true;
    let mut document = Document {
        names,
        open: vec![Open::new(String::new(), Some(0))],
        spot: Spot::default(),
        kept: 0,
        in_item: 0,
        roots: 0,
    };
    let mut buffer = Vec::new();
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event_into(&mut buffer).map_err(|error| {
            ImportError::damaged(
                format!("byte {}", reader.error_position()),
                error.to_string(),
            )
        })?;
        if matches!(event, Event::Eof) {
            break;
        }
        document.take(&event, at, on_item)?;
        buffer.clear();
    }
    document.finish(reader.buffer_position())
}

/// As much of a document as its beginning shows.
pub(crate) fn outline(head: &str) -> Value {
    let mut reader = Reader::from_str(head);
    let mut document = Document {
        names: Vec::new(),
        open: vec![Open::new(String::new(), None)],
        spot: Spot::default(),
        kept: 0,
        in_item: 0,
        roots: 0,
    };
    while let Ok(event) = reader.read_event() {
        let is_end = matches!(event, Event::Eof);
        if is_end || document.take(&event, 0, &mut |_, _| Ok(())).is_err() {
            break;
        }
    }
    while document.open.len() > 1 {
        if document.end(&mut |_, _| Ok(())).is_err() {
            break;
        }
    }
    let whole = document.open.pop().map(|open| open.value);
    whole.map_or(Value::Null, Value::Object)
}

impl Open {
    fn new(name: String, step: Option<usize>) -> Self {
        Self {
            name,
            value: Map::new(),
            text: String::new(),
            step,
            seen: 0,
            is_item: false,
            is_markup: false,
        }
    }

    /// Whether an element that opens inside of this one is XHTML.
    fn holds_markup(&self, start: &BytesStart<'_>) -> bool {
        let of_prefix = start
            .name()
            .prefix()
            .is_some_and(|prefix| XHTML_PREFIXES.contains(&prefix.as_ref()));
        let of_default = || {
            start.attributes().flatten().any(|attribute| {
                attribute.key.as_ref() == "xmlns" && attribute.value.as_ref() == XHTML
            })
        };
        self.is_markup || of_prefix || of_default()
    }

    /// Takes the text of an XHTML element in.
    fn take_markup(&mut self, name: &str, text: &str) {
        let is_block = matches!(
            name,
            "br" | "p" | "div" | "pre" | "ul" | "ol" | "tr" | "table" | "h1" | "h2" | "h3"
        );
        if is_block {
            self.text.push('\n');
        }
        if name == "li" {
            self.text.push_str("\n- ");
        }
        self.text.push_str(text);
        if is_block {
            self.text.push('\n');
        }
    }

    fn into_value(mut self) -> Value {
        let text = self.text.trim();
        if self.value.is_empty() {
            return Value::String(text.to_owned());
        }
        if !text.is_empty() {
            let text = Value::String(text.to_owned());
            self.value.insert("#text".to_owned(), text);
        }
        Value::Object(self.value)
    }
}

struct Document<'a> {
    names: Vec<&'a str>,
    open: Vec<Open>,
    spot: Spot,
    kept: usize,
    /// Records around each other that are open: 0 or 1 here, as a record holds no record.
    in_item: usize,
    roots: usize,
}

impl Document<'_> {
    fn take(
        &mut self,
        event: &Event<'_>,
        at: u64,
        on_item: &mut OnItem<'_>,
    ) -> Result<(), ImportError> {
        match event {
            Event::Start(start) => self.start(start, at)?,
            Event::Empty(start) => {
                self.start(start, at)?;
                self.end(on_item)?;
            }
            Event::End(_) => self.end(on_item)?,
            Event::Text(text) => self.text(&text.xml10_content(), at)?,
            Event::CData(text) => self.text(&text.xml10_content(), at)?,
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let known = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    _ => quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned),
                };
                let text = known.unwrap_or_else(|| format!("&{name};"));
                self.text(&text, at)?;
            }
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), ImportError> {
        let place = || format!("byte {at}");
        if self.open.len() > DEPTH_MAX {
            return Err(ImportError::Limit {
                place: place(),
                reason: format!("elements are nested deeper than {DEPTH_MAX}"),
            });
        }
        let name = start.local_name().as_ref().to_owned();
        if self.open.len() == 1 {
            self.roots += 1;
            if self.roots > 1 {
                return Err(ImportError::damaged(place(), "a second root element"));
            }
        }
        let mut step = None;
        if let Some(parent) = self.open.last_mut()
            && let Some(at_step) = parent.step
            && self.names.get(at_step) == Some(&name.as_str())
        {
            step = Some(at_step + 1);
            self.spot.indices.push(parent.seen);
            parent.seen += 1;
        }
        let mut open = Open::new(name, step);
        // A document that is XHTML itself is read by its elements.
        open.is_markup = self.open.len() > 1
            && self
                .open
                .last()
                .is_some_and(|parent| parent.holds_markup(start));
        if step == Some(self.names.len()) && !self.names.is_empty() {
            open.is_item = true;
            self.in_item += 1;
            self.spot.offset = at;
        }
        for (n, attribute) in start.attributes().enumerate() {
            if n >= ATTRIBUTES_MAX {
                return Err(ImportError::Limit {
                    place: place(),
                    reason: format!("an element has more than {ATTRIBUTES_MAX} attributes"),
                });
            }
            let attribute =
                attribute.map_err(|error| ImportError::damaged(place(), error.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_or_else(
                    |_| String::from_utf8_lossy(attribute.value.as_ref().as_ref()).into_owned(),
                    |value| value.into_owned(),
                );
            let key = format!("@{}", attribute.key.local_name().as_ref());
            self.keep(key.len() + value.len(), at)?;
            open.value.insert(key, Value::String(value));
        }
        self.keep(open.name.len() + 64, at)?;
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, on_item: &mut OnItem<'_>) -> Result<(), ImportError> {
        let Some(closed) = self.open.pop() else {
            return Ok(());
        };
        let on_way = closed.step.is_some();
        let is_item = closed.is_item;
        let name = closed.name.clone();
        if closed.is_markup && !is_item {
            if on_way {
                self.spot.indices.pop();
            }
            if let Some(parent) = self.open.last_mut() {
                parent.take_markup(&name, &closed.text);
            }
            return Ok(());
        }
        let value = closed.into_value();
        if is_item {
            self.in_item -= 1;
            if self.in_item == 0 {
                self.kept = self.kept.saturating_sub(size_of_value(&value));
            }
            on_item(&self.spot, value)?;
        } else if let Some(parent) = self.open.last_mut() {
            add(&mut parent.value, name, value);
        }
        if on_way {
            self.spot.indices.pop();
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: u64) -> Result<(), ImportError> {
        self.keep(text.len(), at)?;
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(text);
        }
        Ok(())
    }

    fn keep(&mut self, bytes: usize, at: u64) -> Result<(), ImportError> {
        self.kept += bytes;
        if self.kept <= SKELETON_BYTES_MAX {
            return Ok(());
        }
        Err(ImportError::Limit {
            place: format!("byte {at}"),
            reason: format!("more than {SKELETON_BYTES_MAX} bytes outside of the records"),
        })
    }

    fn finish(mut self, at: u64) -> Result<Value, ImportError> {
        if self.open.len() > 1 {
            let name = self
                .open
                .last()
                .map(|open| open.name.clone())
                .unwrap_or_default();
            let reason = format!("the document ends inside of <{name}>");
            return Err(ImportError::damaged(format!("byte {at}"), reason));
        }
        match self.open.pop() {
            Some(document) if self.roots == 1 => Ok(Value::Object(document.value)),
            _ => Err(ImportError::damaged("byte 0", "there is no element")),
        }
    }
}

/// Adds a child; the second of a name makes a list of them.
fn add(parent: &mut Map<String, Value>, name: String, value: Value) {
    match parent.get_mut(&name) {
        None => {
            parent.insert(name, value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(single) => {
            let first = single.take();
            *single = Value::Array(vec![first, value]);
        }
    }
}

/// About what a value was counted as while it was read.
fn size_of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 64,
        Value::Array(items) => items.iter().map(size_of_value).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                if name.starts_with('@') || name == "#text" {
                    name.len() + value.as_str().map_or(0, str::len)
                } else {
                    name.len() + size_of_value(value)
                }
            })
            .sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn whole(text: &str) -> Result<Value, ImportError> {
        read(text.as_bytes(), None, &mut |_, _| Ok(()))
    }

    #[test]
    fn an_element_is_an_object() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://x/y" [<!ENTITY e "boom">]>
            <n:a x="1&amp;2"><b>t &lt; &#65;&e;</b><b><![CDATA[<raw>]]></b><c/></n:a>"#;
        assert_eq!(
            whole(text).expect("xml"),
            json!({"a": {"@x": "1&2", "b": ["t < A&e;", "<raw>"], "c": ""}})
        );
    }

    #[test]
    fn markup_is_text() {
        let text = r#"<a xmlns:h="x" xmlns:html="http://www.w3.org/1999/xhtml"><b>Set
            <html:code class="c">x</html:code> to 1.<html:br/>Or
            <p xmlns="http://www.w3.org/1999/xhtml">to <i>2</i></p></b><c/></a>"#;
        let value = whole(text).expect("xml");
        let words: Vec<&str> = value["a"]["b"]
            .as_str()
            .expect("text")
            .split_whitespace()
            .collect();
        assert_eq!(words.join(" "), "Set x to 1. Or to 2");
    }

    #[test]
    fn records_are_handed_out() {
        let text = "<r><h n='1'><i>a</i><i>b</i><o>z</o></h><h n='2'><i k='v'/></h></r>";
        let path = ItemPath::parse("r.h[].i[]").expect("path");
        let mut found = Vec::new();
        let rest = read(text.as_bytes(), Some(&path), &mut |spot, value| {
            found.push((spot.indices.clone(), value));
            Ok(())
        })
        .expect("xml");
        assert_eq!(
            rest,
            json!({"r": {"h": [{"@n": "1", "o": "z"}, {"@n": "2"}]}})
        );
        assert_eq!(found[2], (vec![0, 1, 0], json!({"@k": "v"})));
    }

    #[test]
    fn damage_and_excess_are_named() {
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a x=1/>",
            "<a>\u{0}<",
        ] {
            assert!(whole(text).is_err(), "{text:?}");
        }
        let deep = "<a>".repeat(5000);
        assert!(matches!(whole(&deep), Err(ImportError::Limit { .. })));
    }
}
