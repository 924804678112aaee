//! CSAF 2.0: advisories and VEX of Red Hat, SUSE and others; one document a file.
//!
//! | product status | here |
//! |---|---|
//! | `fixed`, `first_fixed`, `recommended` | affected before that version |
//! | `known_affected`, `first_affected`, `last_affected` | that version, or every one where none is named |
//! | .. with `no_fix_planned` | will not be fixed; end of life if it says so |
//! | .. with `none_available` "Fix deferred" | deferred |
//! | `known_not_affected` | not affected |
//! | `under_investigation` | under investigation |
//!
//! Where a document calls one package of one platform both affected and not (a build without the
//! fix's code, a source package), the package counts as affected.
//!
//! Source: docs.oasis-open.org/csaf/csaf/v2.0.

use super::advisory::{before, join};
use super::csaf_products::{Meant, Products};
use super::out::{Out, each};
use super::severity;
use super::value::{at, cvss, list, number, opt, summary, text, texts, unique};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, AffectedState, Cvss, Severity, Text, VersionRange};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, document| {
        let about = at(document, &["document"]);
        let feed = feed(about);
        out.begin(feed);
        let tracking = at(about, &["tracking"]);
        out.version(text(tracking, "version"));
        out.dated(text(tracking, "current_release_date"));
        let products = Products::read(document);
        let all = list(document, "vulnerabilities");
        if all.is_empty() {
            out.skip();
        }
        for (idx, vulnerability) in all.iter().enumerate() {
            let place = format!("{place}, vulnerability {}", idx + 1);
            let advisory = one(about, feed, vulnerability, &products, &mut |reason| {
                out.reject(&place, reason);
            });
            match advisory {
                Some(advisory) => out.advisory(advisory),
                None => out.reject(&place, "it has neither `cve` nor another identifier"),
            }
        }
    })?;
    Ok(())
}

/// Who publishes it, and whether it says of products whether they are affected.
fn feed(about: &Value) -> &'static str {
    let publisher = text(at(about, &["publisher"]), "namespace").to_ascii_lowercase();
    let is_vex = text(about, "category").eq_ignore_ascii_case("csaf_vex");
    match (publisher.as_str(), is_vex) {
        (url, true) if url.contains("redhat.com") => "redhat-csaf-vex",
        (url, false) if url.contains("redhat.com") => "redhat-csaf",
        (url, true) if url.contains("suse.com") => "suse-csaf-vex",
        (url, false) if url.contains("suse.com") => "suse-csaf",
        (_, true) => "csaf-vex",
        (_, false) => "csaf",
    }
}

fn one(
    about: &Value,
    feed: &str,
    vulnerability: &Value,
    products: &Products,
    reject: &mut dyn FnMut(String),
) -> Option<Advisory> {
    let tracking = at(about, &["tracking"]);
    let document = text(tracking, "id");
    let own = list(vulnerability, "ids").iter().map(|id| text(id, "text"));
    let id = match text(vulnerability, "cve") {
        "" => own.clone().find(|id| !id.is_empty())?,
        cve => cve,
    };
    let is_notice = text(about, "category") == "csaf_security_advisory" && document != id;
    let ratings = Ratings::read(vulnerability);
    let remedies = Remedies::read(vulnerability);
    let mut affected = Vec::new();
    let status = at(vulnerability, &["product_status"]).as_object();
    for (status, ids) in status.into_iter().flatten() {
        for id in ids
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if products.is_platform(id) {
                // All of a platform, as some vendors say of appliances: no package to look for.
                continue;
            }
            match products.meant(id) {
                Ok(meant) => affected.extend(said(status, id, meant, &remedies, &ratings)),
                Err(reason) => reject(reason),
            }
        }
    }
    for entry in &mut affected {
        let has_fix = entry.ranges.iter().any(|range| range.fixed.is_some());
        if is_notice && has_fix && entry.notice.is_none() {
            entry.notice = Some(document.into());
        }
    }
    let severity = ratings
        .all
        .or_else(|| severity::of(text(at(about, &["aggregate_severity"]), "text")));
    Some(Advisory {
        id: id.into(),
        aliases: if is_notice {
            vec![document.into()]
        } else {
            Vec::new()
        },
        feed: feed.into(),
        affected: join(consistent(affected)),
        severity,
        cvss: scores(vulnerability, feed),
        summary: opt(vulnerability, "title")
            .or_else(|| opt(about, "title"))
            .as_deref()
            .and_then(summary),
        cwe: cwes(vulnerability),
        published: date(vulnerability, "release_date")
            .or_else(|| date(tracking, "initial_release_date")),
        modified: date(tracking, "current_release_date"),
        withdrawn: None,
    })
}

fn date(value: &Value, name: &str) -> Option<Text> {
    rfc3339(text(value, name)).map(Text::from)
}

fn cwes(vulnerability: &Value) -> Vec<Text> {
    let one = at(vulnerability, &["cwe"]);
    let many = list(vulnerability, "cwes").iter();
    unique(
        many.chain([one])
            .filter_map(|cwe| super::value::cwe(text(cwe, "id"))),
    )
}

fn scores(vulnerability: &Value, feed: &str) -> Vec<Cvss> {
    let source: Text = feed.split('-').next().unwrap_or(feed).into();
    let mut out: Vec<Cvss> = Vec::new();
    for score in list(vulnerability, "scores") {
        for name in ["cvss_v4", "cvss_v3", "cvss_v2"] {
            let given = at(score, &[name]);
            let base = number(at(given, &["baseScore"]));
            if let Some(mut read) = cvss(text(given, "vectorString"), base, Some(source.clone())) {
                read.version = read.version.or_else(|| opt(given, "version"));
                if !out.contains(&read) {
                    out.push(read);
                }
            }
        }
    }
    out
}

