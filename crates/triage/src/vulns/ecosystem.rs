//! Under which names do advisories speak of a host's release?
//!
//! A release has its own names (several feeds spell one release in several ways), extended parts
//! (Ubuntu Pro, Red Hat's extended update support) and stand-ins (CentOS is judged by Red Hat's
//! word). A stand-in is taken only when the release itself has no advisories, and is always said.

use crate::knowledge::{Knowledge, KnowledgeError};
use casemate_schema::{OperatingSystem, Text};
use serde::Serialize;

/// The names of one release or language.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "Text")]
pub struct Ecosystems {
    /// Its name for people: `debian:12`.
    pub name: Text,
    /// The names under which advisories speak of it.
    own: Vec<String>,
    /// Parts with longer support, whose fixes not every host gets.
    extended: Vec<String>,
    /// Relatives that are asked when it has no advisories of its own.
    stand_ins: Vec<String>,
    /// Whether it is a programming language's.
    pub(super) is_language: bool,
}

impl From<Ecosystems> for Text {
    fn from(ecosystems: Ecosystems) -> Self {
        ecosystems.name
    }
}

/// How a name stands to the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Own,
    Extended,
    StandIn,
}

/// The names that have advisories.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) names: Vec<(String, Standing)>,
    /// The stand-in, in words.
    pub(super) remark: Option<Text>,
}

/// Debian's releases since the first security tracker.
const DEBIAN: [(&str, &str); 12] = [
    ("4", "etch"),
    ("5", "lenny"),
    ("6", "squeeze"),
    ("7", "wheezy"),
    ("8", "jessie"),
    ("9", "stretch"),
    ("10", "buster"),
    ("11", "bullseye"),
    ("12", "bookworm"),
    ("13", "trixie"),
    ("14", "forky"),
    ("15", "duke"),
];

/// Ubuntu's releases since 12.04.
const UBUNTU: [(&str, &str); 28] = [
    ("12.04", "precise"),
    ("12.10", "quantal"),
    ("13.04", "raring"),
    ("13.10", "saucy"),
    ("14.04", "trusty"),
    ("14.10", "utopic"),
    ("15.04", "vivid"),
    ("15.10", "wily"),
    ("16.04", "xenial"),
    ("16.10", "yakkety"),
    ("17.04", "zesty"),
    ("17.10", "artful"),
    ("18.04", "bionic"),
    ("18.10", "cosmic"),
    ("19.04", "disco"),
    ("19.10", "eoan"),
    ("20.04", "focal"),
    ("20.10", "groovy"),
    ("21.04", "hirsute"),
    ("21.10", "impish"),
    ("22.04", "jammy"),
    ("22.10", "kinetic"),
    ("23.04", "lunar"),
    ("23.10", "mantic"),
    ("24.04", "noble"),
    ("24.10", "oracular"),
    ("25.04", "plucky"),
    ("25.10", "questing"),
];

/// The modules of SUSE Linux Enterprise that hold a server's packages.
const SUSE_MODULES: [&str; 12] = [
    "basesystem",
    "certifications",
    "containers",
    "desktop-applications",
    "development-tools",
    "hpc",
    "legacy",
    "packagehub-subpackages",
    "public-cloud",
    "python3",
    "server-applications",
    "web-scripting",
];

/// Number and codename of a Debian release, whichever of the two is given; `sid` and `unstable`
/// are (`sid`, `unstable`).
#[must_use]
pub fn debian_release(word: &str) -> Option<(&'static str, &'static str)> {
    let word = word.trim().to_ascii_lowercase();
    if word == "sid" || word == "unstable" {
        return Some(("sid", "unstable"));
    }
    let number = word.split('.').next().unwrap_or_default();
    let found = DEBIAN
        .iter()
        .find(|(known, name)| *known == number || *name == word);
    found.copied()
}

/// Number and codename of an Ubuntu release, whichever of the two is given.
#[must_use]
pub fn ubuntu_release(word: &str) -> Option<(&'static str, &'static str)> {
    let word = word.trim().to_ascii_lowercase();
    let found = UBUNTU.iter().find(|(number, name)| {
        *name == word
            || *number == word
            || word
                .strip_prefix(number)
                .is_some_and(|rest| rest.starts_with('.'))
    });
    found.copied()
}

