//! OSV records (schema 1.7), single, in a list or line by line: distributions and languages alike.
//!
//! - Ranges of commits (`GIT`) say nothing of installed packages and are passed over.
//! - `versions` is kept for languages. Distributions repeat in it what their range says, version by
//!   version, tens of times its size; it is dropped where there is a range.
//! - A notice that names no vulnerability (`RHBA`, `ALBA`: repairs and enhancements) is skipped.
//!
//! Source: ossf.github.io/osv-schema.

use super::advisory::{join, package};
use super::out::{Out, each};
use super::value::{at, cvss, is_cve, list, opt, summary, text, texts, time, unique};
use super::{ecosystem, severity};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, Cvss, PackageNames, Text, VersionRange};
use serde_json::Value;

/// The feed's name in its advisories.
const FEED: &str = "osv";
/// Beginnings of identifiers of notices that mend others' vulnerabilities.
const NOTICES: [&str; 20] = [
    "DSA-",
    "DLA-",
    "DTSA-",
    "USN-",
    "LSN-",
    "RHSA-",
    "RHBA-",
    "RHEA-",
    "ALSA-",
    "ALBA-",
    "ALEA-",
    "RLSA-",
    "RLBA-",
    "RLEA-",
    "RXSA-",
    "SUSE-",
    "openSUSE-",
    "ELSA-",
    "ALAS",
    "MGASA-",
];
/// Notices that need not be about security.
const REPAIRS: [&str; 6] = ["RHBA-", "RHEA-", "ALBA-", "ALEA-", "RLBA-", "RLEA-"];

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, record| {
        let id = text(record, "id");
        if id.is_empty() {
            out.reject(place, "the record has no `id`");
            return;
        }
        let aliases = aliases(id, record);
        let is_repair = REPAIRS.iter().any(|prefix| id.starts_with(prefix));
        if is_repair && !aliases.iter().any(|alias| is_cve(alias)) {
            out.skip();
            return;
        }
        let advisory = one(id, aliases, record, &mut |reason| {
            out.reject(format!("{place}, {id}"), reason);
        });
        out.advisory(advisory);
    })?;
    Ok(())
}

fn one(id: &str, aliases: Vec<Text>, record: &Value, reject: &mut dyn FnMut(String)) -> Advisory {
    let is_notice = NOTICES.iter().any(|prefix| id.starts_with(prefix));
    let mut affected: Vec<Affected> = Vec::new();
    for entry in list(record, "affected") {
        match packages(entry) {
            Ok(found) => affected.extend(found),
            Err(reason) => reject(reason),
        }
    }
    if is_notice {
        let has_fix =
            |entry: &&mut Affected| entry.ranges.iter().any(|range| range.fixed.is_some());
        for entry in affected.iter_mut().filter(has_fix) {
            entry.notice = Some(id.into());
        }
    }
    let mut scores: Vec<Cvss> = Vec::new();
    for score in list(record, "severity") {
        let read = cvss(text(score, "score"), None, None);
        scores.extend(read.filter(|read| !scores.contains(read)));
    }
    let words = summary(text(record, "summary")).or_else(|| summary(text(record, "details")));
    Advisory {
        id: id.into(),
        aliases,
        feed: FEED.into(),
        affected: join(affected),
        severity: stated(record),
        cvss: scores,
        summary: words,
        cwe: unique(
            texts(at(record, &["database_specific"]), "cwe_ids")
                .into_iter()
                .filter_map(super::value::cwe),
        ),
        published: time(record, "published"),
        modified: time(record, "modified").filter(|time| !time.starts_with("0001-")),
        withdrawn: time(record, "withdrawn"),
    }
}

/// The severity in the publisher's own words: a priority, GitHub's word, or that of the title.
fn stated(record: &Value) -> Option<casemate_schema::Severity> {
    let priority = list(record, "severity")
        .iter()
        .filter(|score| !text(score, "type").starts_with("CVSS"))
        .find_map(|score| severity::of(text(score, "score")));
    priority
        .or_else(|| severity::of(text(at(record, &["database_specific"]), "severity")))
        .or_else(|| severity::of_title(text(record, "summary")))
}

/// Other names of it, and the vulnerabilities that it mends. `related` counts where nothing else
/// names a CVE: older records of distributions have them there, while those of languages name
/// similar vulnerabilities.
fn aliases(id: &str, record: &Value) -> Vec<Text> {
    let mut all: Vec<&str> = texts(record, "aliases");
    all.extend(texts(record, "upstream"));
    let own = id.split_once('-').map_or("", |(_, rest)| rest);
    if is_cve(own) {
        all.push(own);
    }
    let related: Vec<&str> = texts(record, "related");
    if !is_cve(id) && !all.iter().any(|alias| is_cve(bare(alias))) {
        all.extend(related.iter().filter(|alias| is_cve(bare(alias))));
    }
    // A distribution's own name for a CVE is the CVE.
    let all = all.into_iter().map(bare).filter(|alias| *alias != id);
    unique(all.map(Text::from))
}

/// `UBUNTU-CVE-2021-3782` as the CVE that it is.
fn bare(id: &str) -> &str {
    match id.split_once('-') {
        Some((_, rest)) if is_cve(rest) => rest,
        _ => id,
    }
}

