//! A package as advisories know it: from a scan's list or from a package URL.

use super::ecosystem::Ecosystems;
use crate::purl::Purl;
use crate::version::{Nevra, Scheme};
use casemate_schema::{
    Component, InstalledPackage, OperatingSystem, PackageManager, PackageNames, Text,
};
use serde::Serialize;

/// An installed package.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Package {
    /// Whose it is.
    #[serde(rename = "ecosystem")]
    pub ecosystems: Ecosystems,
    /// Its name, as its ecosystem writes it.
    pub name: Text,
    /// Its version, with epoch and release.
    pub version: Text,
    /// The source package that it was built from; its own name where there is none.
    pub source_name: Text,
    /// The source package's version.
    pub source_version: Text,
    /// Its architecture; empty where none is known.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub arch: Text,
    /// The module stream that it came from (`nodejs:18:...`), where the source says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<Text>,
    /// Its package URL.
    pub purl: Text,
}

impl Package {
    /// A package of a scan.
    #[must_use]
    pub fn installed(package: &InstalledPackage, ecosystems: &Ecosystems) -> Self {
        let or_own = |text: &str, own: &str| Text::from(if text.is_empty() { own } else { text });
        let mut found = Self {
            ecosystems: ecosystems.clone(),
            name: package.name.as_str().into(),
            version: package.version.as_str().into(),
            source_name: or_own(&package.source_name, &package.name),
            source_version: or_own(&package.source_version, &package.version),
            arch: package.arch.as_str().into(),
            module: package.module.as_deref().map(Text::from),
            ..Self::default()
        };
        if package.manager == PackageManager::Rpm {
            found.source_version = with_epoch_of(&found.source_version, &found.version);
        }
        found.purl = found.url(package.manager).into();
        found
    }

    /// A component with a package URL; `None` without a version, or where the URL names no
    /// package of a known ecosystem. Its release is that of the URL, else the host's.
    #[must_use]
    pub fn component(component: &Component, host: Option<&OperatingSystem>) -> Option<Self> {
        let url = component.purl.as_deref()?;
        let purl = Purl::parse(url)?;
        let version = purl.version.clone().or_else(|| {
            let version = component.version.as_deref()?;
            (!version.is_empty()).then(|| version.to_owned())
        })?;
        let ecosystems = ecosystems_of(&purl, host)?;
        let version = match purl.qualifier("epoch") {
            Some(epoch) if !version.contains(':') && epoch != "0" => format!("{epoch}:{version}"),
            _ => version,
        };
        let version = plain_version(&purl.kind, version);
        let (source_name, source_version) = source(&purl, &version);
        let arch = purl.qualifier("arch").unwrap_or_default();
        let is_source = matches!(arch, "source" | "src");
        Some(Self {
            name: purl.full_name().into(),
            source_name: source_name.into(),
            source_version: source_version.into(),
            version: version.into(),
            arch: if is_source { "" } else { arch }.into(),
            module: purl.qualifier("rpmmod").map(Text::from),
            purl: url.into(),
            ecosystems,
        })
    }

    /// The order of its versions.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        Scheme::of_ecosystem(&self.ecosystems.name)
    }

    /// The names under which advisories may speak of it: by source and by binary package for a
    /// distribution, by its own name for a language.
    pub(super) fn lookups(&self) -> Vec<Text> {
        if self.ecosystems.is_language {
            let name = comparable(&self.ecosystems.name, &self.name);
            if name == self.name.as_str() {
                return vec![self.name.clone()];
            }
            return vec![self.name.clone(), name.into()];
        }
        if self.source_name == self.name {
            return vec![self.name.clone()];
        }
        vec![self.name.clone(), self.source_name.clone()]
    }

    /// The name and version that a record about this kind of name speaks of; `None` where it
    /// speaks of another package.
    pub(super) fn spoken_of(&self, name: &str, names: PackageNames) -> Option<(&Text, &Text)> {
        if self.ecosystems.is_language {
            return Some((&self.name, &self.version));
        }
        match names {
            PackageNames::Source if name == self.source_name.as_str() => {
                Some((&self.source_name, &self.source_version))
            }
            PackageNames::Binary if name == self.name.as_str() => Some((&self.name, &self.version)),
            _ => None,
        }
    }

    /// Whether it was built from a module, as its label or its release says.
    pub(super) fn is_modular(&self) -> bool {
        self.module.is_some() || is_modular(&self.version)
    }

    fn url(&self, manager: PackageManager) -> String {
        let kind = match manager {
            PackageManager::Apk => "apk",
            PackageManager::Dpkg => "deb",
            PackageManager::Rpm => "rpm",
        };
        let distro = self.ecosystems.name.replace(':', "-");
        let namespace = self.ecosystems.name.split(':').next().unwrap_or_default();
        let (epoch, version) = match self.version.split_once(':') {
            Some((epoch, version)) if manager == PackageManager::Rpm => (epoch, version),
            _ => ("", self.version.as_str()),
        };
        let mut url = format!(
            "pkg:{kind}/{namespace}/{}@{}",
            escaped(&self.name),
            escaped(version)
        );
        let mut sign = '?';
        let parts = [
            ("arch", self.arch.as_str()),
            ("distro", &distro),
            ("epoch", epoch),
        ];
        for (key, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            url.push(sign);
            url.push_str(key);
            url.push('=');
            url.push_str(&escaped(value));
            sign = '&';
        }
        url
    }
}

