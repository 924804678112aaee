//! Sigma rules: YAML files as they are written, or lines that hold one each. The text is kept whole,
//! its author with it, as the Detection Rule License asks.

use super::out::{Out, each};
use super::value::{technique, text, texts, unique};
use super::yaml;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{PackRecord, SigmaRule};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let text = input.text()?;
    let rule: Value = yaml::read(&text)?;
    match one(&rule, &text, out) {
        Ok(rule) => out.put(PackRecord::SigmaRule(rule)),
        Err(reason) => return Err(ImportError::damaged("the document", reason)),
    }
    Ok(())
}

pub(crate) fn lines(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, line| {
        let written = at_rule(line);
        let read = yaml::read::<Value>(written).map_err(|error| error.to_string());
        match read.and_then(|rule| one(&rule, written, out)) {
            Ok(rule) => out.put(PackRecord::SigmaRule(rule)),
            Err(reason) => out.reject(format!("{place}, {}", text(line, "path")), reason),
        }
    })?;
    Ok(())
}

fn at_rule(line: &Value) -> &str {
    line.get("rule").and_then(Value::as_str).unwrap_or_default()
}

fn one(rule: &Value, written: &str, out: &mut Out<'_>) -> Result<SigmaRule, String> {
    let (id, title) = (text(rule, "id"), text(rule, "title"));
    if id.is_empty() || title.is_empty() {
        return Err("the rule has no `id` or no `title`".to_owned());
    }
    for name in ["date", "modified"] {
        out.dated(text(rule, name));
    }
    let tags = texts(rule, "tags").into_iter();
    let techniques = tags.filter_map(|tag| technique(tag.strip_prefix("attack.")?));
    Ok(SigmaRule {
        id: id.into(),
        title: title.into(),
        techniques: unique(techniques),
        text: written.into(),
    })
}
