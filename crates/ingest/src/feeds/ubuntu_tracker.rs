//! A file of the Ubuntu CVE tracker (text, `active/CVE-2020-0009`): per source package and release
//! what is known.

use super::advisory::{fixed_in, package};
use super::out::Out;
use super::value::{cvss, is_cve, some, summary};
use super::{ecosystem, severity};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, AffectedState, PackageNames, Text};

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let text = input.text()?;
    let mut advisory = Advisory {
        feed: "ubuntu-tracker".into(),
        ..Advisory::default()
    };
    let mut section = String::new();
    let mut description = String::new();
    for (idx, line) in text.lines().enumerate() {
        let place = format!("line {}", idx + 1);
        if line.starts_with([' ', '\t']) {
            match section.as_str() {
                "Description" => description = format!("{description} {}", line.trim()),
                "CVSS" => {
                    let (source, vector) = line.split_once(':').unwrap_or(("", line));
                    advisory.cvss.extend(cvss(vector, None, some(source)));
                }
                _ => {}
            }
            continue;
        }
        let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let value = value.trim();
        name.clone_into(&mut section);
        match name {
            "Candidate" => advisory.id = value.into(),
            "PublicDate" => advisory.published = rfc3339(value).map(Text::from),
            "Priority" => {
                advisory.severity = severity::of(value.split(' ').next().unwrap_or_default());
            }
            _ => match status(name, value) {
                Ok(found) => advisory.affected.extend(found),
                Err(reason) => out.reject(place, reason),
            },
        }
    }
    if !is_cve(&advisory.id) {
        let reason = format!("`{}` is no CVE", advisory.id);
        return Err(ImportError::damaged("`Candidate`", reason));
    }
    advisory.summary = summary(&description);
    out.advisory(advisory);
    Ok(())
}

/// `RELEASE_PACKAGE: STATUS (WORDS)`; nothing for other lines and for releases that are none.
fn status(name: &str, value: &str) -> Result<Option<Affected>, String> {
    let Some((release, source)) = name.split_once('_') else {
        return Ok(None);
    };
    let is_release = !matches!(release, "upstream" | "devel" | "product" | "snap")
        && release.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_release {
        return Ok(None);
    }
    let ours =
        ecosystem::ubuntu(release).ok_or_else(|| format!("`{release}` is no release of Ubuntu"))?;
    let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
    let words = rest.trim().trim_start_matches('(').trim_end_matches(')');
    let mut affected = package(&ours, source, PackageNames::Source);
    affected.note = some(words);
    match word {
        "DNE" => return Ok(None),
        "released" if words.is_empty() => {
            return Err(format!("`{name}` is released without a version"));
        }
        "released" => {
            affected.note = None;
            fixed_in(&mut affected, Some(words));
        }
        "not-affected" => affected.state = AffectedState::NotAffected,
        "needs-triage" => affected.state = AffectedState::UnderInvestigation,
        "needed" | "active" | "in-progress" | "pending" => fixed_in(&mut affected, None),
        "deferred" => {
            fixed_in(&mut affected, None);
            affected.state = AffectedState::Deferred;
        }
        "ignored" => {
            fixed_in(&mut affected, None);
            let is_old = ["end of", "end-of-life", "out of standard support"]
                .iter()
                .any(|known| words.contains(known));
            affected.state = if is_old {
                AffectedState::EndOfLife
            } else {
                AffectedState::WillNotFix
            };
        }
        other => return Err(format!("the status `{other}` of `{name}` is unknown")),
    }
    Ok(Some(affected))
}
