//! Trivy's HTML template: tables whose rows are findings, each under a row that names the columns.

use super::naming;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::markup;
use casemate_schema::{Component, Status, Text};

pub(in crate::kinds) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    if !text.contains("</html>") {
        return Err(ImportError::damaged(
            "the end",
            "the document is cut off: no `</html>`",
        ));
    }
    let heading = between(&text, "<h1", "</h1>").unwrap_or_default();
    about(&markup::plain(heading), out);
    let mut table = Table::default();
    for (number, row) in text.split("<tr").skip(1).enumerate() {
        let row = row.split("</tr>").next().unwrap_or(row);
        take_row(row, number + 1, &mut table, out);
    }
    Ok(())
}

/// The part of a text between two others, without the rest of the tag that the first one begins.
fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    let (_, after) = text.split_once(from)?;
    let (_, inner) = after.split_once('>')?;
    inner.split_once(to).map(|(inner, _)| inner)
}

/// `target - Trivy Report - time`.
fn about(heading: &str, out: &mut Collector) {
    let Some((target, time)) = heading.split_once("Trivy Report - ") else {
        return;
    };
    out.target(naming::artifact(target.trim_end_matches([' ', '-'])));
    // Go writes nanoseconds and a clock reading behind the zone.
    out.scanned_at(time.split(" m=").next().unwrap_or(time));
}

/// What the rows above say.
#[derive(Debug, Default)]
struct Table {
    target: String,
    kind: String,
    columns: Vec<String>,
}

fn take_row(row: &str, number: usize, table: &mut Table, out: &mut Collector) {
    let is_group = row
        .split('>')
        .next()
        .is_some_and(|tag| tag.contains("group-header"));
    let headers = cells(row, "<th", "</th>");
    if is_group {
        let text = headers
            .first()
            .map(|cell| markup::plain(cell))
            .unwrap_or_default();
        group(&text, table);
        return;
    }
    if headers.len() > 1 {
        table.columns = headers
            .iter()
            .map(|cell| markup::plain(cell).to_lowercase())
            .collect();
        return;
    }
    let cells = cells(row, "<td", "</td>");
    if cells.is_empty() {
        return;
    }
    let place = format!("table row {number}");
    let get = |name: &str| {
        let at = table.columns.iter().position(|column| column == name)?;
        Some(markup::plain(cells.get(at)?))
    };
    let text = |name: &str| get(name).unwrap_or_default();
    let mut draft = match (get("vulnerability id"), get("misconf id")) {
        (Some(id), _) if !id.is_empty() => vulnerability(&id, &text, table),
        (_, Some(id)) if !id.is_empty() => {
            out.check(&id, "configuration", Status::Hit, None);
            misconfiguration(&id, &text, table)
        }
        _ => {
            out.reject(place, "a row of a table whose columns are not known");
            return;
        }
    };
    draft.references = cells.iter().flat_map(|cell| links(cell)).collect();
    out.finding(draft);
}

/// `alpine`, or `Target: x — Type: alpine`.
fn group(text: &str, table: &mut Table) {
    table.columns.clear();
    let rest = text.strip_prefix("Target: ");
    match rest.and_then(|rest| rest.rsplit_once("Type: ")) {
        Some((target, kind)) => {
            let dash = [' ', '\u{2014}', '-'];
            let target = target.trim_end().trim_end_matches("&mdash;");
            table.target = target.trim_end_matches(dash).to_owned();
            table.kind = kind.trim().to_owned();
        }
        None => {
            table.target.clear();
            table.kind = text.trim().to_owned();
        }
    }
}

fn cells<'t>(row: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    let mut out = Vec::new();
    for piece in row.split(from).skip(1) {
        let inner = piece.split_once('>').map_or("", |(_, inner)| inner);
        out.push(inner.split(to).next().unwrap_or(inner));
    }
    out
}

/// The addresses in a cell.
fn links(cell: &str) -> impl Iterator<Item = String> + '_ {
    cell.split("href=\"").skip(1).filter_map(|rest| {
        let (address, _) = rest.split_once('"')?;
        Some(markup::plain(address))
    })
}

fn vulnerability(id: &str, text: &dyn Fn(&str) -> String, table: &Table) -> Draft {
    let name = text("package");
    let version = text("installed version");
    let fixed = text("fixed version");
    let own_path = text("package path");
    let path = naming::package_path("", &table.kind, &table.target, &own_path);
    Draft {
        check: id.to_owned(),
        title: naming::title(id, &name, &version, &text("title")),
        category: "vulnerability".to_owned(),
        severity_word: text("severity"),
        path: path.to_owned(),
        remediation: if fixed.is_empty() {
            String::new()
        } else {
            format!("Upgrade {name} to {fixed}.")
        },
        ids: vec![id.to_owned()],
        component: Some(Component {
            name: Text::from(name),
            version: Some(Text::from(version)),
            kind: Some(Text::from(naming::package_type(&table.kind))),
            fixed_version: Some(Text::from(fixed)),
            ..Component::default()
        }),
        ..Draft::default()
    }
}

fn misconfiguration(id: &str, text: &dyn Fn(&str) -> String, table: &Table) -> Draft {
    let check = text("check");
    let title = if check.is_empty() {
        id
    } else {
        check.trim_end_matches('.')
    };
    // The address behind the message is a reference.
    let message = text("message");
    let message = message.lines().next().unwrap_or_default().trim();
    let mut draft = Draft {
        check: id.to_owned(),
        title: format!("{title} in {}", table.target),
        category: "misconfiguration".to_owned(),
        severity_word: text("severity"),
        path: table.target.clone(),
        // As in the JSON of what has no line; the template never says one.
        key: message.to_owned(),
        ..Draft::default()
    };
    draft.see("message", message);
    draft.see("type", text("type"));
    draft
}
