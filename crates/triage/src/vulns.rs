//! Which published vulnerabilities do these packages have, and why do we think so?
//!
//! For each package the advisories of its own ecosystem are asked, each record's versions are
//! compared in that ecosystem's order, and what several records say of one vulnerability becomes
//! one [`Match`]. The distribution's own word goes before any other; a record that disagrees is
//! kept and said. Nothing is guessed from names in other catalogues (CPE), and silence of a feed
//! that was never loaded is [`NotLoaded`], never an all-clear.

mod combine;
mod ecosystem;
mod finding;
mod judge;
mod package;
mod severity;

pub use ecosystem::{Ecosystems, debian_release, ubuntu_release};
pub use package::Package;
pub use severity::Rated;

use crate::knowledge::{Knowledge, KnowledgeError};
use casemate_schema::{Advisory, Cvss, PackageNames, Text};
use ecosystem::Asked;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is said of one vulnerability in one installed package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Affected, and a version with the fix is known.
    Affected,
    /// Affected, and no fix is known.
    NoFix,
    /// Affected, and there will be none.
    WillNotFix,
    /// Affected, the fix is put off.
    Deferred,
    /// The release is out of support: nobody looks, so it is taken for affected.
    EndOfLife,
    /// Nobody has looked yet.
    UnderInvestigation,
    /// The record cannot be compared with the installed version.
    Unknown,
    /// The installed version has the fix.
    Fixed,
    /// No version, or not this one, is affected.
    NotAffected,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Self; 9] = [
        Self::Affected,
        Self::NoFix,
        Self::WillNotFix,
        Self::Deferred,
        Self::EndOfLife,
        Self::UnderInvestigation,
        Self::Unknown,
        Self::Fixed,
        Self::NotAffected,
    ];

    /// The words for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::NoFix => "affected, no fix",
            Self::WillNotFix => "affected, will not be fixed",
            Self::Deferred => "affected, fix put off",
            Self::EndOfLife => "release out of support",
            Self::UnderInvestigation => "under investigation",
            Self::Unknown => "unknown",
            Self::Fixed => "fixed",
            Self::NotAffected => "not affected",
        }
    }

    /// Whether the package has to be taken for vulnerable.
    #[must_use]
    pub const fn is_affected(self) -> bool {
        matches!(
            self,
            Self::Affected | Self::NoFix | Self::WillNotFix | Self::Deferred | Self::EndOfLife
        )
    }

    /// Whether the record clears the package.
    #[must_use]
    pub const fn is_clear(self) -> bool {
        matches!(self, Self::Fixed | Self::NotAffected)
    }
}

/// One vulnerability in one package, with the reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Match {
    /// The package.
    pub package: Package,
    /// The CVE; the feed's own identifier where there is none.
    pub vulnerability: Text,
    /// Its other identifiers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Text>,
    /// What is said.
    pub verdict: Verdict,
    /// The version that has the fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_version: Option<Text>,
    /// How bad, and who says so.
    pub severity: Rated,
    /// Scores, as given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<Cvss>,
    /// Weaknesses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<Text>,
    /// One line for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Text>,
    /// Why.
    pub reason: Reason,
    /// Other records that say something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagree: Vec<OtherWord>,
}

/// The record that decided, and what was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The feed.
    pub feed: Text,
    /// The record.
    pub advisory: Text,
    /// The ecosystem that it speaks of.
    pub ecosystem: Text,
    /// The name that was looked up.
    pub name: Text,
    /// Whether that is the source package's name.
    pub names: PackageNames,
    /// The version that was compared: that of the source package where its name was looked up.
    pub installed: Text,
    /// What it was compared with: `before 1.1.1d-r2`.
    pub against: Text,
    /// The notice with the fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Text>,
    /// The feed's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// What else a reader has to know: a stand-in for the release, an unknown module stream.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Text>,
}

/// A record that was overruled and says something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OtherWord {
    /// The feed.
    pub feed: Text,
    /// The record.
    pub advisory: Text,
    /// What it says.
    pub verdict: Verdict,
    /// The fix that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_version: Option<Text>,
}

/// Packages that nothing can be said of, because no advisories for them are loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotLoaded {
    /// The ecosystem: `debian:12`.
    pub ecosystem: Text,
    /// How many packages.
    pub packages: usize,
}

/// The answer for all packages.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Matched {
    /// One for each package and vulnerability that any record speaks of, sorted by package name,
    /// architecture and vulnerability.
    pub matches: Vec<Match>,
    /// Ecosystems without advisories, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_loaded: Vec<NotLoaded>,
    /// Stand-ins that were used, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Text>,
    /// Packages that were looked up.
    pub packages: usize,
}

/// Matches packages with what the packs know.
///
/// # Errors
/// When the packs cannot be read.
pub fn vulnerabilities(
    packages: &[Package],
    knowledge: &dyn Knowledge,
) -> Result<Matched, KnowledgeError> {
    let mut asked: BTreeMap<&Ecosystems, Asked> = BTreeMap::new();
    let mut not_loaded: BTreeMap<Text, usize> = BTreeMap::new();
    let mut out = Matched {
        packages: packages.len(),
        ..Matched::default()
    };
    for package in packages {
        let known = match asked.entry(&package.ecosystems) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(package.ecosystems.asked(knowledge)?)
            }
        };
        if known.names.is_empty() {
            *not_loaded
                .entry(package.ecosystems.name.clone())
                .or_default() += 1;
            continue;
        }
        let records = records(package, known, knowledge)?;
        out.matches
            .extend(combine::combine(package, known, &records));
    }
    out.matches.sort_by(|a, b| a.key().cmp(&b.key()));
    out.matches.dedup_by(|a, b| a.key() == b.key());
    let counted = not_loaded.into_iter();
    out.not_loaded = counted
        .map(|(ecosystem, packages)| NotLoaded {
            ecosystem,
            packages,
        })
        .collect();
    out.remarks = asked
        .into_values()
        .filter_map(|asked| asked.remark)
        .collect();
    out.remarks.sort();
    out.remarks.dedup();
    Ok(out)
}

impl Match {
    /// What a match is sorted and told apart by.
    fn key(&self) -> (&str, &str, &str, &str, &str) {
        (
            &self.package.name,
            &self.package.ecosystems.name,
            &self.package.arch,
            &self.package.version,
            &self.vulnerability,
        )
    }
}

/// The advisories that may speak of a package, with the ecosystem they were found in.
fn records(
    package: &Package,
    asked: &Asked,
    knowledge: &dyn Knowledge,
) -> Result<Vec<(usize, Advisory)>, KnowledgeError> {
    let mut found = Vec::new();
    for (at, (ecosystem, _)) in asked.names.iter().enumerate() {
        for name in package.lookups() {
            for advisory in knowledge.advisories(ecosystem, &name)? {
                if advisory.withdrawn.is_none() {
                    found.push((at, advisory));
                }
            }
        }
    }
    Ok(found)
}
