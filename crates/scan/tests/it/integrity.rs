//! Package digests: what is changed is reported, what is not is not, on any number of threads.

use casemate_scan::tree::{Kind, MemoryTree, Node};
use casemate_scan::{Options, Surface, scan};
use casemate_schema::{ScanMode, Severity};
use std::path::Path;

/// Two hundred packages of one program each; every third one is changed, every fifth is missing.
fn sample() -> MemoryTree {
    let mut tree = MemoryTree::new();
    let mut status = String::new();
    for number in 0..200 {
        let name = format!("package{number}");
        status.push_str(&format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: {number}\n\n"
        ));
        let good = vec![b'x'; number * 500];
        let digest = casemate_base::encoding::hex_encode(&casemate_base::hash::md5(&good));
        let info = Path::new("/var/lib/dpkg/info");
        tree.file(
            info.join(format!("{name}.list")),
            format!("/usr/bin/{name}\n"),
        );
        tree.file(
            info.join(format!("{name}.md5sums")),
            format!("{digest}  usr/bin/{name}\n"),
        );
        let content = match number {
            _ if number % 5 == 0 => continue,
            _ if number % 3 == 0 => [good, b"evil".to_vec()].concat(),
            _ => good,
        };
        let mut node = Node::new(Kind::File, content);
        node.metadata.mode = 0o755;
        tree.insert(&Path::new("/usr/bin").join(&name), node);
    }
    tree.file("/var/lib/dpkg/status", status);
    tree
}

fn titles(threads: usize) -> Vec<(Severity, String)> {
    let mut options = Options::at(1_760_000_000);
    options.surfaces = [Surface::Integrity].into_iter().collect();
    options.mode = ScanMode::Deep;
    options.threads = threads;
    let scan = scan(&sample(), &options, &|_, _, _| {});
    assert!(scan.packages.is_empty(), "the inventory was not asked for");
    scan.findings
        .into_iter()
        .map(|finding| (finding.severity, finding.title.to_string()))
        .collect()
}

#[test]
fn d6_changed_files_are_reported_and_unchanged_ones_are_not() {
    let found = titles(1);
    for number in 0..200 {
        let about = |title: &str| {
            title.contains(&format!("/usr/bin/package{number}`"))
                || title.ends_with(&format!("`package{number}`")) && title.contains("missing")
        };
        let severity = found
            .iter()
            .find(|(_, title)| about(title))
            .map(|(level, _)| *level);
        let expected = match number {
            _ if number % 5 == 0 => Some(Severity::Low),
            _ if number % 3 == 0 => Some(Severity::High),
            _ => None,
        };
        assert_eq!(severity, expected, "package{number}");
    }
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let one = titles(1);
    assert_eq!(one.len(), 40 + 53);
    assert_eq!(titles(2), one);
    assert_eq!(titles(7), one);
}

#[test]
fn the_inventory_is_listed_when_it_is_asked_for() {
    let scan = scan(&sample(), &Options::at(1_760_000_000), &|_, _, _| {});
    assert_eq!(scan.packages.len(), 200);
    assert!(scan.packages.is_sorted());
    assert_eq!(scan.packages[0].source_name, scan.packages[0].name);
}
