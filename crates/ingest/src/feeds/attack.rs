//! ATT&CK as a STIX 2 bundle: techniques with their tactics in the order of the matrix, and what
//! became of those that were taken back.

use super::out::{Out, each};
use super::value::{at, list, technique, text, texts};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{PackRecord, Technique, Text};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is kept of a bundle until all of it was seen.
#[derive(Default)]
struct Bundle {
    /// By STIX identifier.
    techniques: BTreeMap<String, Technique>,
    /// STIX identifier of what was replaced, and of what replaces it.
    replaced: BTreeMap<String, String>,
    /// Short names of tactics by STIX identifier.
    tactics: BTreeMap<String, Text>,
    /// STIX identifiers of tactics in the order of the matrix.
    order: Vec<String>,
}

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut bundle = Bundle::default();
    each(input, "objects[]", out, &mut |out, _, place, object| {
        out.dated(text(object, "modified"));
        bundle.take(out, place, object);
    })?;
    let rank: BTreeMap<&Text, usize> = bundle
        .order
        .iter()
        .filter_map(|id| bundle.tactics.get(id))
        .enumerate()
        .map(|(rank, name)| (name, rank))
        .collect();
    let id_of = |stix: &String| bundle.techniques.get(stix).map(|known| known.id.clone());
    let mut all: Vec<Technique> = Vec::new();
    for (stix, known) in &bundle.techniques {
        let mut found = known.clone();
        found.replaced_by = bundle.replaced.get(stix).and_then(id_of);
        // Tactics without a matrix keep the order of the bundle.
        found
            .tactics
            .sort_by_key(|tactic| rank.get(tactic).copied().unwrap_or(usize::MAX));
        all.push(found);
    }
    // One in use stands before a retired one of the same number.
    all.sort_by(|a, b| (&a.id, a.retired).cmp(&(&b.id, b.retired)));
    all.into_iter()
        .for_each(|technique| out.put(PackRecord::Technique(technique)));
    Ok(())
}

impl Bundle {
    fn take(&mut self, out: &mut Out<'_>, place: &str, object: &Value) {
        let stix = text(object, "id").to_owned();
        match text(object, "type") {
            "attack-pattern" => match one(object) {
                Ok(technique) => drop(self.techniques.insert(stix, technique)),
                Err(reason) => out.reject(place, reason),
            },
            "relationship" if text(object, "relationship_type") == "revoked-by" => {
                let target = text(object, "target_ref").to_owned();
                self.replaced
                    .insert(text(object, "source_ref").to_owned(), target);
            }
            "x-mitre-tactic" => {
                let name = text(object, "x_mitre_shortname").into();
                self.tactics.insert(stix, name);
            }
            "x-mitre-matrix" => {
                let order = texts(object, "tactic_refs").into_iter().map(str::to_owned);
                self.order.extend(order);
            }
            "x-mitre-collection" => out.version(text(object, "x_mitre_version")),
            _ => {}
        }
    }
}

fn one(object: &Value) -> Result<Technique, String> {
    let id = list(object, "external_references")
        .iter()
        .filter(|reference| text(reference, "source_name").starts_with("mitre"))
        .find_map(|reference| technique(text(reference, "external_id")));
    let name = text(object, "name");
    let id = id.ok_or_else(|| format!("the technique `{name}` has no identifier"))?;
    let flag = |name: &str| at(object, &[name]).as_bool() == Some(true);
    let phases = list(object, "kill_chain_phases").iter();
    Ok(Technique {
        id,
        name: name.into(),
        tactics: phases
            .map(|phase| text(phase, "phase_name").into())
            .collect(),
        platforms: texts(object, "x_mitre_platforms")
            .into_iter()
            .map(Text::from)
            .collect(),
        retired: flag("revoked") || flag("x_mitre_deprecated"),
        replaced_by: None,
    })
}
