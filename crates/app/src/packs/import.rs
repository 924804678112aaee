//! Importing: signed packs and plain feeds, each whole or not at all.

use super::build::version;
use super::feed::{FeedFile, is_snapshot, licence, read_feed};
use super::{FEED_PREFIX, Progress, keys, open, refused, sources, trusted};
use crate::error::Error;
use crate::import::source::{Opened, whole};
use casemate_base::{Timestamp, hash};
use casemate_bundle::{MAGIC, PackError, PublicKey, is_pack};
use casemate_schema::{PackRecord, RejectedRecord};
use casemate_store::packs::{Import, PackDetail, PackSource, Packs, PacksError, Standing};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Records between two words of progress.
const PROGRESS_EVERY: u64 = 1024;

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportRequest<'a> {
    /// Signed packs and feed files, in any mixture.
    pub files: &'a [String],
    /// A file with a public key to pin.
    pub trust: Option<&'a Path>,
    /// Where packs are kept.
    pub data_dir: &'a Path,
    /// The time that the packs carry as that of their import.
    pub now: Timestamp,
}

/// What became of one pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is in use now.
    New,
    /// It was in use already.
    Same,
    /// It had been put aside and is in use again.
    Again,
}

/// One pack that was taken.
#[derive(Debug)]
pub struct Imported {
    /// What became of it.
    pub taken: Taken,
    /// What it says of itself.
    pub detail: PackDetail,
    /// Version and number of records of what was in use before.
    pub before: Option<(u64, u64)>,
    /// Files of a feed of many files that were in the pack before and are in it no longer.
    pub gone: Vec<String>,
    /// Records that could not be taken, with their file; not all of them, where they are many.
    pub rejected: Vec<(String, RejectedRecord)>,
}

/// What came of an import.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The packs that were taken, signed ones in the order of their files, then feeds by name.
    pub imported: Vec<Imported>,
    /// The files that were not, with the reason.
    pub refused: Vec<Error>,
    /// The key that is pinned from now on.
    pub pinned: Option<PublicKey>,
}

/// Imports files. Each pack is taken whole or not at all.
///
/// # Errors
/// The reason itself when one file was named, [`Error::NoInput`] when several were and none could be
/// taken; [`Error::Packs`] when no pack can be kept.
pub fn import(request: &ImportRequest<'_>, progress: Progress<'_>) -> Result<Outcome, Error> {
    let trust = request.trust.map(keys::public).transpose()?;
    let packs = Packs::of(request.data_dir);
    let run = Run {
        request,
        trusted: trusted(request.data_dir, trust.as_ref())?,
        trust,
        progress,
        // Taken first: who waits for another import should not read gigabytes before.
        import: packs.import()?,
        before: in_use(&packs)?,
        packs,
    };
    let mut outcome = Outcome::default();
    let mut feeds: BTreeMap<String, Vec<Looked>> = BTreeMap::new();
    for name in request.files {
        let result = is_signed(name).and_then(|signed| {
            if signed {
                outcome
                    .imported
                    .push(run.signed(name, &mut outcome.pinned)?);
            } else {
                let looked = look(name)?;
                feeds
                    .entry(looked.read.feed.clone())
                    .or_default()
                    .push(looked);
            }
            Ok(())
        });
        outcome.refused.extend(result.err());
    }
    for (feed, files) in feeds {
        match run.feed(&feed, &files) {
            Ok(imported) => outcome.imported.push(imported),
            Err(error) => outcome.refused.push(error),
        }
    }
    if outcome.imported.is_empty() {
        return Err(match outcome.refused.len() {
            1 => outcome.refused.remove(0),
            _ => Error::NoInput {
                reasons: outcome.refused,
            },
        });
    }
    Ok(outcome)
}

/// Packs in use, by name, as far as they can be read.
fn in_use(packs: &Packs) -> Result<BTreeMap<String, PackDetail>, Error> {
    let listed = packs.list()?.into_iter();
    Ok(listed
        .filter_map(|it| Some((it.name, it.active.ok()?.detail().clone())))
        .collect())
}

/// Whether every byte of a pack in use is what an import wrote.
fn is_intact(packs: &Packs, name: &str) -> Result<bool, Error> {
    let found = packs.list()?.into_iter().find(|it| it.name == name);
    Ok(found.is_some_and(|it| it.active.is_ok_and(|file| file.verify().is_ok())))
}

