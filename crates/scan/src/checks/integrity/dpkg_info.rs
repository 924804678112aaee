//! Where are the lists and digests of a dpkg package? Names in `/var/lib/dpkg/info` carry the
//! architecture for packages of several (`libc6:amd64.list`) and none for the others.

use crate::check::{Limit, Skip};
use crate::facts::Facts;
use crate::packages::Package;
use crate::packages::dpkg_files::{Diversion, parse_diversions};
use crate::tree;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

const FOLDER: &str = "/var/lib/dpkg/info";
const FRAGMENTS: &str = "/var/lib/dpkg/status.d";
/// Ten times the longest list of a large desktop.
const BYTES_MAX: u64 = 64 << 20;

/// The folder of lists and digests, and the diversions.
pub(super) struct DpkgInfo<'a> {
    facts: &'a Facts<'a>,
    names: BTreeSet<OsString>,
    pub(super) diversions: Vec<Diversion>,
}

impl<'a> DpkgInfo<'a> {
    pub(super) fn read(facts: &'a Facts<'a>) -> Result<Self, Skip> {
        let diversions = facts
            .read_if_there("/var/lib/dpkg/diversions")?
            .unwrap_or_default();
        Ok(Self {
            facts,
            names: facts.list_if_there(FOLDER)?.into_iter().collect(),
            diversions: parse_diversions(&diversions).0,
        })
    }

    /// The package's file of this kind, if it has one.
    pub(super) fn file(&self, package: &Package, kind: &str) -> Result<Option<Vec<u8>>, Limit> {
        let (name, arch) = (&package.name, &package.arch);
        let named = [format!("{name}:{arch}.{kind}"), format!("{name}.{kind}")]
            .into_iter()
            .find(|file| self.names.contains(Path::new(file).as_os_str()))
            .map(|file| Path::new(FOLDER).join(file));
        let path = named.unwrap_or_else(|| Path::new(FRAGMENTS).join(format!("{name}.{kind}")));
        match tree::read_up_to(self.facts.tree(), &path, BYTES_MAX) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(Limit::from_error(&error)),
        }
    }
}
