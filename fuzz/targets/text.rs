//! Every kind of the family text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casemate_fuzz::as_family("text", data));
