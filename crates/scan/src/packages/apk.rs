//! Which packages and files does apk hold installed?
//!
//! Reads `lib/apk/db/installed`: stanzas of one-letter fields, a package first, then its folders
//! (`F`) and in each of them its files (`R`).
//! Source: apk-tools' `src/database.c` and the Alpine wiki page "Apk spec".
//!
//! Invariants: every stanza becomes a record or a problem; a file belongs to the folder named last
//! before it. A file's digest is over its content, that of a link over its target text; the
//! database does not tell the two apart.

use super::bytes::hex;
use super::model::{
    Algorithm, Detail, Digest, FileKind, Location, Manager, Owner, Package, PackageFile, Problem,
    Problems, Record, Status,
};

/// More packages than any distribution has.
const PACKAGES_MAX: usize = 400_000;
/// More files than any package has.
const FILES_MAX: usize = 1_000_000;
/// Linux's own limit of a path.
const PATH_BYTES_MAX: usize = 4096;
/// A field longer than this is not one.
const FIELD_BYTES_MAX: usize = 16 * 1024;
/// What apk gives a folder and a file without `M` or `a`.
const DIRECTORY_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// Reads an `installed` file; the records are in its order.
#[must_use]
pub fn parse(bytes: &[u8], detail: Detail) -> (Vec<Record>, Vec<Problem>) {
    let mut reader = Reader {
        detail,
        records: Vec::new(),
        problems: Problems::default(),
        draft: None,
    };
    for (line_idx, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            reader.finish_package();
        } else if reader.records.len() == PACKAGES_MAX {
            let reason = format!("more than {PACKAGES_MAX} packages");
            reader.problems.push(Location::Line(line_idx + 1), reason);
            break;
        } else {
            reader.line(line_idx + 1, line);
        }
    }
    reader.finish_package();
    (reader.records, reader.problems.finish())
}

/// A package whose stanza is still being read.
#[derive(Default)]
struct Draft<'a> {
    line: usize,
    name: &'a [u8],
    version: &'a [u8],
    arch: &'a [u8],
    origin: &'a [u8],
    license: Option<&'a [u8]>,
    maintainer: Option<&'a [u8]>,
    folder: Option<&'a [u8]>,
    files: Vec<PackageFile>,
    is_full: bool,
}

struct Reader<'a> {
    detail: Detail,
    records: Vec<Record>,
    problems: Problems,
    draft: Option<Draft<'a>>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, number: usize, line: &'a [u8]) {
        let at = Location::Line(number);
        let [letter, b':', value @ ..] = line else {
            self.problems
                .push(at, "a line that is not a letter, a colon and a value");
            return;
        };
        let draft = self.draft.get_or_insert_with(|| Draft {
            line: number,
            ..Draft::default()
        });
        match letter {
            b'P' => draft.name = value,
            b'V' => draft.version = value,
            b'A' => draft.arch = value,
            b'o' => draft.origin = value,
            b'L' => draft.license = Some(value),
            b'm' => draft.maintainer = Some(value),
            b'F' | b'R' | b'M' | b'a' | b'Z' if self.detail == Detail::Files => {
                if let Err(reason) = file_line(draft, *letter, value) {
                    self.problems.push(at, reason);
                }
            }
            b'C' | b'S' | b'I' | b'T' | b'U' | b'D' | b'F' | b'R' | b'M' | b'Z' | b'a'..=b'z' => {}
            // apk refuses a database with a capital letter that it does not know.
            _ => self.problems.push(at, "a field of a later format"),
        }
    }

    fn finish_package(&mut self) {
        let Some(draft) = self.draft.take() else {
            return;
        };
        let at = Location::Line(draft.line);
        if draft.name.is_empty() || draft.version.is_empty() {
            let name = String::from_utf8_lossy(draft.name);
            let reason = format!("package `{name}` lacks its name or version");
            self.problems.push(at, reason);
            return;
        }
        let name = self.text(at, draft.name);
        let version = self.text(at, draft.version);
        let origin = if draft.origin.is_empty() {
            draft.name
        } else {
            draft.origin
        };
        let package = Package {
            source_name: self.text(at, origin),
            source_version: version.clone(),
            epoch: None,
            arch: self.text(at, draft.arch),
            manager: Manager::Apk,
            status: Status::INSTALLED,
            essential: false,
            priority: None,
            maintainer: draft.maintainer.map(|value| self.text(at, value)),
            license: draft.license.map(|value| self.text(at, value)),
            vendor: None,
            modularity_label: None,
            installed_at_s: None,
            name,
            version,
        };
        self.records.push(Record {
            package,
            files: draft.files,
        });
    }

    fn text(&mut self, at: Location, value: &[u8]) -> String {
        let value = match value.split_at_checked(FIELD_BYTES_MAX) {
            Some((kept, rest)) if !rest.is_empty() => {
                let reason = format!("a field longer than {FIELD_BYTES_MAX} bytes, cut");
                self.problems.push(at, reason);
                kept
            }
            _ => value,
        };
        let text = String::from_utf8_lossy(value);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.problems.push(at, "a field that is not UTF-8");
        }
        text.into_owned()
    }
}

