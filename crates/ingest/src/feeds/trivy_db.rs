//! Trivy's database as YAML (`bucket`, `pairs`, `key`, `value`), the form of its fixtures.
//!
//! Red Hat's entries name platforms by their number in the bucket `Red Hat CPE`, which has to be in
//! the same file: `cat cpe.yaml redhat.yaml`. Numbers that it does not explain are rejected.

use super::advisory::{architecture, before, fixed_in, join, package};
use super::out::Out;
use super::value::{at, cvss, is_cve, list, many, number, opt, scalar, summary, text, texts, time};
use super::{ecosystem, severity, yaml};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{
    Advisory, Affected, AffectedState, CveRecord, PackRecord, PackageNames, Text, VersionRange,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The feed's name in its advisories.
const FEED: &str = "trivy-db";
/// Distributions whose advisories name source packages.
const BY_SOURCE: [&str; 7] = [
    "debian",
    "ubuntu",
    "alpine",
    "wolfi",
    "chainguard",
    "azurelinux",
    "mariner",
];

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    bucket: Option<String>,
    #[serde(default)]
    pairs: Vec<Self>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    value: Value,
}

/// What an entry means: package, identifier, value.
type Meaning<'a> = dyn FnMut(&str, &str, &Value) -> Result<Vec<Affected>, String> + 'a;
/// Platforms of Red Hat by number.
type Cpes = BTreeMap<String, String>;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let buckets: Vec<Node> = yaml::read(&input.text()?)?;
    let cpes = cpes(&buckets);
    let mut n_known = 0;
    for node in &buckets {
        let Some(name) = node.bucket.as_deref() else {
            out.reject("the document", "an entry is no bucket");
            continue;
        };
        n_known += 1;
        match name {
            "vulnerability" => node.pairs.iter().for_each(|pair| details(pair, out)),
            "Red Hat CPE" => n_known -= 1,
            "Red Hat" => packages(node, out, &mut |package, id, value| {
                redhat(package, id, value, &cpes)
            }),
            "data-source" => n_known -= 1,
            name => match platform(name) {
                Some((ours, names)) => packages(node, out, &mut |pkg, _, value| {
                    Ok(vec![of_platform(package(&ours, pkg, names), value)])
                }),
                None => out.reject(name, "the bucket is of no known platform"),
            },
        }
    }
    if n_known == 0 {
        return Err(ImportError::NoFeed {
            reason: "the database holds no advisories".to_owned(),
        });
    }
    Ok(())
}

fn cpes(buckets: &[Node]) -> Cpes {
    let of = |node: &Node, name: &str| node.bucket.as_deref() == Some(name);
    let all = buckets.iter().filter(|node| of(node, "Red Hat CPE"));
    let lists = all
        .flat_map(|node| &node.pairs)
        .filter(|node| of(node, "cpe"));
    lists
        .flat_map(|node| &node.pairs)
        .filter_map(|pair| Some((pair.key.clone()?, pair.value.as_str()?.to_owned())))
        .collect()
}

/// `debian 9`, `SUSE Linux Enterprise 15-SP3`, `pip::GitHub Security Advisory Pip`.
fn platform(bucket: &str) -> Option<(String, PackageNames)> {
    if let Some((language, _)) = bucket.split_once("::") {
        let ours = match language {
            "pip" => "pypi",
            "cargo" => "crates.io",
            "composer" => "packagist",
            "erlang" => "hex",
            "swift" => "swifturl",
            other => other,
        };
        return Some((ours.to_owned(), PackageNames::Binary));
    }
    let ours = ecosystem::product(bucket)?;
    let distribution = ours.split(':').next().unwrap_or_default();
    let names = if BY_SOURCE.contains(&distribution) {
        PackageNames::Source
    } else {
        PackageNames::Binary
    };
    Some((ours, names))
}

/// Reads package by package; `affected` says what an entry means.
fn packages(bucket: &Node, out: &mut Out<'_>, affected: &mut Meaning<'_>) {
    for node in &bucket.pairs {
        let Some(package) = node.bucket.as_deref() else {
            out.reject(
                bucket.bucket.as_deref().unwrap_or_default(),
                "an entry is no package",
            );
            continue;
        };
        for pair in &node.pairs {
            let id = pair.key.as_deref().unwrap_or_default().trim();
            let place = format!("{package}, {id}");
            if id.is_empty() {
                out.reject(place, "an entry has no identifier");
                continue;
            }
            match affected(package, id, &pair.value) {
                Ok(affected) => out.advisory(Advisory {
                    id: id.into(),
                    aliases: cves(&pair.value, id),
                    feed: FEED.into(),
                    affected: join(affected),
                    ..Advisory::default()
                }),
                Err(reason) => out.reject(place, reason),
            }
        }
    }
}

/// The vulnerabilities that the entries of a notice mend.
fn cves(value: &Value, id: &str) -> Vec<Text> {
    let entries = list(value, "Entries").iter();
    let all = entries.flat_map(|entry| list(entry, "Cves"));
    let all = all
        .filter_map(|cve| opt(cve, "ID"))
        .filter(|cve| *cve != id);
    super::value::sorted(all)
}

