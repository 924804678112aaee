//! The matcher beside labels that people set: what the feed samples reach, and what is right there.
//!
//! The labels' images need feeds of their own releases; the samples hold a few records of each.
//! The table says how many labels no sample reaches: for those nothing is measured.

use crate::real;
use crate::vulns::{fixed, system};
use casemate_schema::{
    Advisory, Affected, Component, InstalledPackage, PackRecord, PackageManager, PackageNames,
};
use casemate_triage::Memory;
use casemate_triage::vulns::{Ecosystems, Package, vulnerabilities};
use serde_json::Value;
use std::fmt::Write;

/// The image, its release, its package manager.
const IMAGES: [(&str, &str, &str, PackageManager); 9] = [
    (
        "almalinux-8.jsonl.zst",
        "almalinux",
        "8",
        PackageManager::Rpm,
    ),
    ("alpine.jsonl", "alpine", "3.2", PackageManager::Apk),
    ("debian-7.jsonl.zst", "debian", "7", PackageManager::Dpkg),
    (
        "distroless-python3-debian11.jsonl.zst",
        "debian",
        "11",
        PackageManager::Dpkg,
    ),
    ("sle15.jsonl.zst", "sles", "15", PackageManager::Rpm),
    ("sles12sp4.jsonl.zst", "sles", "12.4", PackageManager::Rpm),
    ("ubi8.jsonl.zst", "rhel", "8", PackageManager::Rpm),
    (
        "ubuntu_a.jsonl.zst",
        "ubuntu",
        "14.04",
        PackageManager::Dpkg,
    ),
    (
        "ubuntu_b.jsonl.zst",
        "ubuntu",
        "12.04",
        PackageManager::Dpkg,
    ),
];

/// Every Alpine secdb sample in JSON.
fn add_secdb(memory: &mut Memory) {
    for name in [
        "secdb_311-main",
        "secdb_312-main",
        "secdb_edge-main",
        "secdb_v3.10_community",
        "secdb_vuls_edge_main",
        "secdb_vuls_v3.16_main",
        "secdb_vuls_v3.2_main",
    ] {
        let text = real::text(&format!("distro_feeds/alpine/{name}.json")).unwrap_or_default();
        let root: Value = serde_json::from_str(&text).expect("JSON");
        let release = root["distroversion"]
            .as_str()
            .unwrap_or("edge")
            .trim_start_matches('v');
        for package in root["packages"].as_array().into_iter().flatten() {
            let package = &package["pkg"];
            for (fix, cves) in package["secfixes"].as_object().into_iter().flatten() {
                for cve in cves
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                {
                    memory.add(PackRecord::Advisory(Box::new(Advisory {
                        id: cve.into(),
                        feed: "alpine-secdb".into(),
                        affected: vec![Affected {
                            ecosystem: format!("alpine:{release}").into(),
                            package: package["name"].as_str().unwrap_or_default().into(),
                            names: PackageNames::Source,
                            ranges: vec![fixed(fix)],
                            ..Affected::default()
                        }],
                        ..Advisory::default()
                    })));
                }
            }
        }
    }
}

/// Whether a version is one that a distribution gave; else the component was guessed from a file.
fn is_of_distribution(version: &str) -> bool {
    version.contains('-') || version.contains(':')
}

#[derive(Default)]
struct Counts {
    right: usize,
    wrong: usize,
    reached: usize,
    found: usize,
    false_found: usize,
    guessed: usize,
}

#[test]
fn labels_of_people_are_met_as_far_as_the_samples_reach() {
    let Some(mut memory) = crate::vulns_real::trivy_db() else {
        return;
    };
    add_secdb(&mut memory);
    let mut table = String::from(
        "image | TP | FP | TP reached | TP found | FP matched | FP that are guessed components\n",
    );
    let mut all = Counts::default();
    for (name, id, version, manager) in IMAGES {
        let text = real::text(&format!("distro_feeds/match_labels/{name}")).expect("labels");
        let ecosystems = Ecosystems::of_system(&system(id, version));
        let mut counts = Counts::default();
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).expect("JSON");
            let word = |part: &Value| part.as_str().unwrap_or_default().to_owned();
            let (package, version) = (
                word(&row["package"]["name"]),
                word(&row["package"]["version"]),
            );
            let installed = InstalledPackage {
                name: package.clone(),
                manager,
                version: version.clone(),
                arch: String::new(),
                source_name: package.clone(),
                source_version: version.clone(),
                module: None,
            };
            let matched = vulnerabilities(&[Package::installed(&installed, &ecosystems)], &memory)
                .expect("an answer");
            let cve = word(&row["effective_cve"]);
            let found = matched
                .matches
                .iter()
                .find(|it| it.vulnerability.as_str() == cve);
            let is_affected = found.is_some_and(|found| found.verdict.is_affected());
            match row["label"].as_str() {
                Some("TP") => {
                    counts.right += 1;
                    counts.reached += usize::from(found.is_some());
                    counts.found += usize::from(is_affected);
                }
                Some("FP") => {
                    counts.wrong += 1;
                    counts.false_found += usize::from(is_affected);
                    if !is_of_distribution(&version) {
                        counts.guessed += 1;
                        // Nothing is looked up by a name and a number alone.
                        let guess = Component {
                            purl: Some(format!("pkg:generic/{package}@{version}").into()),
                            ..Component::default()
                        };
                        assert_eq!(Package::component(&guess, None), None);
                    }
                }
                _ => {}
            }
        }
        add_row(&mut table, name, &counts);
        all.right += counts.right;
        all.wrong += counts.wrong;
        all.reached += counts.reached;
        all.found += counts.found;
        all.false_found += counts.false_found;
        all.guessed += counts.guessed;
    }
    add_row(&mut table, "all", &all);
    println!("{table}");
    assert_eq!(all.found, all.reached, "every reached true match is found");
    assert_eq!(all.false_found, 0, "no false match is repeated");
    assert_eq!((all.right, all.wrong), (1_280, 96));
}

fn add_row(table: &mut String, name: &str, counts: &Counts) {
    let Counts {
        right,
        wrong,
        reached,
        found,
        false_found,
        guessed,
    } = counts;
    writeln!(
        table,
        "{name} | {right} | {wrong} | {reached} | {found} | {false_found} | {guessed}"
    )
    .expect("a string takes all");
}
