//! Which rows does a table of a SQLite database hold?
//!
//! A small read-only reader of SQLite's file format: enough to list the rows of ordinary tables of
//! a database that nobody is asked to open for writing, with its write-ahead log.
//! It does not know indexes, `WITHOUT ROWID` tables, encryption, SQL, locks or rollback journals: a
//! database left by a crash in rollback mode is read as it lies on disk.
//! Source: <https://www.sqlite.org/fileformat2.html> (sections in the comments).
//!
//! Invariants: memory is bounded by one path of pages and one row; every page is used once in a
//! walk, so that no cycle is followed; a damaged cell or page is one error, and the walk goes on.
//!
//! | bytes | what |
//! |---|---|
//! | 0-99 of page 1 | header: page size, encoding, size in pages |
//! | interior page (5) | right-most child, cells of left child and key |
//! | leaf page (13) | cells of payload length, row id, payload, first overflow page |
//! | overflow page | next page, payload |

mod record;
mod rows;
mod wal;

pub use record::Value;
pub use rows::{Row, Rows};

use super::bytes::{array, index, u16_be, u32_be};
use super::model::{Error, Location, Problem, Problems};
use super::source::{ReadAt, read};
use record::Encoding;
use wal::Wal;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;
/// More tables than any package database has.
const TABLES_MAX: usize = 10_000;

/// An open database: its header, and where each page is.
pub struct Database<'s> {
    main: &'s dyn ReadAt,
    wal: Option<Wal<'s>>,
    page_bytes: u32,
    usable_bytes: u32,
    encoding: Encoding,
    n_pages: u32,
}

impl std::fmt::Debug for Database<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Database")
            .field("page_bytes", &self.page_bytes)
            .field("n_pages", &self.n_pages)
            .field("encoding", &self.encoding)
            .field("wal", &self.wal)
            .finish_non_exhaustive()
    }
}

/// A table of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The page its tree begins with.
    pub root_page: u32,
    /// The statement that made it.
    pub sql: String,
}

impl<'s> Database<'s> {
    /// Opens a database and, where there is one, its write-ahead log.
    ///
    /// A log that does not fit the database is left out with a problem; a database of no bytes is
    /// empty, whatever its log holds, as SQLite has it.
    ///
    /// # Errors
    /// When the header is not that of a database of this format, or cannot be read.
    pub fn open(
        main: &'s dyn ReadAt,
        wal: Option<&'s dyn ReadAt>,
    ) -> Result<(Self, Vec<Problem>), Error> {
        let mut problems = Problems::default();
        if main.size() == 0 {
            return Ok((Self::empty(main), problems.finish()));
        }
        let written = read(main, 0, HEADER_BYTES)?;
        let page_bytes = page_bytes(&written)?;
        let wal = match wal.filter(|wal| wal.size() > 0) {
            None => None,
            Some(source) => match Wal::open(source, page_bytes) {
                Ok(wal) => Some(wal),
                Err(error) => {
                    problems.push(
                        Location::Offset(0),
                        format!("write-ahead log left out: {error}"),
                    );
                    None
                }
            },
        };
        let mut database = Self {
            main,
            wal,
            page_bytes,
            usable_bytes: page_bytes,
            encoding: Encoding::Utf8,
            n_pages: 1,
        };
        // The log may hold a later first page, with a later header.
        let first = database.page(1)?;
        if self::page_bytes(&first)? != page_bytes {
            return Err(Error::Damaged {
                offset: 16,
                what: "the log's first page has another page size",
            });
        }
        database.read_header(&first)?;
        Ok((database, problems.finish()))
    }

    fn empty(main: &'s dyn ReadAt) -> Self {
        Self {
            main,
            wal: None,
            page_bytes: 4096,
            usable_bytes: 4096,
            encoding: Encoding::Utf8,
            n_pages: 0,
        }
    }

    /// Section 1.3, "The database header".
    fn read_header(&mut self, first: &[u8]) -> Result<(), Error> {
        let damaged = |offset, what| Error::Damaged { offset, what };
        let [_, read_version, reserved] =
            array::<3>(first, 18).ok_or(damaged(18, "the header ends early"))?;
        if read_version > 2 {
            return Err(Error::Unsupported {
                what: "read version",
                value: u64::from(read_version),
            });
        }
        self.usable_bytes = self
            .page_bytes
            .checked_sub(u32::from(reserved))
            .filter(|&usable| usable >= 480)
            .ok_or(damaged(20, "fewer than 480 usable bytes a page"))?;
        let number = |at| u32_be(first, at).unwrap_or(0);
        self.encoding = match number(56) {
            // Nothing has been written yet: SQLite takes its default.
            0 | 1 => Encoding::Utf8,
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            value => {
                return Err(Error::Unsupported {
                    what: "text encoding",
                    value: u64::from(value),
                });
            }
        };
        // The size in the header counts only where the two change counters agree (1.3.10).
        let n_in_file = self.main.size() / u64::from(self.page_bytes);
        let n_in_file = u32::try_from(n_in_file).unwrap_or(u32::MAX);
        let n_in_header = number(28);
        self.n_pages = match &self.wal {
            Some(wal) if wal.n_pages() > 0 => wal.n_pages(),
            _ if n_in_header > 0 && number(24) == number(92) => n_in_header,
            _ => n_in_file,
        };
        Ok(())
    }

