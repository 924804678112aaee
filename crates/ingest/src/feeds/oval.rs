//! OVAL definitions of distributions for rpm and dpkg packages (Oracle, Azure Linux, Red Hat, SUSE,
//! Debian): which package is affected before which version on which release.
//!
//! A definition is a tree of criteria; read are the tests that compare a package's version with
//! "less than" (and Red Hat's "is installed" for what has no fix), under the releases that the criteria beside or above them ask for. Definitions of
//! another build (Ubuntu's, which match text of a manifest) are rejected one by one.
//!
//! Source: OVAL 5.11, linux and unix schemas.

use super::advisory::{before, join, package};
use super::ecosystem;
use super::out::Out;
use super::oval_tests::{Compared, Tests};
use super::severity;
use super::value::{at, content, is_cve, many, sorted, summary, text};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, PackageNames, Text, VersionRange};
use serde_json::Value;

/// Deepest criteria.
const DEPTH_MAX: usize = 40;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let document = input.xml()?;
    let root = at(document, &["oval_definitions"]);
    out.dated(content(at(root, &["generator", "timestamp"])));
    let tests = Tests::read(root);
    for definition in many(at(root, &["definitions"]), "definition") {
        let place = text(definition, "@id");
        match one(definition, &tests) {
            Ok(Some(advisory)) => out.advisory(advisory),
            Ok(None) => out.skip(),
            Err(reason) => out.reject(place, reason),
        }
    }
    Ok(())
}

fn one(definition: &Value, tests: &Tests) -> Result<Option<Advisory>, String> {
    let metadata = at(definition, &["metadata"]);
    let references = many(metadata, "reference");
    let ids: Vec<&str> = references
        .iter()
        .map(|reference| text(reference, "@ref_id").trim_start_matches("Mitre "))
        .collect();
    let title = content(at(metadata, &["title"]));
    let cves: Vec<&str> = ids.iter().copied().filter(|id| is_cve(id)).collect();
    let Some(id) = id_of(text(definition, "@class"), title, &ids) else {
        // Definitions that only find out which release runs.
        return Ok(None);
    };
    let mut walk = Walk {
        tests,
        found: Vec::new(),
        n_unread: 0,
    };
    let platforms: Vec<String> = many(at(metadata, &["affected"]), "platform")
        .into_iter()
        .filter_map(|platform| ecosystem::product(content(platform)))
        .collect();
    for criteria in many(definition, "criteria") {
        walk.criteria(criteria, &platforms, 0)?;
    }
    if walk.found.is_empty() {
        let reason = "none of its tests compares a package's version on a known release";
        return Err(format!("{id}: {reason} ({} others)", walk.n_unread));
    }
    let advisory = at(metadata, &["advisory"]);
    let mut affected = walk.found;
    if !is_cve(id) {
        affected
            .iter_mut()
            .for_each(|entry| entry.notice = Some(id.into()));
    }
    let word = [at(advisory, &["severity"]), at(metadata, &["severity"])];
    let dates = [
        text(at(advisory, &["issued"]), "@date"),
        content(at(metadata, &["advisory_date"])),
    ];
    Ok(Some(Advisory {
        id: id.into(),
        aliases: sorted(
            cves.iter()
                .filter(|cve| **cve != id)
                .map(|cve| Text::from(*cve)),
        ),
        feed: "oval".into(),
        affected: join(affected),
        severity: word
            .into_iter()
            .find_map(|word| severity::of(content(word))),
        summary: summary(title),
        published: dates.into_iter().find_map(rfc3339).map(Text::from),
        ..Advisory::default()
    }))
}

/// The id of a definition: a patch is its notice, all else its vulnerability; the title names one
/// where no reference does.
fn id_of<'a>(class: &str, title: &'a str, ids: &[&'a str]) -> Option<&'a str> {
    let first = title.split([' ', ':']).next().unwrap_or_default();
    let cve = ids.iter().copied().find(|id| is_cve(id));
    let notice = ids
        .iter()
        .copied()
        .find(|id| !is_cve(id) && id.contains('-'));
    let own = if class == "patch" { notice } else { cve };
    own.or(cve).or_else(|| is_cve(first).then_some(first))
}

/// Goes through the criteria of a definition.
struct Walk<'a> {
    tests: &'a Tests,
    found: Vec<Affected>,
    /// Package tests that could not be used.
    n_unread: usize,
}

impl Walk<'_> {
    fn criteria(&mut self, criteria: &Value, above: &[String], depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err("its criteria are nested deeper than 40".to_owned());
        }
        // Releases that are asked for beside the packages narrow those from above.
        let is_and = !text(criteria, "@operator").eq_ignore_ascii_case("or");
        let asked = if is_and {
            releases(criteria)
        } else {
            Vec::new()
        };
        let here = if asked.is_empty() { above } else { &asked };
        for criterion in many(criteria, "criterion") {
            let comment = text(criterion, "@comment");
            if release(comment).is_some() {
                continue;
            }
            match self.tests.compared(text(criterion, "@test_ref")) {
                // Debian says with version 0 that there is no fix; nothing is less than it.
                Some(Compared::Before { evr, .. }) if matches!(evr.as_str(), "0" | "0:0") => {
                    self.n_unread += 1;
                }
                Some(Compared::Before { name, evr, by_dpkg }) => {
                    self.put(&name, &evr, by_dpkg, here);
                }
                Some(Compared::Installed { name, by_dpkg })
                    if comment.strip_suffix(" is installed") == Some(&name) =>
                {
                    self.put(&name, "", by_dpkg, here);
                }
                Some(_) => {}
                None => self.n_unread += 1,
            }
        }
        for inner in many(criteria, "criteria") {
            self.criteria(inner, here, depth + 1)?;
        }
        Ok(())
    }

    fn put(&mut self, name: &str, evr: &str, by_dpkg: bool, releases: &[String]) {
        let own = releases.to_vec();
        // Azure Linux says its release in the package's version alone.
        let releases = if own.is_empty() {
            of_version(evr).into_iter().collect()
        } else {
            own
        };
        if releases.is_empty() {
            self.n_unread += 1;
        }
        let names = if by_dpkg || releases.iter().any(|ours| ours.starts_with("azurelinux")) {
            PackageNames::Source
        } else {
            PackageNames::Binary
        };
        for ours in &releases {
            self.found.push(Affected {
                ranges: vec![if evr.is_empty() {
                    VersionRange::default()
                } else {
                    before(evr.strip_prefix("0:").unwrap_or(evr))
                }],
                ..package(ours, name, names)
            });
        }
    }
}

/// The release that a criterion asks for: `Oracle Linux 5 is installed`.
fn release(comment: &str) -> Option<String> {
    ecosystem::product(comment.strip_suffix(" is installed")?)
}

/// The releases that criteria ask for, themselves or in a group of releases.
fn releases(criteria: &Value) -> Vec<String> {
    let direct = |criteria: &Value| -> Vec<String> {
        many(criteria, "criterion")
            .into_iter()
            .filter_map(|criterion| release(text(criterion, "@comment")))
            .collect()
    };
    let mut found = direct(criteria);
    for group in many(criteria, "criteria") {
        let of = direct(group);
        // A group of releases and nothing else.
        if of.len() == many(group, "criterion").len() && many(group, "criteria").is_empty() {
            found.extend(of);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn of_version(evr: &str) -> Option<String> {
    let (_, rest) = evr.rsplit_once(".azl")?;
    rest.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| format!("azurelinux:{rest}.0"))
}
