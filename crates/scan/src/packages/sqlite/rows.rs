//! In which order do the rows of a table lie in its tree, and where is the rest of a long one?
//!
//! Source: <https://www.sqlite.org/fileformat2.html>, section 1.6, "B-tree Pages".
//!
//! Invariants: a page is entered once in a walk, as part of the tree or as overflow; the cells of
//! a page together are no longer than the page; so time and memory are bounded by the file.

use super::Database;
use super::record::{Value, values, varint};
use crate::packages::bytes::{array, index, offset, u16_be, u32_be};
use crate::packages::model::Error;
use std::collections::BTreeSet;

/// A tree of the largest database is far lower (SQLite's own cursor holds 20).
const DEPTH_MAX: usize = 20;
/// rpm's own limit of a header, the largest payload there is a use for.
const PAYLOAD_BYTES_MAX: u64 = 256 * 1024 * 1024;

const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The row id.
    pub rowid: i64,
    /// Its values; columns added later than the row may be missing at the end.
    pub values: Vec<Value>,
}

/// Walks a table; an error is one cell or page that was left out.
#[derive(Debug)]
pub struct Rows<'d, 's> {
    database: &'d Database<'s>,
    /// The root, until the first step.
    root_page: Option<u32>,
    path: Vec<Level>,
    used: BTreeSet<u32>,
}

/// A page of the tree on the way to the current row.
#[derive(Debug)]
struct Level {
    number: u32,
    page: Vec<u8>,
    header_at: usize,
    is_leaf: bool,
    n_cells: usize,
    next_idx: usize,
    /// What the cells met so far take of the page.
    n_cell_bytes: usize,
}

