//! Reading the configuration file, with the line of each value.

use super::Value;
use super::keys::{KEYS, Key, Kind, nearest};
use crate::Error;
use std::io::Read;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Largest configuration file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A key with its value and the line where it stands.
type Found = (&'static Key, Value, usize);

/// Values of the file with their lines; `None` when it is missing and was not named.
pub(super) fn read(path: &Path, named: bool) -> Result<Option<Vec<Found>>, Error> {
    let wrong = |line: Option<usize>, reason: String| Error::Config {
        path: Some(path.to_path_buf()),
        line,
        reason,
    };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => return Ok(None),
        Err(error) => return Err(wrong(None, error.to_string())),
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| wrong(None, error.to_string()))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(wrong(None, format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    let table = DeTable::parse(&text).map_err(|error| {
        let line = error.span().map(|span| line_of(&text, span.start));
        wrong(line, error.message().to_owned())
    })?;
    let mut found = Vec::new();
    flatten("", table.get_ref(), &text, &mut found)
        .map_err(|(line, reason)| wrong(Some(line), reason))?;
    Ok(Some(found))
}

fn flatten(
    prefix: &str,
    table: &DeTable<'_>,
    text: &str,
    found: &mut Vec<Found>,
) -> Result<(), (usize, String)> {
    for (name, value) in table {
        let line = line_of(text, name.span().start);
        let name = format!("{prefix}{}", name.get_ref());
        let known = KEYS.iter().find(|key| key.name == name);
        match (known, value.get_ref()) {
            (Some(key), value) => {
                let value = convert(key, value).and_then(|value| key.check(value));
                let value = value.map_err(|reason| (line, format!("`{name}`: {reason}")))?;
                found.push((key, value, line));
            }
            (None, DeValue::Table(inner))
                if KEYS
                    .iter()
                    .any(|key| key.name.starts_with(&format!("{name}."))) =>
            {
                flatten(&format!("{name}."), inner, text, found)?;
            }
            (None, _) => return Err((line, unknown(&name))),
        }
    }
    Ok(())
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    match nearest(name, &names) {
        Some(nearest) => format!("unknown key `{name}`; did you mean `{nearest}`?"),
        None => format!("unknown key `{name}`"),
    }
}

fn convert(key: &Key, value: &DeValue<'_>) -> Result<Value, String> {
    match (key.kind, value) {
        (Kind::Path | Kind::Word(_), DeValue::String(text)) => {
            Ok(Value::Text(text.clone().into_owned()))
        }
        (Kind::Bool, DeValue::Boolean(value)) => Ok(Value::Bool(*value)),
        (Kind::Count(..), DeValue::Integer(number)) => number
            .to_string()
            .parse()
            .map(Value::Count)
            .map_err(|_| format!("`{number}` is no whole number")),
        (Kind::Surfaces | Kind::Words(_), DeValue::Array(items)) => items
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::String(text) => Ok(text.clone().into_owned()),
                _ => Err("takes a list of texts".to_owned()),
            })
            .collect::<Result<_, _>>()
            .map(Value::List),
        _ => Err(format!("takes {}", key.takes())),
    }
}

/// One-based line of a byte offset.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
