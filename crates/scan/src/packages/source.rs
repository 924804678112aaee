//! Where do the bytes of a large database come from?
//!
//! The database readers of this folder ask for ranges, so that a database of hundreds of megabytes
//! need not stand in memory.
//! A byte slice is a source; whoever owns files makes one of an open file.

use super::bytes::offset as file_offset;
use super::model::Error;
use std::io;

/// Bytes that can be read at any position.
pub trait ReadAt {
    /// How many bytes there are, as far as is known when the reader starts.
    fn size(&self) -> u64;

    /// Fills the whole buffer with the bytes from `offset` on.
    ///
    /// # Errors
    /// When fewer bytes are left than the buffer holds, or when reading fails.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for [u8] {
    fn size(&self) -> u64 {
        file_offset(self.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let found = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?));
        let Some(found) = found else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        buffer.copy_from_slice(found);
        Ok(())
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_at(offset, buffer)
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(offset, buffer)
    }
}

/// Reads `length` bytes at `offset`; the range is compared with the size before memory is taken.
pub(crate) fn read(source: &dyn ReadAt, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
    let end = offset.checked_add(file_offset(length));
    if end.is_none_or(|end| end > source.size()) {
        return Err(Error::Range {
            offset,
            length: file_offset(length),
            size: source.size(),
        });
    }
    let mut buffer = vec![0; length];
    source
        .read_at(offset, &mut buffer)
        .map_err(|source| Error::Read { offset, source })?;
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::{Error, read};

    #[test]
    fn a_range_outside_takes_no_memory() {
        let bytes = vec![1_u8, 2, 3];
        assert_eq!(read(&bytes, 1, 2).unwrap(), [2, 3]);
        assert!(matches!(
            read(&bytes, 1, usize::MAX),
            Err(Error::Range { size: 3, .. })
        ));
        assert!(matches!(
            read(&bytes, u64::MAX, 2),
            Err(Error::Range { .. })
        ));
    }
}
