//! SARIF, which has its own streaming reader.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casemate_fuzz::as_kind("sarif", data));
