//! Which rpm headers does a `Packages.db` hold?
//!
//! rpm's own "ndb" form, SUSE's default.
//! Source: rpm's `lib/backend/ndb/rpmpkg.c`.
//!
//! ```text
//! 0    header of 32 bytes: `RpmP`, version 0, generation, slot pages, next package, 12 free
//! 32   slots of 16 bytes to the end of the slot pages of 4096 bytes:
//!      `Slot`, package number, first block, number of blocks; block 0 is a free slot
//! ...  blobs in blocks of 16 bytes:
//!      `BlbS`, package number, generation, length, the header, zeros,
//!      and in the last 12 bytes Adler-32 of all before, length, `BlbE`
//! ```
//!
//! All numbers are little-endian.
//! Invariants: a blob is used only where its head, tail and checksum agree with its slot; the
//! blobs together are no longer than the file.

use super::bytes::{index, offset, u32_le};
use super::model::{Detail, Error, Location, Problem, Record};
use super::rpm::Headers;
use super::source::{ReadAt, read};

const PAGE_BYTES: usize = 4096;
const SLOT_BYTES: usize = 16;
const BLOCK_BYTES: u64 = 16;
const BLOB_HEAD_BYTES: usize = 16;
const BLOB_TAIL_BYTES: usize = 12;
/// A slot page holds 256 packages.
const SLOT_PAGES_MAX: u32 = 4096;
/// rpm's own limit of a header, with its frame.
const BLOB_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Reads a `Packages.db`; `sink` gets every package in the order of their numbers.
///
/// # Errors
/// When it is not a database of this form.
pub fn read_packages(
    source: &dyn ReadAt,
    detail: Detail,
    sink: &mut dyn FnMut(Record),
) -> Result<Vec<Problem>, Error> {
    let mut headers = Headers::new(detail, sink);
    if source.size() == 0 {
        return Ok(headers.finish());
    }
    let n_pages = n_slot_pages(&read(source, 0, 32)?)?;
    let mut slots = Vec::new();
    for page_idx in 0..n_pages {
        let page_at = u64::from(page_idx) * offset(PAGE_BYTES);
        let page = read(source, page_at, PAGE_BYTES)?;
        // The header takes the place of the first two slots.
        let n_skipped = if page_idx == 0 { 2 } else { 0 };
        for (slot_idx, slot) in page.chunks_exact(SLOT_BYTES).enumerate().skip(n_skipped) {
            match Slot::parse(slot, page_at + offset(slot_idx * SLOT_BYTES)) {
                Err(error) => headers.damaged(&error),
                Ok(slot) => slots.extend(slot),
            }
        }
    }
    slots.sort_by_key(|slot| (slot.package, slot.at));
    let mut n_left = source.size();
    for slot in &slots {
        let n_bytes = u64::from(slot.n_blocks) * BLOCK_BYTES;
        let Some(rest) = n_left.checked_sub(n_bytes) else {
            let reason = "blobs that are together longer than the file";
            headers.problems.push(Location::Offset(slot.at), reason);
            break;
        };
        n_left = rest;
        match blob(source, slot) {
            Err(error) => headers.damaged(&error),
            Ok(blob) => headers.add(i64::from(slot.package), &blob),
        }
    }
    Ok(headers.finish())
}

/// How many pages of slots a database's header announces.
fn n_slot_pages(header: &[u8]) -> Result<u32, Error> {
    let number = |at| u32_le(header, at).unwrap_or(0);
    if header.get(..4) != Some(b"RpmP") {
        return Err(Error::Damaged {
            offset: 0,
            what: "not an ndb package database",
        });
    }
    if number(4) != 0 {
        return Err(Error::Unsupported {
            what: "ndb version",
            value: u64::from(number(4)),
        });
    }
    if number(12) > SLOT_PAGES_MAX {
        return Err(Error::Limit {
            what: "number of slot pages",
            value: u64::from(number(12)),
            limit: u64::from(SLOT_PAGES_MAX),
        });
    }
    Ok(number(12))
}

