//! Trivy's formats, shapes and versions give the same findings.

use casemate_ingest::{Bytes, ImportError, Imported, Input, import};
use casemate_testkit::data_or_skip;
use std::io::Read;
use std::path::Path;

fn take(text: &[u8], whole_bytes: u64) -> Result<Imported, ImportError> {
    let source = Bytes(text);
    import(
        &Input::with_whole_bytes("sample", &source, whole_bytes)?,
        &[],
    )
}

fn ids(text: &str) -> Vec<String> {
    let imported = take(text.as_bytes(), 8 << 20).expect("a report");
    assert!(imported.kind.starts_with("trivy"), "{}", imported.kind);
    assert_eq!(imported.rejected, Vec::new());
    let all = imported.findings.iter().chain(&imported.suppressed);
    all.map(|finding| finding.id.to_string()).collect()
}

fn own_sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kinds");
    std::fs::read(folder.join(name)).expect("a sample")
}

#[test]
fn formats_give_the_same_ids() {
    let wanted = "CVE-2000-10001:";
    let mut found = Vec::new();
    for name in [
        "trivy.sample.json",
        "trivy-html.sample.txt",
        "junit.sample.xml",
        "gitlab-codequality.sample.json",
    ] {
        let imported = take(&own_sample(name), 8 << 20).expect("a report");
        let finding = imported
            .findings
            .iter()
            .find(|it| it.id.starts_with(wanted));
        found.push(finding.expect("the vulnerability").id.clone());
    }
    found.dedup();
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn formats_of_a_real_report_give_the_same_ids() {
    let Some(root) = data_or_skip("trivy_reports") else {
        return;
    };
    let mut all = Vec::new();
    for format in ["json", "html", "junit", "gitlab", "gitlab-codequality"] {
        let packed = std::fs::read(root.join(format!("alpine-310.{format}.zst"))).expect("a file");
        let limits = casemate_base::decompress::Limits::default();
        let mut bytes = Vec::new();
        let mut peeled = casemate_base::decompress::peel(packed.as_slice(), &limits).expect("zst");
        peeled.reader.read_to_end(&mut bytes).expect("unpacked");
        let imported = take(&bytes, 8 << 20).expect("a report");
        let ids: Vec<String> = imported
            .findings
            .iter()
            .map(|it| it.id.to_string())
            .collect();
        all.push(ids);
    }
    assert_eq!(all[0].len(), 4);
    assert!(all.iter().all(|ids| *ids == all[0]), "{all:?}");
}

const VULNERABILITY: &str = r#"{"VulnerabilityID": "CVE-2000-1", "PkgName": "a", "InstalledVersion": "1", "Severity": "HIGH"}"#;
const SECRET: &str = r#"{"RuleID": "key", "Title": "A key", "Severity": "LOW", "StartLine": 3}"#;

#[test]
fn sorted_names_and_other_types_change_nothing() {
    let usual = format!(
        r#"{{"SchemaVersion": 2, "ArtifactName": "x", "Results": [
            {{"Target": "a/b", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [{VULNERABILITY}], "Secrets": [{SECRET}]}},
            {{"Target": "c", "Class": "config", "Vulnerabilities": null, "Misconfigurations": null}}]}}"#
    );
    let sorted = format!(
        r#"{{"ArtifactName": "x", "Results": [
            {{"Class": "lang-pkgs", "Secrets": {SECRET}, "Vulnerabilities": {VULNERABILITY}, "Target": "a/b", "Type": "npm"}}],
            "SchemaVersion": 2}}"#
    );
    let mut one = ids(&usual);
    let mut two = ids(&sorted);
    one.sort();
    two.sort();
    assert_eq!((one.len(), &one), (2, &two));
}

#[test]
fn old_lists_and_clusters_are_read() {
    let old = format!(
        r#"[{{"Target": "a (alpine 3.1)", "Vulnerabilities": [{VULNERABILITY}]}}, {{"Target": "b", "Vulnerabilities": null}}]"#
    );
    let new = format!(
        r#"{{"SchemaVersion": 2, "ArtifactName": "a", "Results": [{{"Target": "a (alpine 3.1)", "Class": "os-pkgs", "Type": "alpine", "Vulnerabilities": [{VULNERABILITY}]}}]}}"#
    );
    assert_eq!(ids(&old), ids(&new));
    // Two documents in a row.
    assert_eq!(ids(&format!("{new}\n{new}")).len(), 2);
    let cluster = format!(
        r#"{{"ClusterName": "k", "Vulnerabilities": [{{"Namespace": "n", "Kind": "Pod", "Name": "p", "Results": [{{"Target": "a", "Class": "lang-pkgs", "Vulnerabilities": [{VULNERABILITY}]}}]}}],
            "Misconfigurations": [{{"Namespace": "n", "Kind": "Pod", "Name": "p", "Results": [{{"Target": "Pod/p", "Class": "config", "Misconfigurations": [
                {{"ID": "KSV1", "Title": "t", "Severity": "LOW", "Status": "FAIL"}}, {{"ID": "KSV2", "Title": "t", "Status": "PASS"}}]}}]}}]}}"#
    );
    assert_eq!(ids(&cluster).len(), 2);
    let benchmark = r#"{"ID": "cis", "Title": "CIS", "Results": [
        {"ID": "1.1", "Name": "n", "Severity": "HIGH", "Results": [
            {"Target": "t", "Class": "config", "Misconfigurations": [
                {"ID": "KSV1", "Title": "t", "Severity": "LOW", "Status": "FAIL"}]}]},
        {"ID": "1.2", "Name": "m", "Severity": "LOW", "Results": null}]}"#;
    assert_eq!(ids(benchmark).len(), 1);
}

#[test]
fn what_was_modified_is_suppressed_and_damage_has_a_place() {
    let text = format!(
        r#"{{"SchemaVersion": 2, "ArtifactName": "a", "Results": [{{"Target": "a", "Class": "lang-pkgs",
            "ExperimentalModifiedFindings": [{{"Type": "vulnerability", "Status": "not_affected", "Statement": "s", "Source": "vex", "Finding": {VULNERABILITY}}}],
            "Vulnerabilities": [7, {VULNERABILITY}]}}]}}"#
    );
    let imported = take(text.as_bytes(), 8 << 20).expect("a report");
    assert_eq!((imported.findings.len(), imported.suppressed.len()), (1, 1));
    assert_eq!(imported.n_rejected, 1);
    let other = r#"{"SchemaVersion": 2, "ArtifactName": "a", "Results": "none"}"#;
    assert!(take(other.as_bytes(), 8 << 20).is_err());
    for cut in (60..text.len()).step_by(7) {
        let part = text.get(..cut).unwrap_or_default();
        assert!(take(part.as_bytes(), 8 << 20).is_err(), "cut at {cut}");
        assert!(
            take(part.as_bytes(), 50).is_err(),
            "cut at {cut}, as a stream"
        );
    }
}