/// Severities by product, and the one for all.
#[derive(Default)]
struct Ratings {
    all: Option<Severity>,
    of: BTreeMap<String, Severity>,
}

impl Ratings {
    fn read(vulnerability: &Value) -> Self {
        let mut out = Self::default();
        for threat in list(vulnerability, "threats") {
            let Some(severity) = severity::of(text(threat, "details"))
                .filter(|_| text(threat, "category") == "impact")
            else {
                continue;
            };
            out.all = out.all.max(Some(severity));
            for id in texts(threat, "product_ids") {
                out.of.insert(id.to_owned(), severity);
            }
        }
        out
    }

    /// The product's own severity, where it is not that of all.
    fn of(&self, id: &str) -> Option<Severity> {
        self.of
            .get(id)
            .copied()
            .filter(|own| Some(*own) != self.all)
    }
}

/// What is done about it, by product.
#[derive(Default)]
struct Remedies {
    /// The notice that brings the fix.
    fixes: BTreeMap<String, Text>,
    /// State and words where there is none.
    unfixed: BTreeMap<String, (AffectedState, Text)>,
    /// Reasons for "not affected".
    flags: BTreeMap<String, Text>,
}

impl Remedies {
    fn read(vulnerability: &Value) -> Self {
        let mut out = Self::default();
        for remedy in list(vulnerability, "remediations") {
            let details = text(remedy, "details");
            let state = match text(remedy, "category") {
                "vendor_fix" => {
                    let notice = text(remedy, "url")
                        .rsplit('/')
                        .next()
                        .and_then(super::value::some);
                    let notice = notice.filter(|notice| notice.contains(['-', ':']));
                    for (id, notice) in texts(remedy, "product_ids")
                        .into_iter()
                        .zip(notice.iter().cycle())
                    {
                        out.fixes.insert(id.to_owned(), notice.clone());
                    }
                    continue;
                }
                "no_fix_planned" => unplanned(details),
                "none_available" => unavailable(details),
                _ => continue,
            };
            for id in texts(remedy, "product_ids") {
                out.unfixed.insert(id.to_owned(), (state, details.into()));
            }
        }
        for flag in list(vulnerability, "flags") {
            for id in texts(flag, "product_ids") {
                out.flags.insert(id.to_owned(), text(flag, "label").into());
            }
        }
        out
    }
}

fn unplanned(details: &str) -> AffectedState {
    let details = details.to_ascii_lowercase();
    if details.contains("out of support") || details.contains("end of life") {
        AffectedState::EndOfLife
    } else {
        AffectedState::WillNotFix
    }
}

fn unavailable(details: &str) -> AffectedState {
    let details = details.to_ascii_lowercase();
    if details.contains("deferred") {
        AffectedState::Deferred
    } else if details.contains("will not fix") {
        AffectedState::WillNotFix
    } else if details.contains("out of support") {
        AffectedState::EndOfLife
    } else if details.contains("investigation") {
        AffectedState::UnderInvestigation
    } else {
        AffectedState::Affected
    }
}

/// What one status says of one product; `None` for a status that says nothing of a package.
fn said(
    status: &str,
    id: &str,
    meant: Meant,
    remedies: &Remedies,
    ratings: &Ratings,
) -> Option<Affected> {
    let Meant {
        mut affected,
        version,
    } = meant;
    affected.severity = ratings.of(id);
    match status {
        "fixed" | "first_fixed" | "recommended" => {
            // A fix without a version is none that could be compared.
            affected.ranges.push(before(version.as_deref()?));
            affected.notice = remedies.fixes.get(id).cloned();
        }
        "known_affected" | "first_affected" | "last_affected" => {
            if let Some((state, words)) = remedies.unfixed.get(id) {
                affected.state = *state;
                affected.note = Some(words.clone());
            }
            match (status, version) {
                ("first_affected", version) => affected.ranges.push(VersionRange {
                    introduced: version,
                    ..VersionRange::default()
                }),
                ("last_affected", version) => affected.ranges.push(VersionRange {
                    last_affected: version,
                    ..VersionRange::default()
                }),
                (_, Some(version)) => affected.versions.push(version),
                (_, None) => affected.ranges.push(VersionRange::default()),
            }
        }
        "known_not_affected" => {
            affected.state = AffectedState::NotAffected;
            affected.note = remedies.flags.get(id).cloned();
            affected.versions.extend(version);
        }
        "under_investigation" => {
            affected.state = AffectedState::UnderInvestigation;
            affected.versions.extend(version);
        }
        _ => return None,
    }
    Some(affected)
}

/// Leaves away "not affected" for packages that are called affected as well.
fn consistent(all: Vec<Affected>) -> Vec<Affected> {
    let key = |entry: &Affected| {
        (
            entry.ecosystem.clone(),
            entry.package.clone(),
            entry.cpe.clone(),
            entry.module.clone(),
        )
    };
    let is_not = |entry: &Affected| entry.state == AffectedState::NotAffected;
    let concerned: BTreeSet<_> = all.iter().filter(|entry| !is_not(entry)).map(key).collect();
    all.into_iter()
        .filter(|entry| !is_not(entry) || !concerned.contains(&key(entry)))
        .collect()
}
