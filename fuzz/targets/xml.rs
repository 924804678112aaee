//! Every kind of the family xml.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casemate_fuzz::as_family("xml", data));
