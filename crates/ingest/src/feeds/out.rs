//! Where readers put what they found: records to the caller, counts, dates and reasons to
//! [`FeedRead`].

use super::{FeedRead, REJECTED_SHOWN_MAX};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use crate::json::piped;
use crate::path::ItemPath;
use casemate_schema::{Advisory, PackRecord, RejectedRecord, Text};
use serde_json::Value;

/// Collects what is read of one file, or of the files of an archive.
pub(crate) struct Out<'a> {
    sink: &'a mut dyn FnMut(PackRecord),
    read: FeedRead,
    /// Name of the file.
    name: String,
}

impl<'a> Out<'a> {
    pub(crate) fn new(name: &str, sink: &'a mut dyn FnMut(PackRecord)) -> Self {
        Self {
            sink,
            read: FeedRead::default(),
            name: name.to_owned(),
        }
    }

    /// Says which feed the file is.
    pub(crate) fn begin(&mut self, feed: &str) {
        self.read.files = 1;
        self.read.feed = feed.into();
    }

    /// Adds what was read of a file of an archive.
    pub(crate) fn absorb(&mut self, entry: &str, read: FeedRead, records: Vec<PackRecord>) {
        let all = &mut self.read;
        if all.files == 0 {
            all.feed = read.feed;
            all.version = read.version;
        } else {
            // Each of many files has its own version, that of one of them says nothing.
            all.version = None;
            if all.feed != read.feed {
                all.feed = "several".into();
            }
        }
        all.files += read.files;
        all.skipped += read.skipped;
        all.rejected += read.rejected;
        let room = REJECTED_SHOWN_MAX.saturating_sub(all.rejected_shown.len());
        let shown = read.rejected_shown.into_iter().take(room);
        all.rejected_shown
            .extend(shown.map(|rejected| RejectedRecord {
                place: format!("{entry}: {}", rejected.place).into(),
                reason: rejected.reason,
            }));
        for (kind, n) in read.records {
            *all.records.entry(kind).or_default() += n;
        }
        self.time(read.as_of.as_ref());
        records.into_iter().for_each(|record| (self.sink)(record));
    }

    /// Files that were read.
    pub(crate) const fn n_files(&self) -> u64 {
        self.read.files
    }

    /// The name of the file that is read.
    pub(crate) fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Hands out a record.
    pub(crate) fn put(&mut self, record: PackRecord) {
        let kind = match record {
            PackRecord::Technique(_) => "technique",
            PackRecord::Weakness(_) => "weakness",
            PackRecord::AttackPattern(_) => "attack_pattern",
            PackRecord::Kev(_) => "kev",
            PackRecord::Epss(_) => "epss",
            PackRecord::Cve(_) => "cve",
            PackRecord::Advisory(_) => "advisory",
            PackRecord::Countermeasure(_) => "countermeasure",
            PackRecord::Gtfobin(_) => "gtfobin",
            PackRecord::SigmaRule(_) => "sigma_rule",
            PackRecord::ControlMapping(_) => "control_mapping",
        };
        *self.read.records.entry(kind).or_default() += 1;
        (self.sink)(record);
    }

    /// Hands out an advisory and notes its dates.
    pub(crate) fn advisory(&mut self, advisory: Advisory) {
        for date in [&advisory.modified, &advisory.published, &advisory.withdrawn] {
            self.time(date.as_ref());
        }
        self.put(PackRecord::Advisory(Box::new(advisory)));
    }

    /// Counts an entry that is no record.
    pub(crate) fn skip(&mut self) {
        self.read.skipped += 1;
    }

    /// Counts a record that cannot be taken.
    pub(crate) fn reject(&mut self, place: impl AsRef<str>, reason: impl Into<Text>) {
        self.read.rejected += 1;
        if self.read.rejected_shown.len() >= REJECTED_SHOWN_MAX {
            return;
        }
        self.read.rejected_shown.push(RejectedRecord {
            place: place.as_ref().into(),
            reason: reason.into(),
        });
    }

    /// Notes a date of the source, as it is written there.
    pub(crate) fn dated(&mut self, text: &str) -> Option<Text> {
        let time = rfc3339(text).map(Text::from);
        self.time(time.as_ref());
        time
    }

    fn time(&mut self, time: Option<&Text>) {
        // Year 1 is what Go writes for no date.
        let Some(time) = time.filter(|time| !time.starts_with("0001-")) else {
            return;
        };
        if self.read.as_of.as_ref().is_none_or(|known| known < time) {
            self.read.as_of = Some(time.clone());
        }
    }

    /// Notes the version that the file gives itself.
    pub(crate) fn version(&mut self, version: &str) {
        if !version.trim().is_empty() && self.read.version.is_none() {
            self.read.version = Some(version.trim().into());
        }
    }

    pub(crate) fn finish(self) -> FeedRead {
        self.read
    }
}

/// Reads the records of a JSON document one by one; `visit` gets the record, its name in the object
/// that holds it (if it is one) and its place. The rest of the document is returned.
pub(crate) fn each(
    input: &Input<'_>,
    path: &str,
    out: &mut Out<'_>,
    visit: &mut dyn FnMut(&mut Out<'_>, &str, &str, &Value),
) -> Result<Value, ImportError> {
    let path = ItemPath::parse(path).map_err(|reason| ImportError::damaged(path, reason))?;
    piped::run(input, &path, &mut |spot, bytes| {
        let place = format!("byte {}", spot.offset);
        match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => visit(out, spot.key.as_deref().unwrap_or_default(), &place, &value),
            Err(error) => out.reject(&place, ImportError::of_json(&error).to_string()),
        }
        Ok(())
    })
}
