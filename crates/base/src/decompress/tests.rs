//! Bombs, cuts, damage and round trips for all four formats; archives' own are in
//! `archive_tests`.

use super::*;
use proptest::prelude::*;
use std::io::{Cursor, Read, Write as _};
use zip::write::SimpleFileOptions;

const STREAMS: [Format; 3] = [Format::Gzip, Format::Zstd, Format::Xz];

fn compress(format: Format, content: &[u8]) -> Vec<u8> {
    match format {
        Format::Gzip => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
            writer.write_all(content).unwrap();
            writer.finish().unwrap()
        }
        Format::Zstd => {
            // As the command does; without a checksum some damage could not be noticed.
            let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
            writer.include_checksum(true).unwrap();
            writer.write_all(content).unwrap();
            writer.finish().unwrap()
        }
        Format::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            writer.write_all(content).unwrap();
            writer.finish().unwrap()
        }
        Format::Zip => archive(&[("entry", content)]),
    }
}

pub(super) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Everything out of a stream or a zip archive, or the error with the number of bytes before it.
fn extract(
    format: Format,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Vec<u8>, (usize, DecompressError)> {
    let mut content = Vec::new();
    let result = if format == Format::Zip {
        zip_entries(Cursor::new(bytes), limits, |entry| {
            entry.read_to_end(&mut content)?;
            Ok(())
        })
        .map(|problems| assert_eq!(problems, []))
    } else {
        decoder(format, bytes, limits)
            .and_then(|mut reader| {
                reader
                    .read_to_end(&mut content)
                    .map_err(DecompressError::from_io)
            })
            .map(|_| ())
    };
    match result {
        Ok(()) => Ok(content),
        Err(error) => Err((content.len(), error)),
    }
}

pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    crate::random::Random::new(&crate::random::Seed::from(length as u64)).fill_bytes(&mut bytes);
    bytes
}

fn all() -> [Format; 4] {
    [Format::Gzip, Format::Zstd, Format::Xz, Format::Zip]
}

#[test]
fn formats_are_told_by_their_first_bytes() {
    for format in all() {
        assert_eq!(Format::detect(&compress(format, b"content")), Some(format));
        assert_eq!(Format::detect(&compress(format, b"content")[..2]), None);
    }
    assert_eq!(Format::detect(&archive(&[])), Some(Format::Zip));
    assert_eq!(Format::detect(b"\x53\x2a\x4d\x18"), Some(Format::Zstd));
    assert_eq!(Format::detect(b"plain text"), None);
    assert_eq!(Format::detect(b""), None);
}

#[test]
fn a_bomb_is_stopped_by_its_ratio() {
    let zeros = vec![0; 24 << 20];
    for format in all() {
        let bomb = compress(format, &zeros);
        assert!(bomb.len() < 30_000, "{format}: {}", bomb.len());
        let (n_bytes, error) = extract(format, &bomb, &Limits::default()).unwrap_err();
        assert!(
            matches!(error, DecompressError::Ratio { .. }),
            "{format}: {error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Limit);
        // Buffers read ahead, so up to the whole source may count as read.
        assert!(
            n_bytes <= (1 << 20).max(bomb.len() * 200),
            "{format}: {n_bytes}"
        );
    }
}

#[test]
fn a_bomb_is_stopped_by_its_size() {
    let zeros = vec![0; 3 << 20];
    let limits = Limits {
        bytes_max: 1_000_000,
        ratio_max: u64::MAX,
        ..Limits::default()
    };
    for format in all() {
        let (n_bytes, error) = extract(format, &compress(format, &zeros), &limits).unwrap_err();
        let expected = matches!(
            error,
            DecompressError::Bytes {
                limit_bytes: 1_000_000
            }
        );
        assert!(expected, "{format}: {error:?}");
        assert!(n_bytes <= 1_000_000, "{format}: {n_bytes}");
    }
}

#[test]
fn a_limit_is_exact() {
    let content = noise(5000);
    for format in all() {
        let bytes = compress(format, &content);
        let limit = |bytes_max| Limits {
            bytes_max,
            ..Limits::default()
        };
        assert_eq!(
            extract(format, &bytes, &limit(5000)).unwrap(),
            content,
            "{format}"
        );
        let (_, error) = extract(format, &bytes, &limit(4999)).unwrap_err();
        assert!(
            matches!(error, DecompressError::Bytes { limit_bytes: 4999 }),
            "{format}"
        );
    }
}

#[test]
fn a_tiny_file_of_zeros_is_no_bomb() {
    let zeros = vec![0; 1 << 20];
    for format in all() {
        let bytes = compress(format, &zeros);
        assert_eq!(
            extract(format, &bytes, &Limits::default()).unwrap().len(),
            1 << 20,
            "{format}"
        );
    }
}

#[test]
fn every_cut_is_noticed() {
    let content = [noise(300), vec![7; 2000]].concat();
    for format in all() {
        let bytes = compress(format, &content);
        for length in 0..bytes.len() {
            let result = extract(format, &bytes[..length], &Limits::default());
            let (_, error) = result.expect_err("a cut stream is an error");
            assert_eq!(
                error.kind(),
                ErrorKind::Corrupt,
                "{format} cut at {length}: {error:?}"
            );
        }
    }
}

#[test]
fn every_changed_bit_is_noticed_or_harmless() {
    let content = noise(200);
    for format in STREAMS {
        let bytes = compress(format, &content);
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // Headers hold fields that change nothing, such as gzip's time.
            if let Ok(found) = extract(format, &changed, &Limits::default()) {
                assert_eq!(found, content, "{format} bit {bit}");
            }
        }
    }
}

