//! The matcher on real advisories and real packages.
//!
//! The readers here are the smallest that the comparison needs; the product's stand in `ingest`.

use crate::real;
use crate::vulns::{fixed, system};
use casemate_schema::{
    Advisory, Affected, AffectedState, Component, InstalledPackage, OperatingSystem, PackRecord,
    PackageManager, PackageNames,
};
use casemate_triage::vulns::{Ecosystems, Match, Package, Verdict, vulnerabilities};
use casemate_triage::{Knowledge, Memory};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const TRIVY: &str = "distro_feeds/trivy_db";

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// `debian 9`, `Oracle Linux 8` and so on, in our words.
fn ecosystem(bucket: &str) -> Option<(String, PackageNames)> {
    let (name, version) = bucket.rsplit_once(' ')?;
    let names = match name {
        "alpine" | "debian" | "ubuntu" => PackageNames::Source,
        _ => PackageNames::Binary,
    };
    let ours = match name {
        "amazon linux" => "amazon".to_owned(),
        "Oracle Linux" => "oracle".to_owned(),
        "openSUSE Leap" => "opensuse:leap".to_owned(),
        other => other.to_ascii_lowercase().replace(' ', "-"),
    };
    Some((format!("{ours}:{version}"), names))
}

const fn state(status: u64) -> AffectedState {
    match status {
        5 => AffectedState::WillNotFix,
        6 => AffectedState::Deferred,
        7 => AffectedState::EndOfLife,
        _ => AffectedState::Affected,
    }
}

fn affected(ecosystem: &str, package: &str, names: PackageNames, value: &Value) -> Affected {
    let fix = word(value, "FixedVersion");
    let deferred = word(value, "State") == "postponed";
    let status = value.get("Status").and_then(Value::as_u64).unwrap_or(0);
    let texts = |key: &str| {
        list(value.get(key).unwrap_or(&Value::Null))
            .iter()
            .filter_map(Value::as_str)
    };
    Affected {
        ecosystem: ecosystem.into(),
        package: package.into(),
        names,
        state: if deferred {
            AffectedState::Deferred
        } else {
            state(status)
        },
        ranges: (!fix.is_empty()).then(|| fixed(fix)).into_iter().collect(),
        architectures: texts("Arches").map(Into::into).collect(),
        notice: texts("VendorIDs").next().map(Into::into),
        ..Affected::default()
    }
}

fn add(memory: &mut Memory, feed: &str, id: &str, aliases: Vec<String>, affected: Vec<Affected>) {
    memory.add(PackRecord::Advisory(Box::new(Advisory {
        id: id.into(),
        aliases: aliases.into_iter().map(Into::into).collect(),
        feed: feed.into(),
        affected,
        ..Advisory::default()
    })));
}

/// Red Hat's entries name CPEs by number.
fn red_hat(memory: &mut Memory, package: &str, id: &str, value: &Value) {
    for entry in list(&value["Entries"]) {
        let products = list(&entry["Affected"]).iter().filter_map(Value::as_u64);
        let releases: BTreeSet<&str> = products
            .filter_map(|index| match index {
                857 => Some("rhel:6"),
                869 => Some("rhel:7"),
                _ => None,
            })
            .collect();
        let cves = list(&entry["Cves"])
            .iter()
            .map(|cve| word(cve, "ID").to_owned());
        let cves: Vec<String> = cves.filter(|id| !id.is_empty()).collect();
        let parts = releases
            .into_iter()
            .map(|release| {
                let mut part = affected(release, package, PackageNames::Binary, entry);
                part.notice = id.starts_with("RHSA").then(|| id.into());
                part
            })
            .collect();
        add(memory, "redhat", id, cves, parts);
    }
}

pub(crate) fn trivy_db() -> Option<Memory> {
    let mut memory = Memory::default();
    for name in [
        "almalinux",
        "alpine",
        "amazon",
        "debian",
        "mariner",
        "opensuse",
        "oracle",
        "photon",
        "redhat",
        "rockylinux",
        "suse",
        "ubuntu",
    ] {
        let text = real::text(&format!("{TRIVY}/{name}.yaml"))?;
        let root: Value = serde_saphyr::from_str(&text).expect("YAML");
        for bucket in list(&root) {
            let release = word(bucket, "bucket");
            for package in list(&bucket["pairs"]) {
                for pair in list(&package["pairs"]) {
                    let (id, name) = (word(pair, "key"), word(package, "bucket"));
                    if release == "Red Hat" {
                        red_hat(&mut memory, name, id, &pair["value"]);
                    } else if let Some((ecosystem, names)) = ecosystem(release) {
                        let part = affected(&ecosystem, name, names, &pair["value"]);
                        let feed = ecosystem.split(':').next().unwrap_or_default();
                        // Several records of one id each name their own release.
                        let id = id.trim();
                        add(
                            &mut memory,
                            &format!("{feed}-trivy"),
                            id,
                            Vec::new(),
                            vec![part],
                        );
                    }
                }
            }
        }
    }
    Some(memory)
}

/// A golden report's own filter, as its name and Trivy's test say.
fn is_filtered(golden: &str, found: &Match) -> bool {
    match golden {
        "alpine-39-ignore-cveids" => matches!(
            found.vulnerability.as_str(),
            "CVE-2019-1549" | "CVE-2019-14697"
        ),
        "ubuntu-1804-ignore-unfixed" | "debian-buster-ignore-unfixed" => {
            found.fixed_version.is_none()
        }
        _ => false,
    }
}

