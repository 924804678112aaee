//! Which of two versions is the newer one, in the ordering of the package manager that made them?
//!
//! One file a scheme. Every comparison is a total preorder on all texts that it takes (a property
//! test holds each scheme to it): where a native tool calls a text invalid but still has to sort
//! it, the file says what we do. Nothing panics, nothing allocates more than a few times the
//! text, and a text of more than [`MAX_LENGTH`] bytes is no version.

mod alpm;
mod apk;
mod digits;
mod dpkg;
mod maven;
mod nuget;
mod numbers;
mod packagist;
mod pypi;
mod rpm;
mod rubygems;
mod semver;

pub use rpm::Nevra;

use std::cmp::Ordering;

/// The longest text that is taken for a version, in bytes.
pub const MAX_LENGTH: usize = 1_024;

/// A text that a scheme cannot compare.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {scheme} version")]
pub struct NotAVersion {
    /// The text, its first 80 characters.
    pub text: String,
    /// The scheme that does not know it.
    pub scheme: &'static str,
}

/// An ordering of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// Arch Linux, as pacman's `vercmp`.
    Alpm,
    /// Alpine, Wolfi and Chainguard, as `apk version`.
    Apk,
    /// R's archive.
    Cran,
    /// Debian, Ubuntu and their children, as `dpkg --compare-versions`.
    Dpkg,
    /// Go modules: semantic versions, pseudo-versions among them.
    Go,
    /// Haskell's archive.
    Hackage,
    /// Maven's version order specification.
    Maven,
    /// JavaScript packages: semantic versions.
    Npm,
    /// .NET packages.
    Nuget,
    /// PHP packages, as PHP's `version_compare`.
    Packagist,
    /// Dart packages: semantic versions whose build part counts.
    Pub,
    /// Python packages, PEP 440, with the older unordered forms below all others.
    Pypi,
    /// Red Hat, SUSE, Amazon and the others that use RPM, as `rpmvercmp`.
    Rpm,
    /// Ruby packages.
    Rubygems,
    /// Semantic versions 2.0.0.
    Semver,
}

impl Scheme {
    /// All schemes, by name.
    pub const ALL: [Self; 15] = [
        Self::Alpm,
        Self::Apk,
        Self::Cran,
        Self::Dpkg,
        Self::Go,
        Self::Hackage,
        Self::Maven,
        Self::Npm,
        Self::Nuget,
        Self::Packagist,
        Self::Pub,
        Self::Pypi,
        Self::Rpm,
        Self::Rubygems,
        Self::Semver,
    ];

