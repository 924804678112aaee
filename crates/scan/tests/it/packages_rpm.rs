//! Does the rpm reader say what `rpm --query` says?
//!
//! The database and the answers were made by `testkit/reference/rpm_samples.py`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failed test"
)]

use casemate_scan::packages::rpm::read_sqlite;
use casemate_scan::packages::{Detail, FileFlags, FileKind, Owner, PackageFile, Record};
use std::path::Path;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rpm");
    std::fs::read(folder.join(name)).unwrap()
}

fn records(detail: Detail) -> Vec<Record> {
    let database = zstd::decode_all(fixture("rpmdb.sqlite.zst").as_slice()).unwrap();
    let mut records = Vec::new();
    let problems = read_sqlite(&database, None, detail, &mut |record| records.push(record));
    assert_eq!(problems.unwrap(), []);
    records
}

#[test]
fn packages_are_those_of_rpm() {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut lines: Vec<String> = records(Detail::Packages)
        .iter()
        .map(|record| {
            assert!(record.files.is_empty());
            let package = &record.package;
            let source = format!("{}-{}.src.rpm", package.source_name, package.source_version);
            [
                package.name.clone(),
                package.version.clone(),
                package
                    .epoch
                    .map_or(String::new(), |epoch| epoch.to_string()),
                package.arch.clone(),
                source,
                text(&package.license),
                text(&package.vendor),
                text(&package.maintainer),
                text(&package.modularity_label),
                package.installed_at_s.unwrap().to_string(),
            ]
            .join("\t")
        })
        .collect();
    lines.sort();
    let expected = String::from_utf8(fixture("packages.tsv")).unwrap();
    assert_eq!(lines, expected.lines().collect::<Vec<_>>());
}

/// The mode with the type's bits, as rpm prints it.
fn whole_mode(file: &PackageFile) -> u32 {
    let kind = match file.kind {
        FileKind::Regular => 0o100_000,
        FileKind::Directory => 0o040_000,
        FileKind::Symlink => 0o120_000,
        kind => panic!("no such file was built: {kind:?}"),
    };
    kind | file.mode.unwrap()
}

fn flag_bits(flags: FileFlags) -> u32 {
    let bits = flags.names().map(|name| match name {
        "config" => 1,
        "doc" => 2,
        "no_replace" => 16,
        "ghost" => 64,
        "license" => 128,
        name => panic!("no such file was built: {name}"),
    });
    bits.sum()
}

fn owner(owner: &Option<Owner>) -> &str {
    match owner {
        Some(Owner::Name(name)) => name,
        owner => panic!("rpm writes names: {owner:?}"),
    }
}

#[test]
fn files_are_those_of_rpm() {
    let mut lines = Vec::new();
    for record in records(Detail::Files) {
        for file in &record.files {
            let digest = file.digest.as_ref().map_or("", |digest| &digest.hex);
            let link = file.link_target.clone().unwrap_or_default();
            lines.push(format!(
                "{}\t{}\t{digest}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t0",
                record.package.name,
                String::from_utf8(file.path.clone()).unwrap(),
                whole_mode(file),
                owner(&file.user),
                owner(&file.group),
                file.size_bytes.unwrap(),
                file.modified_at_s.unwrap(),
                flag_bits(file.flags),
                String::from_utf8(link).unwrap(),
                file.verify.unwrap(),
            ));
        }
    }
    lines.sort();
    let expected = String::from_utf8(fixture("files.tsv")).unwrap();
    assert_eq!(lines, expected.lines().collect::<Vec<_>>());
}

#[test]
fn digests_are_of_the_algorithm_of_their_package() {
    for record in records(Detail::Files) {
        let expected = if record.package.name == "old-digests" {
            "md5"
        } else {
            "sha256"
        };
        for digest in record.files.iter().filter_map(|file| file.digest.as_ref()) {
            assert_eq!(digest.algorithm.as_str(), expected);
        }
    }
}

#[test]
fn a_damaged_database_keeps_the_packages_that_are_whole() {
    let database = zstd::decode_all(fixture("rpmdb.sqlite.zst").as_slice()).unwrap();
    let name = b"old-digests\0";
    let at = database.windows(name.len()).position(|bytes| bytes == name);
    let header_page = at.unwrap() / 4096 * 4096;
    let mut damaged = database;
    damaged[header_page..header_page + 4096].fill(0xff);
    let mut n_records = 0;
    let problems = read_sqlite(&damaged, None, Detail::Files, &mut |_| n_records += 1);
    assert!(n_records < 4, "{n_records}");
    assert!(!problems.unwrap().is_empty());
}
