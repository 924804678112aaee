//! The made-up sample beside each kind: it is recognised, and holds findings or statements.

use casemate_ingest::{Bytes, Input, import, kinds};
use std::path::Path;

#[test]
fn each_is_recognised_and_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kinds");
    let mut wrong = Vec::new();
    for kind in kinds() {
        let samples = ["json", "xml", "csv", "txt"]
            .map(|extension| folder.join(format!("{}.sample.{extension}", kind.name())));
        let Some(path) = samples.iter().find(|path| path.is_file()) else {
            wrong.push(format!("{}: no sample beside it", kind.name()));
            continue;
        };
        let bytes = std::fs::read(path).expect("a sample");
        let source = Bytes(&bytes);
        let input = Input::new("sample", &source).expect("text");
        match import(&input, &[]) {
            Ok(imported) if imported.kind != kind.name() => {
                wrong.push(format!("{}: read as {}", kind.name(), imported.kind));
            }
            Ok(imported) => {
                let n = imported.findings.len() + imported.suppressed.len();
                let own = imported
                    .report
                    .is_some_and(|report| !report.findings.is_empty());
                // A list of packages has no findings, and says what it lists.
                let says = !imported.statements.is_empty() || !imported.notes.is_empty();
                if n == 0 && !says && !own {
                    wrong.push(format!("{}: holds nothing", kind.name()));
                }
                if imported.n_rejected > 0 {
                    wrong.push(format!("{}: rejects {:?}", kind.name(), imported.rejected));
                }
            }
            Err(error) => wrong.push(format!("{}: {error}", kind.name())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
