//! Pack files: bytes as they come, and signed packs of the records that the bytes are, as they are
//! and with one byte altered.
#![no_main]

use casemate_base::Timestamp;
use casemate_bundle::{PackError, PackWriter, PublicKey, SecretKey, Source, Unchecked};
use casemate_schema::PackRecord;
use std::io::Cursor;

fn read(bytes: &[u8], trusted: &[PublicKey]) {
    let Ok(pack) = Unchecked::open(Cursor::new(bytes)) else {
        return;
    };
    let Ok(mut pack) = pack.check(trusted, &|_, _| {}) else {
        return;
    };
    for index in 0..pack.manifest().sections.len() {
        drop(pack.records::<PackError>(index, &mut |_| Ok(())));
    }
}

/// A pack of one record, with some of its bytes replaced.
fn spoilt(data: &[u8], key: &SecretKey) -> Option<Vec<u8>> {
    let mut writer = PackWriter::new("fuzzed", 1, Timestamp::UNIX_EPOCH).ok()?;
    let mut section = writer.section().ok()?;
    for record in data.split(|byte| *byte == b'\n') {
        if let Ok(record) = serde_json::from_slice::<PackRecord>(record) {
            section.add(&record).ok()?;
        }
    }
    let source = Source {
        name: "fuzzed".to_owned(),
        feed: "records".to_owned(),
        digest: "00".to_owned(),
        as_of: None,
        licence: None,
        rejected: 0,
    };
    writer.push(source, section).ok()?;
    let mut out = Vec::new();
    writer.write(key, &mut out).ok()?;
    Some(out)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let key = SecretKey::from_secret(&[7; 32]);
    let trusted = [key.public()];
    read(data, &trusted);
    drop(PublicKey::parse(&String::from_utf8_lossy(data)));
    let Some(good) = spoilt(data, &key) else {
        return;
    };
    read(&good, &trusted);
    let [first, second, value, ..] = *data else {
        return;
    };
    let mut bytes = good.clone();
    let place = usize::from(u16::from_le_bytes([first, second])) % bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= value;
    }
    let Ok(pack) = Unchecked::open(Cursor::new(&bytes)) else {
        return;
    };
    let taken = pack.check(&trusted, &|_, _| {}).is_ok();
    assert_eq!(taken, bytes == good, "an altered pack was taken");
});
