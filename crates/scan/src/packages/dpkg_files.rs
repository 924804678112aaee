//! Which files belong to a dpkg package, with which digest, and where do they really lie?
//!
//! Reads the files beside the status file: `info/*.md5sums`, `info/*.list`, `info/*.conffiles`,
//! `diversions` and `statoverride`, and joins them the way `dpkg --verify` does.
//! Source: deb-md5sums(5), dpkg-divert(1), dpkg-statoverride(1), dpkg's `src/main/verify.c`.
//!
//! Invariants: paths are absolute bytes; a line becomes one entry or one problem.

use super::model::{
    Algorithm, Digest, FileFlags, FileKind, Location, Owner, PackageFile, Problem, Problems,
    absolute,
};
use std::collections::{BTreeMap, BTreeSet};

/// More files than any package has.
const FILES_MAX: usize = 2_000_000;

/// Digits of an MD5 digest.
const MD5_DIGITS: usize = 32;

/// Reads an `info/*.md5sums` file, or the one beside a `status.d` fragment.
#[must_use]
pub fn parse_md5sums(bytes: &[u8]) -> (Vec<PackageFile>, Vec<Problem>) {
    let parse = |line: &[u8]| {
        // md5sum(1) marks a line whose name holds a newline or backslash with one in front.
        let (line, escaped) = match line.strip_prefix(b"\\") {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        let (digest, rest) = line.split_at_checked(MD5_DIGITS)?;
        let digest = Digest::parse(Algorithm::Md5, digest)?;
        let name = rest
            .strip_prefix(b"  ")
            .or_else(|| rest.strip_prefix(b" *"))?;
        let name = if escaped {
            unescape(name)?
        } else {
            name.to_vec()
        };
        (!name.is_empty()).then(|| PackageFile {
            kind: FileKind::Regular,
            digest: Some(digest),
            ..PackageFile::at(&name)
        })
    };
    entries(bytes, "a line that is not a digest and a path", parse)
}

/// Reads an `info/*.list` file: every path of a package, directories included.
#[must_use]
pub fn parse_list(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<Problem>) {
    let parse = |line: &[u8]| line.starts_with(b"/").then(|| absolute(line));
    entries(bytes, "a path that is not absolute", parse)
}

/// Reads an `info/*.conffiles` file: `[remove-on-upgrade ]/path` a line.
#[must_use]
pub fn parse_conffiles(bytes: &[u8]) -> (Vec<PackageFile>, Vec<Problem>) {
    let parse = |line: &[u8]| {
        let line = line.trim_ascii_end();
        let (flags, path) = match line.strip_prefix(b"remove-on-upgrade ") {
            Some(path) => (
                FileFlags::CONFIG.with(FileFlags::REMOVE_ON_UPGRADE),
                path.trim_ascii_start(),
            ),
            None => (FileFlags::CONFIG, line),
        };
        path.starts_with(b"/").then(|| PackageFile {
            kind: FileKind::Regular,
            flags,
            ..PackageFile::at(path)
        })
    };
    entries(bytes, "a configuration file that is not absolute", parse)
}

/// One entry of `diversions`: other packages' file `from` is kept at `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diversion {
    /// The path that packages ship.
    pub from: Vec<u8>,
    /// Where it is put instead.
    pub to: Vec<u8>,
    /// The package that asked for it and whose own file stays at `from`; `None` is the administrator.
    pub package: Option<String>,
}

