//! What a package URL says of a package of a distribution or ecosystem.

use super::advisory::{architecture, evr};
use super::ecosystem;
use casemate_schema::{PackageNames, Text};
use casemate_triage::Purl;

/// A package as a package URL names it.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// The ecosystem, without a release where the URL names none; `None` for types that have none.
    pub(crate) ecosystem: Option<String>,
    /// The name.
    pub(crate) name: Text,
    /// Source or binary.
    pub(crate) names: PackageNames,
    /// The version with its epoch.
    pub(crate) version: Option<Text>,
    /// The architecture, unless it is none in particular.
    pub(crate) architectures: Vec<Text>,
    /// The module stream, `ruby:2.5`.
    pub(crate) module: Option<Text>,
    /// Whether it is a package of Debian or Ubuntu, whose advisories name the source.
    pub(crate) is_deb: bool,
}

/// Reads a package URL; `None` if it is none.
pub(crate) fn parse(text: &str) -> Option<Package> {
    let purl = Purl::parse(text)?;
    let arch = purl.qualifier("arch").unwrap_or_default();
    let is_source = matches!(arch, "src" | "source" | "nosrc");
    let epoch = purl.qualifier("epoch").unwrap_or_default();
    let version = purl.version.as_deref().map(|version| {
        if version.contains(':') {
            version.into()
        } else {
            Text::from(evr(epoch, version, ""))
        }
    });
    // `name:stream:version:context`; the last two name one build.
    let module = purl.qualifier("rpmmod").map(|module| {
        let parts: Vec<&str> = module.split(':').take(2).collect();
        parts.join(":").into()
    });
    Some(Package {
        ecosystem: ecosystem_of(&purl),
        name: purl.full_name().into(),
        names: if is_source {
            PackageNames::Source
        } else {
            PackageNames::Binary
        },
        version,
        architectures: if is_source {
            Vec::new()
        } else {
            architecture(arch)
        },
        module,
        is_deb: purl.kind == "deb",
    })
}

fn ecosystem_of(purl: &Purl) -> Option<String> {
    let distro = purl.qualifier("distro").unwrap_or_default();
    let namespace = purl.namespace.to_ascii_lowercase();
    Some(match (purl.kind.as_str(), namespace.as_str()) {
        ("deb", "ubuntu") => ecosystem::ubuntu(distro.trim_start_matches("ubuntu-"))?,
        ("deb", "debian") => ecosystem::debian(distro.trim_start_matches("debian-"))?,
        ("apk" | "rpm" | "alpm" | "deb", _) => ecosystem::with_release(&namespace, distro)?,
        ("golang", _) => "go".to_owned(),
        ("cargo", _) => "crates.io".to_owned(),
        ("gem", _) => "rubygems".to_owned(),
        ("composer", _) => "packagist".to_owned(),
        ("npm" | "pypi" | "maven" | "nuget" | "hex" | "pub" | "bitnami", _) => purl.kind.clone(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_as_vendors_write_them() {
        let package = parse(
            "pkg:rpm/redhat/ruby@2.5.9-111.module%2Bel8?arch=i686&epoch=1&rpmmod=ruby:2.5:809:b46",
        )
        .expect("purl");
        assert_eq!(package.version.as_deref(), Some("1:2.5.9-111.module+el8"));
        assert_eq!(package.module.as_deref(), Some("ruby:2.5"));
        assert_eq!(package.architectures, ["i686"]);
        let source = parse("pkg:deb/ubuntu/curl@7.81.0-1?arch=source&distro=esm-infra/xenial");
        let source = source.expect("purl");
        assert_eq!(source.ecosystem.as_deref(), Some("ubuntu:pro:16.04"));
        assert_eq!(source.names, PackageNames::Source);
        let npm = parse("pkg:npm/%40scope/name@1.0").expect("purl");
        assert_eq!(
            (npm.ecosystem.as_deref(), npm.name.as_str()),
            (Some("npm"), "@scope/name")
        );
    }
}
