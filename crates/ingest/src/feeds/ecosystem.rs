//! Which distribution and release is meant? One name for each, whatever a feed calls it.
//!
//! | ours | meant by |
//! |---|---|
//! | `debian:12`, `debian:sid` | `bookworm`, `Debian:12`, `debian 12` |
//! | `ubuntu:22.04` | `jammy`, `Ubuntu:22.04:LTS` |
//! | `ubuntu:pro:18.04` | fixes for subscribers: `Ubuntu:Pro:18.04:LTS`, `bionic/esm`, `esm-infra/bionic` |
//! | `ubuntu:pro:fips:20.04` | `Ubuntu:Pro:FIPS:20.04:LTS`, and the same for other variants |
//! | `alpine:3.18`, `alpine:edge`, `wolfi`, `chainguard` | `Alpine:v3.18` |
//! | `rhel:9` | the CPEs `redhat:enterprise_linux:9` with any edition |
//! | `redhat:PRODUCT:VERSION` | any other product of Red Hat: `redhat:rhel_eus:9.2`, `redhat:openshift:4` |
//! | `rocky:9`, `almalinux:8`, `ol:8`, `amzn:2`, `fedora:39`, `centos:7` | as os-release names them |
//! | `suse:sles:15.5`, `suse:sle-module-basesystem:15.5` | SUSE's CPEs, `SUSE Linux Enterprise Server 15 SP5` |
//! | `opensuse:leap:15.5`, `opensuse:tumbleweed` | |
//! | `azurelinux:3.0`, `mariner:2.0`, `photon:3.0`, `arch` | |
//! | `npm`, `pypi`, `go`, `maven`, `crates.io`, `rubygems`, `packagist`, `nuget` ... | OSV's names in lower case |
//!
//! Sources: wiki.debian.org/DebianReleases, wiki.ubuntu.com/Releases, the OSV schema's list of
//! ecosystems, the CPE names in the vendors' own files.

use casemate_schema::PackageNames;