fn packages(entry: &Value) -> Result<Vec<Affected>, String> {
    let named = at(entry, &["package"]);
    let (name, theirs) = (text(named, "name"), text(named, "ecosystem"));
    if name.is_empty() && theirs.is_empty() {
        // Only ranges of commits.
        return Ok(Vec::new());
    }
    let (ours, names) = ecosystem::osv(theirs)
        .filter(|_| !name.is_empty())
        .ok_or_else(|| format!("the package `{name}` of `{theirs}` is of no known ecosystem"))?;
    let ranges: Vec<VersionRange> = list(entry, "ranges")
        .iter()
        .filter(|range| text(range, "type") != "GIT")
        .flat_map(|range| ranges(list(range, "events")))
        .collect();
    let binaries = binaries(entry);
    if names == PackageNames::Binary && !binaries.is_empty() {
        // SUSE names the source above, and the packages with their versions here.
        return Ok(binaries
            .into_iter()
            .map(|(name, fixed)| Affected {
                ranges: vec![super::advisory::before(&fixed)],
                ..package(&ours, &name, names)
            })
            .collect());
    }
    let specific = at(entry, &["ecosystem_specific"]);
    let is_distribution = ours.contains(':') || names == PackageNames::Source;
    let versions = texts(entry, "versions").into_iter().map(Text::from);
    let versions = versions.filter(|_| !is_distribution || ranges.is_empty());
    Ok(vec![Affected {
        versions: versions.collect(),
        ranges,
        severity: severity::of(text(specific, "ubuntu_priority")),
        note: opt(specific, "availability").filter(|note| note != "No subscription required"),
        ..package(&ours, name, names)
    }])
}

/// SUSE's packages of a notice: `binaries: [{"NAME": "VERSION"}]`.
fn binaries(entry: &Value) -> Vec<(String, String)> {
    let all = list(at(entry, &["ecosystem_specific"]), "binaries");
    let pairs = all.iter().filter_map(Value::as_object).flatten();
    pairs
        .filter(|(name, _)| !name.starts_with("binary_"))
        .filter_map(|(name, version)| Some((name.clone(), version.as_str()?.to_owned())))
        .collect()
}

/// Ranges of events in their order. As many ends as beginnings in a row are pairs; one end after
/// several beginnings ends them all.
fn ranges(events: &[Value]) -> Vec<VersionRange> {
    let mut out: Vec<VersionRange> = Vec::new();
    let mut open: Vec<VersionRange> = Vec::new();
    let mut at = 0;
    while at < events.len() {
        let rest = events.get(at..).unwrap_or_default();
        let introduced: Vec<&str> = rest
            .iter()
            .map_while(|event| event.get("introduced")?.as_str())
            .collect();
        at += introduced.len();
        open.extend(introduced.into_iter().map(|version| VersionRange {
            introduced: (version != "0").then(|| version.into()),
            ..VersionRange::default()
        }));
        let rest = events.get(at..).unwrap_or_default();
        let ends: Vec<&Value> = rest
            .iter()
            .take_while(|event| event.get("introduced").is_none())
            .collect();
        at += ends.len();
        let ends: Vec<(Option<Text>, Option<Text>)> = ends
            .into_iter()
            .map(|event| (opt(event, "fixed"), opt(event, "last_affected")))
            .filter(|(fixed, last)| fixed.is_some() || last.is_some())
            .collect();
        if ends.is_empty() {
            continue;
        }
        if open.is_empty() {
            open.push(VersionRange::default());
        }
        for (idx, mut range) in open.drain(..).enumerate() {
            if let Some((fixed, last)) = ends.get(idx).or(ends.last()) {
                range.fixed.clone_from(fixed);
                range.last_affected.clone_from(last);
            }
            out.push(range);
        }
    }
    out.append(&mut open);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(events: &Value) -> Vec<String> {
        let part = |text: &Option<Text>| text.clone().unwrap_or_default();
        ranges(events.as_array().expect("list"))
            .iter()
            .map(|range| {
                let (from, to) = (part(&range.introduced), part(&range.fixed));
                format!("{from}..{to}={}", part(&range.last_affected))
            })
            .collect()
    }

    #[test]
    fn events_become_ranges() {
        for (events, expected) in [
            (
                json!([{"introduced": "0"}, {"fixed": "1.2"}]),
                vec!["..1.2="],
            ),
            (json!([{"introduced": "0"}]), vec!["..="]),
            (
                json!([{"introduced": "1"}, {"fixed": "1.2"}, {"introduced": "2"}, {"last_affected": "2.1"}]),
                vec!["1..1.2=", "2..=2.1"],
            ),
            (
                json!([{"introduced": "1"}, {"introduced": "2"}, {"fixed": "1.2"}, {"fixed": "2.2"}]),
                vec!["1..1.2=", "2..2.2="],
            ),
            (json!([{"fixed": "3"}, {"limit": "4"}]), vec!["..3="]),
            (json!([]), vec![]),
        ] {
            assert_eq!(shown(&events), expected);
        }
    }

    #[test]
    fn aliases_are_the_vulnerabilities_meant() {
        let of = |record: Value| aliases(text(&record, "id"), &record);
        let ubuntu = json!({"id": "UBUNTU-CVE-2015-0209", "upstream": ["CVE-2015-0209"], "related": ["USN-2537-1"]});
        assert_eq!(of(ubuntu), ["CVE-2015-0209"]);
        let github =
            json!({"id": "GHSA-1", "aliases": ["CVE-2020-0001"], "related": ["CVE-2020-0002"]});
        assert_eq!(of(github), ["CVE-2020-0001"]);
        let notice =
            json!({"id": "LSN-1", "related": ["CVE-2024-26800", "UBUNTU-CVE-2024-26800", "LSN-0"]});
        assert_eq!(of(notice), ["CVE-2024-26800"]);
    }
}