/// What is to be done next on a page.
enum Step {
    Cell(usize),
    Child(u32),
    Damaged(&'static str),
    Leave,
}

impl<'d, 's> Rows<'d, 's> {
    pub(super) fn new(database: &'d Database<'s>, root_page: u32) -> Self {
        Self {
            database,
            root_page: Some(root_page),
            path: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    fn damaged(&self, page: u32, what: &'static str) -> Error {
        let offset = u64::from(page.saturating_sub(1)) * u64::from(self.database.page_bytes);
        Error::Damaged { offset, what }
    }

    /// Takes a page that no other part of this table may use again.
    fn take(&mut self, number: u32) -> Result<Vec<u8>, Error> {
        if !self.used.insert(number) {
            return Err(self.damaged(number, "a page that is used twice"));
        }
        self.database.page(number)
    }

    fn enter(&mut self, number: u32) -> Result<(), Error> {
        if self.path.len() == DEPTH_MAX {
            return Err(self.damaged(number, "a tree that is too deep"));
        }
        let page = self.take(number)?;
        let header_at = if number == 1 { super::HEADER_BYTES } else { 0 };
        let kind = page.get(header_at).copied();
        let is_leaf = match kind {
            Some(LEAF) => true,
            Some(INTERIOR) => false,
            _ => return Err(self.damaged(number, "a page that is not part of a table")),
        };
        let n_cells = u16_be(&page, header_at + 3).map_or(0, usize::from);
        let header_bytes = if is_leaf { 8 } else { 12 };
        if header_at + header_bytes + 2 * n_cells > index(self.database.usable_bytes) {
            return Err(self.damaged(number, "a page with more cells than fit"));
        }
        self.path.push(Level {
            number,
            page,
            header_at,
            is_leaf,
            n_cells,
            next_idx: 0,
            n_cell_bytes: 0,
        });
        Ok(())
    }

    /// Section 1.6: the payload of a leaf cell, local part and overflow pages.
    fn row(&mut self, cell_at: usize) -> Result<Row, Error> {
        let usable = u64::from(self.database.usable_bytes);
        let Some(level) = self.path.last_mut() else {
            return Err(self.damaged(0, "a cell without a page"));
        };
        let number = level.number;
        let short = Error::Damaged {
            offset: u64::from(number.saturating_sub(1)) * u64::from(self.database.page_bytes)
                + offset(cell_at),
            what: "a cell that ends after its page",
        };
        let Some((payload_bytes, length_bytes)) = varint(&level.page, cell_at) else {
            return Err(short);
        };
        let Some((rowid, rowid_bytes)) = varint(&level.page, cell_at + length_bytes) else {
            return Err(short);
        };
        if payload_bytes > PAYLOAD_BYTES_MAX {
            return Err(Error::Limit {
                what: "length of a row",
                value: payload_bytes,
                limit: PAYLOAD_BYTES_MAX,
            });
        }
        let n_local = usize::try_from(local_bytes(payload_bytes, usable)).unwrap_or(usize::MAX);
        let start = cell_at + length_bytes + rowid_bytes;
        let end = start.saturating_add(n_local);
        level.n_cell_bytes = level.n_cell_bytes.saturating_add(end - cell_at);
        let usable_end = index(self.database.usable_bytes);
        if end > usable_end {
            return Err(short);
        }
        let Some(local) = level.page.get(start..end) else {
            return Err(short);
        };
        let mut payload = local.to_vec();
        let payload_bytes = usize::try_from(payload_bytes).unwrap_or(usize::MAX);
        if payload.len() < payload_bytes {
            let Some(first) = u32_be(&level.page, end) else {
                return Err(short);
            };
            self.overflow(first, payload_bytes, &mut payload)?;
        }
        let values =
            values(&payload, self.database.encoding).map_err(|what| self.damaged(number, what))?;
        Ok(Row {
            rowid: i64::from_be_bytes(rowid.to_be_bytes()),
            values,
        })
    }

    /// Section 1.7: appends the overflow pages until the payload is whole.
    fn overflow(
        &mut self,
        first: u32,
        payload_bytes: usize,
        payload: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let mut number = first;
        let usable = index(self.database.usable_bytes);
        while payload.len() < payload_bytes {
            if number == 0 {
                return Err(self.damaged(first, "a chain of overflow pages that ends early"));
            }
            let page = self.take(number)?;
            let wanted = payload_bytes - payload.len();
            let rest = page.get(4..usable).unwrap_or_default();
            payload.extend_from_slice(rest.get(..wanted).unwrap_or(rest));
            number = array(&page, 0).map_or(0, u32::from_be_bytes);
        }
        Ok(())
    }
}

impl Level {
    fn step(&mut self) -> Step {
        let idx = self.next_idx;
        if idx > self.n_cells || (self.is_leaf && idx == self.n_cells) {
            return Step::Leave;
        }
        self.next_idx += 1;
        if idx == self.n_cells {
            return match u32_be(&self.page, self.header_at + 8) {
                Some(child) => Step::Child(child),
                None => Step::Damaged("a page that ends in its header"),
            };
        }
        if self.n_cell_bytes > self.page.len() {
            self.next_idx = self.n_cells.saturating_add(1);
            return Step::Damaged("cells that lie over one another");
        }
        let header_bytes = if self.is_leaf { 8 } else { 12 };
        let pointer_at = self.header_at + header_bytes + 2 * idx;
        let Some(cell_at) = u16_be(&self.page, pointer_at).map(usize::from) else {
            return Step::Damaged("a cell pointer that ends after its page");
        };
        if self.is_leaf {
            return Step::Cell(cell_at);
        }
        match u32_be(&self.page, cell_at) {
            Some(child) => Step::Child(child),
            None => Step::Damaged("a cell that ends after its page"),
        }
    }
}

impl Iterator for Rows<'_, '_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(root_page) = self.root_page.take()
            && let Err(error) = self.enter(root_page)
        {
            return Some(Err(error));
        }
        loop {
            let level = self.path.last_mut()?;
            let number = level.number;
            match level.step() {
                Step::Cell(at) => return Some(self.row(at)),
                Step::Child(child) => {
                    if let Err(error) = self.enter(child) {
                        return Some(Err(error));
                    }
                }
                Step::Damaged(what) => return Some(Err(self.damaged(number, what))),
                Step::Leave => {
                    self.path.pop();
                }
            }
        }
    }
}

/// How much of a payload stands in its leaf cell (section 1.6, U, X, M and K there).
fn local_bytes(payload: u64, usable: u64) -> u64 {
    let most = usable.saturating_sub(35);
    if payload <= most {
        return payload;
    }
    let least = (usable.saturating_sub(12) * 32 / 255).saturating_sub(23);
    let filled = least + payload.saturating_sub(least) % usable.saturating_sub(4).max(1);
    if filled <= most { filled } else { least }
}

#[cfg(test)]
mod tests {
    use super::local_bytes;

    #[test]
    fn long_payloads_leave_their_page_in_whole_overflow_pages() {
        // U = 512: X = 477, M = 39.
        assert_eq!(local_bytes(477, 512), 477);
        assert_eq!(local_bytes(478, 512), 39);
        assert_eq!(local_bytes(547, 512), 39);
        assert_eq!(local_bytes(39 + 508 + 100, 512), 139);
        // K would be 39 + 470 > X.
        assert_eq!(local_bytes(39 + 508 + 470, 512), 39);
    }
}
