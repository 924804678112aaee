//! What does an rpm header say, tag by tag?
//!
//! The blob that every rpm database keeps for a package.
//! Source: rpm's `docs/manual/format.md`, section "Header structure", and `lib/header.c`.
//!
//! ```text
//! 0        index entries n, big-endian like all numbers
//! 4        data bytes d
//! 8        n entries of 16 bytes: tag, type, offset into the data, count
//! 8 + 16n  d bytes of data
//! ```
//!
//! The first entry is a region tag; entries that were added at installation follow the region's
//! and replace those of the same tag.
//!
//! Invariants: the blob is exactly as long as it says; a value is found inside the data before it
//! is used; a damaged entry spoils its own tag alone.

use super::bytes::{array, index, offset, u16_be, u32_be, u64_be};
use super::model::Error;
use std::collections::BTreeMap;

/// rpm's own limits (`lib/header.c`, `hdrchkTags` and `hdrchkData`).
const ENTRIES_MAX: u32 = 0xffff;
const DATA_BYTES_MAX: u32 = 256 * 1024 * 1024 - 1;
/// More values than any package has files.
const VALUES_MAX: usize = 1_000_000;
/// Tags below are regions and the header's own.
const FIRST_TAG: u32 = 100;

/// Tags of `rpm/rpmtag.h` that the reader of packages asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are rpm's own")]
pub enum Tag {
    Name = 1000,
    Version = 1001,
    Release = 1002,
    Epoch = 1003,
    InstallTime = 1008,
    Vendor = 1011,
    License = 1014,
    Packager = 1015,
    Arch = 1022,
    OldFileNames = 1027,
    FileSizes = 1028,
    FileStates = 1029,
    FileModes = 1030,
    FileMtimes = 1034,
    FileDigests = 1035,
    FileLinkTos = 1036,
    FileFlags = 1037,
    FileUserName = 1039,
    FileGroupName = 1040,
    SourceRpm = 1044,
    FileVerifyFlags = 1045,
    DirIndexes = 1116,
    BaseNames = 1117,
    DirNames = 1118,
    LongFileSizes = 5008,
    FileDigestAlgo = 5011,
    ModularityLabel = 5096,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u32,
    at: usize,
    count: usize,
}

