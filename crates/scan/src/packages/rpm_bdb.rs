//! Which rpm headers does a `Packages` file of Berkeley DB hold?
//!
//! The form of rpm before 4.16 (CentOS 7, RHEL 8).
//! Source: Berkeley DB's `dbinc/db_page.h`.
//!
//! ```text
//! page 0       8 number, 12 magic, 16 version, 20 page size, 24 encryption, 25 type 8,
//!              26 flags (1: checksums), 32 last page
//! other pages  8 number, 12 previous, 16 next, 20 entries, 22 free or length, 25 type
//! type 2, 13   from 26: positions of the entries, key and value in turn; an entry ends where the
//!              one before it begins, the first at the end of the page. Entry: 1 and the bytes, or
//!              3, three unused, first overflow page, length
//! type 7       overflow: from 26 as many bytes as its length says
//! ```
//!
//! Numbers are in the byte order of the machine that wrote them; the magic tells which.
//! The pages are read in their order and not by bucket: the order of hashes says nothing here, and
//! a free page has another type.
//! Invariants: an overflow page belongs to one value; so time and memory are bounded by the file.

use super::bytes::{array, index, offset};
use super::model::{Detail, Error, Location, Problem, Record};
use super::rpm::Headers;
use super::source::{ReadAt, read};
use std::collections::BTreeSet;

const HASH_MAGIC: u32 = 0x0006_1561;
const META_BYTES: usize = 72;
const PAGE_HEADER_BYTES: usize = 26;
const HASH_META: u8 = 8;
const HASH_UNSORTED: u8 = 2;
const HASH: u8 = 13;
const OVERFLOW: u8 = 7;
const INLINE: u8 = 1;
const OFF_PAGE: u8 = 3;
/// rpm's own limit of a header.
const VALUE_BYTES_MAX: u32 = 256 * 1024 * 1024;

/// Reads a `Packages` file; `sink` gets every package in the order of their numbers.
///
/// # Errors
/// When it is not a hash database of Berkeley DB.
pub fn read_packages(
    source: &dyn ReadAt,
    detail: Detail,
    sink: &mut dyn FnMut(Record),
) -> Result<Vec<Problem>, Error> {
    let mut database = Database::open(source)?;
    let mut headers = Headers::new(detail, sink);
    let mut values = Vec::new();
    for number in 1..=database.last_page {
        match database.page(number) {
            Err(error) => {
                headers.damaged(&error);
                // The file ends here: every later page is outside, too.
                break;
            }
            Ok(page) => database.hash_page(number, &page, &mut values, &mut headers),
        }
    }
    values.sort_by_key(|value| (value.package, value.at));
    for value in &values {
        match database.load(value) {
            Err(error) => headers.damaged(&error),
            Ok(blob) => headers.add(i64::from(value.package), &blob),
        }
    }
    Ok(headers.finish())
}

/// Where the header of a package is.
struct Stored {
    package: u32,
    at: u64,
    form: Form,
}

enum Form {
    /// So many bytes there.
    Inline(usize),
    /// A first overflow page and the length of the whole.
    OffPage(u32, u32),
}

struct Database<'s> {
    source: &'s dyn ReadAt,
    is_big_endian: bool,
    page_bytes: u32,
    last_page: u32,
    used: BTreeSet<u32>,
}

impl<'s> Database<'s> {
    fn open(source: &'s dyn ReadAt) -> Result<Self, Error> {
        let meta = read(source, 0, META_BYTES)?;
        let is_big_endian = match array(&meta, 12) {
            Some(magic) if u32::from_le_bytes(magic) == HASH_MAGIC => false,
            Some(magic) if u32::from_be_bytes(magic) == HASH_MAGIC => true,
            _ => {
                return Err(Error::Damaged {
                    offset: 12,
                    what: "not a hash database of Berkeley DB",
                });
            }
        };
        let mut database = Self {
            source,
            is_big_endian,
            page_bytes: 0,
            last_page: 0,
            used: BTreeSet::new(),
        };
        let unsupported = |what, value: u32| Error::Unsupported {
            what,
            value: u64::from(value),
        };
        let [encryption, kind, flags] = array::<3>(&meta, 24).unwrap_or_default();
        let version = database.u32(&meta, 16);
        if !(8..=10).contains(&version) {
            return Err(unsupported("hash version", version));
        }
        if kind != HASH_META {
            return Err(unsupported("type of the first page", u32::from(kind)));
        }
        if encryption != 0 || flags & 1 != 0 {
            let flags = u32::from(flags) | u32::from(encryption) << 8;
            return Err(unsupported("encryption or page checksums", flags));
        }
        database.page_bytes = database.u32(&meta, 20);
        if !(512..=65_536).contains(&database.page_bytes) || !database.page_bytes.is_power_of_two()
        {
            return Err(unsupported("page size", database.page_bytes));
        }
        database.last_page = database.u32(&meta, 32);
        Ok(database)
    }