impl Ecosystems {
    /// The names of the release in an os-release.
    #[must_use]
    pub fn of_system(system: &OperatingSystem) -> Self {
        let id = system.id.trim().to_ascii_lowercase();
        // Some tools write the whole of VERSION: `2 (Karoo)`.
        let version = system.version.as_deref().unwrap_or_default();
        let version = version
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let found = match id.as_str() {
            "debian" | "raspbian" => debian(&id, &version, system.name.as_deref()),
            "ubuntu" => ubuntu(&version),
            "alpine" | "postmarketos" => alpine(&id, &version),
            "suse" | "sles" | "sles_sap" | "sled" | "suse linux enterprise server" => {
                suse("sles", &version)
            }
            "sle-micro" | "sl-micro" | "slem" | "suse-microos" | "sle_micro" => {
                suse("sle-micro", &version)
            }
            "" => Some(Self {
                name: "an unnamed distribution".into(),
                ..Self::default()
            }),
            _ => None,
        };
        found.unwrap_or_else(|| plain(&id, &version))
    }

    /// The names of a language's packages.
    #[must_use]
    pub fn of_language(name: &str) -> Self {
        let spellings: &[&str] = match name {
            "cargo" | "crates.io" => &["cargo", "crates.io"],
            "go" | "golang" => &["go", "golang"],
            "rubygems" | "gem" => &["rubygems", "gem"],
            "packagist" | "composer" => &["packagist", "composer"],
            _ => &[],
        };
        let own: Vec<String> = match spellings {
            [] => vec![name.to_owned()],
            all => all.iter().map(|name| (*name).to_owned()).collect(),
        };
        Self {
            name: own.first().map(Text::from).unwrap_or_default(),
            own,
            is_language: true,
            ..Self::default()
        }
    }

    /// The names that have advisories: its own and extended ones, else its stand-ins.
    pub(super) fn asked(&self, knowledge: &dyn Knowledge) -> Result<Asked, KnowledgeError> {
        let mut names = Vec::new();
        let standings = [
            (&self.own, Standing::Own),
            (&self.extended, Standing::Extended),
        ];
        for (list, standing) in standings {
            for name in list {
                if knowledge.has_ecosystem(name)? {
                    names.push((name.clone(), standing));
                }
            }
        }
        if !names.is_empty() {
            return Ok(Asked {
                names,
                remark: None,
            });
        }
        for name in &self.stand_ins {
            if knowledge.has_ecosystem(name)? {
                let remark = format!(
                    "no advisories for {} are loaded; those for {name} stand in",
                    self.name
                );
                return Ok(Asked {
                    names: vec![(name.clone(), Standing::StandIn)],
                    remark: Some(remark.into()),
                });
            }
        }
        Ok(Asked::default())
    }

    fn new(name: String, own: Vec<String>) -> Self {
        Self {
            name: name.into(),
            own,
            ..Self::default()
        }
    }
}

/// Debian by number and codename; without a version (testing, unstable) by what its name says.
fn debian(id: &str, version: &str, name: Option<&str>) -> Option<Ecosystems> {
    let words = name.unwrap_or_default().to_ascii_lowercase();
    // `Debian GNU/Linux trixie/sid`: both testing and unstable say so.
    let from_name = || {
        let word = words.split_whitespace().last().unwrap_or_default();
        word.split('/').find_map(debian_release)
    };
    let release = debian_release(version).or_else(from_name);
    let (number, codename) = match (release, version.is_empty()) {
        (Some(release), _) => release,
        (None, true) => ("sid", "unstable"),
        (None, false) => return None,
    };
    let own = [number, codename]
        .map(|release| format!("debian:{release}"))
        .to_vec();
    let mut found = if id == "debian" {
        Ecosystems::new(format!("debian:{number}"), own)
    } else {
        Ecosystems {
            stand_ins: own,
            ..Ecosystems::new(format!("{id}:{number}"), vec![format!("{id}:{number}")])
        }
    };
    if words.contains("/sid") && number != "sid" {
        found.stand_ins.push("debian:sid".to_owned());
        found.stand_ins.push("debian:unstable".to_owned());
    }
    Some(found)
}

