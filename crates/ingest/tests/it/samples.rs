//! The real reports: each sample imports with the number of findings that its kind's file states,
//! in one piece and as a stream, and the samples of DefectDojo's tests with theirs.

use casemate_base::decompress::{Limits, peel};
use casemate_ingest::{Bytes, ImportError, Imported, Input, import, kinds};
use casemate_testkit::data_or_skip;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 6] = [
    "scanner_reports",
    "scanner_reports_heimdall",
    "trivy_reports",
    "sarif",
    "sys_scan",
    "sys_scan_v6",
];

fn bytes_of(path: &Path) -> Vec<u8> {
    let packed = std::fs::read(path).expect("a file");
    let mut bytes = Vec::new();
    let mut peeled = peel(packed.as_slice(), &Limits::default()).expect("packed");
    peeled.reader.read_to_end(&mut bytes).expect("unpacked");
    bytes
}

fn take(path: &Path, whole_bytes: u64) -> Result<Imported, ImportError> {
    let bytes = bytes_of(path);
    let source = Bytes(&bytes);
    import(
        &Input::with_whole_bytes("sample", &source, whole_bytes)?,
        &[],
    )
}

fn n_findings(imported: &Imported) -> u64 {
    let report = imported
        .report
        .as_ref()
        .map_or(0, |report| report.findings.len());
    (imported.findings.len() + imported.suppressed.len() + report) as u64
}

/// The file of a sample that is named as `folder/file`, packed or not.
fn file(root: &Path, sample: &str) -> Option<PathBuf> {
    ["", ".zst", ".gz"]
        .iter()
        .map(|end| root.join(format!("{sample}{end}")))
        .find(|path| path.is_file())
}

#[test]
fn samples_hold_what_their_kind_states() {
    let Some(root) = data_or_skip("scanner_reports").and_then(|p| Some(p.parent()?.to_owned()))
    else {
        return;
    };
    let mut wrong = Vec::new();
    for kind in kinds() {
        for count in kind.counts() {
            let Some(path) = file(&root, &count.sample) else {
                wrong.push(format!(
                    "{}: there is no sample {}",
                    kind.name(),
                    count.sample
                ));
                continue;
            };
            match take(&path, 8 << 20) {
                Ok(imported) if imported.kind != kind.name() => {
                    wrong.push(format!("{}: read as {}", count.sample, imported.kind));
                }
                Ok(imported) if n_findings(&imported) != count.findings => {
                    let n = n_findings(&imported);
                    wrong.push(format!(
                        "{}: {n} findings, not {}",
                        count.sample, count.findings
                    ));
                }
                Ok(_) => {}
                Err(error) => wrong.push(format!("{}: {error}", count.sample)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_stream_holds_what_the_whole_holds() {
    let Some(root) = data_or_skip("scanner_reports").and_then(|p| Some(p.parent()?.to_owned()))
    else {
        return;
    };
    let mut wrong = Vec::new();
    for sample in kinds().flat_map(|kind| kind.counts()) {
        let Some(path) = file(&root, &sample.sample) else {
            continue;
        };
        let whole = take(&path, 8 << 20).map_err(|error| error.to_string());
        // Small enough that nearly every sample is read as a stream, and large enough that the
        // kind can be recognised.
        let streamed = take(&path, 2 << 10).map_err(|error| error.to_string());
        let ids = |imported: &Imported| -> Vec<String> {
            imported
                .findings
                .iter()
                .map(|finding| finding.id.to_string())
                .collect()
        };
        if let (Ok(whole), Ok(streamed)) = (&whole, &streamed)
            && whole.kind == streamed.kind
            && ids(whole) != ids(streamed)
        {
            wrong.push(sample.sample.clone());
        }
    }
    assert!(
        wrong.is_empty(),
        "read differently as a stream: {}",
        wrong.join("\n")
    );
}

/// Samples that are no reports, or damaged: why each is refused.
#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    // One line each: sample, reason.
    ("sarif/sarif-schema-2.1.0.json", "it is the schema, no report"),
    ("sarif/tutorials/samples__ExceptionalConditions__Catastrophic configuration error.sarif", "it says that the run failed"),
    ("scanner_reports/noseyparker/empty_with_error.json", "it is what yarn wrote when it failed"),
];

#[test]
fn every_sample_is_counted_or_refused_with_a_reason() {
    let Some(root) = data_or_skip("scanner_reports").and_then(|p| Some(p.parent()?.to_owned()))
    else {
        return;
    };
    let counted: BTreeMap<&str, u64> = kinds()
        .flat_map(|kind| kind.counts())
        .map(|count| (count.sample.as_str(), count.findings))
        .collect();
    let mut wrong = Vec::new();
    for folder in FOLDERS {
        let mut folders = vec![root.join(folder)];
        while let Some(here) = folders.pop() {
            for entry in std::fs::read_dir(&here).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let inner = path
                    .strip_prefix(&root)
                    .expect("inside")
                    .display()
                    .to_string();
                let name = inner.trim_end_matches(".zst").trim_end_matches(".gz");
                let is_about = name.contains("/LICENSE")
                    || name.ends_with("README.md")
                    || name.ends_with("index.jsonl");
                let refused = REFUSED.iter().find(|(sample, _)| *sample == name);
                if is_about || counted.contains_key(name) {
                    continue;
                }
                match (take(&path, 8 << 20), refused) {
                    (Err(_), Some(_)) => {}
                    (Ok(imported), _) => {
                        wrong.push(format!("{name}: not counted, read as {}", imported.kind));
                    }
                    (Err(error), None) => wrong.push(format!("{name}: {error}")),
                }
            }
        }
    }
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} samples:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
