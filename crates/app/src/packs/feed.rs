//! One file of a feed as a stream of records.

use crate::error::Error;
use crate::import::source::Opened;
use casemate_base::Timestamp;
use casemate_ingest::{ImportError, Source, feeds};
use casemate_schema::{PackRecord, RejectedRecord};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};

/// Largest record of a file of records.
const LINE_BYTES_MAX: u64 = 64 << 20;
/// How a line of a file of records begins.
const RECORD_START: &[u8] = b"{\"record\":";
/// Most rejected records that are shown.
const REJECTED_SHOWN_MAX: usize = 20;

/// What a file of a feed holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedFile {
    /// The feed, such as `kev`.
    pub feed: String,
    /// The date that it carries.
    pub as_of: Option<Timestamp>,
    /// Records of each kind.
    pub records: BTreeMap<String, u64>,
    /// Records that could not be taken.
    pub rejected: u64,
    /// The first of these.
    pub rejected_shown: Vec<RejectedRecord>,
}

/// Reads a file of a feed and hands out its records. After an error the records that came before it
/// are to be dropped.
///
/// This is the one place where packs meet the readers of feeds.
///
/// # Errors
/// [`Error::Feed`] with the name and the reason.
pub(crate) fn read_feed(
    file: &Opened,
    sink: &mut dyn FnMut(PackRecord),
) -> Result<FeedFile, Error> {
    let wrong = |source: ImportError| Error::Feed {
        name: file.shown.clone(),
        source,
    };
    let mut head = vec![0; RECORD_START.len()];
    let mut reader = file
        .open()
        .map_err(|error| wrong(ImportError::Read(error)))?;
    let is_records = reader.read_exact(&mut head).is_ok() && head == RECORD_START;
    drop(reader);
    if is_records {
        return read_records(file, sink).map_err(wrong);
    }
    let read = feeds::read(&file.name, file, sink).map_err(wrong)?;
    Ok(FeedFile {
        feed: read.feed.to_string(),
        // The readers have checked it; a date that is none makes the age unknown.
        as_of: read.as_of.and_then(|date| date.parse().ok()),
        records: read
            .records
            .into_iter()
            .map(|(kind, count)| (kind.to_owned(), count))
            .collect(),
        rejected: read.rejected,
        rejected_shown: read
            .rejected_shown
            .into_iter()
            .take(REJECTED_SHOWN_MAX)
            .collect(),
    })
}

/// Reads records as packs keep them, one JSON object a line: a site's own knowledge, or what
/// another program made.
fn read_records(file: &Opened, sink: &mut dyn FnMut(PackRecord)) -> Result<FeedFile, ImportError> {
    let mut read = FeedFile {
        feed: "records".to_owned(),
        ..FeedFile::default()
    };
    let mut lines = BufReader::with_capacity(1 << 18, file.open().map_err(ImportError::Read)?);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let n_bytes = lines
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .map_err(ImportError::Read)?;
        if n_bytes == 0 {
            break;
        }
        match serde_json::from_slice::<PackRecord>(&line) {
            Ok(record) => {
                *read.records.entry(record.kind().to_owned()).or_default() += 1;
                sink(record);
            }
            Err(_) if line.trim_ascii().is_empty() => {}
            Err(error) => {
                read.rejected += 1;
                if read.rejected_shown.len() < REJECTED_SHOWN_MAX {
                    read.rejected_shown.push(RejectedRecord {
                        place: format!("line {number}").into(),
                        reason: error.to_string().into(),
                    });
                }
            }
        }
    }
    Ok(read)
}

/// The licence of a feed, in words, where one holds for all of it.
pub(crate) fn licence(feed: &str) -> Option<&'static str> {
    Some(match feed {
        "kev" => "CC0-1.0 (CISA)",
        "epss" => "FIRST.org, free to use with attribution",
        "attack" => "MITRE ATT&CK terms of use",
        "capec" => "MITRE CAPEC terms of use",
        "cwe" => "MITRE CWE terms of use",
        "cvelist" => "CVE terms of use",
        "d3fend" => "MIT (MITRE D3FEND)",
        "gtfobins" => "GPL-3.0",
        "sigma" => "Detection Rule License 1.1",
        "debian-tracker" => "Debian security tracker, MIT",
        _ => return None,
    })
}

/// Whether one file of the feed is all of it, so that a newer file replaces an older one.
pub(crate) fn is_snapshot(feed: &str) -> bool {
    let whole = [
        "kev",
        "epss",
        "attack",
        "capec",
        "cwe",
        "d3fend",
        "gtfobins",
        "debian-tracker",
    ];
    whole.contains(&feed)
}
