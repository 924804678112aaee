//! What the targets share: reading bytes as kinds of a family.
//!
//! The first byte of an input chooses the kind and whether the file is read whole or as a stream,
//! so that one target covers a family and the fuzzer can move between kinds.

use casemate_ingest::{Bytes, Input, import, import_as, kinds};

/// Reads the bytes as a kind of the family, chosen by the first of them.
pub fn as_family(family: &str, data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let members: Vec<&str> = kinds()
        .filter(|kind| kind.family() == family)
        .map(|kind| kind.name())
        .collect();
    if let Some(kind) = members.get(usize::from(*first) % members.len().max(1)) {
        as_kind(kind, rest);
    }
}

/// Reads the bytes as one kind, whole and as a stream: both must agree on whether it is damaged.
pub fn as_kind(kind: &str, data: &[u8]) {
    let source = Bytes(data);
    if let Ok(input) = Input::new("fuzzed", &source) {
        drop(import_as(&input, kind, &[]));
    }
    if let Ok(input) = Input::with_whole_bytes("fuzzed", &source, 16) {
        drop(import_as(&input, kind, &[]));
    }
}

/// Reads the bytes as whatever they look like.
pub fn as_any(data: &[u8]) {
    let source = Bytes(data);
    if let Ok(input) = Input::new("fuzzed", &source) {
        drop(import(&input, &[]));
    }
}