#[test]
fn the_matches_of_trivy_are_found_and_no_others() {
    let Some(memory) = trivy_db() else { return };
    let expected = real::text(&format!("{TRIVY}/expected_matches.tsv")).expect("the table");
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut packages: BTreeMap<String, BTreeMap<String, (OperatingSystem, InstalledPackage)>> =
        BTreeMap::new();
    for line in expected.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [
            golden,
            family,
            version,
            package,
            installed,
            bucket,
            cve,
            fix,
            ..,
        ] = cells.as_slice()
        else {
            panic!("{line}")
        };
        let manager = match *family {
            "alpine" => PackageManager::Apk,
            "debian" | "ubuntu" => PackageManager::Dpkg,
            _ => PackageManager::Rpm,
        };
        let installed_package = InstalledPackage {
            name: (*package).to_owned(),
            manager,
            version: (*installed).to_owned(),
            arch: "x86_64".to_owned(),
            source_name: (*bucket).to_owned(),
            source_version: (*installed).to_owned(),
            module: None,
        };
        packages.entry((*golden).to_owned()).or_default().insert(
            format!("{package} {installed}"),
            (system(family, version), installed_package),
        );
        wanted
            .entry((*golden).to_owned())
            .or_default()
            .insert(format!("{package} {installed} {cve} {fix}"));
    }
    let mut n_matches = 0;
    for (golden, wanted) in &wanted {
        let mut found = BTreeSet::new();
        for (system, package) in packages[golden].values() {
            let package = Package::installed(package, &Ecosystems::of_system(system));
            let matched = vulnerabilities(&[package], &memory).expect("an answer");
            assert!(matched.not_loaded.is_empty(), "{golden}");
            let affected = matched.matches.iter().filter(|it| it.verdict.is_affected());
            for it in affected.filter(|it| !is_filtered(golden, it)) {
                let fix = it.fixed_version.as_deref().unwrap_or("-");
                found.insert(format!(
                    "{} {} {} {fix}",
                    it.package.name.as_str(),
                    it.package.version.as_str(),
                    it.vulnerability.as_str()
                ));
            }
        }
        assert_eq!(&found, wanted, "{golden}");
        n_matches += found.len();
    }
    println!("{n_matches} matches of {} reports", wanted.len());
    assert_eq!(n_matches, expected.lines().count() - 1);
}

/// The URL of each package of a CycloneDX file in XML: the last element of its kind before the
/// end of a component.
fn purls(text: &str) -> Vec<String> {
    let parts = text.split("<purl>").skip(1);
    parts
        .filter_map(|part| Some(part.split_once("</purl>")?.0.replace("&amp;", "&")))
        .collect()
}

#[test]
fn a_bill_of_materials_has_the_matches_of_osv_scanner() {
    let folder = "distro_feeds/packages/sbom";
    let Some(document) = real::text(&format!("{folder}/alpine-3.17.cdx.xml.zst")) else {
        return;
    };
    let expected =
        real::text(&format!("{folder}/alpine-3.17.expected.jsonl")).expect("the matches");
    let rows: Vec<Value> = expected
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    // No feed of this release is among the samples: the records are made from what is expected,
    // so that this shows names, versions and releases to be read alike, and no more.
    let mut memory = Memory::default();
    for row in &rows {
        let part = Affected {
            ecosystem: "alpine:3.17".into(),
            package: word(row, "package").into(),
            ranges: vec![fixed(word(row, "fixed"))],
            ..Affected::default()
        };
        add(&mut memory, "osv", word(row, "id"), Vec::new(), vec![part]);
    }
    let packages: Vec<Package> = purls(&document)
        .into_iter()
        .filter_map(|purl| {
            let component = Component {
                purl: Some(purl.into()),
                ..Component::default()
            };
            Package::component(&component, None)
        })
        .collect();
    assert_eq!(packages.len(), 14);
    let matched = vulnerabilities(&packages, &memory).expect("an answer");
    for row in &rows {
        let hit = matched.matches.iter().any(|it| {
            it.verdict == Verdict::Affected
                && word(row, "id").ends_with(it.vulnerability.as_str())
                && it.package.version.as_str() == word(row, "version")
                && it.reason.name.as_str() == word(row, "package")
                && it.fixed_version.as_deref() == Some(word(row, "fixed"))
        });
        assert!(hit, "{row}");
    }
    // musl-utils has musl's source.
    let names: BTreeSet<&str> = matched
        .matches
        .iter()
        .map(|it| it.package.name.as_str())
        .collect();
    assert_eq!(names, BTreeSet::from(["musl", "musl-utils", "zlib"]));
}

#[test]
fn a_bill_of_centos_has_the_matches_of_its_golden_report() {
    let Some(text) = real::text("distro_feeds/packages/sbom/centos-7.cdx.json") else {
        return;
    };
    let Some(memory) = trivy_db() else { return };
    let root: Value = serde_json::from_str(&text).expect("JSON");
    let packages: Vec<Package> = list(&root["components"])
        .iter()
        .filter_map(|it| {
            let component = Component {
                purl: Some(it["purl"].as_str()?.into()),
                ..Component::default()
            };
            Package::component(&component, None)
        })
        .collect();
    let matched = vulnerabilities(&packages, &memory).expect("an answer");
    let found: Vec<String> = matched
        .matches
        .iter()
        .map(|it| {
            format!(
                "{} {} {:?}",
                it.package.name.as_str(),
                it.vulnerability.as_str(),
                it.verdict
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "bash CVE-2019-18276 WillNotFix",
            "openssl-libs CVE-2018-0734 Affected",
            "openssl-libs CVE-2019-1559 Affected",
        ]
    );
    assert!(memory.has_ecosystem("rhel:7").expect("an answer"));
}