    /// The scheme of an ecosystem (`debian:12`, `npm`, `Alpine:v3.18`); `None` where nobody has
    /// told us how it orders its versions.
    #[must_use]
    pub fn of_ecosystem(ecosystem: &str) -> Option<Self> {
        let name = ecosystem
            .split_once(':')
            .map_or(ecosystem, |(name, _)| name);
        let name = name.trim().to_ascii_lowercase();
        Some(match name.as_str() {
            "debian" | "ubuntu" | "echo" | "deb" => Self::Dpkg,
            "alpine"
            | "wolfi"
            | "chainguard"
            | "minimos"
            | "apk"
            | "postmarketos"
            | "alpaquita"
            | "bellsoft hardened containers" => Self::Apk,
            "rhel" | "redhat" | "red hat" | "centos" | "fedora" | "rocky" | "rocky linux"
            | "alma" | "almalinux" | "oracle" | "amazon" | "suse" | "opensuse" | "photon"
            | "mariner" | "azurelinux" | "azure linux" | "mageia" | "openeuler" | "rpm" => {
                Self::Rpm
            }
            "arch" | "manjaro" | "alpm" => Self::Alpm,
            "npm" => Self::Npm,
            "pypi" => Self::Pypi,
            "maven" => Self::Maven,
            "go" | "golang" => Self::Go,
            "cargo" | "crates.io" | "hex" | "swift" | "swifturl" | "github actions" | "julia"
            | "conan" | "bitnami" | "semver" | "k8s" => Self::Semver,
            "rubygems" | "gem" => Self::Rubygems,
            "nuget" => Self::Nuget,
            "packagist" | "composer" => Self::Packagist,
            "pub" => Self::Pub,
            "cran" => Self::Cran,
            "hackage" => Self::Hackage,
            _ => return None,
        })
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alpm => "alpm",
            Self::Apk => "apk",
            Self::Cran => "cran",
            Self::Dpkg => "dpkg",
            Self::Go => "go",
            Self::Hackage => "hackage",
            Self::Maven => "maven",
            Self::Npm => "npm",
            Self::Nuget => "nuget",
            Self::Packagist => "packagist",
            Self::Pub => "pub",
            Self::Pypi => "pypi",
            Self::Rpm => "rpm",
            Self::Rubygems => "rubygems",
            Self::Semver => "semver",
        }
    }

    /// Which of two versions is newer.
    ///
    /// # Errors
    /// When one of them is no version of this scheme and the native tool would not sort it
    /// either, or is longer than [`MAX_LENGTH`].
    pub fn compare(self, one: &str, other: &str) -> Result<Ordering, NotAVersion> {
        let one = self.taken(one)?;
        let other = self.taken(other)?;
        Ok(match self {
            Self::Alpm => alpm::compare(one, other),
            Self::Apk => apk::compare(one, other),
            Self::Cran | Self::Hackage => numbers::compare(one, other),
            Self::Dpkg => dpkg::compare(one, other),
            Self::Go | Self::Npm | Self::Semver => semver::compare(one, other),
            Self::Maven => maven::compare(one, other),
            Self::Nuget => nuget::compare(one, other),
            Self::Packagist => packagist::compare(one, other),
            Self::Pub => semver::compare_with_build(one, other),
            Self::Pypi => pypi::compare(one, other),
            Self::Rpm => rpm::compare(one, other),
            Self::Rubygems => rubygems::compare(one, other),
        })
    }

    /// Whether the scheme's own specification allows this version. Some texts that it does not
    /// allow can be compared all the same, because packages with such versions exist.
    #[must_use]
    pub fn is_valid(self, version: &str) -> bool {
        let Ok(version) = self.taken(version) else {
            return false;
        };
        match self {
            Self::Alpm => alpm::is_valid(version),
            Self::Apk => apk::is_valid(version),
            Self::Cran | Self::Hackage => numbers::is_valid(version),
            Self::Dpkg => dpkg::is_valid(version),
            Self::Go | Self::Npm | Self::Semver | Self::Pub => semver::is_valid(version),
            Self::Maven | Self::Packagist => true,
            Self::Nuget => nuget::is_valid(version),
            Self::Pypi => pypi::is_valid(version),
            Self::Rpm => rpm::is_valid(version),
            Self::Rubygems => rubygems::is_valid(version),
        }
    }

    /// The version without the space around it, if it can be compared at all.
    fn taken(self, version: &str) -> Result<&str, NotAVersion> {
        let version = version.trim_matches([' ', '\t', '\r', '\n']);
        let sortable = match self {
            Self::Dpkg => dpkg::is_sortable(version),
            Self::Alpm => alpm::is_sortable(version),
            Self::Go | Self::Npm | Self::Semver | Self::Pub => semver::is_sortable(version),
            Self::Nuget => nuget::is_sortable(version),
            Self::Cran | Self::Hackage => numbers::is_valid(version),
            Self::Rubygems => rubygems::is_valid(version),
            Self::Apk | Self::Maven | Self::Packagist | Self::Pypi | Self::Rpm => true,
        };
        if version.is_empty() || version.len() > MAX_LENGTH || !sortable {
            return Err(NotAVersion {
                text: version.chars().take(80).collect(),
                scheme: self.as_str(),
            });
        }
        Ok(version)
    }
}

/// The scheme's name.
impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
