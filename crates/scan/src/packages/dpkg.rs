//! Which packages does dpkg hold installed?
//!
//! Reads `/var/lib/dpkg/status` and the fragments of `/var/lib/dpkg/status.d` that images without a
//! package manager carry.
//! Source: deb-control(5), dpkg-query(1), dpkg's `lib/dpkg/{parse,fields}.c` for what dpkg accepts.
//!
//! Invariants: a stanza becomes one record or one problem; a field that dpkg would refuse never
//! changes another one; lines are numbered from 1 over the whole input.

use super::model::{
    Algorithm, Digest, FileFlags, FileKind, Location, Manager, Package, PackageFile, Problem,
    Problems, Record, State, Status, Want,
};
use std::iter::Enumerate;

/// More packages than any distribution has.
const PACKAGES_MAX: usize = 400_000;
/// More configuration files than any package has.
const CONFFILES_MAX: usize = 100_000;
/// A single-line field longer than this is not one.
const FIELD_BYTES_MAX: usize = 16 * 1024;

/// Reads a `status` file: a stanza without `Status` field is not installed.
///
/// Records of every state are returned, in the order of the file; ask [`Status::is_installed`].
#[must_use]
pub fn parse_status(bytes: &[u8]) -> (Vec<Record>, Vec<Problem>) {
    let absent = Status {
        want: Want::Unknown,
        needs_reinstall: false,
        state: State::NotInstalled,
    };
    parse(bytes, absent)
}

/// Reads a fragment of `status.d`: what has no `Status` field is installed, for nothing else is
/// written there.
#[must_use]
pub fn parse_fragment(bytes: &[u8]) -> (Vec<Record>, Vec<Problem>) {
    parse(bytes, Status::INSTALLED)
}

fn parse(bytes: &[u8], without_status: Status) -> (Vec<Record>, Vec<Problem>) {
    let mut records = Vec::new();
    let mut problems = Problems::default();
    for stanza in Stanzas::new(bytes) {
        if records.len() == PACKAGES_MAX {
            problems.push(
                Location::Line(stanza.line),
                format!("more than {PACKAGES_MAX} packages"),
            );
            break;
        }
        records.extend(record(&stanza, without_status, &mut problems));
    }
    (records, problems.finish())
}

/// One field: the rest of its first line, and the lines that continue it.
struct Field<'a> {
    name: &'a [u8],
    line: usize,
    first: &'a [u8],
    more: Vec<&'a [u8]>,
}

/// The lines between two empty ones.
struct Stanza<'a> {
    line: usize,
    fields: Vec<Field<'a>>,
    /// Lines that are neither a field nor continue one.
    strays: Vec<usize>,
}

impl<'a> Stanza<'a> {
    fn field(&self, name: &str) -> Option<&Field<'a>> {
        self.fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// The lines of a file.
type Lines<'a> = std::slice::Split<'a, u8, fn(&u8) -> bool>;

/// Walks the stanzas of a file.
struct Stanzas<'a> {
    lines: Enumerate<Lines<'a>>,
}

impl<'a> Stanzas<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let is_end: fn(&u8) -> bool = |&byte| byte == b'\n';
        Self {
            lines: bytes.split(is_end).enumerate(),
        }
    }
}

impl<'a> Iterator for Stanzas<'a> {
    type Item = Stanza<'a>;

    fn next(&mut self) -> Option<Stanza<'a>> {
        let mut stanza: Option<Stanza<'a>> = None;
        for (line_idx, line) in self.lines.by_ref() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.trim_ascii().is_empty() {
                if stanza.is_some() {
                    break;
                }
                continue;
            }
            let stanza = stanza.get_or_insert_with(|| Stanza {
                line: line_idx + 1,
                fields: Vec::new(),
                strays: Vec::new(),
            });
            add_line(stanza, line_idx + 1, line);
        }
        stanza
    }
}

fn add_line<'a>(stanza: &mut Stanza<'a>, number: usize, line: &'a [u8]) {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        match stanza.fields.last_mut() {
            Some(field) => field.more.push(line),
            None => stanza.strays.push(number),
        }
        return;
    }
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        stanza.strays.push(number);
        return;
    };
    let (name, rest) = line.split_at(colon);
    stanza.fields.push(Field {
        name: name.trim_ascii(),
        line: number,
        first: rest.strip_prefix(b":").unwrap_or(rest).trim_ascii(),
        more: Vec::new(),
    });
}

