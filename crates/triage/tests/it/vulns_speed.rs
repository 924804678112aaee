//! How long matching takes.

use crate::vulns::{fixed, system};
use casemate_base::time::{Clock, SystemClock};
use casemate_schema::{Advisory, Affected, InstalledPackage, PackRecord, PackageManager};
use casemate_triage::Memory;
use casemate_triage::vulns::{Ecosystems, Package, vulnerabilities};

/// 500 packages against an ecosystem of 50,000 records: 10,000 of them about the 500 packages.
#[test]
fn five_hundred_packages_against_fifty_thousand_records() {
    let mut memory = Memory::default();
    for at in 0..50_000_u32 {
        // Two in ten are about an installed package, as on a host with 500 of 30,000 packages.
        let package = if at % 10 < 2 {
            at / 10 % 500
        } else {
            500 + at % 20_000
        };
        memory.add(PackRecord::Advisory(Box::new(Advisory {
            id: format!("CVE-2024-{at:05}").into(),
            feed: "debian-tracker".into(),
            affected: vec![Affected {
                ecosystem: "debian:12".into(),
                package: format!("package{package}").into(),
                ranges: vec![fixed(&format!(
                    "1:{}.{}-{}+deb12u1",
                    at % 7,
                    at % 30,
                    at % 9
                ))],
                ..Affected::default()
            }],
            ..Advisory::default()
        })));
    }
    let ecosystems = Ecosystems::of_system(&system("debian", "12"));
    let packages: Vec<Package> = (0..500)
        .map(|at| {
            let package = InstalledPackage {
                name: format!("lib{at}"),
                manager: PackageManager::Dpkg,
                version: "1:3.14-2+deb12u1".to_owned(),
                arch: "amd64".to_owned(),
                source_name: format!("package{at}"),
                source_version: "1:3.14-2+deb12u1".to_owned(),
                module: None,
            };
            Package::installed(&package, &ecosystems)
        })
        .collect();
    let clock = SystemClock::new();
    let started = clock.monotonic();
    let matched = vulnerabilities(&packages, &memory).expect("an answer");
    let took = clock.monotonic().saturating_sub(started);
    assert_eq!(matched.matches.len(), 10_000);
    println!(
        "500 packages, 50,000 records, 10,000 matches: {} ms",
        took.as_millis()
    );
    // Unoptimised and on a busy machine; a release build takes about a tenth.
    assert!(took.as_secs() < 10, "{took:?}");
}