/// Whether a version's release says that it was built from a module (`.module+el8.5.0+...`).
pub(super) fn is_modular(version: &str) -> bool {
    version.contains(".module+") || version.contains(".module_")
}

/// rpm writes no epoch into the name of the source package; it is the binary's.
fn with_epoch_of(source: &str, version: &str) -> Text {
    match version.split_once(':') {
        Some((epoch, _)) if !source.contains(':') => format!("{epoch}:{source}").into(),
        _ => source.into(),
    }
}

/// Percent-encodes what a package URL does not take as it is.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The release or language that a package URL speaks of.
fn ecosystems_of(purl: &Purl, host: Option<&OperatingSystem>) -> Option<Ecosystems> {
    let language = match purl.kind.as_str() {
        "golang" => "go",
        "gem" => "rubygems",
        "composer" => "packagist",
        "cargo" | "npm" | "pypi" | "maven" | "nuget" | "pub" | "hex" | "cran" | "hackage"
        | "conan" | "julia" | "swift" | "bitnami" => purl.kind.as_str(),
        "deb" | "rpm" | "apk" | "alpm" => return release_of(purl, host),
        _ => return None,
    };
    Some(Ecosystems::of_language(language))
}

/// `distro=debian-12`, `distro=bookworm`, `distro=centos-7.6.1810`; else the host's, if it is of
/// the same family.
fn release_of(purl: &Purl, host: Option<&OperatingSystem>) -> Option<Ecosystems> {
    let namespace = purl.namespace.to_ascii_lowercase();
    let distro = purl.qualifier("distro").map(str::to_ascii_lowercase);
    if let Some(distro) = &distro {
        let at = distro.find(|letter: char| letter.is_ascii_digit());
        let (id, version) = at
            .and_then(|at| distro.split_at_checked(at))
            .unwrap_or((distro, ""));
        let id = id.trim_end_matches(['-', '_', ':', ' ']);
        let bare_codename = version.is_empty() && !id.is_empty();
        let known = match namespace.as_str() {
            "ubuntu" => super::ubuntu_release(id.rsplit(['/', '-']).next().unwrap_or(id)),
            _ => super::debian_release(id.rsplit('-').next().unwrap_or(id)),
        };
        let (id, version) = match known {
            Some((number, _)) if bare_codename => (namespace.as_str(), number),
            _ if id.is_empty() || id == "v" => (namespace.as_str(), version),
            _ => (id, version),
        };
        return Some(Ecosystems::of_system(&OperatingSystem {
            id: id.to_owned(),
            version: (!version.is_empty()).then(|| version.to_owned()),
            name: None,
        }));
    }
    if matches!(namespace.as_str(), "wolfi" | "chainguard" | "arch") {
        return Some(Ecosystems::of_system(&OperatingSystem {
            id: namespace,
            ..OperatingSystem::default()
        }));
    }
    host.map(Ecosystems::of_system)
}

/// The source package: `upstream=openssl`, `upstream=openssl@1.1.1k-5`, or rpm's
/// `upstream=openssl-1.0.2k-16.el7.src.rpm`.
fn source(purl: &Purl, version: &str) -> (String, String) {
    let Some(upstream) = purl.qualifier("upstream") else {
        return (purl.name.clone(), version.to_owned());
    };
    if purl.kind == "rpm" {
        return match Nevra::parse(upstream) {
            Some(nevra) if !nevra.name.is_empty() => {
                let source = with_epoch_of(&nevra.evr(), version);
                (nevra.name, source.to_string())
            }
            _ => (upstream.to_owned(), version.to_owned()),
        };
    }
    match upstream.split_once('@') {
        Some((name, source)) => (name.to_owned(), source.to_owned()),
        None => (upstream.to_owned(), version.to_owned()),
    }
}