/// One stanza's record; `None` when it names no package, or one that counts but has no version.
fn record(stanza: &Stanza<'_>, without_status: Status, problems: &mut Problems) -> Option<Record> {
    report_shape(stanza, problems);
    let at = Location::Line(stanza.line);
    let Some(name) = text(stanza, "Package", problems).filter(|name| !name.is_empty()) else {
        problems.push(at, "a stanza without a `Package` field");
        return None;
    };
    let status = match stanza.field("Status") {
        None => without_status,
        Some(field) => match parse_status_words(field.first) {
            Some(status) => status,
            None => {
                let words = String::from_utf8_lossy(field.first);
                problems.push(
                    Location::Line(field.line),
                    format!("status `{words}` of package `{name}` is not one of dpkg's"),
                );
                return None;
            }
        },
    };
    let written = text(stanza, "Version", problems).unwrap_or_default();
    if written.is_empty() && status.is_installed() {
        problems.push(at, format!("package `{name}` has no version"));
        return None;
    }
    let (version, epoch) = version(&written);
    let (source_name, source_version) = source(stanza, &name, &version, problems);
    let files = stanza
        .field("Conffiles")
        .map(|field| conffiles(field, problems))
        .unwrap_or_default();
    let essential = text(stanza, "Essential", problems);
    let package = Package {
        version,
        epoch,
        arch: text(stanza, "Architecture", problems).unwrap_or_default(),
        source_name,
        source_version,
        manager: Manager::Dpkg,
        status,
        essential: essential.is_some_and(|value| value.eq_ignore_ascii_case("yes")),
        priority: text(stanza, "Priority", problems),
        maintainer: text(stanza, "Maintainer", problems),
        license: None,
        vendor: None,
        modularity_label: None,
        installed_at_s: None,
        name,
    };
    Some(Record { package, files })
}

fn report_shape(stanza: &Stanza<'_>, problems: &mut Problems) {
    for &line in &stanza.strays {
        problems.push(
            Location::Line(line),
            "a line that is neither a field nor continues one",
        );
    }
    for name in [
        "Package",
        "Status",
        "Version",
        "Source",
        "Architecture",
        "Conffiles",
    ] {
        let mut same = stanza
            .fields
            .iter()
            .filter(|field| field.name.eq_ignore_ascii_case(name.as_bytes()));
        if let Some(second) = same.nth(1) {
            problems.push(
                Location::Line(second.line),
                format!("a second `{name}` field, not used"),
            );
        }
    }
}

/// A single-line field as text.
fn text(stanza: &Stanza<'_>, name: &str, problems: &mut Problems) -> Option<String> {
    let field = stanza.field(name)?;
    let at = Location::Line(field.line);
    if field.first.len() > FIELD_BYTES_MAX {
        problems.push(
            at,
            format!("field `{name}` is longer than {FIELD_BYTES_MAX} bytes"),
        );
        return None;
    }
    match std::str::from_utf8(field.first) {
        Ok(value) => Some(value.to_owned()),
        Err(_) => {
            problems.push(at, format!("field `{name}` is not UTF-8"));
            Some(String::from_utf8_lossy(field.first).into_owned())
        }
    }
}

/// The three words of a `Status` field: want, flag, state.
fn parse_status_words(value: &[u8]) -> Option<Status> {
    let value = std::str::from_utf8(value).ok()?.to_ascii_lowercase();
    let mut words = value.split_ascii_whitespace();
    let want = match words.next()? {
        "unknown" => Want::Unknown,
        "install" => Want::Install,
        "hold" => Want::Hold,
        "deinstall" => Want::Deinstall,
        "purge" => Want::Purge,
        _ => return None,
    };
    let needs_reinstall = match words.next()? {
        "ok" => false,
        "reinstreq" => true,
        _ => return None,
    };
    let state = match words.next()? {
        "not-installed" => State::NotInstalled,
        "config-files" => State::ConfigFiles,
        "half-installed" => State::HalfInstalled,
        "unpacked" => State::Unpacked,
        "half-configured" => State::HalfConfigured,
        "triggers-awaited" => State::TriggersAwaited,
        "triggers-pending" => State::TriggersPending,
        "installed" => State::Installed,
        _ => return None,
    };
    words.next().is_none().then_some(Status {
        want,
        needs_reinstall,
        state,
    })
}

/// The version as dpkg prints it: an epoch of zero is dropped unless the rest holds a colon.
fn version(written: &str) -> (String, Option<u32>) {
    let Some((head, rest)) = written.split_once(':') else {
        return (written.to_owned(), None);
    };
    match head.parse::<u32>() {
        Ok(0) if !rest.contains(':') => (rest.to_owned(), None),
        Ok(epoch) => (written.to_owned(), Some(epoch)),
        Err(_) => (written.to_owned(), None),
    }
}