struct Slot {
    /// Where the slot itself is.
    at: u64,
    package: u32,
    first_block: u32,
    n_blocks: u32,
}

impl Slot {
    /// `None` is a free slot.
    fn parse(bytes: &[u8], at: u64) -> Result<Option<Self>, Error> {
        if bytes.get(..4) != Some(b"Slot") {
            return Err(Error::Damaged {
                offset: at,
                what: "a slot without its mark",
            });
        }
        let number = |at| u32_le(bytes, at).unwrap_or(0);
        let slot = Self {
            at,
            package: number(4),
            first_block: number(8),
            n_blocks: number(12),
        };
        Ok((slot.first_block != 0).then_some(slot))
    }
}

/// The header of one slot.
fn blob(source: &dyn ReadAt, slot: &Slot) -> Result<Vec<u8>, Error> {
    let at = u64::from(slot.first_block) * BLOCK_BYTES;
    let n_bytes = u64::from(slot.n_blocks) * BLOCK_BYTES;
    if n_bytes > BLOB_BYTES_MAX {
        return Err(Error::Limit {
            what: "length of a blob",
            value: n_bytes,
            limit: BLOB_BYTES_MAX,
        });
    }
    let damaged = |what| Error::Damaged { offset: at, what };
    let n_bytes = usize::try_from(n_bytes).unwrap_or(usize::MAX);
    let framed = read(source, at, n_bytes)?;
    let (before, tail) = n_bytes
        .checked_sub(BLOB_TAIL_BYTES)
        .filter(|&before| before >= BLOB_HEAD_BYTES)
        .and_then(|before| framed.split_at_checked(before))
        .ok_or(damaged("a blob shorter than its frame"))?;
    let length = u32_le(before, 12).unwrap_or(0);
    if before.get(..4) != Some(b"BlbS") || tail.get(8..) != Some(b"BlbE") {
        return Err(damaged("a blob without its marks"));
    }
    if u32_le(before, 4) != Some(slot.package) {
        return Err(damaged("a blob of another package"));
    }
    let n_framed = index(length).saturating_add(BLOB_HEAD_BYTES + BLOB_TAIL_BYTES);
    if u32_le(tail, 4) != Some(length) || n_framed.div_ceil(SLOT_BYTES) != index(slot.n_blocks) {
        return Err(damaged("a blob whose lengths differ"));
    }
    if u32_le(tail, 0) != Some(adler32(before)) {
        return Err(damaged("a blob whose checksum does not fit"));
    }
    let header = before.get(BLOB_HEAD_BYTES..).unwrap_or_default();
    Ok(header.get(..index(length)).unwrap_or(header).to_vec())
}

/// Adler-32 (RFC 1950, section 8.2).
fn adler32(bytes: &[u8]) -> u32 {
    /// As many bytes as can be added before a 32-bit sum needs its remainder.
    const RUN: usize = 5552;
    let (mut first, mut second) = (1_u32, 0_u32);
    for run in bytes.chunks(RUN) {
        for &byte in run {
            first += u32::from(byte);
            second += first;
        }
        first %= 65_521;
        second %= 65_521;
    }
    second << 16 | first
}

#[cfg(test)]
mod tests {
    use super::adler32;
    use crate::packages::rpm_header::Tag;
    use crate::packages::rpm_header::tests::{Made, blob};
    use crate::packages::{Detail, Error, Problem, Record};
    use proptest::prelude::*;

    fn read(database: &[u8]) -> Result<(Vec<Record>, Vec<Problem>), Error> {
        let mut records = Vec::new();
        let mut sink = |record| records.push(record);
        let problems = super::read_packages(&database, Detail::Files, &mut sink)?;
        Ok((records, problems))
    }

