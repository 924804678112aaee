//! Which pages does a write-ahead log hold that the database does not have yet?
//!
//! Source: <https://www.sqlite.org/fileformat2.html>, section 4, "The Write-Ahead Log".
//!
//! Invariants: a frame counts only if its salts are the header's, its checksum continues that of
//! the frame before, and a commit frame stands at or after it; the latest such frame of a page is
//! the page. The log is read once from front to back; only positions are kept.

use crate::packages::bytes::{index, u32_be};
use crate::packages::model::Error;
use crate::packages::source::{ReadAt, read};
use std::collections::BTreeMap;

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The last bit says that checksums take big-endian words.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;

/// The committed pages of a log.
pub(super) struct Wal<'s> {
    source: &'s dyn ReadAt,
    /// Page number to the position of its bytes.
    pages: BTreeMap<u32, u64>,
    n_pages: u32,
    n_committed: u64,
    n_after: u64,
}

impl std::fmt::Debug for Wal<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Wal")
            .field("n_pages", &self.n_pages)
            .field("n_committed", &self.n_committed)
            .field("n_after", &self.n_after)
            .finish_non_exhaustive()
    }
}

impl<'s> Wal<'s> {
    /// Reads the log up to its last valid commit.
    pub(super) fn open(source: &'s dyn ReadAt, page_bytes: u32) -> Result<Self, Error> {
        let header = read(source, 0, HEADER_BYTES)?;
        let number = |at| u32_be(&header, at).unwrap_or(0);
        let magic = number(0);
        if magic & !1 != MAGIC {
            return Err(Error::Damaged {
                offset: 0,
                what: "not a write-ahead log",
            });
        }
        let unsupported = |what, value| Error::Unsupported {
            what,
            value: u64::from(value),
        };
        if number(4) != VERSION {
            return Err(unsupported("log version", number(4)));
        }
        if number(8) != page_bytes {
            return Err(unsupported("page size of the log", number(8)));
        }
        let sum = Checksum {
            is_big_endian: magic & 1 == 1,
            state: (0, 0),
        };
        let sum = sum.over(header.get(..24).unwrap_or_default());
        if sum.state != (number(24), number(28)) {
            return Err(Error::Damaged {
                offset: 24,
                what: "the log header's checksum does not fit",
            });
        }
        let mut wal = Self {
            source,
            pages: BTreeMap::new(),
            n_pages: 0,
            n_committed: 0,
            n_after: 0,
        };
        wal.read_frames(index(page_bytes), sum, (number(16), number(20)))?;
        Ok(wal)
    }

    fn read_frames(
        &mut self,
        page_bytes: usize,
        mut sum: Checksum,
        salts: (u32, u32),
    ) -> Result<(), Error> {
        let frame_bytes = page_bytes.saturating_add(FRAME_HEADER_BYTES);
        let step = u64::try_from(frame_bytes).unwrap_or(u64::MAX);
        let mut pending = BTreeMap::new();
        let mut at = 32_u64;
        let mut n_valid = 0_u64;
        while at
            .checked_add(step)
            .is_some_and(|end| end <= self.source.size())
        {
            let frame = read(self.source, at, frame_bytes)?;
            let number = |at| u32_be(&frame, at).unwrap_or(0);
            if (number(8), number(12)) != salts || number(0) == 0 {
                break;
            }
            sum = sum.over(frame.get(..8).unwrap_or_default());
            sum = sum.over(frame.get(FRAME_HEADER_BYTES..).unwrap_or_default());
            if sum.state != (number(16), number(20)) {
                break;
            }
            n_valid += 1;
            pending.insert(number(0), at + 24);
            let n_pages = number(4);
            if n_pages > 0 {
                self.n_pages = n_pages;
                self.pages.append(&mut pending);
                self.n_committed = n_valid;
            }
            at += step;
        }
        let n_all = self.source.size().saturating_sub(32) / step;
        self.n_after = n_all.saturating_sub(self.n_committed);
        Ok(())
    }

    /// The database's size in pages after the last commit; 0 when there is none.
    pub(super) fn n_pages(&self) -> u32 {
        self.n_pages
    }

