//! `updateinfo.xml` of rpm repositories: Amazon, Rocky, Fedora and others. Updates that name no CVE
//! are repairs and are skipped.

use super::advisory::{architecture, before, evr, join, package};
use super::out::Out;
use super::value::{at, content, is_cve, many, sorted, summary, text};
use super::{ecosystem, severity};
use crate::error::ImportError;
use crate::input::Input;
use crate::path::ItemPath;
use crate::xml;
use casemate_schema::{Advisory, Affected, PackageNames, Text};
use serde_json::Value;
use std::io::BufReader;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let path = "updates.update[]";
    let path = ItemPath::parse(path).map_err(|reason| ImportError::damaged(path, reason))?;
    let reader = BufReader::new(input.reader()?);
    xml::read(reader, Some(&path), &mut |spot, update| {
        let place = format!("byte {}", spot.offset);
        match one(&update, out) {
            Ok(Some(advisory)) => out.advisory(advisory),
            Ok(None) => out.skip(),
            Err(reason) => out.reject(place, reason),
        }
        Ok(())
    })?;
    Ok(())
}

fn one(update: &Value, out: &mut Out<'_>) -> Result<Option<Advisory>, String> {
    let id = content(at(update, &["id"]));
    if id.is_empty() {
        return Err("the update has no `id`".to_owned());
    }
    let aliases = cves(update);
    if aliases.is_empty() {
        return Ok(None);
    }
    let mut affected = Vec::new();
    for collection in many(at(update, &["pkglist"]), "collection") {
        let ours = platform(id, update, collection)
            .ok_or_else(|| format!("{id} is for no known distribution"))?;
        let module = at(collection, &["module"]);
        let stream = match (text(module, "@name"), text(module, "@stream")) {
            ("", _) | (_, "") => None,
            (name, stream) => Some(Text::from(format!("{name}:{stream}"))),
        };
        for entry in many(collection, "package") {
            affected.push(Affected {
                module: stream.clone(),
                notice: Some(id.into()),
                ..one_package(&ours, entry)?
            });
        }
    }
    let date = |name: &str| text(at(update, &[name]), "@date");
    let title = content(at(update, &["title"]));
    Ok(Some(Advisory {
        id: id.into(),
        aliases,
        feed: "updateinfo".into(),
        affected: join(affected),
        severity: severity::of(content(at(update, &["severity"])))
            .or_else(|| severity::of_title(title)),
        summary: summary(title),
        published: out.dated(date("issued")),
        modified: out.dated(date("updated")),
        ..Advisory::default()
    }))
}

fn one_package(ours: &str, entry: &Value) -> Result<Affected, String> {
    let name = text(entry, "@name");
    let version = evr(
        text(entry, "@epoch"),
        text(entry, "@version"),
        text(entry, "@release"),
    );
    if name.is_empty() || version.starts_with('-') || version.is_empty() {
        return Err(format!("the package `{name}` has no name or version"));
    }
    let is_source = text(entry, "@arch") == "src";
    let names = if is_source {
        PackageNames::Source
    } else {
        PackageNames::Binary
    };
    Ok(Affected {
        ranges: vec![before(&version)],
        architectures: if is_source {
            Vec::new()
        } else {
            architecture(text(entry, "@arch"))
        },
        ..package(ours, name, names)
    })
}

fn cves(update: &Value) -> Vec<Text> {
    let references = many(at(update, &["references"]), "reference");
    let named = references
        .into_iter()
        .flat_map(|reference| [text(reference, "@id"), text(reference, "@title")])
        .filter(|id| is_cve(id));
    sorted(named.map(Text::from))
}

/// The distribution, by what the repository calls itself, or by the notice's name.
fn platform(id: &str, update: &Value, collection: &Value) -> Option<String> {
    let named = [
        content(at(collection, &["name"])),
        content(at(update, &["release"])),
    ];
    let found = named.into_iter().find_map(ecosystem::product);
    found.or_else(|| {
        let version = match id.strip_prefix("ALAS")? {
            rest if rest.starts_with("2023") => "2023",
            rest if rest.starts_with('2') => "2",
            _ => "1",
        };
        Some(format!("amzn:{version}"))
    })
}