fn file_line<'a>(draft: &mut Draft<'a>, letter: u8, value: &'a [u8]) -> Result<(), String> {
    match letter {
        b'F' => {
            draft.folder = Some(value);
            add(draft, value, FileKind::Directory, DIRECTORY_MODE)
        }
        b'R' => {
            let Some(folder) = draft.folder else {
                return Err("a file before its folder".to_owned());
            };
            let path = if folder.is_empty() {
                value.to_vec()
            } else {
                [folder, b"/", value].concat()
            };
            add(draft, &path, FileKind::NotDirectory, FILE_MODE)
        }
        _ if draft.is_full => Ok(()),
        b'M' | b'a' => {
            let is_folder = letter == b'M';
            let file = last(draft, is_folder).ok_or("a mode without its file or folder")?;
            let (user, group, mode) =
                owner_and_mode(value).ok_or("a mode that is not `user:group:mode`")?;
            file.user = Some(Owner::Id(user));
            file.group = Some(Owner::Id(group));
            file.mode = Some(mode);
            Ok(())
        }
        _ => {
            let file = last(draft, false).ok_or("a checksum without its file")?;
            file.digest = Some(checksum(value).ok_or("a checksum of an unknown form")?);
            Ok(())
        }
    }
}

fn add(draft: &mut Draft<'_>, path: &[u8], kind: FileKind, mode: u32) -> Result<(), String> {
    if draft.files.len() == FILES_MAX {
        let first = !draft.is_full;
        draft.is_full = true;
        return if first {
            Err(format!("more than {FILES_MAX} files in one package"))
        } else {
            Ok(())
        };
    }
    if path.len() > PATH_BYTES_MAX {
        return Err(format!("a path longer than {PATH_BYTES_MAX} bytes"));
    }
    draft.files.push(PackageFile {
        kind,
        mode: Some(mode),
        user: Some(Owner::Id(0)),
        group: Some(Owner::Id(0)),
        ..PackageFile::at(path)
    });
    Ok(())
}

/// The file or folder that `M`, `a` and `Z` speak of: the one named last, if it is of that kind.
fn last<'d>(draft: &'d mut Draft<'_>, is_folder: bool) -> Option<&'d mut PackageFile> {
    draft
        .files
        .last_mut()
        .filter(|file| (file.kind == FileKind::Directory) == is_folder)
}

/// `uid:gid:mode`, where apk may add a fourth part, the checksum of extended attributes.
fn owner_and_mode(value: &[u8]) -> Option<(u32, u32, u32)> {
    let mut parts = std::str::from_utf8(value).ok()?.split(':');
    let user = parts.next()?.parse().ok()?;
    let group = parts.next()?.parse().ok()?;
    let mode = u32::from_str_radix(parts.next()?, 8).ok()?;
    (mode <= 0o7777).then_some((user, group, mode))
}

/// `Q1` and base64 is SHA-1, `Q2` SHA-256; old databases write MD5 in hexadecimal.
fn checksum(value: &[u8]) -> Option<Digest> {
    let (algorithm, encoded) = match value {
        [b'Q', b'1', rest @ ..] => (Algorithm::Sha1, rest),
        [b'Q', b'2', rest @ ..] => (Algorithm::Sha256, rest),
        _ => return Digest::parse(Algorithm::Md5, value),
    };
    Digest::parse(algorithm, hex(&base64(encoded)?).as_bytes())
}

