//! Counting, names and damage of zip archives.

use super::tests::{archive, noise};
use super::*;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;

#[test]
fn archives_in_archives_are_bounded_by_the_caller_s_depth() {
    fn deepest(bytes: &[u8], limits: &Limits) -> Result<u32, DecompressError> {
        let mut found = Ok(0);
        let within = limits.nested()?;
        zip_entries(Cursor::new(bytes), limits, |entry| {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            if Format::detect(&content) == Some(Format::Zip) {
                found = deepest(&content, &within).map(|depth| depth + 1);
            }
            Ok(())
        })?;
        found
    }
    let mut bytes = archive(&[("core", b"core")]);
    for _ in 0..3 {
        bytes = archive(&[("inner.zip", &bytes)]);
    }
    assert_eq!(deepest(&bytes, &Limits::default()).unwrap(), 3);
    let error = deepest(&archive(&[("inner.zip", &bytes)]), &Limits::default()).unwrap_err();
    assert!(matches!(error, DecompressError::Depth), "{error:?}");
}

#[test]
fn zip_counts_all_entries_together() {
    let half = noise(600_000);
    let bytes = archive(&[("a", &half), ("b", &half)]);
    let limits = Limits {
        bytes_max: 1_000_000,
        ..Limits::default()
    };
    let mut visited = Vec::new();
    let error = zip_entries(Cursor::new(&bytes), &limits, |entry| {
        visited.push(entry.name().to_owned());
        // Swallowed on purpose: the limit must hold all the same.
        entry.read_to_end(&mut Vec::new()).ok();
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, DecompressError::Bytes { .. }), "{error:?}");
    assert_eq!(visited, ["a", "b"]);
    let mut sizes = Vec::new();
    let unread = zip_entries(Cursor::new(&bytes), &limits, |entry| {
        sizes.push(entry.size_declared());
        Ok(())
    });
    assert_eq!((unread.unwrap(), sizes), (vec![], vec![600_000, 600_000]));
}

#[test]
fn zip_entries_that_share_bytes_gain_nothing() {
    // Two thousand directory records that all name the same megabyte of compressed zeros.
    let one = archive(&[("a", &vec![0; 1 << 20])]);
    let end = one.len() - 22;
    let word = |at: usize| u32::from_le_bytes(one[at..at + 4].try_into().unwrap());
    let directory_at = usize::try_from(word(end + 16)).unwrap();
    let record = &one[directory_at..end];
    let n_records: u16 = 2000;
    let mut bomb = one[..directory_at].to_vec();
    bomb.extend(record.repeat(usize::from(n_records)));
    let size = u32::try_from(record.len() * usize::from(n_records)).unwrap();
    bomb.extend_from_slice(&one[end..end + 8]);
    bomb.extend_from_slice(&n_records.to_le_bytes());
    bomb.extend_from_slice(&n_records.to_le_bytes());
    bomb.extend_from_slice(&size.to_le_bytes());
    bomb.extend_from_slice(&one[end + 16..]);
    let mut n_bytes = 0;
    let error = zip_entries(Cursor::new(&bomb), &Limits::default(), |entry| {
        n_bytes += io::copy(entry, &mut io::sink())?;
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, DecompressError::Ratio { .. }), "{error:?}");
    assert!(
        n_bytes <= bomb.len() as u64 * 200,
        "{n_bytes} of {}",
        bomb.len()
    );
}

#[test]
fn zip_entries_are_counted_before_they_are_read() {
    let entries: Vec<(String, &[u8])> = (0..11).map(|idx| (idx.to_string(), &b""[..])).collect();
    let entries: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|(name, content)| (name.as_str(), *content))
        .collect();
    let limits = Limits {
        entries_max: 10,
        ..Limits::default()
    };
    let result = zip_entries(Cursor::new(archive(&entries)), &limits, |_| {
        panic!("visited")
    });
    let error = result.unwrap_err();
    assert!(
        matches!(
            error,
            DecompressError::Entries {
                entries: 11,
                entries_max: 10
            }
        ),
        "{error:?}"
    );
}

