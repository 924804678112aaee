//! What several records say of one vulnerability, made one word.
//!
//! The distribution's own feed goes before all others; among records of one rank "affected" goes
//! before "fixed" (a notice that mends a fix names the same CVE again), and the newest fix is the
//! one to install. Records of parts with extended support count only for versions of that part.

use super::ecosystem::{Asked, Standing};
use super::judge::{Opinion, judge};
use super::severity;
use super::{Match, OtherWord, Package, Reason, Verdict};
use casemate_schema::{Advisory, Text};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// One match for each vulnerability that the records speak of.
pub(super) fn combine(
    package: &Package,
    asked: &Asked,
    records: &[(usize, Advisory)],
) -> Vec<Match> {
    let mut by_vulnerability: BTreeMap<Text, Vec<Opinion<'_>>> = BTreeMap::new();
    for (at, advisory) in records {
        let named = vulnerabilities(advisory);
        for affected in &advisory.affected {
            let Some(opinion) = judge(package, asked, *at, advisory, affected) else {
                continue;
            };
            for vulnerability in &named {
                let list = by_vulnerability.entry(vulnerability.clone()).or_default();
                list.push(opinion.clone());
            }
        }
    }
    by_vulnerability
        .into_iter()
        .filter_map(|(vulnerability, opinions)| decide(package, vulnerability, opinions))
        .collect()
}

/// The CVEs that a record is about; its own identifier where it names none.
fn vulnerabilities(advisory: &Advisory) -> BTreeSet<Text> {
    if let Some(own) = cve_of(&advisory.id) {
        return BTreeSet::from([own]);
    }
    let named: BTreeSet<Text> = advisory
        .aliases
        .iter()
        .filter_map(|id| cve_of(id))
        .collect();
    if !named.is_empty() {
        return named;
    }
    let shared = advisory.aliases.iter().find(|id| id.starts_with("GHSA-"));
    BTreeSet::from([shared.unwrap_or(&advisory.id).clone()])
}

/// `CVE-2025-26519` of itself or of `ALPINE-CVE-2025-26519`.
fn cve_of(id: &str) -> Option<Text> {
    let (before, rest) = id.split_once("CVE-")?;
    (before.is_empty() || before.ends_with('-')).then(|| format!("CVE-{rest}").into())
}

/// How much a verdict weighs among records of one rank.
const fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Affected => 7,
        Verdict::WillNotFix | Verdict::EndOfLife => 6,
        Verdict::Deferred => 5,
        Verdict::NoFix => 4,
        Verdict::UnderInvestigation => 3,
        Verdict::Fixed => 2,
        Verdict::NotAffected => 1,
        Verdict::Unknown => 0,
    }
}

fn decide(package: &Package, vulnerability: Text, opinions: Vec<Opinion<'_>>) -> Option<Match> {
    let (extended, mut main): (Vec<_>, Vec<_>) = opinions
        .into_iter()
        .partition(|opinion| opinion.standing == Standing::Extended);
    if package.is_modular() && package.module.is_none() {
        keep_nearest_streams(&mut main);
    }
    let order = |a: &Opinion<'_>, b: &Opinion<'_>| heavier(package, a, b);
    let best = main.iter().min_by(|a, b| order(a, b));
    let own_stream: Vec<&Opinion<'_>> = extended
        .iter()
        .filter(|opinion| is_of_stream(package, opinion))
        .collect();
    let best_extended = extended.iter().min_by(|a, b| order(a, b));
    let winner = match (best, best_extended) {
        (main, _) if !own_stream.is_empty() => {
            let extended = own_stream.into_iter().min_by(|a, b| order(a, b))?;
            match main {
                Some(main) if main.verdict.is_clear() => main,
                _ => extended,
            }
        }
        // No fix for everyone, one for subscribers.
        (Some(main), Some(extended))
            if main.verdict.is_affected()
                && main.verdict != Verdict::Affected
                && extended.verdict == Verdict::Affected
                && is_pro(extended) =>
        {
            extended
        }
        (Some(main), _) => main,
        (None, Some(extended)) if is_pro(extended) => extended,
        (None, _) => return None,
    };
    let all: Vec<&Opinion<'_>> = main.iter().chain(&extended).collect();
    Some(build(package, vulnerability, winner, &all))
}

/// Ubuntu Pro holds a release's own packages; Red Hat's extended parts are other streams.
fn is_pro(opinion: &Opinion<'_>) -> bool {
    opinion.affected.ecosystem.contains(":pro:")
}

/// Whether the installed version is one of the extended part: built for the same minor release
/// (`.el8_4`), or by the longer support (`+esm1`).
fn is_of_stream(package: &Package, opinion: &Opinion<'_>) -> bool {
    let Some(fixed) = &opinion.fixed else {
        return false;
    };
    let stream = |version: &str| -> Option<String> {
        let at = version.find(".el")?;
        let (_, rest) = version.split_at_checked(at)?;
        let tag: String = rest
            .chars()
            .skip(1)
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect();
        tag.contains('_').then_some(tag)
    };
    let is_esm = |version: &str| version.contains("esm");
    match (stream(&package.version), stream(fixed)) {
        (Some(one), Some(other)) => one == other,
        _ => is_esm(&package.version) && is_esm(fixed),
    }
}

