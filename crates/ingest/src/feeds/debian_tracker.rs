//! Debian's security tracker (`security-tracker.debian.org/tracker/data/json`): source package ->
//! vulnerability -> release -> status.
//!
//! | tracker | here |
//! |---|---|
//! | `resolved`, `fixed_version` 0 | not affected: the release never had it |
//! | `resolved` | affected before `fixed_version` |
//! | `open` | every version is affected |
//! | `open`, `nodsa_reason` `postponed`, `ignored` | deferred, will not be fixed |
//! | `open`, urgency `end-of-life` | end of life |
//! | `undetermined` | under investigation |

use super::advisory::{fixed_in, package};
use super::out::{Out, each};
use super::value::{at, is_cve, opt, summary, text};
use super::{ecosystem, severity};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, AffectedState, PackageNames, Text};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "{}", out, &mut |out, source, place, entries| {
        let Some(entries) = entries.as_object() else {
            out.reject(place, format!("`{source}` is no object"));
            return;
        };
        for (id, entry) in entries {
            if !is_cve(id) && !id.starts_with("TEMP-") && !id.starts_with("CVE-") {
                out.reject(place, format!("`{id}` of `{source}` is no vulnerability"));
                continue;
            }
            let mut affected = Vec::new();
            let releases = at(entry, &["releases"]).as_object();
            for (release, status) in releases.into_iter().flatten() {
                match one(source, release, status) {
                    Ok(found) => affected.push(found),
                    Err(reason) => out.reject(format!("{source}, {id}, {release}"), reason),
                }
            }
            out.advisory(Advisory {
                id: id.as_str().into(),
                feed: "debian-tracker".into(),
                affected,
                summary: summary(text(entry, "description")),
                ..Advisory::default()
            });
        }
    })?;
    Ok(())
}

fn one(source: &str, release: &str, status: &Value) -> Result<Affected, String> {
    let ecosystem =
        ecosystem::debian(release).ok_or_else(|| format!("`{release}` is no release of Debian"))?;
    let mut affected = package(&ecosystem, source, PackageNames::Source);
    let urgency = text(status, "urgency");
    affected.severity = severity::of(urgency);
    affected.note = note(status);
    match text(status, "status") {
        "resolved" => match text(status, "fixed_version") {
            "" => return Err("it is resolved without a version".to_owned()),
            fixed => fixed_in(&mut affected, Some(fixed)),
        },
        "open" => {
            fixed_in(&mut affected, None);
            affected.state = match text(status, "nodsa_reason") {
                _ if urgency == "end-of-life" => AffectedState::EndOfLife,
                "postponed" => AffectedState::Deferred,
                "ignored" => AffectedState::WillNotFix,
                _ => AffectedState::Affected,
            };
        }
        "undetermined" => affected.state = AffectedState::UnderInvestigation,
        other => return Err(format!("the status `{other}` is unknown")),
    }
    Ok(affected)
}

/// `no-dsa: Minor issue`, with the reason where there is one.
fn note(status: &Value) -> Option<Text> {
    let reason = opt(status, "nodsa")?;
    let word = match text(status, "nodsa_reason") {
        "" => "no-dsa",
        word => word,
    };
    Some(format!("{word}: {reason}").into())
}
