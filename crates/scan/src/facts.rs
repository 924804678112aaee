//! Facts of a host, each read and parsed once and shared by all checks.
//!
//! A fact is computed when the first check asks for it. It says itself what it could not see: an
//! error ([`Skip`]) when nothing could be read, a list of [`Limit`]s beside the values otherwise.

pub(crate) mod apt_conf;
pub(crate) mod inventory;
pub(crate) mod os;
pub(crate) mod repositories;

use crate::check::{Limit, Skip};
use crate::run::Options;
use crate::tree::{self, Tree, TreeError};
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

/// A fact, or why there is none.
pub(crate) type Fact<T> = Result<T, Skip>;

/// Declares the facts: field, accessor, and the module's `read` function that computes it.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $read:path;)*) => {
        /// All facts of one host, computed on demand.
        pub struct Facts<'a> {
            tree: &'a dyn Tree,
            options: &'a Options,
            $($name: OnceLock<Fact<$type>>,)*
        }

        impl<'a> Facts<'a> {
            /// Facts of the given tree; nothing is read yet.
            #[must_use]
            pub fn new(tree: &'a dyn Tree, options: &'a Options) -> Self {
                Self { tree, options, $($name: OnceLock::new(),)* }
            }

            $($(#[$doc])*
            ///
            /// # Errors
            /// Why the fact could not be had.
            pub(crate) fn $name(&self) -> Result<&$type, Skip> {
                self.$name.get_or_init(|| $read(self)).as_ref().map_err(Clone::clone)
            })*
        }
    };
}

facts! {
    /// Name, operating system and kernel of the host.
    os: os::Os = os::read;
    /// Installed packages of dpkg, rpm and apk.
    inventory: inventory::Inventory = inventory::read;
    /// Settings of apt.
    apt_conf: apt_conf::AptConf = apt_conf::read;
    /// Package sources of apt, dnf and zypper.
    repositories: repositories::Repositories = repositories::read;
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("tree", &self.tree)
            .finish_non_exhaustive()
    }
}

impl Facts<'_> {
    /// The tree itself.
    pub(crate) fn tree(&self) -> &dyn Tree {
        self.tree
    }

    /// How the scan was asked for.
    pub(crate) fn options(&self) -> &Options {
        self.options
    }

    /// Reads a file that must be there to say anything.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, Skip> {
        tree::read(self.tree, path).map_err(Skip::from)
    }

    /// Reads a file that may be missing: `None` if so.
    pub(crate) fn read_if_there(&self, path: impl AsRef<Path>) -> Result<Option<Vec<u8>>, Skip> {
        if_there(tree::read(self.tree, path))
    }

    /// Reads a one-line file such as those of `/proc/sys`, trimmed; `None` if it is missing.
    pub(crate) fn value_if_there(&self, path: impl AsRef<Path>) -> Result<Option<String>, Skip> {
        let bytes = self.read_if_there(path)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()))
    }

    /// Names in a folder, sorted; empty if the folder is missing.
    pub(crate) fn list_if_there(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>, Skip> {
        Ok(if_there(tree::list(self.tree, path))?.unwrap_or_default())
    }

    /// Whether something stands at the path (links followed inside the tree).
    pub(crate) fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.tree.metadata(path.as_ref()).is_ok()
    }

    /// Fails as not assessed when the tree has no `/proc` of a running system.
    pub(crate) fn need_proc(&self) -> Result<(), Skip> {
        if self.exists("/proc/sys") || self.exists("/proc/self") || self.exists("/proc/1") {
            return Ok(());
        }
        Err(Skip::not_assessed(
            "the tree holds no /proc of a running system",
        ))
    }
}

/// Turns "not there" into `None`, every other failure into a skip.
fn if_there<T>(result: Result<T, TreeError>) -> Result<Option<T>, Skip> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads a file for a fact that goes on without it: a failure other than "not there" is a limit.
pub(crate) fn read_or_limit(
    facts: &Facts<'_>,
    path: impl AsRef<Path>,
    limits: &mut Vec<Limit>,
) -> Option<Vec<u8>> {
    match tree::read(facts.tree, path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            if !error.is_not_found() {
                limits.push(Limit::from_error(&error));
            }
            None
        }
    }
}