/// Decodes padded base64 (RFC 4648, section 4); `None` for anything else.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let n_padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let digits = text.get(..text.len().checked_sub(n_padding)?)?;
    if n_padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for &digit in group {
            bits = bits << 6 | sextet(digit)?;
        }
        // A last group of two or three digits holds one or two bytes, left-aligned.
        bits <<= 6 * (4 - group.len());
        let [_, decoded @ ..] = bits.to_be_bytes();
        bytes.extend(decoded.iter().take(group.len().saturating_sub(1)));
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::{base64, parse};
    use crate::packages::{Algorithm, Detail, FileKind, Location, Owner};
    use proptest::prelude::*;

    const BUSYBOX: &str = "C:Q1yhJHGSZ80L7cL0y4UKKGrBPwrUQ=\nP:busybox\nV:1.24.2-r9\nA:x86_64\n\
        S:642121\nI:909312\nT:Size optimized: toolbox\nU:http://busybox.net\nL:GPL2\no:bb\n\
        m:Zoë <z@example.org>\nt:1466671780\nc:386b639b\nD:so:libc.musl-x86_64.so.1\nF:bin\n\
        R:busybox\na:0:0:755\nZ:Q1xOlCsdvx4O0gnKWoFCNKjz2quRE=\nR:sh\na:0:0:777\n\
        Z:Q1pcfTfDNEbNKQc2s1tia7da05M8Q=\nF:etc\nR:securetty\n\
        Z:Q14VDshgWFleuDbp4jqXk+UNES65Q=\nF:tmp\nM:0:42:1777\nF:\nR:top\n";

    #[test]
    fn a_stanza_becomes_a_package_with_its_files() {
        let (records, problems) = parse(BUSYBOX.as_bytes(), Detail::Files);
        assert_eq!(problems, []);
        let record = &records[0];
        assert_eq!(record.package.name, "busybox");
        assert_eq!(record.package.version, "1.24.2-r9");
        assert_eq!(record.package.source_name, "bb");
        assert_eq!(record.package.source_version, "1.24.2-r9");
        assert_eq!(record.package.license.as_deref(), Some("GPL2"));
        let rows: Vec<_> = record
            .files
            .iter()
            .map(|file| {
                let path = std::str::from_utf8(&file.path).unwrap();
                (path, file.kind, file.mode.unwrap(), file.digest.is_some())
            })
            .collect();
        use FileKind::{Directory, NotDirectory};
        assert_eq!(
            rows,
            [
                ("/bin", Directory, 0o755, false),
                ("/bin/busybox", NotDirectory, 0o755, true),
                ("/bin/sh", NotDirectory, 0o777, true),
                ("/etc", Directory, 0o755, false),
                ("/etc/securetty", NotDirectory, 0o644, true),
                ("/tmp", Directory, 0o1777, false),
                ("/", Directory, 0o755, false),
                ("/top", NotDirectory, 0o644, false),
            ]
        );
        assert_eq!(record.files[5].group, Some(Owner::Id(42)));
        // SHA-1 of the text `/bin/busybox`, the target of the link.
        let digest = record.files[2].digest.as_ref().unwrap();
        assert_eq!(digest.algorithm, Algorithm::Sha1);
        assert_eq!(digest.hex, "a5c7d37c33446cd290736b35b626bb75ad3933c4");
    }

    #[test]
    fn without_files_the_packages_are_the_same() {
        let with = parse(BUSYBOX.as_bytes(), Detail::Files).0;
        let without = parse(BUSYBOX.as_bytes(), Detail::Packages).0;
        assert_eq!(with[0].package, without[0].package);
        assert!(without[0].files.is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_named_and_the_rest_is_kept() {
        let text = "P:a\nV:1\nR:early\nX:new\nF:etc\nR:x\na:0:0:99\nZ:Q1abc\nF:d\nZ:Q1abc\n\n\
                    P:noversion\n\nnonsense\nP:b\nV:2\n";
        let (records, problems) = parse(text.as_bytes(), Detail::Files);
        let names: Vec<_> = records
            .iter()
            .map(|record| record.package.name.as_str())
            .collect();
        assert_eq!(names, ["a", "b"]);
        let lines: Vec<_> = problems.iter().map(|problem| problem.location).collect();
        assert_eq!(lines, [3, 4, 7, 8, 10, 12, 14].map(Location::Line));
        assert_eq!(records[1].package.source_name, "b");
    }

    #[test]
    fn base64_is_strict() {
        assert_eq!(base64(b"Zm9vYmFy"), Some(b"foobar".to_vec()));
        assert_eq!(base64(b"Zm9vYmE="), Some(b"fooba".to_vec()));
        assert_eq!(base64(b"Zm9vYg=="), Some(b"foob".to_vec()));
        assert_eq!(base64(b""), Some(vec![]));
        for refused in ["Zm9", "====", "Zg=a", "Z===", "Zm9v Zm9"] {
            assert_eq!(base64(refused.as_bytes()), None, "{refused}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_as_records_or_problems(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let (records, _) = parse(&bytes, Detail::Files);
            prop_assert!(records.len() <= bytes.len());
        }

        #[test]
        fn near_misses_end_as_records_or_problems(
            lines in prop::collection::vec(
                prop::sample::select(vec![
                    "P:a", "V:1", "F:", "F:etc", "R:x", "Z:Q1", "Z:Q1pcfTfDNEbNKQc2s1tia7da05M8Q=",
                    "a:0:0:755", "M:0:0:1777", "M::", "", "Z:", "a:1", "R:",
                ]),
                0..60,
            )
        ) {
            let (records, _) = parse(lines.join("\n").as_bytes(), Detail::Files);
            let n_named = lines.iter().filter(|line| **line == "P:a").count();
            prop_assert!(records.len() <= n_named);
        }
    }
}
