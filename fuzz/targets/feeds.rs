//! Files of feeds: whatever they look like, compressed, in archives or plain.
#![no_main]

use casemate_ingest::{Bytes, feeds};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut n_records = 0_u64;
    let read = feeds::read("fuzzed", &Bytes(data), &mut |_| n_records += 1);
    if let Ok(read) = read {
        assert_eq!(read.n_records(), n_records);
    }
});
