//! OpenVEX documents, Canonical's among them, as what they say of packages.
//!
//! `fixed` names the version with the fix, `not_affected` speaks of the version that it names.
//! Of Ubuntu's packages only the source is kept: their binary packages are listed without release.
//!
//! Source: github.com/openvex/spec 0.2.0.

use super::advisory::{before, join, package};
use super::out::Out;
use super::purl;
use super::value::{at, is_cve, list, opt, scalar, some, summary, text, texts, unique};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, AffectedState, PackageNames, Text, VersionRange};
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let document = input.json()?;
    // Canonical's notices have the head of the document one level deeper.
    let about = match at(document, &["metadata"]) {
        Value::Null => document,
        metadata => metadata,
    };
    let is_ubuntu = text(about, "author").contains("Canonical");
    let feed = if is_ubuntu { "ubuntu-vex" } else { "openvex" };
    out.begin(feed);
    let modified = out.dated(text(about, "timestamp"));
    out.version(&scalar(at(about, &["version"])).unwrap_or_default());
    let mut all: BTreeMap<Text, Advisory> = BTreeMap::new();
    for (idx, statement) in list(document, "statements").iter().enumerate() {
        let place = format!("statement {}", idx + 1);
        let named = at(statement, &["vulnerability"]);
        let (id, aliases) = identifiers(named);
        let Some(id) = id else {
            out.reject(&place, "the statement names no vulnerability");
            continue;
        };
        let affected = affected(statement, is_ubuntu, &mut |reason| {
            out.reject(&place, reason);
        });
        let advisory = all.entry(id.clone()).or_insert_with(|| Advisory {
            id,
            feed: feed.into(),
            summary: summary(text(named, "description")),
            modified: modified.clone(),
            ..Advisory::default()
        });
        advisory.aliases.extend(aliases);
        advisory.affected.extend(affected);
        let made = rfc3339(text(statement, "timestamp")).map(Text::from);
        advisory.published = advisory.published.take().or(made);
    }
    for (id, mut advisory) in all {
        advisory.aliases = unique(advisory.aliases.into_iter().filter(|alias| *alias != id));
        advisory.affected = join(advisory.affected);
        let notice = advisory.id.starts_with("USN-").then(|| advisory.id.clone());
        for entry in &mut advisory.affected {
            entry.notice.clone_from(&notice);
        }
        out.advisory(advisory);
    }
    Ok(())
}

/// The name of a vulnerability and its other names; addresses of notices become the notices.
fn identifiers(named: &Value) -> (Option<Text>, Vec<Text>) {
    let last = |text: &str| {
        let text = text.rsplit(['/', '=']).next().unwrap_or(text);
        some(text.trim_end_matches(".html"))
    };
    let id = match named {
        Value::String(id) => some(id),
        named => opt(named, "name").or_else(|| last(text(named, "@id"))),
    };
    let is_name = |alias: &Text| {
        is_cve(alias)
            || ["USN-", "LSN-", "GHSA-"]
                .iter()
                .any(|prefix| alias.starts_with(prefix))
    };
    let aliases = texts(named, "aliases").into_iter().filter_map(last);
    (id, aliases.filter(is_name).collect())
}

fn affected(statement: &Value, is_ubuntu: bool, reject: &mut dyn FnMut(String)) -> Vec<Affected> {
    let mut out = Vec::new();
    for product in list(statement, "products") {
        let parts = list(product, "subcomponents");
        let of = if parts.is_empty() {
            std::slice::from_ref(product)
        } else {
            parts
        };
        for part in of {
            match one(statement, part, is_ubuntu) {
                Ok(found) => out.extend(found),
                Err(reason) => reject(reason),
            }
        }
    }
    out
}

fn one(statement: &Value, product: &Value, is_ubuntu: bool) -> Result<Option<Affected>, String> {
    let url = match product {
        Value::String(url) => url.as_str(),
        product => match text(at(product, &["identifiers"]), "purl") {
            "" => text(product, "@id"),
            url => url,
        },
    };
    let found = purl::parse(url).ok_or_else(|| format!("`{url}` is no package URL"))?;
    if is_ubuntu && found.names == PackageNames::Binary {
        return Ok(None);
    }
    let ours = found
        .ecosystem
        .ok_or_else(|| format!("`{url}` is of no known ecosystem"))?;
    let mut affected = package(&ours, &found.name, found.names);
    affected.architectures = found.architectures;
    affected.note = opt(statement, "justification").or_else(|| {
        opt(statement, "action_statement")
            .as_deref()
            .and_then(summary)
    });
    match text(statement, "status") {
        "fixed" => match &found.version {
            Some(version) => affected.ranges.push(before(version)),
            None => return Err(format!("`{url}` is fixed in no version")),
        },
        "affected" => {
            // Of a distribution: this is the newest package, and it has no fix.
            match found.version {
                Some(version) if !found.is_deb => affected.versions.push(version),
                _ => affected.ranges.push(VersionRange::default()),
            }
            let words = text(statement, "action_statement").to_ascii_lowercase();
            if words.contains("no longer supported") {
                affected.state = AffectedState::EndOfLife;
            } else if words.contains("deferred") {
                affected.state = AffectedState::Deferred;
            }
        }
        "not_affected" => {
            affected.state = AffectedState::NotAffected;
            affected
                .versions
                .extend(found.version.filter(|_| !found.is_deb));
        }
        "under_investigation" => affected.state = AffectedState::UnderInvestigation,
        other => return Err(format!("the status `{other}` is unknown")),
    }
    Ok(Some(affected))
}