    pub(super) fn n_frames(&self) -> (u64, u64) {
        (self.n_committed, self.n_after)
    }

    /// The page as the log has it.
    pub(super) fn page(&self, number: u32, page_bytes: usize) -> Result<Option<Vec<u8>>, Error> {
        match self.pages.get(&number) {
            Some(&at) => read(self.source, at, page_bytes).map(Some),
            None => Ok(None),
        }
    }
}

/// Section 4.2, "Checksum Algorithm": two sums over pairs of 32-bit words.
#[derive(Clone, Copy)]
struct Checksum {
    is_big_endian: bool,
    state: (u32, u32),
}

impl Checksum {
    fn over(self, bytes: &[u8]) -> Self {
        let word = if self.is_big_endian {
            u32::from_be_bytes
        } else {
            u32::from_le_bytes
        };
        let (mut first, mut second) = self.state;
        for [a, b, c, d, e, f, g, h] in bytes.as_chunks::<8>().0.iter().copied() {
            first = first.wrapping_add(word([a, b, c, d])).wrapping_add(second);
            second = second.wrapping_add(word([e, f, g, h])).wrapping_add(first);
        }
        Self {
            state: (first, second),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Checksum, Wal};

    /// A log of frames `(page, commit size, fill)` of 512-byte pages.
    fn log(is_big_endian: bool, frames: &[(u32, u32, u8)]) -> Vec<u8> {
        let magic = 0x377f_0682 | u32::from(is_big_endian);
        let mut bytes: Vec<u8> = [magic, 3_007_000, 512, 0, 7, 9]
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect();
        let sum = Checksum {
            is_big_endian,
            state: (0, 0),
        };
        let mut sum = sum.over(&bytes);
        bytes.extend(
            [sum.state.0, sum.state.1]
                .iter()
                .flat_map(|word| word.to_be_bytes()),
        );
        for &(page, commit, fill) in frames {
            let head = [page.to_be_bytes(), commit.to_be_bytes()].concat();
            sum = sum.over(&head).over(&[fill; 512]);
            bytes.extend(head);
            bytes.extend(
                [7, 9, sum.state.0, sum.state.1]
                    .iter()
                    .flat_map(|w: &u32| w.to_be_bytes()),
            );
            bytes.extend([fill; 512]);
        }
        bytes
    }

    fn fill(wal: &Wal<'_>, page: u32) -> Option<u8> {
        wal.page(page, 512).unwrap().map(|page| page[0])
    }

    #[test]
    fn the_latest_committed_frame_wins_in_both_byte_orders() {
        for is_big_endian in [false, true] {
            let bytes = log(
                is_big_endian,
                &[(1, 0, 1), (2, 2, 2), (1, 0, 3), (3, 3, 4), (2, 0, 5)],
            );
            let wal = Wal::open(&bytes, 512).unwrap();
            assert_eq!(wal.n_pages(), 3);
            assert_eq!(wal.n_frames(), (4, 1));
            assert_eq!(
                (fill(&wal, 1), fill(&wal, 2), fill(&wal, 3)),
                (Some(3), Some(2), Some(4))
            );
            assert_eq!(fill(&wal, 4), None);
        }
    }

    #[test]
    fn a_changed_byte_ends_the_log_at_the_commit_before() {
        let frames = [(1, 1, 1), (1, 1, 2), (1, 1, 3)];
        let whole = log(true, &frames);
        for at in 32 + 536..32 + 2 * 536 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            let wal = Wal::open(&bytes, 512).unwrap();
            assert_eq!(fill(&wal, 1), Some(1), "byte {at}");
            assert_eq!(wal.n_frames(), (1, 2));
        }
        let wal = Wal::open(&whole, 512).unwrap();
        assert_eq!(fill(&wal, 1), Some(3));
    }

    #[test]
    fn a_header_that_does_not_fit_is_refused() {
        let whole = log(false, &[(1, 1, 1)]);
        for at in 0..32 {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            assert!(Wal::open(&bytes, 512).is_err(), "byte {at}");
        }
        assert!(Wal::open(&whole, 1024).is_err());
        assert!(Wal::open(&whole[..31].to_vec(), 512).is_err());
    }
}