    fn u16(&self, bytes: &[u8], at: usize) -> usize {
        let number = if self.is_big_endian {
            u16::from_be_bytes
        } else {
            u16::from_le_bytes
        };
        array(bytes, at).map_or(0, number).into()
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let number = if self.is_big_endian {
            u32::from_be_bytes
        } else {
            u32::from_le_bytes
        };
        array(bytes, at).map_or(0, number)
    }

    fn page_at(&self, number: u32) -> u64 {
        u64::from(number) * u64::from(self.page_bytes)
    }

    fn page(&self, number: u32) -> Result<Vec<u8>, Error> {
        read(self.source, self.page_at(number), index(self.page_bytes))
    }

    /// The values of one page, if it is one of the hash.
    fn hash_page(
        &self,
        number: u32,
        page: &[u8],
        values: &mut Vec<Stored>,
        headers: &mut Headers<'_>,
    ) {
        if !matches!(page.get(25), Some(&(HASH | HASH_UNSORTED))) {
            return;
        }
        let n_entries = self.u16(page, 20);
        let mut end = page.len();
        let mut key = None;
        for entry_idx in 0..n_entries {
            let at = self.u16(page, PAGE_HEADER_BYTES + 2 * entry_idx);
            let file_at = self.page_at(number) + offset(at);
            let entry = page.get(at..end).filter(|entry| !entry.is_empty());
            let Some(entry) = entry.filter(|_| at >= PAGE_HEADER_BYTES + 2 * n_entries) else {
                let reason = "an entry that is not inside its page";
                headers.problems.push(Location::Offset(file_at), reason);
                return;
            };
            end = at;
            if entry_idx % 2 == 0 {
                key = Some(entry);
            } else if let Some(key) = key.take() {
                match self.pair(key, entry, file_at) {
                    Ok(value) => values.extend(value),
                    Err(reason) => headers.problems.push(Location::Offset(file_at), reason),
                }
            }
        }
    }

