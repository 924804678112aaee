//! From feed files to one signed pack, on the connected machine.

use super::feed::{FeedFile, licence, read_feed};
use super::{BUILTIN, FEED_PREFIX, Progress, keys, refused};
use crate::error::Error;
use crate::import::source::{Opened, whole};
use crate::reports;
use casemate_base::Timestamp;
use casemate_bundle::{Manifest, PackError, PackWriter, Source};
use casemate_schema::RejectedRecord;
use std::path::Path;

/// The name of a pack that was given none.
pub const NAME: &str = "knowledge";

/// What to build.
#[derive(Clone, Debug)]
pub struct BuildRequest<'a> {
    /// The feed files.
    pub files: &'a [String],
    /// The pack's name.
    pub name: &'a str,
    /// The file to write.
    pub output: &'a Path,
    /// The file of the secret key.
    pub key_file: &'a Path,
    /// When it is built; its version is made of it.
    pub now: Timestamp,
}

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// What the pack says of itself.
    pub manifest: Manifest,
    /// Records that could not be taken, with their file; not all of them, where they are many.
    pub rejected: Vec<(String, RejectedRecord)>,
    /// Files that could not be taken, with the reason.
    pub refused: Vec<Error>,
}

/// Builds a pack of the files that can be read.
///
/// # Errors
/// The reason itself when one file was named, [`Error::NoInput`] when several were and none could be
/// taken; [`Error::Key`] and its like; [`Error::Pack`], [`Error::Write`].
pub fn build(request: &BuildRequest<'_>, progress: Progress<'_>) -> Result<Built, Error> {
    let output = request.output.display().to_string();
    let wrong = |source| refused(&output, source);
    if request.name.starts_with(FEED_PREFIX) || request.name == BUILTIN {
        let reason = format!("`{}` is a name for packs that nobody signed", request.name);
        return Err(wrong(PackError::Manifest { reason }));
    }
    let key = keys::secret(request.key_file)?;
    let version = version(request.now);
    let mut writer = PackWriter::new(request.name, version, request.now).map_err(wrong)?;
    let (mut refused, mut rejected) = (Vec::new(), Vec::new());
    let of = request.files.len() as u64;
    for (done, name) in (0..).zip(request.files) {
        progress(done, of, name);
        match add(&mut writer, name) {
            Ok((file, read)) => {
                let shown = read.rejected_shown.into_iter();
                rejected.extend(shown.map(|record| (file.shown.clone(), record)));
            }
            Err(error) => refused.push(error),
        }
    }
    if refused.len() == request.files.len() {
        return Err(match refused.len() {
            1 => refused.remove(0),
            _ => Error::NoInput { reasons: refused },
        });
    }
    let (folder, file) = keys::split(request.output)?;
    let mut manifest = None;
    reports::write_with(folder, file, &mut |out| {
        let written = writer.write(&key, out).map_err(std::io::Error::other)?;
        manifest = Some(written);
        Ok(())
    })?;
    let manifest = manifest.ok_or_else(|| {
        let reason = "nothing was written".to_owned();
        wrong(PackError::Manifest { reason })
    })?;
    Ok(Built {
        manifest,
        rejected,
        refused,
    })
}

/// Adds a file as a section.
fn add(writer: &mut PackWriter, name: &str) -> Result<(Opened, FeedFile), Error> {
    let wrong = |source| refused(name, source);
    let file = whole(name)?;
    let mut section = writer.section().map_err(wrong)?;
    let mut failed = None;
    let read = read_feed(&file, &mut |record| {
        if failed.is_none() {
            failed = section.add(&record).err();
        }
    })?;
    if let Some(error) = failed {
        return Err(wrong(error));
    }
    let digest = file.digest().map_err(|source| Error::Feed {
        name: name.to_owned(),
        source,
    })?;
    let source = Source {
        name: file.name.clone(),
        feed: read.feed.clone(),
        digest,
        as_of: read.as_of,
        licence: licence(&read.feed).map(str::to_owned),
        rejected: read.rejected,
    };
    writer.push(source, section).map_err(wrong)?;
    Ok((file, read))
}

/// A version that grows with time and can be read: `20261121135831`.
pub(super) fn version(time: Timestamp) -> u64 {
    let text = time.to_string();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    digits.parse().unwrap_or(0)
}