#[test]
fn several_members_are_one_content() {
    for format in STREAMS {
        let mut bytes = compress(format, b"first ");
        bytes.extend(compress(format, b""));
        bytes.extend(compress(format, b"second"));
        assert_eq!(
            extract(format, &bytes, &Limits::default()).unwrap(),
            b"first second",
            "{format}"
        );
    }
}

#[test]
fn bytes_after_the_end_are_an_error_after_the_content() {
    for format in STREAMS {
        for garbage in [&b"garbage after the end"[..], b"x"] {
            let mut bytes = compress(format, b"content");
            bytes.extend_from_slice(garbage);
            let (n_bytes, error) = extract(format, &bytes, &Limits::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{format}: {error:?}");
            assert_eq!(n_bytes, 7, "{format}");
        }
    }
}

#[test]
fn a_failed_reader_stays_failed() {
    for format in STREAMS {
        let mut bytes = compress(format, &noise(5000));
        bytes[2000] ^= 0xff;
        let mut reader = decoder(format, &bytes[..], &Limits::default()).unwrap();
        reader.read_to_end(&mut Vec::new()).unwrap_err();
        let again = reader.read(&mut [0; 10]).unwrap_err();
        assert!(
            matches!(DecompressError::of(&again), Some(DecompressError::Stopped)),
            "{format}"
        );
        assert_eq!(reader.read(&mut []).unwrap(), 0);
    }
}

#[test]
fn a_broken_source_is_not_called_damaged() {
    struct Breaking<'a>(&'a [u8]);
    impl Read for Breaking<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::from_raw_os_error(5)),
                n_read => Ok(n_read),
            }
        }
    }
    for format in STREAMS {
        let bytes = compress(format, &noise(5000));
        let mut reader = decoder(format, Breaking(&bytes[..1000]), &Limits::default()).unwrap();
        let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(5), "{format}: {error:?}");
    }
}

#[test]
fn a_large_window_is_refused() {
    let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    writer.window_log(24).unwrap();
    writer.include_contentsize(false).unwrap();
    writer.write_all(&noise(100_000)).unwrap();
    let zstd = writer.finish().unwrap();
    let limits = Limits {
        window_bytes_max: 1 << 23,
        ..Limits::default()
    };
    let (_, error) = extract(Format::Zstd, &zstd, &limits).unwrap_err();
    assert!(matches!(error, DecompressError::Window { .. }), "{error:?}");
    assert_eq!(
        extract(Format::Zstd, &zstd, &Limits::default()).unwrap(),
        noise(100_000)
    );
    let mut options = lzma_rust2::XzOptions::with_preset(1);
    options.lzma_options.dict_size = 64 << 20;
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(b"content").unwrap();
    let limits = Limits {
        window_bytes_max: 1 << 20,
        ..Limits::default()
    };
    let (_, error) = extract(Format::Xz, &writer.finish().unwrap(), &limits).unwrap_err();
    assert!(matches!(error, DecompressError::Window { .. }), "{error:?}");
}

