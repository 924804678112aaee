//! Red Hat's security data API (`access.redhat.com/hydra/rest/securitydata/cve/CVE-....json`): source
//! packages with a fix in `affected_release`, and those without in `package_state`.

use super::advisory::{before, join, package};
use super::out::{Out, each};
use super::value::{at, cvss, cwe, is_cve, many, number, opt, summary, text, unique};
use super::{ecosystem, severity};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, AffectedState, PackageNames, VersionRange};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, record| {
        let id = text(record, "name");
        if !is_cve(id) {
            out.reject(place, format!("`{id}` is no CVE"));
            return;
        }
        let mut affected = Vec::new();
        for release in many(record, "affected_release") {
            match fixed(release) {
                Ok(found) => affected.extend(found),
                Err(reason) => out.reject(format!("{place}, {id}"), reason),
            }
            out.dated(text(release, "release_date"));
        }
        for state in many(record, "package_state") {
            match unfixed(state) {
                Ok(found) => affected.push(found),
                Err(reason) => out.reject(format!("{place}, {id}"), reason),
            }
        }
        let scores = [("cvss", "cvss"), ("cvss3", "cvss3")]
            .iter()
            .filter_map(|(name, prefix)| {
                let score = at(record, &[name]);
                let base = number(at(score, &[&format!("{prefix}_base_score")]));
                let vector = text(score, &format!("{prefix}_scoring_vector"));
                cvss(vector, base, Some("redhat".into()))
            });
        // A chain of weaknesses: `CWE-120->CWE-787`.
        let weaknesses = text(record, "cwe").split(|c: char| !c.is_ascii_digit());
        out.advisory(Advisory {
            id: id.into(),
            feed: "redhat-api".into(),
            affected: join(affected),
            severity: severity::of(text(record, "threat_severity")),
            cvss: scores.collect(),
            summary: summary(text(at(record, &["bugzilla"]), "description")),
            cwe: unique(weaknesses.filter_map(cwe)),
            published: super::value::time(record, "public_date"),
            ..Advisory::default()
        });
    })?;
    Ok(())
}

fn platform(entry: &Value) -> Result<(String, &str), String> {
    let cpe = text(entry, "cpe");
    let ours = ecosystem::cpe(cpe).ok_or_else(|| {
        let name = text(entry, "product_name");
        format!("`{name}` (`{cpe}`) is no known platform")
    })?;
    Ok((ours, cpe))
}

/// A package with a fix; `None` for an image or a product without packages.
fn fixed(release: &Value) -> Result<Option<Affected>, String> {
    let named = text(release, "package");
    // Images are `openshift4/x:v4.13-1`, modules `ruby:2.5-8090020230627084142.b46abd14`.
    let is_package = !named.is_empty() && !named.contains('/');
    let mut parts = named.rsplitn(3, '-');
    let (revision, version, name) = (parts.next(), parts.next(), parts.next());
    let (true, Some(name), Some(version), Some(revision)) = (is_package, name, version, revision)
    else {
        return Ok(None);
    };
    let (ours, cpe) = platform(release)?;
    let version = version.strip_prefix("0:").unwrap_or(version);
    Ok(Some(Affected {
        ranges: vec![before(&format!("{version}-{revision}"))],
        notice: opt(release, "advisory"),
        cpe: Some(cpe.into()),
        ..package(&ours, name, PackageNames::Source)
    }))
}

fn unfixed(entry: &Value) -> Result<Affected, String> {
    let (ours, cpe) = platform(entry)?;
    let name = text(entry, "package_name");
    let fix_state = text(entry, "fix_state");
    let state = match fix_state {
        "Affected" => AffectedState::Affected,
        "Not affected" => AffectedState::NotAffected,
        "Will not fix" => AffectedState::WillNotFix,
        "Fix deferred" => AffectedState::Deferred,
        "Out of support scope" => AffectedState::EndOfLife,
        "New" | "Under investigation" => AffectedState::UnderInvestigation,
        other => return Err(format!("the state `{other}` of `{name}` is unknown")),
    };
    let is_open = matches!(
        state,
        AffectedState::NotAffected | AffectedState::UnderInvestigation
    );
    // `nodejs:18/nodejs`: a package of a module.
    let (module, name) = match name.split_once('/') {
        Some((module, name)) if module.contains(':') => (Some(module.into()), name),
        _ => (None, name),
    };
    Ok(Affected {
        state,
        ranges: if is_open {
            Vec::new()
        } else {
            vec![VersionRange::default()]
        },
        note: Some(fix_state.into()),
        cpe: Some(cpe.into()),
        module,
        ..package(&ours, name, PackageNames::Source)
    })
}
