//! Are the package databases of real distributions read whole?
//!
//! The data is not part of the project: `CASEMATE_DATA` names the folder.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what fails here is a failed test, what is skipped is said"
)]

use casemate_scan::packages::{Detail, FileKind, Record, apk, dpkg, rpm_bdb, rpm_ndb};
use serde_json::Value as Json;
use std::path::PathBuf;

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the data by the environment"
)]
fn data(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("CASEMATE_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join("distro_feeds/packages").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!(
            "SKIPPED: {} is not there, set CASEMATE_DATA",
            path.display()
        );
        return None;
    };
    if name.ends_with(".zst") {
        return Some(zstd::decode_all(bytes.as_slice()).unwrap());
    }
    Some(bytes)
}

fn name_and_version(record: &Record) -> String {
    format!("{} {}", record.package.name, record.package.version)
}

#[test]
fn an_ndb_database_is_that_of_its_list() {
    let (Some(database), Some(list)) = (
        data("rpm/sle15-bci/Packages.db.zst"),
        data("rpm/lists/SLE15WithNDB.jsonl"),
    ) else {
        return;
    };
    let mut records = Vec::new();
    let mut sink = |record| records.push(record);
    let problems = rpm_ndb::read_packages(&database, Detail::Files, &mut sink).unwrap();
    assert_eq!(problems, []);
    let field = |value: &Json, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let mut expected: Vec<[String; 7]> = std::str::from_utf8(&list)
        .unwrap()
        .lines()
        .map(|line| {
            let value: Json = serde_json::from_str(line).unwrap();
            let version_release = field(&value, "version") + "-" + &field(&value, "release");
            let version = match value["epoch"].as_u64() {
                Some(epoch) => format!("{epoch}:{version_release}"),
                None => version_release,
            };
            [
                field(&value, "name"),
                version,
                field(&value, "arch"),
                field(&value, "sourcerpm"),
                field(&value, "license"),
                field(&value, "vendor"),
                field(&value, "modularitylabel"),
            ]
        })
        .collect();
    let mut found: Vec<[String; 7]> = records
        .iter()
        .map(|record| {
            let package = &record.package;
            let source = format!("{}-{}.src.rpm", package.source_name, package.source_version);
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            // Keys have neither an architecture nor a source package.
            let source = if package.arch.is_empty() {
                String::new()
            } else {
                source
            };
            [
                package.name.clone(),
                package.version.clone(),
                package.arch.clone(),
                source,
                text(&package.license),
                text(&package.vendor),
                text(&package.modularity_label),
            ]
        })
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    let n_files: usize = records.iter().map(|record| record.files.len()).sum();
    assert!(n_files > 1000, "{n_files}");
}

#[test]
fn a_berkeley_database_is_read() {
    let Some(database) = data("rpm/libuuid/Packages.zst") else {
        return;
    };
    let mut records = Vec::new();
    let mut sink = |record| records.push(record);
    let problems = rpm_bdb::read_packages(&database, Detail::Files, &mut sink).unwrap();
    assert_eq!(problems, []);
    let names: Vec<_> = records.iter().map(name_and_version).collect();
    assert_eq!(names, ["libuuid 2.32.1-42.el8_8"]);
    let regular = records[0]
        .files
        .iter()
        .filter(|file| file.kind == FileKind::Regular);
    assert!(regular.clone().count() > 0);
    assert!(regular.clone().all(|file| file.digest.is_some()));
}

#[test]
fn apk_databases_are_read() {
    for (name, n_packages, n_problems) in [("trivy_installed", 15, 1), ("scalibr_installed", 15, 0)]
    {
        let Some(bytes) = data(&format!("apk/{name}")) else {
            return;
        };
        let (records, problems) = apk::parse(&bytes, Detail::Files);
        let names: Vec<_> = records.iter().map(name_and_version).collect();
        assert_eq!(
            (names.len(), problems.len()),
            (n_packages, n_problems),
            "{names:?} {problems:?}"
        );
    }
}

#[test]
fn dpkg_databases_are_read() {
    for (name, n_installed, n_others) in [
        ("valid.status", 7, 0),
        ("statusfield.status", 4, 3),
        ("debian-only.status", 1, 0),
        ("transitional.status", 1, 0),
        ("texlive.status.zst", 357, 0),
    ] {
        let Some(bytes) = data(&format!("dpkg/{name}")) else {
            return;
        };
        let (records, problems) = dpkg::parse_status(&bytes);
        let (installed, others): (Vec<_>, Vec<_>) = records
            .iter()
            .partition(|record| record.package.status.is_installed());
        assert_eq!(problems, [], "{name}");
        assert_eq!(
            (installed.len(), others.len()),
            (n_installed, n_others),
            "{name}"
        );
    }
}