/// `Source: name` or `Source: name (version)`; the package itself where the field is absent.
fn source(
    stanza: &Stanza<'_>,
    name: &str,
    own_version: &str,
    problems: &mut Problems,
) -> (String, String) {
    let Some(written) = text(stanza, "Source", problems).filter(|value| !value.is_empty()) else {
        return (name.to_owned(), own_version.to_owned());
    };
    let Some((source_name, rest)) = written.split_once('(') else {
        return (written, own_version.to_owned());
    };
    let inside = rest.split(')').next().unwrap_or(rest).trim();
    (source_name.trim().to_owned(), version(inside).0)
}

/// The lines of a `Conffiles` field: ` /path digest [obsolete] [remove-on-upgrade]`.
///
/// The path may hold spaces, so that lines are read from their end.
fn conffiles(field: &Field<'_>, problems: &mut Problems) -> Vec<PackageFile> {
    let mut files = Vec::new();
    for (line_idx, line) in field.more.iter().enumerate() {
        let at = Location::Line(field.line + 1 + line_idx);
        if files.len() == CONFFILES_MAX {
            problems.push(at, format!("more than {CONFFILES_MAX} configuration files"));
            break;
        }
        match conffile(line.trim_ascii()) {
            Some(file) => files.push(file),
            None => problems.push(at, "a configuration file without a path or digest"),
        }
    }
    files
}

fn conffile(line: &[u8]) -> Option<PackageFile> {
    let mut flags = FileFlags::CONFIG;
    let mut rest = line;
    let (path, word) = loop {
        let space = rest.iter().rposition(|&byte| byte == b' ')?;
        let (head, word) = rest.split_at(space);
        rest = head.trim_ascii_end();
        match word.trim_ascii() {
            b"obsolete" => flags = flags.with(FileFlags::OBSOLETE),
            b"remove-on-upgrade" => flags = flags.with(FileFlags::REMOVE_ON_UPGRADE),
            word => break (rest, word),
        }
    };
    // `newconffile` stands where a file has been unpacked and not yet configured.
    let digest = Digest::parse(Algorithm::Md5, word);
    if path.is_empty() || (digest.is_none() && word != b"newconffile") {
        return None;
    }
    Some(PackageFile {
        kind: FileKind::Regular,
        digest,
        flags,
        ..PackageFile::at(path)
    })
}

#[cfg(test)]
mod tests {
    use super::{parse_fragment, parse_status};
    use crate::packages::{FileFlags, Location, Manager, Record, State, Want};
    use proptest::prelude::*;

    fn one(text: &str) -> Record {
        let (mut records, problems) = parse_status(text.as_bytes());
        assert_eq!(problems, [], "{text}");
        assert_eq!(records.len(), 1, "{text}");
        records.remove(0)
    }

    #[test]
    fn a_stanza_becomes_a_package() {
        let record = one(
            "Package: libfoo1\nEssential: yes\nStatus: hold ok installed\nPriority: required\n\
             Section: libs\nMaintainer: Zoë <z@example.org>\nArchitecture: amd64\n\
             Multi-Arch: same\nSource: foo (1:2.3-4)\nVersion: 1:2.3-4+b1\n\
             Description: a library\n first: line\n .\n last line\n",
        );
        let package = record.package;
        assert_eq!(package.name, "libfoo1");
        assert_eq!(package.version, "1:2.3-4+b1");
        assert_eq!(package.epoch, Some(1));
        assert_eq!(package.arch, "amd64");
        assert_eq!(package.source_name, "foo");
        assert_eq!(package.source_version, "1:2.3-4");
        assert_eq!(package.manager, Manager::Dpkg);
        assert_eq!(package.status.want, Want::Hold);
        assert_eq!(package.status.state, State::Installed);
        assert!(package.essential);
        assert_eq!(package.priority.as_deref(), Some("required"));
        assert_eq!(package.maintainer.as_deref(), Some("Zoë <z@example.org>"));
    }

    #[test]
    fn source_defaults_to_the_package_itself() {
        let stanza = |source: &str| {
            let text =
                format!("Package: a\nStatus: install ok installed\nVersion: 0:2-1\n{source}");
            let package = one(&text).package;
            (package.source_name, package.source_version)
        };
        let expected = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(stanza(""), expected("a", "2-1"));
        assert_eq!(stanza("Source: b\n"), expected("b", "2-1"));
        assert_eq!(stanza("Source: b (0:3)\n"), expected("b", "3"));
        assert_eq!(stanza("source:b(4-1)\n"), expected("b", "4-1"));
    }