/// Debian's releases.
const DEBIAN: [(&str, &str); 20] = [
    ("buzz", "1.1"),
    ("rex", "1.2"),
    ("bo", "1.3"),
    ("hamm", "2.0"),
    ("slink", "2.1"),
    ("potato", "2.2"),
    ("woody", "3.0"),
    ("sarge", "3.1"),
    ("etch", "4.0"),
    ("lenny", "5.0"),
    ("squeeze", "6.0"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
];

/// Ubuntu's releases.
const UBUNTU: [(&str, &str); 44] = [
    ("warty", "4.10"),
    ("hoary", "5.04"),
    ("breezy", "5.10"),
    ("dapper", "6.06"),
    ("edgy", "6.10"),
    ("feisty", "7.04"),
    ("gutsy", "7.10"),
    ("hardy", "8.04"),
    ("intrepid", "8.10"),
    ("jaunty", "9.04"),
    ("karmic", "9.10"),
    ("lucid", "10.04"),
    ("maverick", "10.10"),
    ("natty", "11.04"),
    ("oneiric", "11.10"),
    ("precise", "12.04"),
    ("quantal", "12.10"),
    ("raring", "13.04"),
    ("saucy", "13.10"),
    ("trusty", "14.04"),
    ("utopic", "14.10"),
    ("vivid", "15.04"),
    ("wily", "15.10"),
    ("xenial", "16.04"),
    ("yakkety", "16.10"),
    ("zesty", "17.04"),
    ("artful", "17.10"),
    ("bionic", "18.04"),
    ("cosmic", "18.10"),
    ("disco", "19.04"),
    ("eoan", "19.10"),
    ("focal", "20.04"),
    ("groovy", "20.10"),
    ("hirsute", "21.04"),
    ("impish", "21.10"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
];

/// Ends of the names of products, and ours for them.
const PRODUCTS: [(&str, &str); 22] = [
    ("red hat enterprise linux", "rhel"),
    ("red hat", "rhel"),
    ("centos linux", "centos"),
    ("rocky linux", "rocky"),
    ("rocky", "rocky"),
    ("almalinux", "almalinux"),
    ("alma", "almalinux"),
    ("oracle linux", "ol"),
    ("oracle", "ol"),
    ("amazon linux", "amzn"),
    ("photon os", "photon"),
    ("cbl-mariner", "mariner"),
    ("azure linux", "azurelinux"),
    ("alpine", "alpine"),
    ("debian gnu/linux", "debian"),
    ("debian", "debian"),
    ("ubuntu", "ubuntu"),
    ("fedora epel", "epel"),
    ("extra packages for enterprise linux", "epel"),
    ("fedora", "fedora"),
    ("opensuse leap", "opensuse:leap"),
    ("opensuse", "opensuse"),
];

/// A release of Debian by codename or number; `None` for what is no release.
#[must_use]
pub fn debian(release: &str) -> Option<String> {
    let release = release.trim().to_ascii_lowercase();
    // `bookworm-security`, `bookworm/updates`
    let base = release.split(['-', '/']).next().unwrap_or_default();
    if base == "sid" || base == "unstable" {
        return Some("debian:sid".to_owned());
    }
    let found = DEBIAN.iter().find(|(name, _)| *name == base);
    match found {
        Some((_, number)) => Some(format!("debian:{number}")),
        None => is_version(base).then(|| format!("debian:{base}")),
    }
}

/// A release of Ubuntu by codename or number, with what is for subscribers alone told apart:
/// `jammy`, `trusty/esm`, `esm-infra/xenial`, `esm-infra-legacy/trusty`, `fips-updates/jammy`.
#[must_use]
pub fn ubuntu(release: &str) -> Option<String> {
    let release = release.trim().to_ascii_lowercase();
    let number = |name: &str| match UBUNTU.iter().find(|(codename, _)| *codename == name) {
        Some((_, number)) => Some((*number).to_owned()),
        None => is_version(name).then(|| name.to_owned()),
    };
    let Some((first, second)) = release.split_once('/') else {
        return Some(format!("ubuntu:{}", number(&release)?));
    };
    let (number, variant) = match (number(first), number(second)) {
        (Some(number), _) => (number, second),
        (_, Some(number)) => (number, first),
        _ => return None,
    };
    Some(if variant.starts_with("esm") {
        format!("ubuntu:pro:{number}")
    } else {
        format!("ubuntu:pro:{variant}:{number}")
    })
}

/// A distribution with a release, both as a package URL writes them: `alpine` and `alpine-3.18`,
/// `suse` and `sles-15.5`.
#[must_use]
pub fn with_release(distribution: &str, distro: &str) -> Option<String> {
    let ours = match distribution {
        "wolfi" | "chainguard" => return Some(distribution.to_owned()),
        "arch" | "archlinux" => return Some("arch".to_owned()),
        "redhat" => "rhel",
        "rocky" | "rocky-linux" | "rockylinux" => "rocky",
        "alma" | "almalinux" => "almalinux",
        "oracle" | "oraclelinux" | "ol" => "ol",
        "amazon" | "amazonlinux" | "amzn" => "amzn",
        "suse" => "suse:sles",
        "opensuse" if distro.contains("tumbleweed") => {
            return Some("opensuse:tumbleweed".to_owned());
        }
        "opensuse" => "opensuse:leap",
        other => other,
    };
    let release = distro
        .rsplit('-')
        .find(|part| is_version(part.trim_start_matches('v')))?
        .trim_start_matches('v');
    let release = match ours {
        // Their fixes are for the major release.
        "rhel" | "rocky" | "almalinux" | "ol" => release.split('.').next().unwrap_or(release),
        "alpine" => minor(release),
        _ => release,
    };
    (!ours.is_empty()).then(|| format!("{ours}:{release}"))
}

/// `3.18.4` as `3.18`.
fn minor(version: &str) -> &str {
    match version.match_indices('.').nth(1) {
        Some((at, _)) => version.get(..at).unwrap_or(version),
        None => version,
    }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// An ecosystem of OSV, with the kind of names that its records use.
#[must_use]
pub fn osv(ecosystem: &str) -> Option<(String, PackageNames)> {
    use PackageNames::{Binary, Source};
    let ecosystem = ecosystem.trim();
    let (name, rest) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
    let suffixed = |ours: &str| match rest {
        "" => ours.to_owned(),
        rest => format!("{ours}:{}", rest.to_ascii_lowercase()),
    };
    Some(match name {
        "" => return None,
        "Debian" if rest.is_empty() => ("debian".to_owned(), Source),
        "Debian" => (debian(rest)?, Source),
        "Ubuntu" => (osv_ubuntu(rest)?, Source),
        "Alpine" => (suffixed("alpine").replace(":v", ":"), Source),
        "Wolfi" | "Chainguard" | "Alpaquita" | "BellSoft Hardened Containers" | "MinimOS" => (
            suffixed(&name.to_ascii_lowercase()).replace(":v", ":"),
            Source,
        ),
        // Rocky's records name the source package.
        "Rocky Linux" => (suffixed("rocky"), Source),
        "AlmaLinux" => (suffixed("almalinux"), Binary),
        "Azure Linux" => (suffixed("azurelinux"), Source),
        "Photon OS" => (suffixed("photon"), Source),
        "Red Hat" => (cpe(&format!("cpe:/a:redhat:{rest}"))?, Binary),
        "SUSE" => (product(&format!("SUSE {rest}"))?, Binary),
        "openSUSE" => (product(&format!("openSUSE {rest}"))?, Binary),
        _ => (ecosystem.to_ascii_lowercase(), Binary),
    })
}

/// `22.04:LTS`, `Pro:18.04:LTS`, `Pro:FIPS-updates:20.04:LTS`.
fn osv_ubuntu(rest: &str) -> Option<String> {
    let parts: Vec<String> = rest
        .split(':')
        .filter(|part| *part != "LTS")
        .map(str::to_ascii_lowercase)
        .collect();
    is_version(parts.last()?).then(|| format!("ubuntu:{}", parts.join(":")))
}

/// A platform by its CPE, of either notation; `None` for what is no platform.
#[must_use]
pub fn cpe(cpe: &str) -> Option<String> {
    let rest = cpe
        .strip_prefix("cpe:/")
        .or_else(|| cpe.strip_prefix("cpe:2.3:"))?;
    let mut parts = rest.split(':').map(|part| match part {
        "*" | "-" => "",
        part => part,
    });
    let (_, vendor) = (parts.next()?, parts.next()?);
    let (name, version, update) = (parts.next()?, parts.next().unwrap_or(""), parts.next());
    let version = version.trim_start_matches('v');
    let versioned = |ours: &str| match version {
        "" => ours.to_owned(),
        version => format!("{ours}:{version}"),
    };
    let major = version.split('.').next().unwrap_or_default();
    Some(match (vendor, name) {
        ("redhat", "enterprise_linux") if !major.is_empty() => format!("rhel:{major}"),
        ("redhat", name) => versioned(&format!("redhat:{name}")),
        ("suse", name) => {
            let name = match name {
                "suse_sles" | "linux_enterprise_server" => "sles",
                name => name,
            };
            let update = update.unwrap_or_default().to_ascii_lowercase();
            match update.strip_prefix("sp").filter(|pack| !pack.is_empty()) {
                Some(pack) => format!("suse:{name}:{version}.{pack}"),
                None => versioned(&format!("suse:{name}")),
            }
        }
        ("opensuse", "tumbleweed") => "opensuse:tumbleweed".to_owned(),
        ("opensuse", name) => versioned(&format!("opensuse:{name}")),
        ("canonical", "ubuntu_linux") => ubuntu(version)?,
        ("debian", "debian_linux") => debian(version)?,
        ("oracle", "linux") => format!("ol:{major}"),
        ("rocky" | "resf", _) => format!("rocky:{major}"),
        ("almalinux", _) => format!("almalinux:{major}"),
        ("amazon", "amazon_linux" | "linux") => versioned("amzn"),
        ("fedoraproject", "fedora") => versioned("fedora"),
        ("centos", _) => versioned("centos"),
        ("alpinelinux", _) => format!("alpine:{}", minor(version)),
        _ => return None,
    })
}

/// A platform by its name for people: `SUSE Linux Enterprise Server 15 SP3-LTSS`, `Rocky Linux 8`,
/// `debian 9`.
#[must_use]
pub fn product(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    if name.starts_with("opensuse tumbleweed") {
        return Some("opensuse:tumbleweed".to_owned());
    }
    if matches!(name.as_str(), "wolfi" | "chainguard") {
        return Some(name);
    }
    if name == "arch linux" || name == "archlinux" {
        return Some("arch".to_owned());
    }
    if let Some(rest) = name.strip_prefix("suse ") {
        return suse(rest);
    }
    let (ours, rest) = PRODUCTS.iter().find_map(|(theirs, ours)| {
        let rest = name.strip_prefix(theirs)?;
        (rest.is_empty() || rest.starts_with([' ', '-'])).then_some((*ours, rest))
    })?;
    let words = rest.split([' ', '-']).filter(|word| !word.is_empty());
    let mut versions = words
        .map(|word| word.trim_start_matches('v'))
        .filter(|word| is_version(word));
    let version = versions.next();
    Some(match (ours, version) {
        ("debian", Some(version)) => debian(version)?,
        ("ubuntu", Some(version)) => ubuntu(version)?,
        ("alpine", None) if rest.trim() == "edge" => "alpine:edge".to_owned(),
        ("alpine", Some(version)) => format!("alpine:{}", minor(version)),
        ("rhel" | "rocky" | "almalinux" | "ol", Some(version)) => {
            format!("{ours}:{}", version.split('.').next().unwrap_or(version))
        }
        ("amzn", Some(version)) => match version.split('.').next() {
            // Amazon Linux 1 was numbered by month: 2018.03.
            Some("2011" | "2012" | "2013" | "2014" | "2015" | "2016" | "2017" | "2018") => {
                "amzn:1".to_owned()
            }
            Some(major) => format!("amzn:{major}"),
            None => return None,
        },
        (ours, Some(version)) => format!("{ours}:{version}"),
        _ => return None,
    })
}

/// `linux enterprise server 15 sp3-ltss` as `suse:sles-ltss:15.3`.
fn suse(name: &str) -> Option<String> {
    let spaced = name.replace("-sp", " sp");
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    let at = words.iter().rposition(|word| is_version(word))?;
    let (before, after) = (words.get(..at)?, words.get(at + 1..)?);
    let (pack, tail) = match after.first().and_then(|word| word.strip_prefix("sp")) {
        Some(pack) => pack.split_once('-').unwrap_or((pack, "")),
        None => ("", ""),
    };
    let tail = match after.last() {
        Some(last) if after.len() > usize::from(!pack.is_empty()) => last.trim_start_matches('-'),
        _ => tail,
    };
    let product = match before.join(" ").as_str() {
        "linux enterprise server" | "linux enterprise" => "sles".to_owned(),
        "linux enterprise server for sap applications" => "sles_sap".to_owned(),
        "linux enterprise desktop" => "sled".to_owned(),
        "linux enterprise micro" => "sle-micro".to_owned(),
        "linux micro" => "sl-micro".to_owned(),
        "package hub" => "packagehub".to_owned(),
        other => match other.strip_prefix("linux enterprise ") {
            Some(rest) => {
                let rest = rest.replace("module for ", "module-");
                format!("sle-{}", rest.replace(' ', "-"))
            }
            None => other.replace(' ', "-"),
        },
    };
    let product = match tail {
        "" => product,
        tail => format!("{product}-{tail}"),
    };
    let version = words.get(at)?;
    Some(match pack {
        "" => format!("suse:{product}:{version}"),
        pack => format!("suse:{product}:{version}.{pack}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_of_debian_and_ubuntu() {
        assert_eq!(debian("bookworm").as_deref(), Some("debian:12"));
        assert_eq!(debian("sid").as_deref(), Some("debian:sid"));
        assert_eq!(debian("3.0").as_deref(), Some("debian:3.0"));
        assert_eq!(debian("unknown"), None);
        for (theirs, ours) in [
            ("jammy", "ubuntu:22.04"),
            ("22.04", "ubuntu:22.04"),
            ("trusty/esm", "ubuntu:pro:14.04"),
            ("esm-infra-legacy/trusty", "ubuntu:pro:14.04"),
            ("esm-apps/bionic", "ubuntu:pro:18.04"),
            ("fips-updates/jammy", "ubuntu:pro:fips-updates:22.04"),
            ("bionic/ros-esm", "ubuntu:pro:ros-esm:18.04"),
        ] {
            assert_eq!(ubuntu(theirs).as_deref(), Some(ours), "{theirs}");
        }
        assert_eq!(ubuntu("devel"), None);
    }

    #[test]
    fn ecosystems_of_osv() {
        for (theirs, ours) in [
            ("Debian:12", "debian:12"),
            ("Ubuntu:22.04:LTS", "ubuntu:22.04"),
            ("Ubuntu:25.10", "ubuntu:25.10"),
            ("Ubuntu:Pro:18.04:LTS", "ubuntu:pro:18.04"),
            ("Ubuntu:Pro:FIPS:20.04:LTS", "ubuntu:pro:fips:20.04"),
            ("Alpine:v3.18", "alpine:3.18"),
            ("Rocky Linux:9", "rocky:9"),
            ("AlmaLinux:8", "almalinux:8"),
            ("Red Hat:enterprise_linux:9::appstream", "rhel:9"),
            ("Red Hat:rhel_eus:9.2::appstream", "redhat:rhel_eus:9.2"),
            ("SUSE:Linux Enterprise Server 15 SP3", "suse:sles:15.3"),
            ("SUSE:Package Hub 12", "suse:packagehub:12"),
            ("openSUSE:Leap 15.4", "opensuse:leap:15.4"),
            ("openSUSE:Tumbleweed", "opensuse:tumbleweed"),
            ("PyPI", "pypi"),
            ("Go", "go"),
            ("crates.io", "crates.io"),
        ] {
            assert_eq!(osv(theirs).expect(theirs).0, ours);
        }
    }

    #[test]
    fn platforms_by_cpe_and_by_name() {
        for (theirs, ours) in [
            ("cpe:/a:redhat:enterprise_linux:9::appstream", "rhel:9"),
            ("cpe:/o:redhat:enterprise_linux:6::server", "rhel:6"),
            ("cpe:/a:redhat:openshift:4.16::el9", "redhat:openshift:4.16"),
            ("cpe:/o:suse:sles:12:sp5", "suse:sles:12.5"),
            ("cpe:/o:suse:sles-ltss:15", "suse:sles-ltss:15"),
            ("cpe:/o:suse:sl-micro:6.0", "suse:sl-micro:6.0"),
            ("cpe:/o:opensuse:tumbleweed", "opensuse:tumbleweed"),
            (
                "cpe:2.3:o:canonical:ubuntu_linux:22.04:*:*:*:lts:*:*:*",
                "ubuntu:22.04",
            ),
        ] {
            assert_eq!(cpe(theirs).as_deref(), Some(ours), "{theirs}");
        }
        assert_eq!(cpe("cpe:2.3:a:samba:samba:*:*:*:*:*:*:*:*"), None);
        for (theirs, ours) in [
            ("SUSE Linux Enterprise 15-SP3", "suse:sles:15.3"),
            (
                "SUSE Linux Enterprise Server 15 SP3-LTSS",
                "suse:sles-ltss:15.3",
            ),
            (
                "SUSE Linux Enterprise Server 12 SP2 LTSS",
                "suse:sles-ltss:12.2",
            ),
            ("SUSE Linux Enterprise Micro 5.3", "suse:sle-micro:5.3"),
            (
                "SUSE Linux Enterprise Module for Basesystem 15 SP4",
                "suse:sle-module-basesystem:15.4",
            ),
            ("openSUSE Leap 15.1", "opensuse:leap:15.1"),
            ("Rocky Linux 8", "rocky:8"),
            ("Amazon Linux 2", "amzn:2"),
            ("Amazon Linux 2018.03", "amzn:1"),
            ("Amazon Linux 2023.1.20230719", "amzn:2023"),
            ("rocky 8", "rocky:8"),
            ("Fedora EPEL 9", "epel:9"),
            ("alma 8", "almalinux:8"),
            ("CBL-Mariner 1.0", "mariner:1.0"),
            ("alpine edge", "alpine:edge"),
            ("Red Hat Enterprise Linux 9", "rhel:9"),
            ("debian 9", "debian:9"),
        ] {
            assert_eq!(product(theirs).as_deref(), Some(ours), "{theirs}");
        }
        assert_eq!(product("Windows 10"), None);
    }
}
