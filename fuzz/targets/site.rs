//! What a site writes itself: mappings, and the mapping at work on the rest of the bytes.
#![no_main]

use casemate_ingest::{Bytes, Input, Mapping, import};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let at = data
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(data.len());
    let (mapping, rest) = data.split_at(at);
    let Ok(mapping) = std::str::from_utf8(mapping) else {
        return;
    };
    if let Ok(mapping) = Mapping::parse("fuzzed", mapping) {
        let source = Bytes(rest.get(1..).unwrap_or_default());
        if let Ok(input) = Input::new("fuzzed", &source) {
            drop(import(&input, &[mapping]));
        }
    }
});
