//! CAPEC as a STIX 2 bundle: attack patterns as the bridge from weaknesses to techniques.

use super::out::{Out, each};
use super::value::{at, cwe, list, technique, text, unique};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{AttackPattern, PackRecord, Text};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "objects[]", out, &mut |out, _, place, object| {
        out.dated(text(object, "modified"));
        if text(object, "type") != "attack-pattern" {
            return;
        }
        out.version(text(object, "x_capec_version"));
        let is_dropped = matches!(text(object, "x_capec_status"), "Deprecated" | "Obsolete")
            || at(object, &["revoked"]).as_bool() == Some(true);
        if is_dropped {
            out.skip();
            return;
        }
        match one(object) {
            Ok(pattern) => out.put(PackRecord::AttackPattern(pattern)),
            Err(reason) => out.reject(place, reason),
        }
    })?;
    Ok(())
}

fn one(object: &Value) -> Result<AttackPattern, String> {
    let references = list(object, "external_references");
    let of = |source: &'static str| {
        references
            .iter()
            .filter(move |reference| text(reference, "source_name").eq_ignore_ascii_case(source))
            .map(|reference| text(reference, "external_id"))
    };
    let name = text(object, "name");
    let id = of("capec").find(|id| id.starts_with("CAPEC-"));
    let id = id.ok_or_else(|| format!("the pattern `{name}` has no identifier"))?;
    Ok(AttackPattern {
        id: id.into(),
        name: name.into(),
        weaknesses: unique(of("cwe").filter_map(cwe)),
        techniques: unique(of("ATTACK").filter_map(technique).collect::<Vec<Text>>()),
    })
}
