//! SPDX 2.x bills of materials, JSON and tag-value.
//!
//! The format has no vulnerabilities; what comes nearest is an external reference of the category
//! SECURITY to an advisory or a fix that names one. A CPE is of that category too, and only says
//! what the package is.

mod tag_value;

use super::bom;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use casemate_schema::Severity;
use regex::Regex;
use serde_json::Value;

/// Identifiers in addresses of advisories.
const IDENTIFIERS: &str = r"(?i)\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})";
/// Others, which count where there is none of those.
const OTHERS: &str = r"\b(?:RUSTSEC-\d{4}-\d{4}|PYSEC-\d{4}-\d+|GO-\d{4}-\d{4,}|OSV-\d{4}-\d+|DSA-\d{4}-\d+|USN-\d{4}-\d+|(?:RH[SBE]A|ALSA|ELSA)-\d{4}[:-]\d+)";

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    if !input.head().trim_start().starts_with(['{', '[']) {
        return take(&tag_value::document(&input.text()?), out);
    }
    for document in bom::documents(input.json()?) {
        take(document, out)?;
    }
    Ok(())
}

fn take(document: &Value, out: &mut Collector) -> Result<(), ImportError> {
    let version = field::named(document, "spdxVersion");
    if version.starts_with("SPDX-3") || document.get("@graph").is_some() {
        return Err(ImportError::NotThisKind {
            kind: "spdx".to_owned(),
            reason: "it is of SPDX 3, which is not read; SPDX 2.2 and 2.3 are (JSON or tag-value)"
                .to_owned(),
        });
    }
    let creation = document.get("creationInfo").unwrap_or(&Value::Null);
    out.scanned_at(&field::named(creation, "created"));
    out.target(&field::named(document, "name"));
    tool(creation, out);
    let finder = Finder::new()?;
    let packages = bom::list(document, "packages", "package");
    out.note(format!("the document lists {} packages", packages.len()));
    for (index, package) in packages.into_iter().enumerate() {
        if package.is_object() {
            findings(&finder, package, out);
        } else {
            out.reject(format!("packages[{index}]"), "it is no package");
        }
    }
    Ok(())
}

/// `Tool: syft-1.50.0` among the creators.
fn tool(creation: &Value, out: &mut Collector) {
    let creators = bom::texts(creation, "creators", "creator");
    let Some(tool) = creators.iter().find_map(|text| text.strip_prefix("Tool:")) else {
        return;
    };
    let (name, version) = tool.trim().rsplit_once('-').unwrap_or((tool.trim(), ""));
    out.tool(name);
    out.tool_version(version);
}

struct Finder {
    identifiers: Regex,
    others: Regex,
}

impl Finder {
    fn new() -> Result<Self, ImportError> {
        let regex = |pattern| {
            Regex::new(pattern).map_err(|error| ImportError::Mapping {
                name: "spdx".to_owned(),
                reason: error.to_string(),
            })
        };
        Ok(Self {
            identifiers: regex(IDENTIFIERS)?,
            others: regex(OTHERS)?,
        })
    }

    /// The identifiers that a text names, each once.
    fn ids(&self, text: &str) -> Vec<String> {
        let all = |regex: &Regex| -> Vec<String> {
            let found = regex.find_iter(text).map(|found| found.as_str());
            found.map(canonical).collect()
        };
        let mut ids = all(&self.identifiers);
        if ids.is_empty() {
            ids = all(&self.others);
        }
        let mut seen = Vec::new();
        ids.retain(|id| {
            let new = !seen.contains(id);
            seen.push(id.clone());
            new
        });
        ids
    }
}

/// GitHub writes its identifiers with small letters behind the prefix.
fn canonical(id: &str) -> String {
    match id.split_at_checked(5) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("GHSA-") => {
            format!("GHSA-{}", rest.to_ascii_lowercase())
        }
        _ => id.to_ascii_uppercase(),
    }
}

/// A text, unless it stands for "unknown".
fn said(value: &Value, name: &str) -> String {
    let text = field::named(value, name);
    match text.to_ascii_uppercase().as_str() {
        "NOASSERTION" | "NONE" => String::new(),
        _ => text,
    }
}

fn findings(finder: &Finder, package: &Value, out: &mut Collector) {
    let mut purl = String::new();
    let mut cpes = Vec::new();
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for reference in bom::list(package, "externalRefs", "externalRef") {
        let kind = field::named(reference, "referenceType");
        let locator = said(reference, "referenceLocator");
        let category = field::named(reference, "referenceCategory");
        if kind == "purl" && purl.is_empty() {
            purl.clone_from(&locator);
        }
        let is_security = category.eq_ignore_ascii_case("SECURITY");
        if is_security && kind.starts_with("cpe") {
            cpes.push(locator);
        } else if is_security && matches!(kind.as_str(), "advisory" | "fix" | "url" | "swid") {
            let comment = said(reference, "comment");
            for id in finder.ids(&format!("{locator} {comment}")) {
                let shown = if comment.is_empty() {
                    locator.clone()
                } else {
                    format!("{locator} ({comment})")
                };
                let entry = (kind.clone(), shown);
                match found.iter_mut().find(|(known, _)| *known == id) {
                    Some((_, entries)) => entries.push(entry),
                    None => found.push((id, vec![entry])),
                }
            }
        }
    }
    let (name, version) = (said(package, "name"), said(package, "versionInfo"));
    out.component(&bom::component("", &name, &version, &purl));
    for (id, references) in found {
        let mut draft = draft(package, &id, references);
        // The same package may be listed twice.
        let package = if draft.own_id.is_empty() {
            &name
        } else {
            &draft.own_id
        };
        draft.same_as = format!("{package}|{id}");
        draft.component = Some(bom::component("", &name, &version, &purl));
        draft.see("cpe", cpes.join(", "));
        out.finding(draft);
    }
}

fn draft(package: &Value, id: &str, references: Vec<(String, String)>) -> Draft {
    let mut draft = Draft {
        category: "vulnerability".to_owned(),
        check: id.to_owned(),
        own_id: field::named(package, "SPDXID"),
        // The format has no severity; a named vulnerability is more than a remark.
        severity: Some(Severity::Medium),
        description: format!("The bill of materials names {id} for this package."),
        remediation: "Review the advisory and upgrade to a version with the fix; the bill of \
                      materials does not say which."
            .to_owned(),
        ids: vec![id.to_owned()],
        ..Draft::default()
    };
    for (kind, text) in references {
        let address = text.split(" (").next().unwrap_or(&text);
        draft.references.push(address.to_owned());
        draft.see(&kind, text);
    }
    let license = ["licenseConcluded", "licenseDeclared"].map(|name| said(package, name));
    let license = license.into_iter().find(|text| !text.is_empty());
    draft.see("license", license.unwrap_or_default());
    draft.see("supplier", said(package, "supplier"));
    draft
}