/// A header whose index has been read.
#[derive(Debug)]
pub struct Header<'a> {
    entries: BTreeMap<u32, Entry>,
    data: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads the index.
    ///
    /// # Errors
    /// When the blob is not as long as it says, or says more than rpm allows.
    pub fn parse(blob: &'a [u8]) -> Result<Self, Error> {
        let damaged = |at, what| Error::Damaged {
            offset: offset(at),
            what,
        };
        let n_entries = u32_be(blob, 0).ok_or(damaged(0, "a header that ends in its lengths"))?;
        let n_data = u32_be(blob, 4).ok_or(damaged(4, "a header that ends in its lengths"))?;
        for (what, value, limit) in [
            ("number of header entries", n_entries, ENTRIES_MAX),
            ("length of header data", n_data, DATA_BYTES_MAX),
        ] {
            if value > limit {
                return Err(Error::Limit {
                    what,
                    value: u64::from(value),
                    limit: u64::from(limit),
                });
            }
        }
        let data_at = 8 + 16 * index(n_entries);
        if data_at + index(n_data) != blob.len() {
            return Err(damaged(0, "a header whose length is not what it says"));
        }
        let (head, data) = blob
            .split_at_checked(data_at)
            .ok_or(damaged(8, "a header that ends in its index"))?;
        let mut entries = BTreeMap::new();
        for entry_bytes in head.get(8..).unwrap_or_default().chunks_exact(16) {
            let number = |at| u32_be(entry_bytes, at).unwrap_or(0);
            let entry = Entry {
                kind: number(4),
                at: index(number(8)),
                count: index(number(12)),
            };
            if number(0) >= FIRST_TAG {
                entries.insert(number(0), entry);
            }
        }
        Ok(Self { entries, data })
    }

    /// Whether the header has a tag.
    #[must_use]
    pub fn has(&self, tag: Tag) -> bool {
        self.entries.contains_key(&(tag as u32))
    }

    /// The texts of a tag, without their final zero; none where the header lacks the tag.
    ///
    /// # Errors
    /// When the entry is not of texts, or they are not all inside the data.
    pub fn strings(&self, tag: Tag) -> Result<Vec<&'a [u8]>, &'static str> {
        let Some(entry) = self.entries.get(&(tag as u32)) else {
            return Ok(Vec::new());
        };
        // 6 one text, 8 an array, 9 one text in several languages, the first without any.
        if !matches!(entry.kind, 6 | 8 | 9) {
            return Err("not of texts");
        }
        let mut rest = self.data.get(entry.at..).ok_or("outside the header")?;
        if entry.count > VALUES_MAX || entry.count > rest.len() {
            return Err("of more values than there can be");
        }
        let mut texts = Vec::with_capacity(entry.count);
        for _ in 0..entry.count {
            let end = rest.iter().position(|&byte| byte == 0);
            let (text, after) = end
                .and_then(|end| rest.split_at_checked(end))
                .ok_or("of a text without end")?;
            texts.push(text);
            rest = after.get(1..).unwrap_or_default();
        }
        Ok(texts)
    }

    /// The first text of a tag.
    ///
    /// # Errors
    /// As [`Self::strings`].
    pub fn string(&self, tag: Tag) -> Result<Option<&'a [u8]>, &'static str> {
        Ok(self.strings(tag)?.first().copied())
    }

    /// The numbers of a tag, of whatever width; none where the header lacks the tag.
    ///
    /// # Errors
    /// When the entry is not of numbers, or they are not all inside the data.
    pub fn numbers(&self, tag: Tag) -> Result<Vec<u64>, &'static str> {
        let Some(entry) = self.entries.get(&(tag as u32)) else {
            return Ok(Vec::new());
        };
        let width = match entry.kind {
            1 | 2 => 1,
            3 => 2,
            4 => 4,
            5 => 8,
            _ => return Err("not of numbers"),
        };
        if entry.count > VALUES_MAX {
            return Err("of more values than there can be");
        }
        let bytes = entry
            .at
            .checked_add(entry.count * width)
            .and_then(|end| self.data.get(entry.at..end))
            .ok_or("outside the header")?;
        let number = |bytes: &[u8]| match width {
            1 => array::<1>(bytes, 0).map_or(0, |[byte]| u64::from(byte)),
            2 => u16_be(bytes, 0).map_or(0, u64::from),
            4 => u32_be(bytes, 0).map_or(0, u64::from),
            _ => u64_be(bytes, 0).unwrap_or(0),
        };
        Ok(bytes.chunks_exact(width).map(number).collect())
    }

    /// The first number of a tag.
    ///
    /// # Errors
    /// As [`Self::numbers`].
    pub fn number(&self, tag: Tag) -> Result<Option<u64>, &'static str> {
        Ok(self.numbers(tag)?.first().copied())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Error, Header, Tag};
    use proptest::prelude::*;

    /// A value of a header made for a test.
    pub(in crate::packages) enum Made<'a> {
        Text(&'a str),
        Texts(&'a [&'a str]),
        Bytes(&'a [u8]),
        Words(&'a [u16]),
        Numbers(&'a [u32]),
    }

    /// A header blob with these entries behind a region tag.
    pub(in crate::packages) fn blob(values: &[(Tag, Made<'_>)]) -> Vec<u8> {
        let mut entries: Vec<[u32; 4]> = vec![[63, 7, 0, 16]];
        let mut data = vec![0_u8; 16];
        for (tag, value) in values {
            let texts = |texts: &[&str]| -> Vec<u8> {
                texts
                    .iter()
                    .flat_map(|text| [text.as_bytes(), b"\0"].concat())
                    .collect()
            };
            let (kind, align, count, bytes) = match value {
                Made::Text(text) => (6, 1, 1, texts(&[text])),
                Made::Texts(all) => (8, 1, all.len(), texts(all)),
                Made::Bytes(all) => (1, 1, all.len(), all.to_vec()),
                Made::Words(all) => (
                    3,
                    2,
                    all.len(),
                    all.iter().flat_map(|n| n.to_be_bytes()).collect(),
                ),
                Made::Numbers(all) => (
                    4,
                    4,
                    all.len(),
                    all.iter().flat_map(|n| n.to_be_bytes()).collect(),
                ),
            };
            while !data.len().is_multiple_of(align) {
                data.push(0);
            }
            let at = u32::try_from(data.len()).unwrap();
            entries.push([*tag as u32, kind, at, u32::try_from(count).unwrap()]);
            data.extend(bytes);
        }
        let lengths = [entries.len(), data.len()].map(|length| u32::try_from(length).unwrap());
        let numbers = lengths.into_iter().chain(entries.into_iter().flatten());
        let mut blob: Vec<u8> = numbers.flat_map(u32::to_be_bytes).collect();
        blob.extend(data);
        blob
    }

    #[test]
    fn values_come_back_and_the_later_entry_counts() {
        let blob = blob(&[
            (Tag::Name, Made::Text("first")),
            (Tag::BaseNames, Made::Texts(&["a", "", "b"])),
            (Tag::FileModes, Made::Words(&[0o100_644, 0xffff])),
            (Tag::Epoch, Made::Numbers(&[7])),
            (Tag::FileStates, Made::Bytes(&[0, 255])),
            (Tag::Name, Made::Text("second")),
        ]);
        let header = Header::parse(&blob).unwrap();
        assert_eq!(header.string(Tag::Name), Ok(Some(b"second".as_slice())));
        assert_eq!(
            header.strings(Tag::BaseNames),
            Ok(vec![b"a".as_slice(), b"", b"b"])
        );
        assert_eq!(header.numbers(Tag::FileModes), Ok(vec![0o100_644, 0xffff]));
        assert_eq!(header.numbers(Tag::FileStates), Ok(vec![0, 255]));
        assert_eq!(header.number(Tag::Epoch), Ok(Some(7)));
        assert_eq!(header.string(Tag::Vendor), Ok(None));
        assert!(header.has(Tag::Epoch) && !header.has(Tag::Vendor));
        assert!(header.numbers(Tag::Name).is_err());
        assert!(header.strings(Tag::Epoch).is_err());
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let blob = blob(&[(Tag::Name, Made::Text("x"))]);
        assert!(Header::parse(&blob[..blob.len() - 1]).is_err());
        assert!(Header::parse(&[blob.as_slice(), b"x"].concat()).is_err());
        assert!(Header::parse(&blob[..7]).is_err());
        let mut many = blob.clone();
        many[0] = 1;
        assert!(matches!(Header::parse(&many), Err(Error::Limit { .. })));
    }

    #[test]
    fn a_damaged_entry_spoils_its_own_tag_alone() {
        let whole = blob(&[
            (Tag::Name, Made::Text("x")),
            (Tag::Epoch, Made::Numbers(&[1])),
        ]);
        let mut outside = whole.clone();
        outside[8 + 16 + 8] = 0x7f;
        let header = Header::parse(&outside).unwrap();
        assert_eq!(header.string(Tag::Name), Err("outside the header"));
        assert_eq!(header.number(Tag::Epoch), Ok(Some(1)));
        let mut many = whole;
        many[8 + 32 + 12] = 0x7f;
        let header = Header::parse(&many).unwrap();
        assert_eq!(header.string(Tag::Name), Ok(Some(b"x".as_slice())));
        assert!(header.number(Tag::Epoch).is_err());
    }

    proptest! {
        #[test]
        fn changed_headers_end_as_values_or_reasons(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
        ) {
            let mut blob = blob(&[
                (Tag::Name, Made::Text("x")),
                (Tag::BaseNames, Made::Texts(&["a", "b"])),
                (Tag::Epoch, Made::Numbers(&[1])),
            ]);
            for (at, byte) in changes {
                let at = at.index(blob.len());
                blob[at] = byte;
            }
            if let Ok(header) = Header::parse(&blob) {
                for tag in [Tag::Name, Tag::BaseNames, Tag::Epoch] {
                    if let Ok(texts) = header.strings(tag) {
                        prop_assert!(texts.len() <= blob.len());
                    }
                    if let Ok(numbers) = header.numbers(tag) {
                        prop_assert!(numbers.len() <= blob.len());
                    }
                }
            }
        }
    }
}
