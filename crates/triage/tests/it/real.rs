//! Real data for tests: found by the testkit, unpacked here.

use casemate_testkit::data_or_skip;

/// A file of the real data, unpacked if its name ends in `.zst`; `None`, said loudly, without it.
pub(crate) fn bytes(name: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(data_or_skip(name)?).expect("a readable file");
    if name.ends_with(".zst") {
        return Some(zstd::decode_all(bytes.as_slice()).expect("zstd"));
    }
    Some(bytes)
}

/// As [`bytes`], as text.
pub(crate) fn text(name: &str) -> Option<String> {
    Some(String::from_utf8(bytes(name)?).expect("UTF-8"))
}
