//! Red Hat's CSAF VEX files: what Clair's acceptance test demands, and the other states.

use crate::real;
use crate::vulns::{fixed, system};
use casemate_schema::{
    Advisory, Affected, AffectedState, InstalledPackage, PackRecord, PackageManager, PackageNames,
};
use casemate_triage::vulns::{Ecosystems, Package, Verdict, vulnerabilities};
use casemate_triage::{Memory, Nevra};
use serde_json::Value;
use std::collections::BTreeMap;

const FOLDER: &str = "distro_feeds/redhat/csaf_vex";

/// `BaseOS-9.4.0.GA:openssl-1:3.0.7-27.el9.aarch64`, `red_hat_enterprise_linux_8:libssh.src`.
fn affected(product: &str, status: &str, remedies: &BTreeMap<&str, &str>) -> Option<Affected> {
    let (platform, package) = product.split_once(':')?;
    let major = match platform.strip_prefix("red_hat_enterprise_linux_") {
        Some(major) => major,
        None => {
            let (repository, version) = platform.split_once('-')?;
            if !matches!(repository, "BaseOS" | "AppStream" | "CRB") {
                return None;
            }
            version.split('.').next()?
        }
    };
    let mut found = Affected {
        ecosystem: format!("rhel:{major}").into(),
        names: PackageNames::Binary,
        state: match (status, remedies.get(product)) {
            ("known_not_affected", _) => AffectedState::NotAffected,
            ("under_investigation", _) => AffectedState::UnderInvestigation,
            (_, Some(&"Will not fix")) => AffectedState::WillNotFix,
            (_, Some(&"Fix deferred")) => AffectedState::Deferred,
            (_, Some(&"Out of support scope")) => AffectedState::EndOfLife,
            _ => AffectedState::Affected,
        },
        ..Affected::default()
    };
    match Nevra::parse(package).filter(|nevra| !nevra.name.is_empty()) {
        Some(nevra) => {
            found.package = nevra.name.as_str().into();
            if nevra.arch == "src" {
                found.names = PackageNames::Source;
            } else {
                found.architectures = vec![nevra.arch.as_str().into()];
            }
            if status == "fixed" {
                found.ranges = vec![fixed(&nevra.evr())];
            }
        }
        None => {
            let name = package.strip_suffix(".src");
            if name.is_some() {
                found.names = PackageNames::Source;
            }
            found.package = name.unwrap_or(package).into();
        }
    }
    Some(found)
}

fn read(name: &str) -> Option<Memory> {
    let text = real::text(&format!("{FOLDER}/{name}.zst"))?;
    let root: Value = serde_json::from_str(&text).expect("JSON");
    let mut memory = Memory::default();
    for vulnerability in root["vulnerabilities"].as_array().expect("a list") {
        let mut remedies = BTreeMap::new();
        for remedy in vulnerability["remediations"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if matches!(
                remedy["category"].as_str(),
                Some("none_available" | "no_fix_planned")
            ) {
                let products = remedy["product_ids"].as_array().into_iter().flatten();
                let words = remedy["details"].as_str().unwrap_or_default();
                remedies.extend(
                    products
                        .filter_map(Value::as_str)
                        .map(|product| (product, words)),
                );
            }
        }
        let mut parts = Vec::new();
        for (status, products) in vulnerability["product_status"].as_object().expect("states") {
            let products = products
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            parts.extend(products.filter_map(|product| affected(product, status, &remedies)));
        }
        memory.add(PackRecord::Advisory(Box::new(Advisory {
            id: vulnerability["cve"].as_str().expect("a CVE").into(),
            feed: "redhat-csaf-vex".into(),
            affected: parts,
            ..Advisory::default()
        })));
    }
    Some(memory)
}

fn verdict(
    memory: &Memory,
    release: &str,
    name: &str,
    version: &str,
    source: &str,
) -> Option<Verdict> {
    let package = InstalledPackage {
        name: name.to_owned(),
        manager: PackageManager::Rpm,
        version: version.to_owned(),
        arch: "aarch64".to_owned(),
        source_name: source.to_owned(),
        module: None,
        source_version: version
            .split_once(':')
            .map_or(version, |(_, rest)| rest)
            .to_owned(),
    };
    let package = Package::installed(&package, &Ecosystems::of_system(&system("rhel", release)));
    let matched = vulnerabilities(&[package], memory).expect("an answer");
    assert!(matched.matches.len() < 2, "{matched:?}");
    matched.matches.first().map(|found| found.verdict)
}

#[test]
fn the_states_of_red_hats_vex_are_those_that_clair_demands() {
    let Some(expected) = real::text(&format!("{FOLDER}/expected.jsonl")) else {
        return;
    };
    let mut n_rows = 0;
    for line in expected.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let memory = read(row["vex"].as_str().expect("a name")).expect("the file");
        for demanded in row["expected"].as_array().expect("a list") {
            n_rows += 1;
            let product = demanded[1].as_str().expect("a product");
            assert_eq!(demanded[2].as_str(), Some("affected"));
            let part = affected(product, "known_affected", &BTreeMap::new()).expect("a product");
            // An installed version before the one that the product names; any, if it names none.
            let (release, version) = match part.ecosystem.as_str() {
                "rhel:9" => ("9.3", "1:3.0.7-24.el9"),
                _ => ("8.10", "0.9.6-14.el8"),
            };
            let name = part.package.as_str();
            let found = verdict(&memory, release, name, version, name).expect("a match");
            assert!(found.is_affected(), "{product}: {found:?}");
        }
    }
    assert_eq!(n_rows, 4);
}

#[test]
fn mended_deferred_and_unaffected_products_are_told_apart() {
    let Some(openssl) = read("cve-2024-0727-openssl.json") else {
        return;
    };
    let libssh = read("cve-2026-0968.json").expect("the file");
    let of = |release, name, version, source| verdict(&openssl, release, name, version, source);
    assert_eq!(
        of("9.4", "openssl-libs", "1:3.0.7-27.el9", "openssl"),
        Some(Verdict::Fixed)
    );
    assert_eq!(
        of("9.3", "openssl-libs", "1:3.0.7-24.el9", "openssl"),
        Some(Verdict::Affected)
    );
    assert_eq!(
        of(
            "9.4",
            "openssl-fips-provider",
            "3.0.7-2.el9",
            "openssl-fips-provider"
        ),
        Some(Verdict::NotAffected)
    );
    assert!(
        of("8.9", "openssl-libs", "1:1.1.1k-9.el8_7", "openssl").is_some_and(Verdict::is_affected)
    );
    assert_eq!(of("9.4", "bash", "5.1.8-6.el9", "bash"), None);
    let ssh = verdict(&libssh, "8.10", "libssh-config", "0.9.6-14.el8", "libssh");
    assert_eq!(ssh, Some(Verdict::Deferred));
    let ssh = verdict(&libssh, "9.4", "libssh", "0.10.4-13.el9", "libssh");
    assert_eq!(ssh, Some(Verdict::NoFix));
}
