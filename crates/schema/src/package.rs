//! One installed package, as its package manager records it.
//!
//! The distribution stands once in the report's `host.os`; versions are the manager's own text with
//! epoch and release, and nothing here compares them.

use serde::{Deserialize, Serialize};

/// A package that the host has installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Its name.
    pub name: String,
    /// Whose database holds it.
    pub manager: PackageManager,
    /// Its version: epoch and release included where there are any.
    pub version: String,
    /// The architecture as the manager names it; absent where none is written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arch: String,
    /// The source package that it was built from: advisories name this one.
    pub source_name: String,
    /// The version of the source package.
    pub source_version: String,
}

/// A program that keeps packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageManager {
    /// Alpine's package keeper.
    Apk,
    /// Debian's package manager.
    Dpkg,
    /// The RPM package manager.
    Rpm,
}
