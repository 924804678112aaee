//! CWE weaknesses: the CSV of a view, and MITRE's XML catalogue (`cwec_v4.*.xml`).

use super::out::Out;
use super::value::{cwe, many, text, unique};
use crate::error::ImportError;
use crate::input::Input;
use crate::path::ItemPath;
use crate::{table, xml};
use casemate_schema::{PackRecord, Text, Weakness};
use serde_json::Value;
use std::io::BufReader;

/// The view of all weaknesses for research; its parents are the ones that are meant.
const RESEARCH_VIEW: &str = "1000";

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let header = ["CWE-ID".to_owned(), "Name".to_owned()];
    table::read(input.reader()?, b',', &header, &mut |line, row| {
        let parents = parents_of_text(text(&row, "Related Weaknesses"));
        put(
            out,
            &format!("line {line}"),
            &row,
            ("CWE-ID", "Name", "Status"),
            parents,
        );
        Ok(())
    })
}

pub(crate) fn xml(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let path = "Weakness_Catalog.Weaknesses.Weakness[]";
    let path = ItemPath::parse(path).map_err(|reason| ImportError::damaged(path, reason))?;
    let reader = BufReader::new(input.reader()?);
    let rest = xml::read(reader, Some(&path), &mut |spot, weakness| {
        let place = format!("byte {}", spot.offset);
        let related = weakness.get("Related_Weaknesses").unwrap_or(&Value::Null);
        let related = many(related, "Related_Weakness").into_iter();
        let parents = related
            .filter(|other| text(other, "@Nature") == "ChildOf")
            .map(|other| (text(other, "@View_ID"), text(other, "@CWE_ID")));
        let parents = ordered(parents.collect());
        put(out, &place, &weakness, ("@ID", "@Name", "@Status"), parents);
        Ok(())
    })?;
    let catalogue = rest.get("Weakness_Catalog").unwrap_or(&Value::Null);
    out.version(text(catalogue, "@Version"));
    out.dated(text(catalogue, "@Date"));
    // Categories group weaknesses, and scanners name them as if they were some.
    let categories = catalogue.get("Categories").unwrap_or(&Value::Null);
    for category in many(categories, "Category") {
        let place = format!("category {}", text(category, "@ID"));
        put(
            out,
            &place,
            category,
            ("@ID", "@Name", "@Status"),
            Vec::new(),
        );
    }
    Ok(())
}

fn put(out: &mut Out<'_>, place: &str, row: &Value, names: (&str, &str, &str), parents: Vec<Text>) {
    let (id, name) = (text(row, names.0), text(row, names.1));
    if text(row, names.2).eq_ignore_ascii_case("deprecated") {
        out.skip();
        return;
    }
    match cwe(id) {
        Some(id) if !name.is_empty() => out.put(PackRecord::Weakness(Weakness {
            id,
            name: name.into(),
            parents,
        })),
        _ => out.reject(place, format!("`{id}` `{name}` is no weakness with a name")),
    }
}

/// Parents in `::NATURE:ChildOf:CWE ID:319:VIEW ID:1000:ORDINAL:Primary::NATURE:...::`.
fn parents_of_text(text: &str) -> Vec<Text> {
    let mut parents = Vec::new();
    for relation in text.split("NATURE:").skip(1) {
        let Some(relation) = relation.strip_prefix("ChildOf:CWE ID:") else {
            continue;
        };
        let Some((id, rest)) = relation.split_once(":VIEW ID:") else {
            continue;
        };
        let view = rest.split(':').next().unwrap_or_default();
        parents.push((view, id));
    }
    ordered(parents)
}

/// Those of the research view first.
fn ordered(mut parents: Vec<(&str, &str)>) -> Vec<Text> {
    parents.sort_by_key(|(view, _)| *view != RESEARCH_VIEW);
    unique(parents.into_iter().filter_map(|(_, id)| cwe(id)))
}
