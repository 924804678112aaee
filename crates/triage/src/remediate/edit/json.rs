//! Members of the top object of a JSON file, such as Docker's `daemon.json`, by its text: order,
//! blanks and the other members stay as they are.

use crate::remediate::doc::Doc;

/// Sets members of the top object.
pub(crate) fn members(doc: &mut Doc, wanted: &[(String, String)]) -> Result<(), String> {
    let text = doc.text();
    let blank = text.trim().is_empty();
    let value: serde_json::Value = if blank {
        serde_json::Value::Object(serde_json::Map::new())
    } else {
        serde_json::from_str(&text).map_err(|error| format!("the file is no JSON: {error}"))?
    };
    let object = value.as_object().ok_or("the file holds no JSON object")?;
    let mut missing = Vec::new();
    for (name, new) in wanted {
        let new_value: serde_json::Value =
            serde_json::from_str(new).map_err(|error| format!("no JSON value: {error}"))?;
        match object.get(name) {
            Some(old) if *old == new_value => {}
            Some(old) if old.is_object() || old.is_array() => {
                return Err(format!(
                    "`{name}` holds more than one value: change it by hand"
                ));
            }
            Some(_) => set_scalar(doc, name, new)?,
            None => missing.push(format!("  \"{name}\": {new}")),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    if blank {
        doc.lines.clear();
        doc.push("{");
        let last = missing.len() - 1;
        for (index, line) in missing.into_iter().enumerate() {
            doc.push(if index == last {
                line
            } else {
                format!("{line},")
            });
        }
        doc.push("}");
        return Ok(());
    }
    let is_empty = object.is_empty();
    let (index, at) = (0..doc.lines.len())
        .find_map(|index| Some((index, doc.at(index).find('{')? + 1)))
        .ok_or("the file holds no JSON object")?;
    let line = doc.at(index).to_owned();
    let head = line.get(..at).unwrap_or_default().to_owned();
    let tail = line.get(at..).unwrap_or_default().to_owned();
    doc.set(index, head);
    let last = missing.len() - 1;
    for (offset, line) in missing.into_iter().enumerate() {
        let comma = if offset == last && is_empty { "" } else { "," };
        doc.insert(index + 1 + offset, format!("{line}{comma}"));
    }
    if !tail.trim().is_empty() {
        let body = if is_empty {
            tail.trim_start().to_owned()
        } else {
            format!("  {}", tail.trim_start())
        };
        doc.insert(index + 2 + last, body);
    }
    Ok(())
}

/// Gives a member on one line another plain value.
fn set_scalar(doc: &mut Doc, name: &str, new: &str) -> Result<(), String> {
    let quoted = format!("\"{name}\"");
    for index in 0..doc.lines.len() {
        let line = doc.at(index).to_owned();
        let Some(at) = line.find(&quoted) else {
            continue;
        };
        let after = at + quoted.len();
        let rest = line.get(after..).unwrap_or_default();
        let Some(value) = rest.trim_start().strip_prefix(':') else {
            continue;
        };
        let value = value.trim_start();
        let start = line.len() - value.len();
        let length = if value.starts_with('"') {
            value
                .get(1..)
                .and_then(|it| it.find('"'))
                .map(|end| end + 2)
        } else {
            Some(value.find([',', '}', ' ', '\t']).unwrap_or(value.len()))
        };
        let Some(length) = length else { continue };
        let head = line.get(..start).unwrap_or_default();
        let tail = line.get(start + length..).unwrap_or_default();
        doc.set(index, format!("{head}{new}{tail}"));
        return Ok(());
    }
    Err(format!(
        "`{name}` does not stand on one line: change it by hand"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str) {
        let wanted = [
            ("icc".to_owned(), "false".to_owned()),
            ("no-new-privileges".to_owned(), "true".to_owned()),
        ];
        let mut doc = Doc::new(before);
        members(&mut doc, &wanted).expect("possible");
        assert_eq!(doc.text(), after);
        assert!(
            serde_json::from_str::<serde_json::Value>(after).is_ok(),
            "{after}"
        );
        members(&mut doc, &wanted).expect("possible");
        assert_eq!(doc.text(), after, "a second time changes nothing");
    }

    #[test]
    fn members_are_added_and_changed() {
        check(
            "{\n  \"icc\": true,\n  \"x\": 1\n}\n",
            "{\n  \"no-new-privileges\": true,\n  \"icc\": false,\n  \"x\": 1\n}\n",
        );
        check(
            "{}\n",
            "{\n  \"icc\": false,\n  \"no-new-privileges\": true\n}\n",
        );
        check(
            "{\"x\": {\"icc2\": 1}}",
            "{\n  \"icc\": false,\n  \"no-new-privileges\": true,\n  \"x\": {\"icc2\": 1}}\n",
        );
        check(
            "",
            "{\n  \"icc\": false,\n  \"no-new-privileges\": true\n}\n",
        );
    }
}
