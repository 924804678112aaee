//! Detection: bytes of any kind.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casemate_fuzz::as_any(data));
