//! How is JSON of other people's formats put together? Member by member, with what is absent left
//! out, and written one item after the other so that a large report is never held as text.
//!
//! Invariant: what is written is canonical JSON (RFC 8785) as far as one item goes; the caller
//! gives the members of the outermost object in canonical order.

use crate::Error;
use casemate_schema::canonical_json;
use serde_json::{Map, Value};
use std::io::Write;

/// A JSON object in the making.
#[derive(Debug, Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A member that is always there.
    pub(crate) fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// A member that is left out when there is no value.
    pub(crate) fn some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// A text that is left out when it is empty.
    pub(crate) fn text(self, name: &str, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.some(name, (!text.is_empty()).then_some(text))
    }

    /// A list that is left out when it is empty.
    pub(crate) fn list(self, name: &str, items: Vec<Value>) -> Self {
        self.some(name, (!items.is_empty()).then_some(items))
    }

    pub(crate) fn build(self) -> Value {
        Value::Object(self.0)
    }
}

/// Writes bytes as they are.
pub(crate) fn raw(out: &mut dyn Write, bytes: &[u8]) -> Result<(), Error> {
    out.write_all(bytes).map_err(Error::Write)
}

/// Writes one value.
pub(crate) fn value(out: &mut dyn Write, value: &Value) -> Result<(), Error> {
    raw(out, &canonical_json(value)?)
}

/// Writes a list, item by item.
pub(crate) fn list(out: &mut dyn Write, items: impl Iterator<Item = Value>) -> Result<(), Error> {
    raw(out, b"[")?;
    for (position, item) in items.enumerate() {
        if position > 0 {
            raw(out, b",")?;
        }
        value(out, &item)?;
    }
    raw(out, b"]")
}