    /// The tables of the schema, in its order; `sqlite_schema` itself is not among them.
    ///
    /// # Errors
    /// When a row of the schema cannot be read: a table that is needed might be missing.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let mut tables = Vec::new();
        if self.n_pages == 0 {
            return Ok(tables);
        }
        for row in self.rows_from(1) {
            let row = row?;
            let [kind, Value::Text(name), _, root, sql, ..] = row.values.as_slice() else {
                continue;
            };
            let Value::Integer(root_page) = root else {
                continue;
            };
            // Views and triggers have no page; a virtual table's is 0.
            let root_page = u32::try_from(*root_page).unwrap_or(0);
            if *kind != Value::Text("table".to_owned()) || root_page == 0 {
                continue;
            }
            if tables.len() == TABLES_MAX {
                return Err(Error::Limit {
                    what: "number of tables",
                    value: super::bytes::offset(tables.len()) + 1,
                    limit: super::bytes::offset(TABLES_MAX),
                });
            }
            let sql = match sql {
                Value::Text(sql) => sql.clone(),
                _ => String::new(),
            };
            tables.push(Table {
                name: name.clone(),
                root_page,
                sql,
            });
        }
        Ok(tables)
    }

    /// The rows of a table in the order of their row ids; the name is compared as SQL does,
    /// without regard to case.
    ///
    /// # Errors
    /// When the schema cannot be read or holds no such table.
    pub fn rows(&self, table: &str) -> Result<Rows<'_, 's>, Error> {
        let tables = self.tables()?;
        let found = tables
            .iter()
            .find(|candidate| candidate.name.eq_ignore_ascii_case(table));
        match found {
            Some(table) => Ok(self.rows_from(table.root_page)),
            None => Err(Error::NoTable {
                name: table.to_owned(),
            }),
        }
    }

    fn rows_from(&self, root_page: u32) -> Rows<'_, 's> {
        Rows::new(self, root_page)
    }

    /// How many frames of the log belong to a commit, and how many follow the last one.
    #[must_use]
    pub fn n_frames(&self) -> (u64, u64) {
        self.wal.as_ref().map_or((0, 0), Wal::n_frames)
    }

    /// One page: from the log where a commit wrote it, from the database otherwise.
    fn page(&self, number: u32) -> Result<Vec<u8>, Error> {
        let length = index(self.page_bytes);
        let offset = u64::from(number.saturating_sub(1)) * u64::from(self.page_bytes);
        if number == 0 || number > self.n_pages {
            return Err(Error::Damaged {
                offset,
                what: "a page number outside the database",
            });
        }
        if let Some(wal) = &self.wal
            && let Some(page) = wal.page(number, length)?
        {
            return Ok(page);
        }
        read(self.main, offset, length)
    }
}

/// The page size of a header, where 1 stands for 65,536 (1.3.2).
fn page_bytes(header: &[u8]) -> Result<u32, Error> {
    if header.get(..MAGIC.len()) != Some(MAGIC) {
        return Err(Error::Damaged {
            offset: 0,
            what: "not a SQLite database",
        });
    }
    match u16_be(header, 16).map(u32::from) {
        Some(1) => Ok(65_536),
        Some(size) if size >= 512 && size.is_power_of_two() => Ok(size),
        size => Err(Error::Unsupported {
            what: "page size",
            value: u64::from(size.unwrap_or(0)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Database, page_bytes};
    use crate::packages::{Error, ReadAt};

    #[test]
    fn page_sizes_are_powers_of_two() {
        let header = |size: u16| {
            let mut header = b"SQLite format 3\0".to_vec();
            header.extend(size.to_be_bytes());
            page_bytes(&header)
        };
        assert_eq!(header(1).unwrap(), 65_536);
        assert_eq!(header(512).unwrap(), 512);
        assert_eq!(header(32_768).unwrap(), 32_768);
        for refused in [0, 2, 256, 1000, 65_535] {
            assert!(matches!(header(refused), Err(Error::Unsupported { .. })));
        }
    }

    #[test]
    fn no_bytes_are_an_empty_database_and_other_bytes_none() {
        let nothing: Vec<u8> = Vec::new();
        let wal: Vec<u8> = vec![0; 100];
        let (database, problems) = Database::open(&nothing, Some(&wal as &dyn ReadAt)).unwrap();
        assert_eq!(database.tables().unwrap(), []);
        assert_eq!(problems, []);
        assert!(Database::open(&vec![0_u8; 4096], None).is_err());
        assert!(Database::open(&b"SQLite format 3\0".to_vec(), None).is_err());
    }
}