/// Reads `diversions`: three lines an entry.
#[must_use]
pub fn parse_diversions(bytes: &[u8]) -> (Vec<Diversion>, Vec<Problem>) {
    let mut problems = Problems::default();
    let mut diversions = Vec::new();
    let lines: Vec<&[u8]> = bytes
        .strip_suffix(b"\n")
        .unwrap_or(bytes)
        .split(|&byte| byte == b'\n')
        .take(FILES_MAX)
        .collect();
    if bytes.is_empty() {
        return (diversions, problems.finish());
    }
    for (entry_idx, entry) in lines.chunks(3).enumerate() {
        let at = Location::Line(entry_idx * 3 + 1);
        match entry {
            [from, to, package] if from.starts_with(b"/") && to.starts_with(b"/") => {
                diversions.push(Diversion {
                    from: absolute(from),
                    to: absolute(to),
                    package: (*package != b":")
                        .then(|| String::from_utf8_lossy(package).into_owned()),
                });
            }
            [_, _, _] => problems.push(at, "a diversion whose paths are not absolute"),
            _ => problems.push(at, "a diversion of fewer than three lines"),
        }
    }
    (diversions, problems.finish())
}

/// Reads `statoverride`: `user group mode path` a line, `#` before a number.
///
/// The entries say what `dpkg` set, instead of what the package shipped.
#[must_use]
pub fn parse_statoverride(bytes: &[u8]) -> (Vec<PackageFile>, Vec<Problem>) {
    let parse = |line: &[u8]| {
        let mut words = line.splitn(4, |&byte| byte == b' ');
        let user = owner(words.next()?)?;
        let group = owner(words.next()?)?;
        let mode = std::str::from_utf8(words.next()?).ok()?;
        let mode = u32::from_str_radix(mode, 8)
            .ok()
            .filter(|mode| *mode <= 0o7777)?;
        let path = words.next()?;
        path.starts_with(b"/").then(|| PackageFile {
            mode: Some(mode),
            user: Some(user),
            group: Some(group),
            ..PackageFile::at(path)
        })
    };
    entries(
        bytes,
        "an override that is not user, group, mode and path",
        parse,
    )
}

/// A path to verify and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Where the file lies: the diverted path where another package diverted it.
    pub place: Vec<u8>,
    /// The file as the package knows it: with a digest it must be a regular file of that content,
    /// without one (folders, links) it must exist.
    pub file: PackageFile,
}

/// The paths of one package as `dpkg --verify` looks at them: all of its list, with the digest of
/// `md5sums`, or else that of the status file's conffiles.
///
/// dpkg looks up the digest of a diverted file under its new name and so compares none; here it is
/// compared. Without a list (images that carry `status.d` alone) the paths with a digest are taken.
/// The result is sorted by path.
#[must_use]
pub fn verified_files(
    package: &str,
    list: Option<&[Vec<u8>]>,
    md5sums: &[PackageFile],
    conffiles: &[PackageFile],
    diversions: &[Diversion],
) -> Vec<Verified> {
    let mut known: BTreeMap<&[u8], PackageFile> = BTreeMap::new();
    for file in md5sums {
        known.insert(&file.path, file.clone());
    }
    for conffile in conffiles {
        match known.get_mut(conffile.path.as_slice()) {
            // The digest of the package's own version stays: dpkg prefers it, too.
            Some(file) => file.flags = file.flags.with(conffile.flags),
            None => {
                known.insert(&conffile.path, conffile.clone());
            }
        }
    }
    let paths: BTreeSet<&[u8]> = match list {
        Some(list) => list.iter().map(Vec::as_slice).collect(),
        None => known
            .iter()
            .filter(|(_, file)| file.digest.is_some())
            .map(|(path, _)| *path)
            .collect(),
    };
    let diverted: BTreeMap<&[u8], &Diversion> = diversions
        .iter()
        .filter(|diversion| diversion.package.as_deref() != Some(package))
        .map(|diversion| (diversion.from.as_slice(), diversion))
        .collect();
    paths
        .into_iter()
        .map(|path| Verified {
            place: diverted
                .get(path)
                .map_or_else(|| path.to_vec(), |diversion| diversion.to.clone()),
            file: known.remove(path).unwrap_or_else(|| PackageFile::at(path)),
        })
        .collect()
}

