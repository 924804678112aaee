//! What do these catalogues know? Files of feeds in, [`PackRecord`]s out.
//!
//! [`read`] tells by its content which feed a file is, takes off compression, opens zip and tar
//! archives, and hands out the records one by one:
//!
//! ```
//! use casemate_ingest::{Bytes, feeds};
//! let file = Bytes(b"#model_version:v2025.03.14,score_date:2025-06-18T00:00:00+0000\n\
//!     cve,epss,percentile\nCVE-2021-28831,0.00878,0.74313\n");
//! let mut records = Vec::new();
//! let read = feeds::read("epss.csv", &file, &mut |record| records.push(record)).unwrap();
//! assert_eq!((read.feed.as_str(), records.len()), ("epss", 1));
//! assert_eq!(read.as_of.as_deref(), Some("2025-06-18T00:00:00Z"));
//! ```
//!
//! What a caller has to know:
//! - on an error records may have been handed out already, those before the damage: drop them;
//! - a record that makes no sense is counted in [`FeedRead::rejected`] and stops nothing; a file in
//!   an archive that cannot be read is one of them, an archive of nothing readable an error;
//! - a feed may say several things of one CVE: one advisory for each source package (Debian's
//!   tracker, secdb), one for each notice. Identifiers repeat, nothing is joined here;
//! - "affected in every version" is a [`VersionRange`](casemate_schema::VersionRange) without
//!   bounds; no range at all means that only the listed `versions` are meant;
//! - `NotAffected` with `versions` speaks of these versions alone;
//! - names of distributions are those of [`ecosystem`], in docs/reference/feeds.md.
//!
//! Invariants: no record is invented, none is derived from another file; memory is one record, for
//! the formats that are lists, and one document of at most 256 MiB for the others.

mod advisory;
mod alma_errata;
mod arch;
mod archive;
mod attack;
mod capec;
mod csaf;
mod csaf_products;
mod cve;
mod cwe;
mod d3fend;
mod debian_tracker;
mod detect;
pub mod ecosystem;
mod epss;
mod gtfobins;
mod kev;
mod mapping;
mod openvex;
mod osv;
mod out;
mod oval;
mod oval_tests;
mod purl;
mod redhat_api;
mod secdb;
mod severity;
mod sigma;
mod trivy_db;
mod turtle;
mod ubuntu_tracker;
mod ubuntu_usn;
mod updateinfo;
mod value;
mod yaml;

use crate::error::ImportError;
use crate::input::{Input, Source};
use casemate_schema::{PackRecord, RejectedRecord, Text};
use detect::Feed;
use out::Out;
use std::collections::BTreeMap;

/// Most rejected records that are kept with their reason; all are counted.
pub const REJECTED_SHOWN_MAX: usize = 100;

/// Most archives inside of each other.
const ARCHIVE_DEPTH_MAX: u32 = 2;

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedRead {
    /// The feed, such as `kev` or `debian-tracker`; `several` for an archive of different ones.
    pub feed: Text,
    /// The version that the file gives itself.
    pub version: Option<Text>,
    /// The youngest date that it carries, RFC 3339 UTC.
    pub as_of: Option<Text>,
    /// Files read: 1, or those of an archive that belong to a feed.
    pub files: u64,
    /// Records handed out, of each kind.
    pub records: BTreeMap<&'static str, u64>,
    /// Entries that are none of this: notices that name no vulnerability, lines without content.
    pub skipped: u64,
    /// Records that could not be taken.
    pub rejected: u64,
    /// The first of these, with place and reason.
    pub rejected_shown: Vec<RejectedRecord>,
}

impl FeedRead {
    /// Records handed out, of all kinds.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.records.values().sum()
    }
}

/// Reads a file of a feed and hands out its records.
///
/// # Errors
/// [`ImportError::NoFeed`] if no feed looks like this; [`ImportError::Damaged`],
/// [`ImportError::Encoding`] and [`ImportError::Limit`] with the place for a file that is damaged as
/// a whole; [`ImportError::Read`].
pub fn read(
    name: &str,
    source: &dyn Source,
    sink: &mut dyn FnMut(PackRecord),
) -> Result<FeedRead, ImportError> {
    let mut out = Out::new(name, sink);
    archive::read(name, source, ARCHIVE_DEPTH_MAX, &mut out)?;
    Ok(out.finish())
}

/// Reads one file that is no archive.
fn file(name: &str, source: &dyn Source, out: &mut Out<'_>) -> Result<(), ImportError> {
    let input = Input::new(name, source)?;
    let feed = detect::detect(&input)?;
    out.begin(feed.name());
    one(feed, &input, out)
}

fn one(feed: Feed, input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    match feed {
        Feed::AlmaErrata => alma_errata::read(input, out),
        Feed::Arch => arch::read(input, out),
        Feed::Attack => attack::read(input, out),
        Feed::Capec => capec::read(input, out),
        Feed::Crosswalk => mapping::crosswalk(input, out),
        Feed::Csaf => csaf::read(input, out),
        Feed::CveCorpus => cve::corpus(input, out),
        Feed::CveList => cve::read(input, out),
        Feed::Cwe => cwe::read(input, out),
        Feed::CweXml => cwe::xml(input, out),
        Feed::D3fend => d3fend::read(input, out),
        Feed::DebianTracker => debian_tracker::read(input, out),
        Feed::Epss => epss::read(input, out),
        Feed::Gtfobins => gtfobins::read(input, out),
        Feed::Kev => kev::read(input, out),
        Feed::Mapping => mapping::read(input, out),
        Feed::MappingCsv => mapping::csv(input, out),
        Feed::OpenVex => openvex::read(input, out),
        Feed::Osv => osv::read(input, out),
        Feed::Oval => oval::read(input, out),
        Feed::RedhatApi => redhat_api::read(input, out),
        Feed::Secdb => secdb::read(input, out),
        Feed::Sigma => sigma::read(input, out),
        Feed::SigmaLines => sigma::lines(input, out),
        Feed::TrivyDb => trivy_db::read(input, out),
        Feed::UbuntuTracker => ubuntu_tracker::read(input, out),
        Feed::UbuntuUsn => ubuntu_usn::read(input, out),
        Feed::Updateinfo => updateinfo::read(input, out),
    }
}