    fn header(name: &str) -> Vec<u8> {
        blob(&[
            (Tag::Name, Made::Text(name)),
            (Tag::Version, Made::Text("1")),
            (Tag::Release, Made::Text("2")),
        ])
    }

    /// A database with these headers as packages 1, 2, ... in slots from the last to the first.
    fn database(headers: &[Vec<u8>]) -> Vec<u8> {
        let numbers = |numbers: &[u32]| -> Vec<u8> {
            numbers
                .iter()
                .flat_map(|number| number.to_le_bytes())
                .collect()
        };
        let mut slots = vec![[b"Slot".as_slice(), &[0; 12]].concat(); 254];
        let mut blobs = Vec::new();
        for (package, header) in (1_u32..).zip(headers) {
            let first_block = 256 + u32::try_from(blobs.len() / 16).unwrap();
            let length = u32::try_from(header.len()).unwrap();
            let mut framed = b"BlbS".to_vec();
            framed.extend(numbers(&[package, 7, length]));
            framed.extend(header);
            while !(framed.len() + 12).is_multiple_of(16) {
                framed.push(0);
            }
            framed.extend(numbers(&[adler32(&framed), length]));
            framed.extend(b"BlbE");
            let n_blocks = u32::try_from(framed.len() / 16).unwrap();
            let slot = [b"Slot".to_vec(), numbers(&[package, first_block, n_blocks])].concat();
            let slot_idx = slots.len() - usize::try_from(package).unwrap();
            slots[slot_idx] = slot;
            blobs.extend(framed);
        }
        let head = [b"RpmP".to_vec(), numbers(&[0, 7, 1, 9, 0, 0, 0])].concat();
        [head, slots.concat(), blobs].concat()
    }

    #[test]
    fn headers_come_in_the_order_of_their_numbers() {
        let database = database(&[header("b"), header("a"), header("c")]);
        let (records, problems) = read(&database).unwrap();
        assert_eq!(problems, []);
        let names: Vec<_> = records
            .iter()
            .map(|record| record.package.name.as_str())
            .collect();
        assert_eq!(names, ["b", "a", "c"]);
    }

    #[test]
    fn every_changed_byte_of_a_blob_is_noticed() {
        let whole = database(&[header("a"), header("b")]);
        for at in 4096..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            let (records, problems) = read(&changed).unwrap();
            // The generation is not compared, but it is part of the checksum.
            assert_eq!((records.len(), problems.len()), (1, 1), "byte {at}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        assert!(matches!(read(&vec![0; 4096]), Err(Error::Damaged { .. })));
        let mut later = database(&[]);
        later[4] = 1;
        assert!(matches!(read(&later), Err(Error::Unsupported { .. })));
        assert_eq!(read(&Vec::<u8>::new()).unwrap(), (vec![], vec![]));
    }

    #[test]
    fn slots_that_share_blocks_end_the_reading() {
        let mut shared = database(&[header("a")]);
        let slot = shared[4080..4096].to_vec();
        for at in (32..4080).step_by(16) {
            shared[at..at + 16].copy_from_slice(&slot);
        }
        let (records, problems) = read(&shared).unwrap();
        assert!(records.len() < 254);
        assert!(
            problems
                .iter()
                .any(|problem| problem.reason.contains("longer than the file"))
        );
    }

    #[test]
    fn adler_of_the_rfc() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(&[255; 100_000]), {
            let (mut a, mut b) = (1_u64, 0_u64);
            for _ in 0..100_000 {
                a = (a + 255) % 65_521;
                b = (b + a) % 65_521;
            }
            u32::try_from(b << 16 | a).unwrap()
        });
    }

    proptest! {
        #[test]
        fn changed_databases_end_as_records_or_problems(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
        ) {
            let mut database = database(&[header("a"), header("b")]);
            for (at, byte) in changes {
                let at = at.index(database.len());
                database[at] = byte;
            }
            if let Ok((records, _)) = read(&database) {
                prop_assert!(records.len() <= 254);
            }
        }
    }
}
