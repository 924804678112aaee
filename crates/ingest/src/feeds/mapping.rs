//! Mappings between catalogues: controls or CVEs onto ATT&CK techniques (Center for Threat-Informed
//! Defense, JSON, lines or CSV), and hardening rules onto the controls of frameworks
//! (ComplianceAsCode).

use super::out::{Out, each};
use super::value::{at, is_cve, list, opt, technique, text};
use crate::error::ImportError;
use crate::input::Input;
use crate::table;
use casemate_schema::{ControlMapping, PackRecord, Text};
use serde_json::Value;

/// Lines, a list, or a document with `mapping_objects`.
pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let path = match crate::json::outline(input.head()) {
        Value::Object(document) if document.contains_key("mapping_objects") => "mapping_objects[]",
        _ => "[]",
    };
    let rest = each(input, path, out, &mut |out, _, place, row| {
        one(out, place, row);
    })?;
    let metadata = at(&rest, &["metadata"]);
    out.version(text(metadata, "mapping_version"));
    out.dated(text(metadata, "last_update"));
    Ok(())
}

/// A table with the columns of the JSON, or the one of `attack_to_cve`.
pub(crate) fn csv(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    const IMPACTS: [&str; 4] = [
        "Primary Impact",
        "Secondary Impact",
        "Exploitation Technique",
        "Uncategorized",
    ];
    table::read(input.reader()?, b',', &[], &mut |line, row| {
        let place = format!("line {line}");
        let id = text(&row, "CVE ID");
        if id.is_empty() {
            one(out, &place, &row);
            return Ok(());
        }
        if !is_cve(id) {
            out.reject(&place, format!("`{id}` is no CVE"));
            return Ok(());
        }
        for column in IMPACTS {
            let words = text(&row, column).split([';', ',', ' ']).map(str::trim);
            for word in words.filter(|word| !word.is_empty()) {
                match technique(word.trim_end_matches('.')) {
                    Some(to) => {
                        let relation = column.to_ascii_lowercase().replace(' ', "_");
                        put(out, "cve-to-attack", id.into(), to, Some(relation.into()));
                    }
                    None => out.reject(&place, format!("`{word}` is no technique")),
                }
            }
        }
        Ok(())
    })
}

fn put(out: &mut Out<'_>, mapping: &str, id: Text, to: Text, relation: Option<Text>) {
    out.put(PackRecord::ControlMapping(ControlMapping {
        mapping: mapping.into(),
        id,
        to,
        relation,
    }));
}

/// `capability_id` is mapped onto `attack_object_id`.
fn one(out: &mut Out<'_>, place: &str, row: &Value) {
    let from = text(row, "capability_id");
    let to = text(row, "attack_object_id");
    if from.is_empty() {
        // Techniques that nothing is mapped onto are listed too.
        out.skip();
        return;
    }
    let Some(to) = technique(to) else {
        out.reject(place, format!("`{to}` is no technique"));
        return;
    };
    let relation = opt(row, "mapping_type");
    let (mapping, id) = if is_cve(from) {
        ("cve-to-attack", from.into())
    } else if let Some(control) = nist(from) {
        (
            "nist_800_53-to-attack",
            format!("nist_800_53:{control}").into(),
        )
    } else {
        ("control-to-attack", from.into())
    };
    put(out, mapping, id, to, relation);
}

/// A control of NIST 800-53 as the catalogue writes it: `AC-02` is `AC-2`.
fn nist(text: &str) -> Option<String> {
    let (family, number) = text.split_once('-')?;
    let is_family = family.len() == 2 && family.bytes().all(|byte| byte.is_ascii_uppercase());
    let end = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    let (digits, rest) = number.split_at_checked(end)?;
    let digits: u32 = digits.parse().ok()?;
    is_family.then(|| format!("{family}-{digits}{}", rest.replace("(0", "(")))
}

/// Hardening rules with their `references` into frameworks.
pub(crate) fn crosswalk(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, rule| {
        let name = text(rule, "rule");
        let references = at(rule, &["references"]).as_object();
        if name.is_empty() || references.is_none() {
            out.reject(place, "the rule has no name or no `references`");
            return;
        }
        for framework in references.into_iter().flat_map(serde_json::Map::keys) {
            let ours = match framework.as_str() {
                "nist" => "nist_800_53".to_owned(),
                // The numbers are those of PCI DSS 3.2.1; 4.0 has a name of its own.
                "pcidss" => "pci_dss_3".to_owned(),
                "pcidss4" => "pci_dss".to_owned(),
                other => other.replace('-', "_"),
            };
            let mapping = format!("rule-to-{ours}");
            for control in list(at(rule, &["references"]), framework) {
                let Some(control) = control.as_str() else {
                    out.reject(
                        place,
                        format!("a reference of {name} into {framework} is no text"),
                    );
                    continue;
                };
                put(
                    out,
                    &mapping,
                    format!("ssg:{name}").into(),
                    format!("{ours}:{control}").into(),
                    None,
                );
            }
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::nist;

    #[test]
    fn controls_are_written_one_way() {
        assert_eq!(nist("AC-02").as_deref(), Some("AC-2"));
        assert_eq!(nist("SI-04(02)").as_deref(), Some("SI-4(2)"));
        assert_eq!(nist("T1055"), None);
        assert_eq!(nist("PR.AC-1"), None);
    }
}
