//! A small pack, and every way to spoil it.

use casemate_base::Timestamp;
use casemate_bundle::{
    Manifest, Pack, PackError, PackWriter, PublicKey, SecretKey, Source, Unchecked, is_pack,
};
use casemate_schema::{EpssScore, KevEntry, PackRecord};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::io::Cursor;

fn key(number: u8) -> SecretKey {
    SecretKey::from_secret(&[number; 32])
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("time")
}

fn kev(number: u32) -> PackRecord {
    PackRecord::Kev(KevEntry {
        id: format!("CVE-2024-{number:04}").into(),
        added: "2024-05-06".into(),
        name: "a flaw".into(),
        ..KevEntry::default()
    })
}

fn source(name: &str) -> Source {
    Source {
        name: name.to_owned(),
        feed: name.to_owned(),
        digest: "00".repeat(32),
        as_of: Some(time("2024-05-06T00:00:00Z")),
        licence: Some("CC0-1.0".to_owned()),
        rejected: 0,
    }
}

fn built(sections: &[Vec<PackRecord>], key: &SecretKey) -> Vec<u8> {
    let mut writer = PackWriter::new("site", 7, time("2024-05-07T01:02:03Z")).expect("writer");
    for (number, records) in (1..).zip(sections) {
        let mut section = writer.section().expect("section");
        records
            .iter()
            .for_each(|record| section.add(record).expect("record"));
        writer
            .push(source(&format!("source-{number}")), section)
            .expect("push");
    }
    let mut out = Vec::new();
    writer.write(key, &mut out).expect("write");
    out
}

fn small() -> Vec<u8> {
    built(&[vec![kev(1), kev(2)], vec![kev(3)], Vec::new()], &key(1))
}

fn checked(bytes: &[u8], trusted: &[PublicKey]) -> Result<Pack<Cursor<Vec<u8>>>, PackError> {
    Unchecked::open(Cursor::new(bytes.to_vec()))?.check(trusted, &|_, _| {})
}

fn read(bytes: &[u8]) -> Result<(Manifest, Vec<PackRecord>), PackError> {
    let mut pack = checked(bytes, &[key(1).public()])?;
    let mut records = Vec::new();
    for index in 0..pack.manifest().sections.len() {
        pack.records::<PackError>(index, &mut |record| {
            records.push(record);
            Ok(())
        })?;
    }
    Ok((pack.manifest().clone(), records))
}

#[test]
fn what_was_built_comes_back() {
    let bytes = small();
    assert!(is_pack(&bytes));
    let (manifest, records) = read(&bytes).expect("pack");
    assert_eq!(records, [kev(1), kev(2), kev(3)]);
    assert_eq!((manifest.name.as_str(), manifest.version), ("site", 7));
    assert_eq!(manifest.as_of, "2024-05-06T00:00:00Z");
    assert_eq!(manifest.created, "2024-05-07T01:02:03Z");
    assert_eq!(manifest.key, key(1).public().fingerprint());
    assert_eq!(manifest.n_records(), 3);
    assert_eq!(bytes, small(), "the same input gives the same bytes");
}

#[test]
fn a_change_of_any_byte_is_refused_for_the_part_that_it_is_in() {
    let bytes = small();
    let sections: u64 = read(&bytes)
        .expect("pack")
        .0
        .sections
        .iter()
        .map(|s| s.packed_bytes)
        .sum();
    let first = bytes.len() - usize::try_from(sections).expect("length");
    for place in 0..bytes.len() {
        for bit in [0x01, 0x80, 0xff] {
            let mut altered = bytes.clone();
            altered[place] ^= bit;
            let error = read(&altered).expect_err("altered");
            let fits = match place {
                0..8 => matches!(error, PackError::NotAPack),
                8..10 => matches!(error, PackError::Layout { .. }),
                // A length that grew beyond the file or the limit, or one that is merely wrong.
                12..16 => matches!(
                    error,
                    PackError::Signature | PackError::Truncated { .. } | PackError::Limit { .. }
                ),
                _ if place < first => matches!(error, PackError::Signature),
                _ => matches!(error, PackError::Section { .. }),
            };
            assert!(fits, "byte {place} xor {bit:#x}: {error}");
        }
    }
}

