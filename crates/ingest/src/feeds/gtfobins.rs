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
use std::collections::BTreeMap;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let head = input.head().trim_start();
    if !head.starts_with(['{', '[']) {
        let name = out.file_name().trim_end_matches(".md").to_owned();
        let program = of_yaml(&input.text()?)?;
        if program.functions.is_empty() {
            out.reject(&name, format!("it is another name of `{}`", program.alias));
            return Ok(());
        }
        out.put(PackRecord::Gtfobin(Gtfobin {
            id: name.into(),
            functions: program.functions,
        }));
        return Ok(());
    }
    let is_site = crate::json::outline(head).get("executables").is_some();
    let path = if is_site { "executables{}" } else { "[]" };
    let mut all: BTreeMap<String, Program> = BTreeMap::new();
    each(input, path, out, &mut |out, key, place, entry| {
        let (name, program) = if is_site {
            (key, Ok(program(entry)))
        } else {
            (text(entry, "name"), of_yaml(text(entry, "entry")))
        };
        match program {
            Ok(program) if !name.is_empty() => drop(all.insert(name.to_owned(), program)),
            Ok(_) => out.reject(place, "the program has no name"),
            Err(error) => out.reject(format!("{place}, {name}"), error.to_string()),
        }
    })?;
    for (name, program) in &all {
        match resolved(program, &all) {
            Some(functions) => out.put(PackRecord::Gtfobin(Gtfobin {
                id: name.as_str().into(),
                functions,
            })),
            None => out.reject(
                name,
                "it has no functions, and is no other name of a program that has",
            ),
        }
    }
    Ok(())
}

/// What is said of a program.
#[derive(Default)]
struct Program {
    functions: Vec<Text>,
    /// The program that it is another name of.
    alias: String,
}

/// The functions of a program, or of the one that it is another name of.
fn resolved(program: &Program, all: &BTreeMap<String, Program>) -> Option<Vec<Text>> {
    let mut target = program;
    // A name of a name of a program: `rview`, `view`, `vim`.
    for _ in 0..8 {
        if !target.functions.is_empty() {
            return Some(target.functions.clone());
        }
        target = all.get(&target.alias)?;
    }
    None
}

fn of_yaml(text: &str) -> Result<Program, ImportError> {
    // `...` or a second `---` ends the document; the site's files have text behind it.
    let text = text.trim_start().trim_start_matches("---");
    let end = text.find("\n...").or_else(|| text.find("\n---"));
    let document = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let entry: Value = yaml::read(document)?;
    Ok(program(&entry))
}

/// Functions, and the privileges with which they can be had.
fn program(entry: &Value) -> Program {
    let mut names: Vec<Text> = Vec::new();
    for (function, examples) in at(entry, &["functions"]).as_object().into_iter().flatten() {
        names.push(function.as_str().into());
        for example in examples.as_array().into_iter().flatten() {
            let contexts = at(example, &["contexts"]).as_object().into_iter().flatten();
            let contexts = contexts.map(|(context, _)| context.as_str());
            names.extend(
                contexts
                    .filter(|name| *name != "unprivileged")
                    .map(Text::from),
            );
        }
    }
    Program {
        functions: sorted(names),
        alias: text(entry, "alias").to_owned(),
    }
}
