//! GTFOBins: programs and what they can be used for. The project's YAML file of one program (named
//! after it), lines of `name` and `entry`, and the site's `gtfobins.json`.
//!
//! The catalogue is under the GPL: it is imported by its user, never part of this program.

use super::out::{Out, each};
use super::value::{at, sorted, text};
use super::yaml;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Gtfobin, PackRecord, Text};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let head = input.head().trim_start();
    if !head.starts_with(['{', '[']) {
        let name = out.file_name().trim_end_matches(".md").to_owned();
        let functions = of_yaml(&input.text()?)?;
        out.put(PackRecord::Gtfobin(Gtfobin {
            id: name.into(),
            functions,
        }));
        return Ok(());
    }
    let is_site = crate::json::outline(head).get("executables").is_some();
    let path = if is_site { "executables{}" } else { "[]" };
    each(input, path, out, &mut |out, key, place, entry| {
        let (name, functions) = if is_site {
            (key, Ok(functions(entry)))
        } else {
            (text(entry, "name"), of_yaml(text(entry, "entry")))
        };
        match functions {
            Ok(functions) if !name.is_empty() && !functions.is_empty() => {
                out.put(PackRecord::Gtfobin(Gtfobin {
                    id: name.into(),
                    functions,
                }));
            }
            // An alias of another program has no functions of its own.
            Ok(_) if !name.is_empty() => out.skip(),
            Ok(_) => out.reject(place, "the program has no name"),
            Err(error) => out.reject(format!("{place}, {name}"), error.to_string()),
        }
    })?;
    Ok(())
}

fn of_yaml(text: &str) -> Result<Vec<Text>, ImportError> {
    // `...` or a second `---` ends the document; the site's files have text behind it.
    let text = text.trim_start().trim_start_matches("---");
    let end = text.find("\n...").or_else(|| text.find("\n---"));
    let document = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let entry: Value = yaml::read(document)?;
    Ok(functions(&entry))
}

/// Functions, and the privileges with which they can be had.
fn functions(entry: &Value) -> Vec<Text> {
    let mut names: Vec<Text> = Vec::new();
    for (function, examples) in at(entry, &["functions"]).as_object().into_iter().flatten() {
        names.push(function.as_str().into());
        for example in examples.as_array().into_iter().flatten() {
            let contexts = at(example, &["contexts"]).as_object().into_iter().flatten();
            let contexts = contexts.map(|(context, _)| context.as_str());
            names.extend(contexts.filter(|name| *name != "unprivileged").map(Text::from));
        }
    }
    sorted(names)
}
