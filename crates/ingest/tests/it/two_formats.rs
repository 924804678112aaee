//! One scan written in two formats of its tool has the same findings.

use casemate_ingest::{Bytes, Input, import};
use std::path::Path;

/// Id, severity and vulnerability of each finding of a made-up sample.
fn findings(sample: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("kinds")
        .join(sample);
    let bytes = std::fs::read(path).expect("a sample");
    let source = Bytes(&bytes);
    let imported = import(&Input::new(sample, &source).expect("text"), &[]).expect("imported");
    let all = imported.findings.iter().chain(&imported.suppressed);
    all.map(|finding| {
        let published = finding.vulnerability.as_ref();
        let ids = published.map(|known| (known.id.clone(), known.aliases.clone()));
        format!(
            "{} {:?} {:?} {} {:?}",
            finding.id, finding.severity, ids, finding.title, finding.location
        )
    })
    .collect()
}

#[test]
fn the_same_scan_has_the_same_findings() {
    for (xml, csv) in [
        ("nessus.sample.xml", "nessus-csv.sample.csv"),
        ("openvas.sample.xml", "openvas-csv.sample.csv"),
        ("qualys.sample.xml", "qualys-csv.sample.csv"),
    ] {
        assert_eq!(findings(xml), findings(csv), "{xml} and {csv}");
    }
}
