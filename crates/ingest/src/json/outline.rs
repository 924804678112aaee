//! What the beginning of a JSON document shows, for telling kinds apart.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Elements of a list that are looked at.
const ELEMENTS: usize = 20;
/// Grows a value in place, so that what was read before a cut stays.
struct Grow<'a>(&'a mut Value);
impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}
impl<'de> Visitor<'de> for Grow<'_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        *self.0 = Value::Bool(flag);
        Ok(())
    }
    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        *self.0 = Value::from(number);
        Ok(())
    }
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        *self.0 = Value::from(number);
        Ok(())
    }
    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        *self.0 = Value::from(number);
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        *self.0 = Value::String(text.to_owned());
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        *self.0 = Value::Array(Vec::new());
        loop {
            let Value::Array(items) = &mut *self.0 else {
                return Ok(());
            };
            if items.len() >= ELEMENTS {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(());
            }
            items.push(Value::Null);
            let Some(last) = items.last_mut() else {
                return Ok(());
            };
            match list.next_element_seed(Grow(last)) {
                Ok(Some(())) => {}
                ended => {
                    if matches!(ended, Ok(None)) || items.last().is_some_and(Value::is_null) {
                        items.pop();
                    }
                    return ended.map(drop);
                }
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        *self.0 = Value::Object(serde_json::Map::new());
        while let Some(name) = map.next_key::<String>()? {
            let Value::Object(object) = &mut *self.0 else {
                return Ok(());
            };
            map.next_value_seed(Grow(object.entry(name).or_insert(Value::Null)))?;
        }
        Ok(())
    }
}

/// As much of a document as its beginning shows; names and values that were cut are left out. Lists
/// are cut to their first elements.
pub(crate) fn outline(head: &str) -> Value {
    let mut documents: Vec<Value> = Vec::new();
    let mut rest = head;
    // Several documents after each other: the first few tell.
    while documents.len() < ELEMENTS && rest.trim_start().starts_with(['{', '[']) {
        let mut value = Value::Null;
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        let ended = !matches!(stream.next(), Some(Ok(_)));
        let end = stream.byte_offset();
        let mut from = serde_json::Deserializer::from_str(rest);
        // What was read before the cut stays; the error is the cut.
        drop(Grow(&mut value).deserialize(&mut from));
        documents.push(value);
        if ended {
            break;
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    match documents.len() {
        0 => Value::Null,
        1 => documents.remove(0),
        _ => Value::Array(documents),
    }
}