/// Applies `parse` to every line that is not empty.
fn entries<T>(
    bytes: &[u8],
    refused: &str,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> (Vec<T>, Vec<Problem>) {
    let mut problems = Problems::default();
    let mut found = Vec::new();
    for (line_idx, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let at = Location::Line(line_idx + 1);
        if line.is_empty() {
            continue;
        }
        if found.len() == FILES_MAX {
            problems.push(at, format!("more than {FILES_MAX} entries"));
            break;
        }
        match parse(line) {
            Some(entry) => found.push(entry),
            None => problems.push(at, refused),
        }
    }
    (found, problems.finish())
}

fn owner(word: &[u8]) -> Option<Owner> {
    let word = std::str::from_utf8(word)
        .ok()
        .filter(|word| !word.is_empty())?;
    match word.strip_prefix('#') {
        Some(number) => number.parse().ok().map(Owner::Id),
        None => Some(Owner::Name(word.to_owned())),
    }
}

/// Undoes md5sum's escapes; `None` for an escape it never writes.
fn unescape(name: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(&byte) = bytes.next() {
        plain.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::{
        Diversion, parse_conffiles, parse_diversions, parse_list, parse_md5sums,
        parse_statoverride, unescape, verified_files,
    };
    use crate::packages::{FileFlags, Location, Owner, PackageFile};
    use proptest::prelude::*;

    const EMPTY: &str = "d41d8cd98f00b204e9800998ecf8427e";
    const OTHER: &str = "9e93d0a43d3a60272034c15900e9df6f";

    fn digest(file: &PackageFile) -> &str {
        file.digest.as_ref().map_or("", |digest| &digest.hex)
    }

    #[test]
    fn md5sums_have_two_spaces_and_escapes() {
        let text = format!(
            "{EMPTY}  usr/bin/a b\n{OTHER} */usr/bin/binary\n\\{EMPTY}  usr/new\\nline\\\\x\n\
             {EMPTY}  ./usr/dot\n"
        );
        let (files, problems) = parse_md5sums(text.as_bytes());
        assert_eq!(problems, []);
        let paths: Vec<_> = files.iter().map(|file| file.path.as_slice()).collect();
        assert_eq!(
            paths,
            [
                b"/usr/bin/a b".as_slice(),
                b"/usr/bin/binary",
                b"/usr/new\nline\\x",
                b"/usr/dot"
            ]
        );
        assert_eq!(digest(&files[1]), OTHER);
    }

    #[test]
    fn md5sums_lines_that_are_none_are_named() {
        let text = format!("{EMPTY} one\n{EMPTY}\nhello\n{EMPTY}  \n\\{EMPTY}  a\\tb\n{OTHER}  ok");
        let (files, problems) = parse_md5sums(text.as_bytes());
        assert_eq!(files.len(), 1);
        let lines: Vec<_> = problems.iter().map(|problem| problem.location).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5].map(Location::Line));
    }

    #[test]
    fn lists_and_conffiles_are_paths() {
        let (paths, problems) = parse_list(b"/.\n/etc\n/etc/a b\nrelative\n");
        assert_eq!(
            paths,
            [b"/".to_vec(), b"/etc".to_vec(), b"/etc/a b".to_vec()]
        );
        assert_eq!(problems.len(), 1);
        let (files, problems) = parse_conffiles(b"/etc/a\nremove-on-upgrade /etc/b\n\nnope\n");
        assert_eq!(problems.len(), 1);
        assert!(!files[0].flags.contains(FileFlags::REMOVE_ON_UPGRADE));
        assert!(files[1].flags.contains(FileFlags::REMOVE_ON_UPGRADE));
        assert_eq!(files[1].path, b"/etc/b");
    }

    #[test]
    fn diversions_are_three_lines() {
        let text = b"/bin/sh\n/bin/sh.distrib\ndash\n/usr/x\n/usr/x.local\n:\n/a\n/b\n";
        let (diversions, problems) = parse_diversions(text);
        assert_eq!(diversions.len(), 2);
        assert_eq!(diversions[0].package.as_deref(), Some("dash"));
        assert_eq!(diversions[1].package, None);
        assert_eq!(problems[0].location, Location::Line(7));
        assert_eq!(parse_diversions(b""), (vec![], vec![]));
    }

    #[test]
    fn statoverrides_name_owner_and_mode() {
        let text = b"root crontab 2755 /usr/bin/crontab\n#0 #42 600 /etc/a b\nroot root 9 /x\n";
        let (files, problems) = parse_statoverride(text);
        assert_eq!(files.len(), 2);
        assert_eq!(files[0].mode, Some(0o2755));
        assert_eq!(files[0].group, Some(Owner::Name("crontab".to_owned())));
        assert_eq!(files[1].user, Some(Owner::Id(0)));
        assert_eq!(files[1].path, b"/etc/a b");
        assert_eq!(problems[0].location, Location::Line(3));
    }

    #[test]
    fn verification_takes_listed_paths_with_digests_from_both_places() {
        let (md5sums, _) = parse_md5sums(
            format!("{EMPTY}  usr/bin/a\n{EMPTY}  etc/both\n{EMPTY}  usr/unlisted\n").as_bytes(),
        );
        let (mut conffiles, _) = parse_conffiles(b"/etc/conf\n/etc/both\n/etc/new\n");
        for file in &mut conffiles[..2] {
            file.digest = parse_md5sums(format!("{OTHER}  x").as_bytes()).0[0]
                .digest
                .clone();
        }
        let (list, _) = parse_list(b"/.\n/usr/bin/a\n/etc/both\n/etc/conf\n/etc/new\n");
        let diversions = [
            Diversion {
                from: b"/usr/bin/a".to_vec(),
                to: b"/usr/bin/a.distrib".to_vec(),
                package: Some("other".to_owned()),
            },
            Diversion {
                from: b"/etc/conf".to_vec(),
                to: b"/etc/conf.distrib".to_vec(),
                package: Some("mine".to_owned()),
            },
        ];
        let verified = verified_files("mine", Some(&list), &md5sums, &conffiles, &diversions);
        let rows: Vec<_> = verified
            .iter()
            .map(|entry| {
                let place = std::str::from_utf8(&entry.place).unwrap();
                let is_config = entry.file.flags.contains(FileFlags::CONFIG);
                (place, digest(&entry.file), is_config)
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("/", "", false),
                ("/etc/both", EMPTY, true),
                ("/etc/conf", OTHER, true),
                ("/etc/new", "", true),
                ("/usr/bin/a.distrib", EMPTY, false),
            ]
        );
        let unlisted = verified_files("mine", None, &md5sums, &conffiles, &[]);
        assert_eq!(unlisted.len(), 4);
    }

    proptest! {
        #[test]
        fn any_bytes_end_as_entries_or_problems(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let n_lines = bytes.split(|&byte| byte == b'\n').count();
            prop_assert!(parse_md5sums(&bytes).0.len() <= n_lines);
            prop_assert!(parse_list(&bytes).0.len() <= n_lines);
            prop_assert!(parse_conffiles(&bytes).0.len() <= n_lines);
            prop_assert!(parse_statoverride(&bytes).0.len() <= n_lines);
            prop_assert!(parse_diversions(&bytes).0.len() <= n_lines);
        }

        #[test]
        fn escapes_of_md5sum_are_undone(name in prop::collection::vec(any::<u8>(), 1..40)) {
            let mut escaped = Vec::new();
            for &byte in &name {
                match byte {
                    b'\\' => escaped.extend(b"\\\\"),
                    b'\n' => escaped.extend(b"\\n"),
                    b'\r' => escaped.extend(b"\\r"),
                    byte => escaped.push(byte),
                }
            }
            prop_assert_eq!(unescape(&escaped), Some(name));
        }
    }
}
