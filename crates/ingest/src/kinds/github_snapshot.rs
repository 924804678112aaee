//! GitHub dependency snapshots (dependency submission API): packages, and no findings.

use crate::collector::Collector;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use serde_json::Value;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    let detector = document.get("detector").unwrap_or(&Value::Null);
    out.tool(&field::named(detector, "name"));
    out.tool_version(&field::named(detector, "version"));
    out.scanned_at(&field::named(document, "scanned"));
    let manifests = document.get("manifests").and_then(Value::as_object);
    let mut n_packages = 0;
    for (name, manifest) in manifests.into_iter().flatten() {
        out.target(name);
        let resolved = manifest.get("resolved").and_then(Value::as_object);
        n_packages += resolved.map_or(0, serde_json::Map::len);
    }
    let n_manifests = manifests.map_or(0, serde_json::Map::len);
    out.note(format!(
        "the snapshot lists {n_packages} packages of {n_manifests} manifests"
    ));
    Ok(())
}
