//! CISA's catalogue of known exploited vulnerabilities (JSON).

use super::out::{Out, each};
use super::value::{is_cve, text};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{KevEntry, PackRecord, Text};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let rest = each(
        input,
        "vulnerabilities[]",
        out,
        &mut |out, _, place, entry| match one(entry) {
            Ok(entry) => {
                out.dated(&entry.added);
                out.put(PackRecord::Kev(entry));
            }
            Err(reason) => out.reject(place, reason),
        },
    )?;
    out.version(text(&rest, "catalogVersion"));
    out.dated(text(&rest, "dateReleased"));
    Ok(())
}

fn one(entry: &Value) -> Result<KevEntry, String> {
    let id = text(entry, "cveID");
    if !is_cve(id) {
        return Err(format!("`{id}` is no CVE"));
    }
    let added = day(text(entry, "dateAdded")).ok_or_else(|| format!("{id} has no `dateAdded`"))?;
    let product = format!(
        "{} {}",
        text(entry, "vendorProject"),
        text(entry, "product")
    );
    Ok(KevEntry {
        id: id.into(),
        added,
        due: day(text(entry, "dueDate")),
        ransomware: text(entry, "knownRansomwareCampaignUse").eq_ignore_ascii_case("known"),
        product: product.trim().into(),
        name: text(entry, "vulnerabilityName").into(),
    })
}

/// The day of a date, `YYYY-MM-DD`.
fn day(text: &str) -> Option<Text> {
    Some(rfc3339(text)?.get(..10)?.into())
}