    /// One header number and its header; number 0 is rpm's own counter.
    fn pair(&self, key: &[u8], value: &[u8], at: u64) -> Result<Option<Stored>, &'static str> {
        let package = match key {
            [INLINE, number @ ..] if number.len() == 4 => self.u32(number, 0),
            _ => return Err("a key that is not a header number"),
        };
        if package == 0 {
            return Ok(None);
        }
        let (at, form) = match value {
            [INLINE, blob @ ..] => (at + 1, Form::Inline(blob.len())),
            [OFF_PAGE, ..] if value.len() >= 12 => {
                let form = Form::OffPage(self.u32(value, 4), self.u32(value, 8));
                (at, form)
            }
            _ => return Err("a value of an unknown kind"),
        };
        Ok(Some(Stored { package, at, form }))
    }

    fn load(&mut self, value: &Stored) -> Result<Vec<u8>, Error> {
        match value.form {
            Form::Inline(length) => read(self.source, value.at, length),
            Form::OffPage(first, length) => self.overflow(first, length),
        }
    }

    /// The bytes of a value that lies on pages of its own.
    fn overflow(&mut self, first: u32, length: u32) -> Result<Vec<u8>, Error> {
        if length > VALUE_BYTES_MAX {
            return Err(Error::Limit {
                what: "length of a value",
                value: u64::from(length),
                limit: u64::from(VALUE_BYTES_MAX),
            });
        }
        let mut value = Vec::new();
        let mut number = first;
        while value.len() < index(length) {
            let offset = self.page_at(number);
            let damaged = |what| Error::Damaged { offset, what };
            if number == 0 {
                return Err(damaged("a chain of overflow pages that ends early"));
            }
            let page = self.page(number)?;
            if page.get(25) != Some(&OVERFLOW) {
                return Err(damaged("a page that is not an overflow page"));
            }
            if !self.used.insert(number) {
                return Err(damaged("an overflow page that is used twice"));
            }
            let n_bytes = self.u16(&page, 22);
            let bytes = page.get(PAGE_HEADER_BYTES..PAGE_HEADER_BYTES + n_bytes);
            value.extend_from_slice(bytes.ok_or(damaged("an overflow page longer than a page"))?);
            number = self.u32(&page, 16);
        }
        if value.len() > index(length) {
            return Err(Error::Damaged {
                offset: self.page_at(first),
                what: "a value longer than it says",
            });
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::packages::rpm_header::Tag;
    use crate::packages::rpm_header::tests::{Made, blob};
    use crate::packages::{Detail, Error, Problem, Record};
    use proptest::prelude::*;

    const PAGE: usize = 512;

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

    struct Writer {
        is_big_endian: bool,
    }

    impl Writer {
        fn put(&self, page: &mut [u8], at: usize, number: u32, width: usize) {
            let mut bytes = number.to_le_bytes()[..width].to_vec();
            if self.is_big_endian {
                bytes.reverse();
            }
            page[at..at + width].copy_from_slice(&bytes);
        }

        fn page(kind: u8) -> Vec<u8> {
            let mut page = vec![0; PAGE];
            page[25] = kind;
            page
        }

        fn key(&self, number: u32) -> Vec<u8> {
            let mut key = vec![1, 0, 0, 0, 0];
            self.put(&mut key, 1, number, 4);
            key
        }

        fn hash_page(&self, entries: &[Vec<u8>]) -> Vec<u8> {
            let mut page = Self::page(13);
            self.put(&mut page, 20, u32::try_from(entries.len()).unwrap(), 2);
            let mut end = PAGE;
            for (entry_idx, entry) in entries.iter().enumerate() {
                let at = end - entry.len();
                page[at..end].copy_from_slice(entry);
                self.put(&mut page, 26 + 2 * entry_idx, u32::try_from(at).unwrap(), 2);
                end = at;
            }
            page
        }

        /// A page of pairs, with a small header inside and a long one on two further pages.
        fn database(&self) -> Vec<u8> {
            let mut meta = Self::page(8);
            self.put(&mut meta, 12, 0x0006_1561, 4);
            self.put(&mut meta, 16, 9, 4);
            self.put(&mut meta, 20, u32::try_from(PAGE).unwrap(), 4);
            self.put(&mut meta, 32, 4, 4);
            let long = header(&"x".repeat(600));
            let mut off_page = vec![3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            self.put(&mut off_page, 4, 4, 4);
            self.put(&mut off_page, 8, u32::try_from(long.len()).unwrap(), 4);
            let pairs = self.hash_page(&[
                self.key(0),
                self.key(99),
                self.key(7),
                off_page,
                self.key(2),
                [vec![1], header("small")].concat(),
            ]);
            let mut pages = vec![meta, pairs, Self::page(0)];
            let (first, second) = long.split_at(PAGE - 26);
            for (part, next) in [(second, 0), (first, 3)] {
                let mut page = Self::page(7);
                self.put(&mut page, 16, next, 4);
                self.put(&mut page, 22, u32::try_from(part.len()).unwrap(), 2);
                page[26..26 + part.len()].copy_from_slice(part);
                pages.push(page);
            }
            pages.concat()
        }
    }

    #[test]
    fn headers_inside_and_on_overflow_pages_in_both_byte_orders() {
        for is_big_endian in [false, true] {
            let database = Writer { is_big_endian }.database();
            let (records, problems) = read(&database).unwrap();
            assert_eq!(problems, []);
            let names: Vec<_> = records
                .iter()
                .map(|record| record.package.name.len())
                .collect();
            assert_eq!(names, [5, 600]);
        }
    }

    #[test]
    fn a_chain_that_returns_to_itself_ends() {
        let writer = Writer {
            is_big_endian: false,
        };
        let mut database = writer.database();
        writer.put(&mut database[4 * PAGE..], 16, 4, 4);
        let (records, problems) = read(&database).unwrap();
        assert_eq!((records.len(), problems.len()), (1, 1));
        assert!(problems[0].reason.contains("used twice"), "{problems:?}");
    }

    #[test]
    fn a_file_that_ends_early_keeps_what_was_read() {
        let database = Writer {
            is_big_endian: false,
        }
        .database();
        let (records, problems) = read(&database[..3 * PAGE]).unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn other_files_are_refused() {
        let whole = Writer {
            is_big_endian: false,
        }
        .database();
        for (at, byte) in [(12, 0), (16, 7), (20, 3), (24, 1), (25, 9), (26, 1)] {
            let mut changed = whole.clone();
            changed[at] = byte;
            assert!(
                matches!(
                    read(&changed),
                    Err(Error::Damaged { .. } | Error::Unsupported { .. })
                ),
                "byte {at}"
            );
        }
        assert!(read(&whole[..40]).is_err());
    }

    proptest! {
        #[test]
        fn changed_databases_end_as_records_or_problems(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
        ) {
            let mut database = Writer { is_big_endian: false }.database();
            for (at, byte) in changes {
                let at = at.index(database.len());
                database[at] = byte;
            }
            if let Ok((records, _)) = read(&database) {
                prop_assert!(records.len() <= database.len() / 4);
            }
        }
    }
}