fn ubuntu(version: &str) -> Option<Ecosystems> {
    let known = ubuntu_release(version);
    let number = known.map_or(version, |(number, _)| number);
    if number.is_empty() {
        return None;
    }
    let mut own = vec![format!("ubuntu:{number}")];
    own.extend(known.map(|(_, codename)| format!("ubuntu:{codename}")));
    Some(Ecosystems {
        extended: vec![format!("ubuntu:pro:{number}")],
        ..Ecosystems::new(format!("ubuntu:{number}"), own)
    })
}

/// Alpine by its branch; a snapshot of `edge` has a date or `_alpha` in its version.
fn alpine(id: &str, version: &str) -> Option<Ecosystems> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let mut parts = version.split('.');
    let branch = match (parts.next(), parts.next()) {
        _ if version.is_empty() || version.contains("edge") || version.contains("_alpha") => {
            "edge".to_owned()
        }
        (Some(major), Some(minor)) => format!("{major}.{minor}"),
        _ => return None,
    };
    let alpine = format!("alpine:{branch}");
    Some(if id == "alpine" {
        Ecosystems::new(alpine.clone(), vec![alpine])
    } else {
        let own = format!("{id}:{branch}");
        Ecosystems {
            stand_ins: vec![alpine],
            ..Ecosystems::new(own.clone(), vec![own])
        }
    })
}

/// SUSE by product and service pack, with the modules that hold most packages.
fn suse(product: &str, version: &str) -> Option<Ecosystems> {
    if version.is_empty() {
        return None;
    }
    let version = version.replace("-sp", ".").replace("sp", ".");
    let mut own = vec![format!("suse:{product}:{version}")];
    if product == "sles" {
        own.extend(SUSE_MODULES.map(|module| format!("suse:sle-module-{module}:{version}")));
    } else {
        let names = ["sle-micro", "sl-micro", "suse-microos", "sle-micro-rancher"];
        own = names.map(|name| format!("suse:{name}:{version}")).to_vec();
    }
    Some(Ecosystems {
        extended: vec![format!("suse:{product}-ltss:{version}")],
        ..Ecosystems::new(format!("suse:{product}:{version}"), own)
    })
}