#[test]
fn zip_names_that_could_escape_are_skipped_and_named() {
    let names = [
        ("good/name", None),
        ("../up", Some(EntryFault::Parent)),
        ("a/../../up", Some(EntryFault::Parent)),
        ("a//b", Some(EntryFault::Parent)),
        ("/etc/passwd", Some(EntryFault::Absolute)),
        ("C:/windows", Some(EntryFault::Absolute)),
        ("a\\..\\b", Some(EntryFault::Backslash)),
        ("nul\0byte", Some(EntryFault::Nul)),
        ("..", Some(EntryFault::Parent)),
    ];
    // The writer cleans names, so they are put into its bytes, twice each.
    for (name, expected) in names {
        let placeholder = "p".repeat(name.len());
        let mut bytes = archive(&[(&placeholder, b"content")]);
        let places: Vec<usize> = (0..bytes.len() - name.len())
            .filter(|at| bytes[*at..].starts_with(placeholder.as_bytes()))
            .collect();
        assert_eq!(places.len(), 2, "{name:?}");
        for at in places {
            bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
        let mut visited = Vec::new();
        let problems = zip_entries(Cursor::new(bytes), &Limits::default(), |entry| {
            visited.push(entry.name().to_owned());
            Ok(())
        })
        .unwrap();
        let faults: Vec<EntryFault> = problems
            .iter()
            .map(|problem| problem.fault.clone())
            .collect();
        assert_eq!(
            faults,
            expected.clone().into_iter().collect::<Vec<_>>(),
            "{name:?}"
        );
        assert_eq!(visited.len(), usize::from(expected.is_none()), "{name:?}");
        assert!(problems.iter().all(|problem| !problem.name.contains('\0')));
    }
}

#[test]
fn zip_links_directories_and_unknown_methods_are_not_visited() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.add_directory("directory", options).unwrap();
    writer.add_symlink("link", "/etc/passwd", options).unwrap();
    writer.start_file("file", options).unwrap();
    writer.write_all(b"content").unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    let visit = |bytes: &[u8]| {
        let mut visited = Vec::new();
        let problems = zip_entries(Cursor::new(bytes), &Limits::default(), |entry| {
            visited.push(entry.name().to_owned());
            Ok(())
        });
        (
            visited,
            problems
                .unwrap()
                .into_iter()
                .map(|problem| problem.fault)
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        visit(&bytes),
        (vec!["file".to_owned()], vec![EntryFault::Symlink])
    );
    // The method of the last entry: offset 10 in its directory record, 8 in its own header.
    let record = bytes
        .windows(4)
        .rposition(|window| window == b"PK\x01\x02")
        .unwrap();
    bytes[record + 10] = 99;
    let (visited, faults) = visit(&bytes);
    assert_eq!(visited.len(), 0);
    assert!(
        matches!(
            &faults[..],
            [EntryFault::Symlink, EntryFault::Method { .. }]
        ),
        "{faults:?}"
    );
}

#[test]
fn a_damaged_zip_entry_is_an_error_of_its_reader() {
    let mut bytes = archive(&[("a", &noise(1000)), ("b", b"fine")]);
    bytes[500] ^= 0xff;
    let mut contents = Vec::new();
    zip_entries(Cursor::new(bytes), &Limits::default(), |entry| {
        let mut content = Vec::new();
        let result = entry.read_to_end(&mut content);
        contents.push(
            result
                .map_err(|error| ErrorKind::of_io(&error))
                .map(|_| content),
        );
        Ok(())
    })
    .unwrap();
    assert_eq!(contents, [Err(ErrorKind::Corrupt), Ok(b"fine".to_vec())]);
}

#[test]
fn an_error_of_the_visitor_is_passed_on() {
    let bytes = archive(&[("a", b"1"), ("b", b"2")]);
    let error = zip_entries(Cursor::new(bytes), &Limits::default(), |_| {
        Err(io::Error::from_raw_os_error(28))
    })
    .unwrap_err();
    assert!(matches!(error, DecompressError::Source(source) if source.raw_os_error() == Some(28)));
}