    #[test]
    fn an_epoch_of_zero_stays_only_where_it_is_needed() {
        let version = |text: &str| {
            let text = format!("Package: a\nStatus: install ok installed\nVersion: {text}\n");
            let package = one(&text).package;
            (package.version, package.epoch)
        };
        assert_eq!(version("0:1.0"), ("1.0".to_owned(), None));
        assert_eq!(version("0:1:0"), ("0:1:0".to_owned(), Some(0)));
        assert_eq!(version("2:1.0"), ("2:1.0".to_owned(), Some(2)));
    }

    #[test]
    fn every_state_is_told_apart() {
        let state = |words: &str| {
            let text = format!("Package: a\nVersion: 1\nStatus: {words}\n");
            one(&text).package.status
        };
        for (words, installed, incomplete) in [
            ("install ok installed", true, false),
            ("install reinstreq installed", true, true),
            ("hold ok unpacked", true, true),
            ("install ok half-configured", true, true),
            ("install ok triggers-awaited", true, true),
            ("install ok triggers-pending", true, true),
            ("install ok half-installed", false, false),
            ("deinstall ok config-files", false, false),
            ("purge ok not-installed", false, false),
        ] {
            let status = state(words);
            assert_eq!(status.is_installed(), installed, "{words}");
            assert_eq!(status.is_incomplete(), incomplete, "{words}");
        }
    }

    #[test]
    fn without_status_a_fragment_is_installed_and_a_status_stanza_is_not() {
        let text = b"Package: base-files\nVersion: 11\n";
        assert!(!parse_status(text).0[0].package.status.is_installed());
        assert!(parse_fragment(text).0[0].package.status.is_installed());
    }

    #[test]
    fn conffiles_are_read_from_the_end_of_the_line() {
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        let record = one(&format!(
            "Package: a\nStatus: install ok installed\nVersion: 1\nConffiles:\n /etc/a {md5}\n \
             /etc/with space/b {md5} obsolete\n /etc/c {md5} obsolete remove-on-upgrade\n \
             /etc/d newconffile\n /etc/obsolete {md5}\nArchitecture: all\n"
        ));
        let files: Vec<_> = record
            .files
            .iter()
            .map(|file| {
                let names: Vec<_> = file.flags.names().skip(1).collect();
                let path = String::from_utf8(file.path.clone()).unwrap();
                (path, file.digest.is_some(), names.join(","))
            })
            .collect();
        let row = |path: &str, digest, names: &str| (path.to_owned(), digest, names.to_owned());
        assert_eq!(
            files,
            [
                row("/etc/a", true, ""),
                row("/etc/with space/b", true, "obsolete"),
                row("/etc/c", true, "obsolete,remove_on_upgrade"),
                row("/etc/d", false, ""),
                row("/etc/obsolete", true, ""),
            ]
        );
        assert!(record.files[0].flags.contains(FileFlags::CONFIG));
        assert_eq!(record.package.arch, "all");
    }

    #[test]
    fn what_cannot_be_used_is_named_and_the_rest_is_kept() {
        let text = "Version: 1\n\n\n  \nPackage: noversion\nStatus: install ok installed\n\n\
                    Package: odd\nStatus: install ok melted\nVersion: 1\n\n\
                    Package: good\nstray\nStatus: install ok installed\nVersion: 1\n\
                    Version: 2\nConffiles:\n /etc/x\n";
        let (records, problems) = parse_status(text.as_bytes());
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].package.version, "1");
        let lines: Vec<_> = problems.iter().map(|problem| problem.location).collect();
        let expected: Vec<_> = [1, 5, 9, 13, 16, 18].map(Location::Line).to_vec();
        assert_eq!(lines, expected, "{problems:?}");
    }

    proptest! {
        #[test]
        fn any_bytes_end_as_records_or_problems(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let (records, _) = parse_status(&bytes);
            prop_assert!(records.len() <= bytes.len());
        }

        #[test]
        fn near_misses_end_as_records_or_problems(
            lines in prop::collection::vec(
                prop::sample::select(vec![
                    "Package: a", "Package:", "Status: install ok installed", "Status: x", "",
                    "Version: 1:2", "Conffiles:", " /etc/x d41d8cd98f00b204e9800998ecf8427e",
                    " obsolete", "  ", ":", " ", "Source: (", "Source: )(",
                ]),
                0..40,
            )
        ) {
            let text = lines.join("\n");
            let n_named = lines.iter().filter(|line| line.starts_with("Package: ")).count();
            let (records, _) = parse_status(text.as_bytes());
            prop_assert!(records.len() <= n_named);
        }
    }
}
