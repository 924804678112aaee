//! The `.modinfo` section of a kernel module: `key=value` strings, each ended by a zero byte.
//!
//! Layout of an ELF file (elf(5)): the header names the offset `e_shoff`, size and number of the
//! section headers and the one that holds their names. Every offset is checked against the file.

const SECTIONS_MAX: usize = 4096;

/// The value of a key, for example `srcversion`; `None` if the file is no ELF object or lacks it.
pub(crate) fn value(file: &[u8], key: &str) -> Option<String> {
    section(file, b".modinfo")?
        .split(|byte| *byte == 0)
        .filter_map(|text| std::str::from_utf8(text).ok()?.split_once('='))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
}

/// Content of the section with this name.
fn section<'a>(file: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let elf = Elf::new(file)?;
    let names = elf.content(elf.names)?;
    (0..elf.sections.min(SECTIONS_MAX)).find_map(|position| {
        let name_at = elf.number(elf.header(position)?, 4)?;
        let name = names.get(name_at..)?.split(|byte| *byte == 0).next()?;
        (name == wanted).then(|| elf.content(position)).flatten()
    })
}

struct Elf<'a> {
    file: &'a [u8],
    wide: bool,
    big: bool,
    table: usize,
    entry: usize,
    sections: usize,
    names: usize,
}

impl<'a> Elf<'a> {
    fn new(file: &'a [u8]) -> Option<Self> {
        if file.get(..4)? != b"\x7fELF" {
            return None;
        }
        let wide = *file.get(4)? == 2;
        let big = *file.get(5)? == 2;
        let mut elf = Self {
            file,
            wide,
            big,
            table: 0,
            entry: 0,
            sections: 0,
            names: 0,
        };
        let (table_at, rest_at) = if wide { (0x28, 0x3A) } else { (0x20, 0x2E) };
        elf.table = elf.number(table_at, elf.word())?;
        elf.entry = elf.number(rest_at, 2)?;
        elf.sections = elf.number(rest_at + 2, 2)?;
        elf.names = elf.number(rest_at + 4, 2)?;
        Some(elf)
    }

    const fn word(&self) -> usize {
        if self.wide { 8 } else { 4 }
    }

    /// An unsigned number of `size` bytes in the file's byte order.
    fn number(&self, at: usize, size: usize) -> Option<usize> {
        let bytes = self.file.get(at..at.checked_add(size)?)?;
        let add = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
        let number = if self.big {
            bytes.iter().fold(0, add)
        } else {
            bytes.iter().rev().fold(0, add)
        };
        usize::try_from(number).ok()
    }

    fn header(&self, position: usize) -> Option<usize> {
        self.table.checked_add(position.checked_mul(self.entry)?)
    }

    fn content(&self, position: usize) -> Option<&'a [u8]> {
        let header = self.header(position)?;
        let (offset_at, size_at) = if self.wide {
            (0x18, 0x20)
        } else {
            (0x10, 0x14)
        };
        let offset = self.number(header.checked_add(offset_at)?, self.word())?;
        let size = self.number(header.checked_add(size_at)?, self.word())?;
        self.file.get(offset..offset.checked_add(size)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An ELF64 object, little endian, with the sections none, `.modinfo` and `.shstrtab`.
    fn object(modinfo: &[u8]) -> Vec<u8> {
        let names = b"\0.modinfo\0.shstrtab\0";
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(0x28, 0);
        let table = 64 + modinfo.len() + names.len();
        file.extend((table as u64).to_le_bytes());
        file.resize(0x3A, 0);
        for number in [64_u16, 3, 2] {
            file.extend(number.to_le_bytes());
        }
        file.extend(modinfo);
        file.extend(names);
        for (name, offset, size) in [
            (0_u32, 0, 0),
            (1, 64, modinfo.len()),
            (10, 64 + modinfo.len(), names.len()),
        ] {
            let start = file.len();
            file.extend(name.to_le_bytes());
            file.resize(start + 0x18, 0);
            file.extend((offset as u64).to_le_bytes());
            file.extend((size as u64).to_le_bytes());
            file.resize(start + 64, 0);
        }
        file
    }

    #[test]
    fn the_source_version_is_found() {
        let file = object(b"license=GPL\0srcversion=0123ABCD\0name=x\0");
        assert_eq!(value(&file, "srcversion").as_deref(), Some("0123ABCD"));
        assert_eq!(value(&file, "version"), None);
        assert_eq!(value(b"\x7fELF", "srcversion"), None);
    }

    proptest! {
        #[test]
        fn a_damaged_file_never_harms(at in 0_usize..260, byte in any::<u8>(), keep in 0_usize..300) {
            let mut file = object(b"srcversion=1\0");
            if let Some(place) = file.get_mut(at) { *place = byte; }
            file.truncate(keep);
            let found = value(&file, "srcversion");
            prop_assert!(found.is_none_or(|text| text.len() <= file.len()));
        }
    }
}