/// Everything else: by its names and its version, as written and without the parts behind the
/// first number.
fn plain(id: &str, version: &str) -> Ecosystems {
    let names: &[&str] = match id {
        "rhel" | "redhat" | "red hat enterprise linux" => &["rhel"],
        "centos" | "centos-stream" => &["centos"],
        "alma" | "almalinux" => &["alma", "almalinux"],
        "oracle" | "ol" => &["oracle", "ol"],
        "amazon" | "amzn" => &["amazon", "amzn"],
        "rocky" | "rockylinux" => &["rocky"],
        "opensuse-leap" | "opensuse.leap" | "opensuse" => &["opensuse:leap"],
        "opensuse-tumbleweed" | "opensuse.tumbleweed" => &["opensuse:tumbleweed"],
        "mariner" | "cbl-mariner" => &["mariner"],
        other => &[other],
    };
    let major = version.split(['.', '-']).next().unwrap_or_default();
    let rolling = matches!(
        id,
        "arch"
            | "archlinux"
            | "wolfi"
            | "chainguard"
            | "opensuse-tumbleweed"
            | "opensuse.tumbleweed"
    );
    let mut versions = vec![version.to_owned()];
    if major != version && !names.contains(&"opensuse:leap") {
        versions.push(major.to_owned());
    } else if !version.contains('.') {
        versions.push(format!("{version}.0"));
    }
    let with = |names: &[&str]| -> Vec<String> {
        if rolling || version.is_empty() {
            return names.iter().map(|name| (*name).to_owned()).collect();
        }
        let pairs = names
            .iter()
            .flat_map(|name| versions.iter().map(move |version| (name, version)));
        pairs
            .map(|(name, version)| format!("{name}:{version}"))
            .collect()
    };
    let first = names.first().copied().unwrap_or(id);
    let shown = match names {
        ["rhel" | "centos" | "alma" | "oracle" | "rocky", ..] => major,
        _ => version,
    };
    let name = if rolling || shown.is_empty() {
        first.to_owned()
    } else {
        format!("{first}:{shown}")
    };
    let mut found = Ecosystems::new(name, with(names));
    if first == "rhel" && version.contains('.') {
        let extended = ["rhel_eus", "rhel_aus", "rhel_tus", "rhel_e4s"];
        found.extended = extended
            .map(|part| format!("redhat:{part}:{version}"))
            .to_vec();
    }
    if first == "centos" || matches!(id, "eurolinux" | "scientific" | "springdale" | "virtuozzo") {
        found.stand_ins = vec![format!("rhel:{major}")];
    }
    if id == "archlinux" {
        found = Ecosystems::new("arch".to_owned(), vec!["arch".to_owned()]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Memory;
    use casemate_schema::{Affected, PackRecord};

    fn system(id: &str, version: Option<&str>, name: Option<&str>) -> OperatingSystem {
        OperatingSystem {
            id: id.to_owned(),
            version: version.map(str::to_owned),
            name: name.map(str::to_owned),
        }
    }

    fn memory(ecosystem: &str) -> Memory {
        let mut memory = Memory::default();
        memory.add(PackRecord::Advisory(Box::new(casemate_schema::Advisory {
            id: "A".into(),
            affected: vec![Affected {
                ecosystem: ecosystem.into(),
                package: "p".into(),
                ..Affected::default()
            }],
            ..casemate_schema::Advisory::default()
        })));
        memory
    }

    #[test]
    fn releases_have_their_names() {
        let cases = [
            (system("debian", Some("12"), None), "debian:12"),
            (system("debian", Some("10.13"), None), "debian:10"),
            (
                system("debian", None, Some("Debian GNU/Linux trixie/sid")),
                "debian:13",
            ),
            (system("debian", None, None), "debian:sid"),
            (system("ubuntu", Some("22.04"), None), "ubuntu:22.04"),
            (system("alpine", Some("3.18.4"), None), "alpine:3.18"),
            (
                system("alpine", Some("3.21.0_alpha20240923"), None),
                "alpine:edge",
            ),
            (system("rhel", Some("9.4"), None), "rhel:9"),
            (system("centos", Some("7"), None), "centos:7"),
            (system("almalinux", Some("8.9"), None), "alma:8"),
            (system("amzn", Some("2"), None), "amazon:2"),
            (system("amazon", Some("2 (Karoo)"), None), "amazon:2"),
            (system("sles", Some("15.5"), None), "suse:sles:15.5"),
            (
                system("opensuse-leap", Some("15.2"), None),
                "opensuse:leap:15.2",
            ),
            (
                system("opensuse-tumbleweed", Some("20240101"), None),
                "opensuse:tumbleweed",
            ),
            (system("wolfi", Some("20230201"), None), "wolfi"),
            (system("arch", None, None), "arch"),
            (system("photon", Some("4.0"), None), "photon:4.0"),
        ];
        for (system, name) in cases {
            assert_eq!(
                Ecosystems::of_system(&system).name.as_str(),
                name,
                "{system:?}"
            );
        }
        assert_eq!(debian_release("bookworm"), Some(("12", "bookworm")));
        assert_eq!(debian_release("12"), Some(("12", "bookworm")));
        assert_eq!(ubuntu_release("jammy"), Some(("22.04", "jammy")));
        assert_eq!(ubuntu_release("22.04.3"), Some(("22.04", "jammy")));
    }

    #[test]
    fn a_stand_in_is_said_and_the_next_release_is_none() {
        let centos = Ecosystems::of_system(&system("centos", Some("7.6.1810"), None));
        let asked = centos.asked(&memory("rhel:7")).expect("an answer");
        let remark = asked.remark.expect("a remark");
        assert!(
            remark.contains("centos:7") && remark.contains("rhel:7"),
            "{remark}"
        );
        let asked = centos.asked(&memory("rhel:8")).expect("an answer");
        assert!(asked.names.is_empty());
        let photon = Ecosystems::of_system(&system("photon", Some("3.0"), None));
        assert!(
            photon
                .asked(&memory("photon:3"))
                .expect("an answer")
                .remark
                .is_none()
        );
        assert!(
            !photon
                .asked(&memory("photon:3"))
                .expect("an answer")
                .names
                .is_empty()
        );
    }
}
