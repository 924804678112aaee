//! Rules of a benchmark, as far as findings need them.

use crate::field;
use crate::markup;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Deepest nesting that is looked into; the XML reader bounds it too.
const DEPTH_MAX: usize = 100;

/// What a benchmark says of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    pub(super) title: String,
    pub(super) severity: String,
    pub(super) description: String,
    pub(super) rationale: String,
    pub(super) fix: String,
    pub(super) version: String,
    pub(super) group: String,
    /// Catalogue and identifier.
    pub(super) idents: Vec<(String, String)>,
    /// Catalogue and its entries.
    pub(super) references: BTreeMap<String, String>,
    pub(super) addresses: Vec<String>,
}

/// Finds the rules by their ids, and the results of scans.
pub(super) fn walk<'v>(
    value: &'v Value,
    group: &str,
    rules: &mut HashMap<String, Rule>,
    results: &mut Vec<&'v Value>,
) {
    deeper(value, group, 0, rules, results);
}

fn deeper<'v>(
    value: &'v Value,
    group: &str,
    depth: usize,
    rules: &mut HashMap<String, Rule>,
    results: &mut Vec<&'v Value>,
) {
    if depth > DEPTH_MAX {
        return;
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        for child in field::each(member) {
            match name.as_str() {
                "Rule" => {
                    let id = field::text(child, "@id");
                    rules.entry(id).or_insert_with(|| rule_of(child, group));
                }
                "TestResult" => results.push(child),
                "Group" => {
                    let id = field::text(child, "@id");
                    deeper(child, &id, depth + 1, rules, results);
                }
                _ if child.is_object() => deeper(child, group, depth + 1, rules, results),
                _ => {}
            }
        }
    }
}

fn rule_of(rule: &Value, group: &str) -> Rule {
    let mut out = Rule {
        title: first_of(rule, "title"),
        severity: field::text(rule, "@severity"),
        description: discussion(&first_of(rule, "description")),
        rationale: first_of(rule, "rationale"),
        version: first_of(rule, "version"),
        group: group.to_owned(),
        ..Rule::default()
    };
    let mut fixes = vec![first_of(rule, "fixtext")];
    // Scripts are for machines; of those the shell's is the one that people read.
    let shell = field::list(rule, "fix").iter().find(|fix| {
        let system = field::text(fix, "@system");
        system.is_empty() || system.ends_with(":sh") || system.ends_with("commands")
    });
    if let Some(fix) = shell {
        let is_first = fixes.first().is_none_or(String::is_empty);
        if is_first {
            fixes.push(field::shown(&text_alone(fix)));
        }
    }
    fixes.retain(|fix| !fix.is_empty());
    out.fix = fixes.join("\n");
    out.idents = field::list(rule, "ident").iter().map(ident_of).collect();
    for reference in field::list(rule, "reference") {
        let address = field::text(reference, "@href");
        let text = match reference {
            Value::String(text) => text.clone(),
            other => field::first(other, &["#text", "title", "identifier"]),
        };
        let name = catalogue(&address);
        if !name.is_empty() && !text.is_empty() {
            let all = out.references.entry(name.to_owned()).or_default();
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(&text);
        } else if address.starts_with("http") && !out.addresses.contains(&address) {
            out.addresses.push(address);
        }
    }
    out
}

/// The text of the first child of a name; benchmarks repeat them by language.
fn first_of(rule: &Value, name: &str) -> String {
    let children = field::list(rule, name);
    let english = children.iter().find(|child| {
        let language = field::text(child, "@lang");
        language.starts_with("en")
    });
    let child = english.or_else(|| children.first());
    child
        .map(|child| field::shown(&text_alone(child)))
        .unwrap_or_default()
}

/// An element's text without its attributes.
fn text_alone(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.get("#text").cloned().unwrap_or(Value::Null),
        other => other.clone(),
    }
}

/// DISA writes XML inside of the description: of it the discussion is for people.
fn discussion(text: &str) -> String {
    let inner = text
        .split_once("<VulnDiscussion>")
        .and_then(|(_, rest)| rest.split_once("</VulnDiscussion>"));
    match inner {
        Some((discussion, _)) => discussion.trim().to_owned(),
        None => markup::plain(text),
    }
}

/// Catalogue and identifier of an `ident`.
pub(super) fn ident_of(ident: &Value) -> (String, String) {
    let text = field::shown(&text_alone(ident));
    let name = match text.split(['-', ':']).next().unwrap_or_default() {
        "CCE" => "cce",
        "CCI" => "cci",
        "CVE" => "cve",
        "RHSA" | "RHBA" | "ELSA" | "USN" | "DSA" => "advisory",
        _ => "ident",
    };
    (name.to_owned(), text)
}

/// The catalogue behind an address of a reference.
fn catalogue(address: &str) -> &'static str {
    let known = [
        ("800-53", "nist 800-53"),
        ("800-171", "nist 800-171"),
        ("cyberframework", "nist csf"),
        ("CSWP.04162018", "nist csf"),
        ("cisecurity", "cis"),
        ("pcisecuritystandards", "pci dss"),
        ("pci-dss", "pci dss"),
        ("cyber.mil/stigs/cci", "cci"),
        ("cyber.mil/stigs/srg", "srg"),
        ("cyber.mil/stigs/downloads", "stig"),
        ("iase.disa.mil", "stig"),
        ("niap-ccevs", "ospp"),
        ("gpo.gov", "hipaa"),
        ("hhs.gov", "hipaa"),
        ("isaca.org", "cobit"),
        ("iso.org", "iso 27001"),
        ("isa.org", "isa 62443"),
        ("nerc.com", "nerc cip"),
        ("ssi.gouv.fr", "anssi"),
        ("bsi.bund.de", "bsi"),
        ("fbi.gov", "cjis"),
        ("cyber.gov.au", "ism"),
    ];
    let found = known.iter().find(|(piece, _)| address.contains(piece));
    found.map_or("", |(_, name)| name)
}