#[test]
fn zip_is_no_stream() {
    let error = decoder(Format::Zip, &b""[..], &Limits::default()).unwrap_err();
    assert!(matches!(error, DecompressError::Archive { .. }));
}

#[test]
fn layers_are_taken_off() {
    let mut bytes = b"core".to_vec();
    for format in STREAMS {
        bytes = compress(format, &bytes);
    }
    let mut peeled = peel(&bytes[..], &Limits::default()).unwrap();
    assert_eq!(peeled.layers, [Format::Xz, Format::Zstd, Format::Gzip]);
    assert_eq!(peeled.format, None);
    let mut content = Vec::new();
    peeled.reader.read_to_end(&mut content).unwrap();
    assert_eq!(content, b"core");
    let zip = archive(&[("a", b"b")]);
    let mut peeled = peel(&zip[..], &Limits::default()).unwrap();
    assert_eq!((peeled.layers.len(), peeled.format), (0, Some(Format::Zip)));
    let mut content = Vec::new();
    peeled.reader.read_to_end(&mut content).unwrap();
    assert_eq!(content, zip);
}

#[test]
fn layers_without_end_are_bounded() {
    // Stands for a quine, which contains itself: deeper than anyone may look.
    let mut bytes = b"core".to_vec();
    for _ in 0..5 {
        bytes = compress(Format::Gzip, &bytes);
    }
    let error = peel(&bytes[..], &Limits::default()).unwrap_err();
    assert!(matches!(error, DecompressError::Depth), "{error:?}");
    assert!(
        peel(
            &bytes[..],
            &Limits {
                depth_max: 5,
                ..Limits::default()
            }
        )
        .is_ok()
    );
}

#[test]
fn layers_do_not_multiply_the_ratio() {
    // 24 MiB of zeros in two layers: each is below the limit for its own input.
    let inner = compress(Format::Gzip, &vec![0; 24 << 20]);
    let bytes = compress(Format::Gzip, &inner);
    assert!(bytes.len() < 1000, "{}", bytes.len());
    let limits = Limits {
        ratio_max: 1100,
        ..Limits::default()
    };
    assert!(extract(Format::Gzip, &inner, &limits).is_ok());
    assert!(extract(Format::Gzip, &bytes, &limits).is_ok());
    let mut peeled = peel(&bytes[..], &limits).unwrap();
    let error = peeled.reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(
        matches!(
            DecompressError::of(&error),
            Some(DecompressError::Ratio { .. })
        ),
        "{error:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn content_round_trips(content in prop::collection::vec(any::<u8>(), 0..3000), repeat in 1_usize..20) {
        let content = content.repeat(repeat);
        for format in all() {
            let found = extract(format, &compress(format, &content), &Limits::default());
            prop_assert_eq!(found.ok(), Some(content.clone()), "{}", format);
        }
    }

    #[test]
    fn any_bytes_are_content_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in all() {
            let head = compress(format, b"");
            for start in [0, 4, 10] {
                let bytes = [&head[..start.min(head.len())], &bytes[..]].concat();
                if let Ok(mut peeled) = peel(&bytes[..], &Limits::default()) {
                    peeled.reader.read_to_end(&mut Vec::new()).ok();
                }
                zip_entries(Cursor::new(&bytes), &Limits::default(), |_| Ok(())).ok();
            }
        }
    }

    #[test]
    fn damaged_bytes_never_panic(
        content in prop::collection::vec(any::<u8>(), 0..600),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for format in all() {
            let mut bytes = compress(format, &content);
            for (index, byte) in &changes {
                let at = index.index(bytes.len());
                bytes[at] = *byte;
            }
            if format == Format::Zip {
                let visit = |entry: &mut ZipEntry<'_>| io::copy(entry, &mut io::sink()).map(|_| ());
                zip_entries(Cursor::new(&bytes), &Limits::default(), visit).ok();
            } else {
                extract(format, &bytes, &Limits::default()).ok();
            }
        }
    }
}
