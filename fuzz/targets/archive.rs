//! Packed files and archives.
#![no_main]

use casemate_base::decompress::{Limits, peel, zip_entries};
use std::io::{Cursor, Read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        bytes_max: 1 << 20,
        window_bytes_max: 8 << 20,
        ..Limits::default()
    };
    if let Ok(mut peeled) = peel(data, &limits) {
        let mut out = Vec::new();
        drop(peeled.reader.read_to_end(&mut out));
        assert!(
            out.len() as u64 <= limits.bytes_max,
            "more came out than is allowed"
        );
        casemate_fuzz::as_any(&out);
    }
    let mut total = 0;
    drop(zip_entries(Cursor::new(data), &limits, |entry| {
        let mut out = Vec::new();
        entry.read_to_end(&mut out)?;
        total += out.len() as u64;
        Ok(())
    }));
    assert!(total <= limits.bytes_max, "more came out than is allowed");
});
