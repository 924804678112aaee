//! Judges that nobody here wrote, from the real data.

use casemate_base::decompress::{Format, Limits, decoder};
use casemate_testkit::data_or_skip;
use serde_json::Value;
use std::io::Read as _;

/// A schema of the shared data, if it is on this machine.
pub(crate) fn schema(name: &str) -> Option<Value> {
    let path = data_or_skip(&format!("schemas/{name}"))?;
    let bytes = std::fs::read(path).expect("read");
    let text = match Format::detect(&bytes) {
        None => bytes,
        Some(format) => {
            let mut text = Vec::new();
            decoder(format, bytes.as_slice(), &Limits::default())
                .expect("a decoder")
                .read_to_end(&mut text)
                .expect("decompressed");
            text
        }
    };
    Some(serde_json::from_slice(&text).expect("JSON"))
}

/// The first errors of a document, each with its place.
pub(crate) fn errors(validator: &jsonschema::Validator, document: &Value) -> Vec<String> {
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .take(5)
        .collect()
}
