//! Packs of a site: importing signed packs and plain feeds, building packs, going back.
//!
//! A signed pack is believed when a pinned key signed it. A feed file can be imported as its
//! publisher gives it; nobody vouches for it then, so it becomes a pack of its own named
//! `feed-...`, which a signed pack can never be, and which says of itself that nobody signed it.

mod build;
mod feed;
mod import;
pub mod keys;

pub use build::{BuildRequest, Built, NAME, build};
pub use feed::FeedFile;
pub use import::{ImportRequest, Imported, Outcome, Taken, import};

use crate::error::Error;
use casemate_bundle::{Manifest, Pack, PackError, PublicKey, Unchecked};
use casemate_store::packs::{PackDetail, PackSource, Packs};
use std::fs::File;
use std::path::Path;

/// How names of packs begin that hold feeds as their publisher gave them.
pub const FEED_PREFIX: &str = "feed-";
/// The name of the pack in the program.
pub const BUILTIN: &str = "builtin";

/// Tells how far it is: bytes or records done, of how many, and what is done now.
pub type Progress<'a> = &'a dyn Fn(u64, u64, &str);

/// A pack of the site.
#[derive(Debug)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// What it says of itself, or why it cannot be read.
    pub detail: Result<PackDetail, Error>,
    /// The version that can be restored.
    pub former: Option<u64>,
}

/// The packs that can be asked: those of the site by name, then the one in the program.
///
/// # Errors
/// When it cannot be said which packs there are; a damaged pack is an entry.
pub fn list(data_dir: &Path) -> Result<Vec<Kept>, Error> {
    let kept = Packs::of(data_dir).list()?.into_iter().map(|listed| Kept {
        name: listed.name,
        detail: listed
            .active
            .map(|file| file.detail().clone())
            .map_err(Error::from),
        former: listed.former,
    });
    let builtin = Kept {
        name: BUILTIN.to_owned(),
        detail: Ok(crate::knowledge::builtin().detail().clone()),
        former: None,
    };
    Ok(kept.chain([builtin]).collect())
}

/// One pack of the site, every byte of it compared with what was imported.
///
/// # Errors
/// [`Error::Packs`] when there is no such pack or it is damaged.
pub fn show(data_dir: &Path, name: &str) -> Result<Kept, Error> {
    if name == BUILTIN {
        return Ok(Kept {
            name: name.to_owned(),
            detail: Ok(crate::knowledge::builtin().detail().clone()),
            former: None,
        });
    }
    let listed = Packs::of(data_dir)
        .list()?
        .into_iter()
        .find(|it| it.name == name);
    let no_such = || casemate_store::packs::PacksError::NoSuchPack {
        name: name.to_owned(),
    };
    let listed = listed.ok_or_else(no_such)?;
    let file = listed.active?;
    file.verify()?;
    Ok(Kept {
        name: listed.name,
        detail: Ok(file.detail().clone()),
        former: listed.former,
    })
}

/// Puts the version before into use again.
///
/// # Errors
/// [`Error::Packs`] when there is none, or it is damaged.
pub fn restore(data_dir: &Path, name: &str) -> Result<PackDetail, Error> {
    let packs = Packs::of(data_dir);
    Ok(packs.import()?.restore(name)?)
}

/// Checks a pack file as an import would, down to each record, and keeps nothing. `trust` counts as
/// pinned for this once.
///
/// # Errors
/// [`Error::Pack`] with the reason for which an import would refuse it.
pub fn verify(
    data_dir: &Path,
    name: &str,
    trust: Option<&Path>,
    progress: Progress<'_>,
) -> Result<Manifest, Error> {
    let trust = trust.map(keys::public).transpose()?;
    let trusted = trusted(data_dir, trust.as_ref())?;
    let mut pack = open(name, &trusted, trust.as_ref(), progress)?;
    let of = pack.manifest().n_records();
    let mut done = 0;
    for index in 0..pack.manifest().sections.len() {
        let result: Result<(), PackError> = pack.records(index, &mut |_| {
            done += 1;
            if done % 1024 == 0 {
                progress(done, of, "records");
            }
            Ok(())
        });
        result.map_err(|source| refused(name, source))?;
    }
    Ok(pack.manifest().clone())
}

/// Keys that may sign: the pinned ones, and one that was named.
fn trusted(data_dir: &Path, named: Option<&PublicKey>) -> Result<Vec<PublicKey>, Error> {
    let pinned = keys::pinned(data_dir)?.into_iter().map(|pinned| pinned.key);
    Ok(pinned.chain(named.cloned()).collect())
}

/// Opens a pack file that one of the keys signed and whose every byte is right.
fn open(
    name: &str,
    trusted: &[PublicKey],
    named: Option<&PublicKey>,
    progress: Progress<'_>,
) -> Result<Pack<File>, Error> {
    let wrong = |source| refused(name, source);
    let file = File::open(name).map_err(|error| wrong(PackError::Io(error)))?;
    let pack = Unchecked::open(file).map_err(wrong)?;
    let found = pack.signer().fingerprint();
    let checked = pack.check(trusted, &|done, of| {
        progress(done >> 20, of >> 20, "MiB checked");
    });
    checked.map_err(|error| match (error, named) {
        // Who names a key is told that it is another one.
        (PackError::Unpinned { .. }, Some(key)) => wrong(PackError::WrongKey {
            expected: key.fingerprint(),
            found,
        }),
        (error, _) => wrong(error),
    })
}

fn refused(name: &str, source: PackError) -> Error {
    Error::Pack {
        name: name.to_owned(),
        source,
    }
}

/// What is kept of a manifest's sections.
fn sources(manifest: &Manifest) -> Vec<PackSource> {
    let source = |section: &casemate_bundle::Section| PackSource {
        name: section.source.clone(),
        feed: section.feed.clone(),
        as_of: section.as_of.clone(),
        licence: section.licence.clone(),
        digest: section.digest.clone(),
        records: section.records.clone(),
        rejected: section.rejected,
    };
    manifest.sections.iter().map(source).collect()
}