/// Versions as their ecosystem's advisories write them.
fn plain_version(kind: &str, version: String) -> String {
    match kind {
        // Go's own library: `go1.21.5`.
        "golang" => match version.strip_prefix("go") {
            Some(rest) if rest.starts_with(|letter: char| letter.is_ascii_digit()) => {
                rest.to_owned()
            }
            _ => version,
        },
        // A gem for one platform: `1.15.4-x86_64-linux`.
        "gem" => {
            const PLATFORMS: [&str; 7] = [
                "linux", "darwin", "java", "mingw", "mswin", "musl", "cygwin",
            ];
            match version.split_once('-') {
                Some((plain, platform)) if PLATFORMS.iter().any(|it| platform.contains(it)) => {
                    plain.to_owned()
                }
                _ => version,
            }
        }
        _ => version,
    }
}

/// A name in the form that its ecosystem compares: PyPI's are equal in any case and with `-`,
/// `_` and `.` for each other, NuGet's and Packagist's in any case.
fn comparable(ecosystem: &str, name: &str) -> String {
    match ecosystem {
        "pypi" => {
            let mut plain = String::with_capacity(name.len());
            for letter in name.chars().map(|letter| letter.to_ascii_lowercase()) {
                match letter {
                    '-' | '_' | '.' if plain.ends_with('-') => {}
                    '-' | '_' | '.' => plain.push('-'),
                    letter => plain.push(letter),
                }
            }
            plain
        }
        "nuget" | "packagist" | "hex" => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(purl: &str) -> Option<Package> {
        let component = Component {
            purl: Some(purl.into()),
            ..Component::default()
        };
        Package::component(&component, None)
    }

    #[test]
    fn package_urls_name_release_source_and_epoch() {
        let rpm = read(
            "pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&epoch=1&distro=centos-7.6.1810&upstream=openssl-1.0.2k-16.el7.src.rpm",
        )
        .expect("a package");
        assert_eq!(rpm.ecosystems.name.as_str(), "centos:7");
        assert_eq!(rpm.version.as_str(), "1:1.0.2k-16.el7");
        assert_eq!(rpm.source_name.as_str(), "openssl");
        assert_eq!(rpm.source_version.as_str(), "1:1.0.2k-16.el7");
        let deb =
            read("pkg:deb/debian/libssl1.1@1.1.1d-0%2Bdeb10u3?distro=buster&upstream=openssl")
                .expect("a package");
        assert_eq!(deb.ecosystems.name.as_str(), "debian:10");
        assert_eq!(deb.version.as_str(), "1.1.1d-0+deb10u3");
        assert_eq!(deb.source_name.as_str(), "openssl");
        let apk = read("pkg:apk/alpine/musl@1.2.3-r4?distro=alpine-3.17.2").expect("a package");
        assert_eq!(apk.ecosystems.name.as_str(), "alpine:3.17");
        let gem = read("pkg:gem/nokogiri@1.15.4-x86_64-linux").expect("a package");
        assert_eq!(gem.version.as_str(), "1.15.4");
        let py = read("pkg:pypi/Flask_Login@0.6.0").expect("a package");
        assert_eq!(py.lookups().last().map(Text::as_str), Some("flask-login"));
        assert!(read("pkg:oci/debian@12").is_none());
        assert!(read("pkg:npm/left-pad").is_none());
    }

    #[test]
    fn installed_packages_get_a_url_that_reads_back() {
        let ecosystems = Ecosystems::of_system(&OperatingSystem {
            id: "rhel".to_owned(),
            version: Some("9.4".to_owned()),
            name: None,
        });
        let package = Package::installed(
            &InstalledPackage {
                name: "openssl-libs".to_owned(),
                manager: PackageManager::Rpm,
                version: "1:3.0.7-24.el9".to_owned(),
                arch: "x86_64".to_owned(),
                source_name: "openssl".to_owned(),
                source_version: "3.0.7-24.el9".to_owned(),
                module: Some("stream:1:20".to_owned()),
            },
            &ecosystems,
        );
        assert_eq!(package.source_version.as_str(), "1:3.0.7-24.el9");
        assert_eq!(package.module.as_deref(), Some("stream:1:20"));
        assert_eq!(
            package.purl.as_str(),
            "pkg:rpm/rhel/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=rhel-9&epoch=1"
        );
        let again = read(&package.purl).expect("a package");
        assert_eq!(again.version, package.version);
        assert_eq!(again.ecosystems.name, package.ecosystems.name);
    }
}
