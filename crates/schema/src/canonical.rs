//! Canonical JSON as in RFC 8785: sorted keys, one way to write each number and string.
//!
//! Keys are ordered by their UTF-16 code units (section 3.2.3), numbers are written as ECMAScript
//! does (3.2.2.3, by `ryu-js`). Integers beyond 2^53 - 1 have no exact double and are refused:
//! the schema carries such values as text.

use crate::Error;
use serde::Serialize;
use serde_json::Value;

/// Largest integer that every JSON reader keeps exactly (RFC 8785, appendix D).
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Writes any serialisable value as canonical JSON.
///
/// # Errors
/// [`Error::Number`] for an integer beyond 2^53 - 1, and [`Error::Json`] for a type that JSON
/// cannot carry.
pub fn to_canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let value = serde_json::to_value(value).map_err(|error| Error::from_json(&error))?;
    canonical_json(&value)
}

/// Writes a JSON value in canonical form, without a newline at the end.
///
/// # Errors
/// [`Error::Number`] for an integer beyond 2^53 - 1.
pub fn canonical_json(value: &Value) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_value(value, &mut out)?;
    Ok(out)
}

/// Writes one JSON object member by member. The caller gives the members in canonical order.
pub(crate) struct ObjectWriter<'a> {
    out: &'a mut dyn std::io::Write,
    n_members: usize,
    buffer: Vec<u8>,
}

impl<'a> ObjectWriter<'a> {
    pub(crate) fn new(out: &'a mut dyn std::io::Write) -> Self {
        Self {
            out,
            n_members: 0,
            buffer: Vec::new(),
        }
    }

    /// A member of any kind.
    pub(crate) fn value<T: Serialize>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        self.name(name);
        self.append(value)?;
        self.flush()
    }

    /// A member that is a list, written item by item.
    pub(crate) fn list<T: Serialize>(&mut self, name: &str, items: &[T]) -> Result<(), Error> {
        self.name(name);
        self.buffer.push(b'[');
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.buffer.push(b',');
            }
            self.append(item)?;
            self.flush()?;
        }
        self.buffer.push(b']');
        self.flush()
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.buffer.push(b'}');
        self.flush()
    }

    fn name(&mut self, name: &str) {
        self.buffer
            .push(if self.n_members == 0 { b'{' } else { b',' });
        self.n_members += 1;
        write_string(name, &mut self.buffer);
        self.buffer.push(b':');
    }

    fn append<T: Serialize>(&mut self, value: &T) -> Result<(), Error> {
        let value = serde_json::to_value(value).map_err(|error| Error::from_json(&error))?;
        write_value(&value, &mut self.buffer)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.out.write_all(&self.buffer).map_err(Error::Write)?;
        self.buffer.clear();
        Ok(())
    }
}

fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_value(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (position, (key, member)) in members.into_iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_string(key, out);
                out.push(b':');
                write_value(member, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_number(number: &serde_json::Number, out: &mut Vec<u8>) -> Result<(), Error> {
    let refused = || Error::Number {
        value: number.to_string(),
    };
    if let Some(integer) = number.as_i64() {
        if integer.unsigned_abs() > INTEGER_MAX {
            return Err(refused());
        }
        out.extend_from_slice(integer.to_string().as_bytes());
        return Ok(());
    }
    if number.is_u64() {
        return Err(refused());
    }
    let float = number
        .as_f64()
        .filter(|float| float.is_finite())
        .ok_or_else(refused)?;
    out.extend_from_slice(ryu_js::Buffer::new().format_finite(float).as_bytes());
    Ok(())
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x00..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &str, expected: &str) {
        let value: Value = serde_json::from_str(input).expect("valid JSON");
        let bytes = canonical_json(&value).expect("canonical");
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), expected);
    }

    #[test]
    fn numbers_are_written_as_ecmascript_does() {
        check("[0.500000, 1e21, 1.0, -0.0, 1e-7]", "[0.5,1e+21,1,0,1e-7]");
    }

    #[test]
    fn keys_are_ordered_by_utf16_units() {
        // RFC 8785, section 3.2.3: the surrogate pair of U+1F600 sorts before U+FB33.
        check(
            r#"{"\ufb33":1,"\ud83d\ude00":2,"\u00f6":3,"1":4,"\r":5}"#,
            "{\"\\r\":5,\"1\":4,\"\u{f6}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}",
        );
    }

    #[test]
    fn an_integer_without_an_exact_double_is_refused() {
        let value: Value = serde_json::from_str("9007199254740993").expect("valid JSON");
        assert!(matches!(canonical_json(&value), Err(Error::Number { .. })));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (-(1i64 << 53) + 1..(1i64 << 53)).prop_map(Value::from),
            any::<f64>()
                .prop_filter("finite", |f| f.is_finite())
                .prop_map(Value::from),
            any::<String>().prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn equal_to_an_independent_implementation(value in any_json()) {
            let ours = canonical_json(&value).expect("canonical");
            let theirs = serde_json_canonicalizer::to_vec(&value).expect("canonical");
            prop_assert_eq!(ours, theirs);
        }
    }
}
