//! The pointer: which version of which pack is in use, and which one was before it.

use super::PacksError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Most packs.
pub(crate) const PACKS_MAX: usize = 1000;
/// Largest pointer file: a kilobyte a pack.
pub(crate) const POINTER_BYTES_MAX: u64 = 1 << 20;
const FORMAT: u64 = 1;

/// One pack version as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The version.
    pub version: u64,
    /// What tells its content from that of others.
    pub digest: String,
    /// The table file's name.
    pub file: String,
    /// The table file's length.
    pub bytes: u64,
    /// BLAKE3 digest of the table file.
    pub blake3: String,
}

/// A pack of the pointer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) active: Version,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) former: Option<Version>,
    /// The newest version that was ever imported; going back by hand does not lower it.
    pub(crate) newest: u64,
}

/// The whole pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Active {
    pub(crate) format: u64,
    pub(crate) packs: BTreeMap<String, Entry>,
}

/// How a pack that is to be imported compares with what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is in use already.
    Same,
    /// It is the version before the one in use: it need not be built, [`super::Import::restore`]
    /// brings it back.
    Former,
    /// It is new, or newer than what is in use.
    Newer,
}

impl Active {
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, PacksError> {
        let damaged = |reason: String| PacksError::Damaged {
            path: path.to_path_buf(),
            reason,
        };
        let active: Self = serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
        if active.format != FORMAT {
            return Err(damaged(format!("its format is {}", active.format)));
        }
        let files = active.packs.values().flat_map(Entry::versions);
        if let Some(odd) = files.map(|it| &it.file).find(|file| file.contains('/')) {
            return Err(damaged(format!("it names the file `{odd}`")));
        }
        Ok(active)
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    pub(crate) fn standing(
        &self,
        name: &str,
        version: u64,
        digest: &str,
    ) -> Result<Standing, PacksError> {
        let Some(entry) = self.packs.get(name) else {
            return Ok(Standing::Newer);
        };
        if version < entry.newest {
            return Err(PacksError::Older {
                name: name.to_owned(),
                version,
                newest: entry.newest,
            });
        }
        match entry.versions().find(|it| it.version == version) {
            Some(known) if known.digest != digest => Err(PacksError::OtherContent {
                name: name.to_owned(),
                version,
            }),
            Some(_) if entry.active.version == version => Ok(Standing::Same),
            Some(_) => Ok(Standing::Former),
            None => Ok(Standing::Newer),
        }
    }

    /// Puts a version into use; the one in use becomes the former one.
    pub(crate) fn put(&mut self, name: &str, version: Version) {
        self.format = FORMAT;
        let before = self.packs.remove(name);
        let newest = before.as_ref().map_or(0, |entry| entry.newest);
        let former = before.and_then(|entry| {
            // The same version again mends a damaged file; the one before stays what it is.
            let is_same = entry.active.version == version.version;
            if is_same {
                entry.former
            } else {
                Some(entry.active)
            }
        });
        let entry = Entry {
            newest: newest.max(version.version),
            former,
            active: version,
        };
        self.packs.insert(name.to_owned(), entry);
    }

    /// Puts the former version into use again.
    pub(crate) fn restore(&mut self, name: &str) -> Result<(), PacksError> {
        let name = name.to_owned();
        let Some(entry) = self.packs.get_mut(&name) else {
            return Err(PacksError::NoSuchPack { name });
        };
        let former = entry.former.take().ok_or(PacksError::NoFormer { name })?;
        entry.former = Some(std::mem::replace(&mut entry.active, former));
        Ok(())
    }

    /// Files that are in use or can be restored.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.packs
            .values()
            .flat_map(Entry::versions)
            .map(|it| it.file.as_str())
    }
}

impl Entry {
    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.active).chain(&self.former)
    }
}