/// The record that decides comes first.
fn heavier(package: &Package, a: &Opinion<'_>, b: &Opinion<'_>) -> Ordering {
    let unsure = |opinion: &Opinion<'_>| opinion.verdict == Verdict::Unknown;
    unsure(a)
        .cmp(&unsure(b))
        .then_with(|| a.rank.cmp(&b.rank))
        .then_with(|| weight(b.verdict).cmp(&weight(a.verdict)))
        .then_with(|| newer_fix(package, b, a))
        .then_with(|| a.advisory.feed.cmp(&b.advisory.feed))
        .then_with(|| a.advisory.id.cmp(&b.advisory.id))
        .then_with(|| a.affected.names.cmp(&b.affected.names).reverse())
        .then_with(|| a.against.cmp(&b.against))
}

fn newer_fix(package: &Package, a: &Opinion<'_>, b: &Opinion<'_>) -> Ordering {
    match (&a.fixed, &b.fixed, package.scheme()) {
        (Some(one), Some(other), Some(scheme)) => {
            scheme.compare(one, other).unwrap_or(Ordering::Equal)
        }
        (one, other, _) => one.is_some().cmp(&other.is_some()),
    }
}

/// A package of a module whose stream is not known: of the records for several streams those
/// count whose fix begins with the same numbers as the installed version.
fn keep_nearest_streams(opinions: &mut Vec<Opinion<'_>>) {
    let closeness = |opinion: &Opinion<'_>| {
        let fixed = opinion.fixed.as_deref()?;
        let numbers = |version: &str| -> Vec<String> {
            let bare = version.split_once(':').map_or(version, |(_, bare)| bare);
            let upstream = bare.split('-').next().unwrap_or_default();
            upstream.split('.').map(str::to_owned).collect()
        };
        let (one, other) = (numbers(&opinion.installed), numbers(fixed));
        Some(one.iter().zip(&other).take_while(|(a, b)| a == b).count())
    };
    let Some(nearest) = opinions.iter().filter_map(closeness).max() else {
        return;
    };
    opinions.retain(|opinion| closeness(opinion).is_none_or(|close| close == nearest));
}

fn build(
    package: &Package,
    vulnerability: Text,
    winner: &Opinion<'_>,
    all: &[&Opinion<'_>],
) -> Match {
    let advisory = winner.advisory;
    let first = |pick: &dyn Fn(&Advisory) -> Option<Text>| {
        pick(advisory).or_else(|| all.iter().find_map(|opinion| pick(opinion.advisory)))
    };
    let mut remarks: Vec<Text> = winner.remarks.clone();
    let disagree = disagreement(winner, all);
    if let Some(other) = disagree.first() {
        let words = format!(
            "{} says \"{}\"; the word of {} counts",
            other.feed,
            other.verdict.as_str(),
            advisory.feed
        );
        remarks.push(words.into());
    }
    // Scores of the record that decided, else those of the first that has any.
    let scored = all.iter().map(|opinion| opinion.advisory);
    let cvss = std::iter::once(advisory)
        .chain(scored)
        .map(|it| it.cvss.clone())
        .find(|cvss| !cvss.is_empty())
        .unwrap_or_default();
    let cwe: BTreeSet<Text> = all
        .iter()
        .flat_map(|opinion| opinion.advisory.cwe.iter().cloned())
        .collect();
    Match {
        severity: severity::rate(winner, all, &cvss),
        package: package.clone(),
        aliases: other_names(&vulnerability, all),
        vulnerability,
        verdict: winner.verdict,
        fixed_version: winner.fixed.clone(),
        cvss,
        cwe: cwe.into_iter().collect(),
        summary: first(&|it| it.summary.clone()),
        published: first(&|it| it.published.clone()),
        reason: Reason {
            feed: advisory.feed.clone(),
            advisory: advisory.id.clone(),
            ecosystem: winner.affected.ecosystem.clone(),
            name: winner.name.clone(),
            names: if package.ecosystems.is_language {
                casemate_schema::PackageNames::Binary
            } else {
                winner.affected.names
            },
            installed: winner.installed.clone(),
            against: winner.against.as_str().into(),
            notice: winner.affected.notice.clone(),
            note: winner.affected.note.clone(),
            remarks,
        },
        disagree,
    }
}

/// Other names of a vulnerability; a notice on several vulnerabilities is none of theirs.
fn other_names(vulnerability: &Text, all: &[&Opinion<'_>]) -> Vec<Text> {
    let ids = all
        .iter()
        .map(|opinion| opinion.advisory)
        .filter(|advisory| vulnerabilities(advisory).len() <= 1)
        .flat_map(|advisory| advisory.aliases.iter().chain([&advisory.id]));
    let names: BTreeSet<Text> = ids
        .filter(|id| *id != vulnerability && cve_of(id).as_ref() != Some(vulnerability))
        .cloned()
        .collect();
    names.into_iter().collect()
}

/// Records of other feeds, or of the same feed about the same version, that say the contrary.
fn disagreement(winner: &Opinion<'_>, all: &[&Opinion<'_>]) -> Vec<OtherWord> {
    let contrary = all.iter().filter(|other| {
        other.advisory.feed != winner.advisory.feed
            && other.standing == winner.standing
            && (other.verdict.is_affected() && winner.verdict.is_clear()
                || other.verdict.is_clear() && winner.verdict.is_affected())
    });
    let words: BTreeSet<OtherWord> = contrary
        .map(|other| OtherWord {
            feed: other.advisory.feed.clone(),
            advisory: other.advisory.id.clone(),
            verdict: other.verdict,
            fixed_version: other.fixed.clone(),
        })
        .collect();
    words.into_iter().collect()
}