fn of_platform(mut affected: Affected, value: &Value) -> Affected {
    let state = state(value);
    affected.severity = number(at(value, &["Severity"])).and_then(severity::of_number);
    affected.notice = texts(value, "VendorIDs").first().copied().map(Text::from);
    let entries = list(value, "Entries");
    if let Some(entry) = entries.first() {
        affected.architectures = texts(entry, "Arches")
            .into_iter()
            .flat_map(architecture)
            .collect();
        let notice = texts(entry, "VendorIds")
            .into_iter()
            .chain(texts(entry, "VendorIDs"))
            .next();
        affected.notice = affected.notice.or_else(|| notice.map(Text::from));
    }
    let vulnerable = texts(value, "VulnerableVersions");
    if !vulnerable.is_empty() {
        affected.ranges = vulnerable.into_iter().flat_map(constraints).collect();
        return affected;
    }
    let fixed = scalar(at(value, &["FixedVersion"]));
    match state {
        AffectedState::NotAffected | AffectedState::UnderInvestigation => {}
        _ => fixed_in(&mut affected, fixed.as_deref()),
    }
    if affected.state == AffectedState::Affected {
        affected.state = state;
    }
    affected.note = opt(value, "State");
    affected
}

/// Trivy's status numbers; `State` is Debian's own word.
fn state(value: &Value) -> AffectedState {
    match scalar(at(value, &["Status"])).as_deref() {
        Some("1") => AffectedState::NotAffected,
        Some("4") => AffectedState::UnderInvestigation,
        Some("5") => AffectedState::WillNotFix,
        Some("6") => AffectedState::Deferred,
        Some("7") => AffectedState::EndOfLife,
        _ => match text(value, "State") {
            "postponed" => AffectedState::Deferred,
            "ignored" => AffectedState::WillNotFix,
            _ => AffectedState::Affected,
        },
    }
}

/// `>= 1.0, < 1.2 || = 2.0` as ranges.
fn constraints(text: &str) -> Vec<VersionRange> {
    let alternatives = text.split("||").map(|alternative| {
        let mut range = VersionRange::default();
        for part in alternative
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let split = part
                .find(|c: char| !matches!(c, '<' | '>' | '='))
                .unwrap_or(0);
            let (operator, version) = part.split_at_checked(split).unwrap_or(("", part));
            let version: Option<Text> = super::value::some(version);
            match operator {
                // Nothing lies between a version and the next after it.
                ">=" | ">" => range.introduced = version,
                "<" => range.fixed = version,
                "<=" => range.last_affected = version,
                _ => {
                    range.introduced.clone_from(&version);
                    range.last_affected = version;
                }
            }
        }
        range
    });
    alternatives.collect()
}

fn redhat(name: &str, id: &str, value: &Value, cpes: &Cpes) -> Result<Vec<Affected>, String> {
    let mut out = Vec::new();
    let mut unknown = Vec::new();
    for entry in list(value, "Entries") {
        let state = state(entry);
        let fixed = scalar(at(entry, &["FixedVersion"]));
        let severities = list(entry, "Cves").iter();
        let severity = severities
            .filter_map(|cve| number(at(cve, &["Severity"])).and_then(severity::of_number))
            .max();
        for index in many(entry, "Affected")
            .into_iter()
            .flat_map(|all| match all {
                Value::Array(all) => all.clone(),
                one => vec![one.clone()],
            })
        {
            let index = scalar(&index).unwrap_or_default();
            let platform = cpes
                .get(&index)
                .and_then(|cpe| Some((cpe, ecosystem::cpe(cpe)?)));
            let Some((cpe, ours)) = platform else {
                unknown.push(index);
                continue;
            };
            let mut affected = package(&ours, name, PackageNames::Binary);
            affected.cpe = Some(cpe.as_str().into());
            affected.severity = severity;
            affected.notice = (!is_cve(id)).then(|| id.into());
            affected.state = state;
            affected.architectures = texts(entry, "Arches")
                .into_iter()
                .flat_map(architecture)
                .collect();
            affected.ranges = match (&fixed, state) {
                (_, AffectedState::NotAffected | AffectedState::UnderInvestigation) => Vec::new(),
                (Some(fixed), _) => vec![before(fixed)],
                (None, _) => vec![VersionRange::default()],
            };
            out.push(affected);
        }
    }
    if out.is_empty() {
        return Err(format!(
            "no CPE is known for the numbers {}",
            unknown.join(", ")
        ));
    }
    Ok(out)
}

/// The bucket `vulnerability`: what is known of a CVE.
fn details(pair: &Node, out: &mut Out<'_>) {
    let id = pair.key.as_deref().unwrap_or_default().trim();
    if !is_cve(id) {
        // Other names have no record of their own in a pack.
        out.skip();
        return;
    }
    let value = &pair.value;
    let words = opt(value, "Title").or_else(|| opt(value, "Description"));
    let mut record = CveRecord {
        id: id.into(),
        summary: words.as_deref().and_then(summary).unwrap_or_default(),
        cwe: texts(value, "CweIDs")
            .into_iter()
            .filter_map(super::value::cwe)
            .collect(),
        published: time(value, "PublishedDate"),
        ..CveRecord::default()
    };
    for (source, score) in at(value, &["CVSS"]).as_object().into_iter().flatten() {
        for name in ["V40", "V3", "V2"] {
            let base = number(at(score, &[&format!("{name}Score")]));
            let vector = text(score, &format!("{name}Vector"));
            record
                .cvss
                .extend(cvss(vector, base, super::value::some(source)));
        }
    }
    out.dated(text(value, "LastModifiedDate"));
    out.put(PackRecord::Cve(record));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_become_ranges() {
        let ranges = constraints(">= 1.0, < 1.2 || = 2.0");
        let part = |text: &Option<Text>| text.clone().unwrap_or_default();
        assert_eq!(
            (part(&ranges[0].introduced), part(&ranges[0].fixed)),
            ("1.0".into(), "1.2".into())
        );
        assert_eq!(part(&ranges[1].introduced), part(&ranges[1].last_affected));
    }
}
