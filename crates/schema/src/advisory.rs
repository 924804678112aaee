//! An advisory: which versions of which packages a vulnerability affects, as one feed says.
//!
//! Debian's tracker, OSV, CSAF, secdb and the others are read into this one shape. What a feed
//! leaves open stays open: an absent range means that the feed names none, never "all versions".

use crate::{Cvss, Severity, Text};
use serde::{Deserialize, Serialize};

/// What one feed says of one vulnerability (or of one notice that mends several).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// The feed's identifier: `CVE-2023-38545`, `DSA-5523-1`, `RHSA-2023:7025`, `GHSA-...`.
    pub id: Text,
    /// Other identifiers, the CVEs that a notice mends among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Text>,
    /// The feed, such as `debian-tracker`, `alpine-secdb`, `redhat-csaf-vex`, `osv`.
    pub feed: Text,
    /// What it says of packages.
    pub affected: Vec<Affected>,
    /// The feed's severity, on our scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Scores, as given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<Cvss>,
    /// One line for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// CWE identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<Text>,
    /// When it was published, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Text>,
    /// When it was changed last, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Text>,
    /// When the feed took it back, RFC 3339 UTC; such an advisory matches nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Text>,
}

/// What an advisory says of one package of one distribution release or ecosystem.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Distribution with release (`debian:12`, `ubuntu:22.04`, `alpine:3.18`, `rhel:9`,
    /// `rocky:9`, `suse:sles:15.5`) or language ecosystem (`npm`, `go`, `pypi`, `maven`).
    pub ecosystem: Text,
    /// The package.
    pub package: Text,
    /// Whether the name is that of a source or of a binary package.
    #[serde(default)]
    pub names: PackageNames,
    /// What is said of it.
    #[serde(default)]
    pub state: AffectedState,
    /// Versions concerned, as ranges; none where the feed names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<VersionRange>,
    /// Versions concerned, one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Text>,
    /// Architectures concerned; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub architectures: Vec<Text>,
    /// The module stream that the package must come from (`nodejs:18`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<Text>,
    /// The product's CPE, where the feed names products so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpe: Option<Text>,
    /// The feed's own words for the state or its reason: `no-dsa: Minor issue`, `Will not fix`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// The notice that brought the fix: `DSA-5523-1`, `RHSA-2023:7025`, `USN-5614-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Text>,
    /// The package's own severity in this release, where the feed gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// What kind of package name an advisory uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageNames {
    /// The source package (Debian, Ubuntu, Alpine).
    #[default]
    Source,
    /// The binary package (Red Hat, SUSE, Rocky) or a language package.
    Binary,
}

/// What an advisory says of a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AffectedState {
    /// The versions in the ranges are affected; those after a `fixed` are not.
    #[default]
    Affected,
    /// No version is affected.
    NotAffected,
    /// Nobody has looked yet.
    UnderInvestigation,
    /// Affected, and there will be no fix.
    WillNotFix,
    /// Affected, a fix is put off.
    Deferred,
    /// The release is out of support, nobody looks.
    EndOfLife,
}

/// Versions from `introduced` (all earlier ones when absent) to `fixed` (exclusive) or
/// `last_affected` (inclusive); open upwards when both are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VersionRange {
    /// First affected version; absent or `0` means from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced: Option<Text>,
    /// First version with the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Text>,
    /// Last affected version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_affected: Option<Text>,
}
