//! Every kind of the family csv.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casemate_fuzz::as_family("csv", data));
