//! `casemate vulns` without packs: what is not known is said, and is no failure.

use crate::run::casemate;
use std::path::Path;

/// A tree with two packages of Debian 12.
fn tree(root: &Path) {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a file");
    };
    write(
        "etc/os-release",
        "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
    );
    let package = |name: &str, source: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10\n{source}\n"
        )
    };
    let status = package("curl", "") + &package("libcurl4", "Source: curl\n");
    write("var/lib/dpkg/status", &status);
}

#[test]
fn a_release_without_a_pack_is_unknown_and_no_failure() {
    let home = tempfile::tempdir().expect("home");
    let root = home.path().join("tree");
    tree(&root);
    let root = root.to_str().expect("a path");
    let ran = casemate(home.path(), &["vulns", "--root", root]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.text().contains("(2 packages)") && ran.text().contains("unknown"),
        "{}",
        ran.text()
    );
    let words =
        "no advisory pack for debian:12 is loaded; import one with `casemate pack import FILE`";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let ran = casemate(home.path(), &["vulns", "--root", root, "--format", "json"]);
    let answer = ran.json();
    assert_eq!(answer["packages"], 2);
    assert_eq!(answer["not_loaded"][0]["ecosystem"], "debian:12");
    assert_eq!(answer["not_loaded"][0]["packages"], 2);
    let ran = casemate(
        home.path(),
        &["vulns", "--root", root, "--format", "ndjson"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.text().contains("\"not_assessed\""), "{}", ran.text());
}

#[test]
fn a_bill_of_materials_gives_its_packages() {
    let home = tempfile::tempdir().expect("home");
    let document = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[
        {"type":"library","name":"musl","version":"1.2.3-r4",
         "purl":"pkg:apk/alpine/musl@1.2.3-r4?arch=x86_64&distro=alpine-3.17.2",
         "components":[{"type":"library","name":"left-pad","version":"1.0.0","purl":"pkg:npm/left-pad@1.0.0"}]},
        {"type":"file","name":"readme"}]}"#;
    std::fs::write(home.path().join("bom.json"), document).expect("a file");
    let ran = casemate(home.path(), &["vulns", "bom.json", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let answer = ran.json();
    assert_eq!(answer["packages"], 2);
    assert_eq!(answer["not_loaded"][0]["ecosystem"], "alpine:3.17");
    assert_eq!(answer["not_loaded"][1]["ecosystem"], "npm");
    let ran = casemate(
        home.path(),
        &["vulns", "bom.json", "--explain", "CVE-2020-1"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.text().contains("no record about CVE-2020-1"),
        "{}",
        ran.text()
    );
    assert!(ran.stderr.contains("npm is loaded"), "{}", ran.stderr);
    let ran = casemate(home.path(), &["vulns", "bom.json", "--root", "."]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}