/// Whether a file is a signed pack.
fn is_signed(name: &str) -> Result<bool, Error> {
    if name == "-" {
        return Ok(false);
    }
    let mut head = Vec::new();
    let file = File::open(name).map_err(|error| refused(name, PackError::Io(error)))?;
    let read = file.take(MAGIC.len() as u64).read_to_end(&mut head);
    read.map_err(|error| refused(name, PackError::Io(error)))?;
    Ok(is_pack(&head))
}

/// A feed file that has been read once, to know what it is and that it is sound.
struct Looked {
    file: Opened,
    digest: String,
    read: FeedFile,
}

fn look(name: &str) -> Result<Looked, Error> {
    let file = whole(name)?;
    let read = read_feed(&file, &mut drop)?;
    let digest = file.digest().map_err(|source| Error::Feed {
        name: name.to_owned(),
        source,
    })?;
    Ok(Looked { file, digest, read })
}

struct Run<'a> {
    request: &'a ImportRequest<'a>,
    trusted: Vec<PublicKey>,
    trust: Option<PublicKey>,
    progress: Progress<'a>,
    packs: Packs,
    import: Import,
    before: BTreeMap<String, PackDetail>,
}

impl Run<'_> {
    /// Imports a signed pack.
    fn signed(&self, name: &str, pinned: &mut Option<PublicKey>) -> Result<Imported, Error> {
        let mut pack = open(name, &self.trusted, self.trust.as_ref(), self.progress)?;
        let signer = pack.signer().clone();
        let manifest = pack.manifest().clone();
        let detail = PackDetail {
            name: manifest.name.clone(),
            version: manifest.version,
            as_of: manifest.as_of.clone(),
            created: Some(manifest.created.clone()),
            imported_at: self.request.now.to_string(),
            signed_by: Some(signer.fingerprint()),
            digest: pack.digest().to_owned(),
            records: manifest.records(),
            sources: sources(&manifest),
        };
        let of = manifest.n_records();
        let imported = self.put(&detail, &mut |add| {
            for (index, section) in manifest.sections.iter().enumerate() {
                let date = section.as_of.as_deref().unwrap_or_default();
                let mut done = 0;
                pack.records(index, &mut |record| {
                    done += 1;
                    if done % PROGRESS_EVERY == 0 {
                        (self.progress)(done, of, &section.source);
                    }
                    add(record, date).map_err(AddError::Packs)
                })
                .map_err(|error| match error {
                    AddError::Pack(source) => refused(name, source),
                    AddError::Packs(error) => error.into(),
                })?;
            }
            Ok(Vec::new())
        })?;
        // A key is pinned only after something that it signed has been taken.
        if let Some(key) = self
            .trust
            .as_ref()
            .filter(|key| key.as_bytes() == signer.as_bytes())
        {
            keys::pin(self.request.data_dir, key)?;
            *pinned = Some(key.clone());
        }
        Ok(imported)
    }

    /// Imports all files of a feed as one pack that nobody signed.
    fn feed(&self, feed: &str, files: &[Looked]) -> Result<Imported, Error> {
        let name = format!("{FEED_PREFIX}{feed}");
        let as_of = files.iter().filter_map(|it| it.read.as_of).max();
        let as_of = as_of.unwrap_or(self.request.now);
        let mut lines: Vec<String> = files
            .iter()
            .map(|it| format!("{} {}\n", it.digest, it.file.name))
            .collect();
        lines.sort();
        let digest = hash::blake3(lines.concat().as_bytes()).to_hex();
        let mut records: BTreeMap<String, u64> = BTreeMap::new();
        for (kind, count) in files.iter().flat_map(|it| &it.read.records) {
            *records.entry(kind.clone()).or_default() += count;
        }
        let detail = PackDetail {
            version: self.feed_version(&name, as_of, &digest)?,
            name,
            as_of: as_of.to_string(),
            created: None,
            imported_at: self.request.now.to_string(),
            signed_by: None,
            digest,
            records,
            sources: files.iter().map(source_of).collect(),
        };
        self.put(&detail, &mut |add| {
            let mut rejected = Vec::new();
            for looked in files {
                let date = looked
                    .read
                    .as_of
                    .map(|it| it.to_string())
                    .unwrap_or_default();
                let (mut failed, mut done) = (None, 0);
                let of = looked.read.records.values().sum();
                let read = read_feed(&looked.file, &mut |record| {
                    done += 1;
                    if done % PROGRESS_EVERY == 0 {
                        (self.progress)(done, of, &looked.file.name);
                    }
                    if failed.is_none() {
                        failed = add(record, &date).err();
                    }
                })?;
                if let Some(error) = failed {
                    return Err(error.into());
                }
                let shown = looked.file.shown.clone();
                rejected.extend(
                    read.rejected_shown
                        .into_iter()
                        .map(|it| (shown.clone(), it)),
                );
            }
            Ok(rejected)
        })
    }

    /// The version of a feed: its date, or one more where the same date comes with other content.
    fn feed_version(&self, name: &str, as_of: Timestamp, digest: &str) -> Result<u64, Error> {
        let wanted = version(as_of);
        let Some(newest) = self.import.newest(name)? else {
            return Ok(wanted);
        };
        let Some(before) = self.before.get(name) else {
            // What is in use is damaged: anything is better.
            return Ok(wanted.max(newest + 1));
        };
        if before.digest == digest {
            return Ok(before.version);
        }
        if before
            .as_of
            .parse::<Timestamp>()
            .is_ok_and(|before| before > as_of)
        {
            return Err(Error::from(PacksError::Older {
                name: name.to_owned(),
                version: wanted,
                newest,
            }));
        }
        Ok(wanted.max(newest + 1))
    }

    /// Files of feeds of many files that a pack held and that are not in the new one.
    fn gone(&self, detail: &PackDetail) -> Vec<String> {
        let before = self
            .before
            .get(&detail.name)
            .map(|it| it.sources.as_slice());
        let before = before.unwrap_or_default().iter();
        let stays = |name: &str| detail.sources.iter().any(|it| it.name == name);
        before
            .filter(|it| detail.signed_by.is_none() && !is_snapshot(&it.feed) && !stays(&it.name))
            .map(|it| it.name.clone())
            .collect()
    }

    /// Builds a pack's table and puts it into use, unless it is there already.
    fn put(
        &self,
        detail: &PackDetail,
        fill: &mut dyn FnMut(&mut Add<'_>) -> Result<Rejected, Error>,
    ) -> Result<Imported, Error> {
        let before = self
            .before
            .get(&detail.name)
            .map(|it| (it.version, it.n_records()));
        let imported = |taken, rejected| Imported {
            taken,
            detail: detail.clone(),
            before,
            gone: self.gone(detail),
            rejected,
        };
        match self
            .import
            .standing(&detail.name, detail.version, &detail.digest)?
        {
            Standing::Same if is_intact(&self.packs, &detail.name)? => {
                Ok(imported(Taken::Same, Vec::new()))
            }
            Standing::Former => {
                self.import.restore(&detail.name)?;
                Ok(imported(Taken::Again, Vec::new()))
            }
            Standing::Same | Standing::Newer => {
                let mut builder = self.import.begin()?;
                let rejected = fill(&mut |record, date| builder.add(record, date))?;
                self.import.commit(builder, detail)?;
                Ok(imported(Taken::New, rejected))
            }
        }
    }
}

/// Records that were not taken, with their file.
type Rejected = Vec<(String, RejectedRecord)>;
/// Takes a record whose source has a date.
type Add<'a> = dyn FnMut(PackRecord, &str) -> Result<(), PacksError> + 'a;

/// What can go wrong while records of a pack go into a table.
enum AddError {
    Pack(PackError),
    Packs(PacksError),
}

impl From<PackError> for AddError {
    fn from(error: PackError) -> Self {
        Self::Pack(error)
    }
}

fn source_of(looked: &Looked) -> PackSource {
    PackSource {
        name: looked.file.name.clone(),
        feed: looked.read.feed.clone(),
        as_of: looked.read.as_of.map(|it| it.to_string()),
        licence: licence(&looked.read.feed).map(str::to_owned),
        digest: looked.digest.clone(),
        records: looked.read.records.clone(),
        rejected: looked.read.rejected,
    }
}