#[test]
fn a_file_that_is_cut_anywhere_or_goes_on_is_refused() {
    let bytes = small();
    for length in 0..bytes.len() {
        let error = read(&bytes[..length]).expect_err("cut");
        assert!(
            matches!(error, PackError::Truncated { .. }),
            "{length}: {error}"
        );
    }
    for extra in [1, 500] {
        let longer = [bytes.clone(), vec![0; extra]].concat();
        let error = read(&longer).expect_err("appended");
        let expected = extra as u64;
        assert!(
            matches!(error, PackError::Appended { extra } if extra == expected),
            "{error}"
        );
    }
    let twice = [bytes.clone(), bytes].concat();
    assert!(matches!(read(&twice), Err(PackError::Appended { .. })));
}

#[test]
fn sections_in_another_order_are_told_from_damage() {
    let bytes = small();
    let manifest = read(&bytes).expect("pack").0;
    let lengths: Vec<usize> = manifest
        .sections
        .iter()
        .map(|s| usize::try_from(s.packed_bytes).expect("n"))
        .collect();
    let first = bytes.len() - lengths.iter().sum::<usize>();
    let (head, body) = bytes.split_at(first);
    let (one, rest) = body.split_at(lengths[0]);
    let (two, three) = rest.split_at(lengths[1]);
    let error = read(&[head, two, one, three].concat()).expect_err("reordered");
    assert!(
        matches!(
            error,
            PackError::Reordered {
                number: 1,
                found: 2
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("reordered"), "{error}");
}

#[test]
fn only_pinned_keys_are_believed() {
    let bytes = small();
    let error = checked(&bytes, &[]).expect_err("nobody is trusted");
    assert!(matches!(&error, PackError::Unpinned { fingerprint }
        if *fingerprint == key(1).public().fingerprint()));
    assert_eq!(error.kind(), casemate_base::ErrorKind::Denied);
    assert!(checked(&bytes, &[key(2).public()]).is_err(), "another key");
    assert!(checked(&bytes, &[key(2).public(), key(1).public()]).is_ok());
    // Somebody else's signature under the trusted key's name.
    let theirs = built(&[vec![kev(1)]], &key(2));
    let mut forged = theirs;
    forged[16..48].copy_from_slice(key(1).public().as_bytes());
    assert!(matches!(read(&forged), Err(PackError::Signature)));
}

#[test]
fn errors_read_as_sentences_and_differ() {
    let bytes = small();
    let mut altered = bytes.clone();
    altered[120] ^= 1;
    let mut section = bytes.clone();
    *section.last_mut().expect("byte") ^= 1;
    let texts: BTreeSet<String> = [
        read(b"hello, world"),
        read(&bytes[..50]),
        read(&[bytes.as_slice(), b"x"].concat()),
        read(&altered),
        read(&section),
    ]
    .into_iter()
    .map(|result| result.expect_err("refused").to_string())
    .collect();
    assert_eq!(texts.len(), 5, "{texts:?}");
    assert!(texts.contains("1 bytes were appended to it"), "{texts:?}");
}

#[test]
fn names_that_are_no_file_names_are_refused() {
    let now = time("2024-05-07T01:02:03Z");
    for name in ["", "../x", "A", "a/b", ".a", "-a", "a b", &"a".repeat(65)] {
        assert!(PackWriter::new(name, 1, now).is_err(), "{name}");
    }
    assert!(PackWriter::new("nvd-2024.1_b", 1, now).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn records_of_any_number_and_text_survive(
        sections in proptest::collection::vec(
            proptest::collection::vec(("\\PC{0,20}", 0_u32..=1_000_000_000), 0..20), 0..5)
    ) {
        let sections: Vec<Vec<PackRecord>> = sections
            .into_iter()
            .map(|records| {
                let record = |(id, billionths): (String, u32)| {
                    // Nine digits, as EPSS gives them.
                    let probability = f64::from(billionths) / 1e9;
                    PackRecord::Epss(EpssScore { id: id.into(), probability, ..EpssScore::default() })
                };
                records.into_iter().map(record).collect()
            })
            .collect();
        let (manifest, records) = read(&built(&sections, &key(1))).expect("pack");
        prop_assert_eq!(manifest.sections.len(), sections.len());
        prop_assert_eq!(records, sections.concat());
    }

    #[test]
    fn any_bytes_end_in_an_error_and_never_in_a_panic(
        bytes: Vec<u8>, at in 0_usize..400, mut signed in proptest::bool::ANY.prop_map(|_| small())
    ) {
        for (to, from) in signed.iter_mut().skip(at).zip(&bytes) {
            *to = *from;
        }
        let unchanged = signed == small();
        prop_assert_eq!(read(&signed).is_ok(), unchanged);
        prop_assert!(read(&bytes).is_err());
    }
}
