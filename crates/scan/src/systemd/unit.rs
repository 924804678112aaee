//! One unit in force: its settings with file and line, and typed ways to ask for them.
//!
//! Invariants: settings stand in the order in which systemd reads them (unit file, then drop-ins
//! by file name), so the last one of a single value wins and an empty one resets a list.

use std::path::{Path, PathBuf};

use super::exec::{self, Command};
use super::name::{UnitKind, UnitName};
use super::parse::{Problem, Setting};
use super::specifier;
use super::words::{Rules, boolean, words};

/// How strongly one unit pulls in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// `.wants/`
    Wants,
    /// `.requires/`
    Requires,
    /// `.upholds/`
    Upholds,
}

impl Requirement {
    /// By the suffix of the folder.
    pub(crate) fn of_suffix(suffix: &str) -> Option<Self> {
        match suffix {
            "wants" => Some(Self::Wants),
            "requires" => Some(Self::Requires),
            "upholds" => Some(Self::Upholds),
            _ => None,
        }
    }
}

/// One entry of a `.wants/` or `.requires/` folder that names the unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Enablement {
    /// The unit that pulls it in.
    pub by: String,
    /// How strongly.
    pub requirement: Requirement,
    /// The entry.
    pub path: PathBuf,
}

impl Enablement {
    /// Whether an administrator or the running system set it, and not the package itself.
    #[must_use]
    pub fn is_by_configuration(&self) -> bool {
        self.path.starts_with("/etc") || self.path.starts_with("/run")
    }
}

/// A unit as systemd would load it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The main name.
    pub name: UnitName,
    /// The other names, sorted.
    pub aliases: Vec<UnitName>,
    /// The kind.
    pub kind: UnitKind,
    /// The unit file, or the link that masks or links it.
    pub path: PathBuf,
    /// The drop-ins in the order in which they are read.
    pub drop_ins: Vec<PathBuf>,
    /// An empty file or a link to `/dev/null`: systemd refuses to start it.
    pub masked: bool,
    /// Who pulls it in, sorted.
    pub enabled_by: Vec<Enablement>,
    /// All assignments of the unit file and its drop-ins, in order.
    pub settings: Vec<Setting>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// False when the unit file could not be read to its end: systemd refuses to load it.
    pub complete: bool,
}

impl Unit {
    /// The section of the settings of its kind (`Service` for a service).
    #[must_use]
    pub fn own_section(&self) -> &'static str {
        self.kind.section().unwrap_or_default()
    }

    /// All assignments of a key, in order, resets included.
    pub fn assignments<'a>(
        &'a self,
        section: &'a str,
        key: &'a str,
    ) -> impl Iterator<Item = &'a Setting> + 'a {
        self.settings
            .iter()
            .filter(move |one| &*one.section == section && one.key == key)
    }

    /// The last assignment of a single value; `None` when unset or reset.
    #[must_use]
    pub fn value<'a>(&'a self, section: &'a str, key: &'a str) -> Option<&'a Setting> {
        self.assignments(section, key)
            .last()
            .filter(|one| !one.value.is_empty())
    }

    /// The assignments of a list that are in force: those behind the last empty one.
    #[must_use]
    pub fn list<'a>(&'a self, section: &'a str, key: &'a str) -> Vec<&'a Setting> {
        let mut list = Vec::new();
        for setting in self.assignments(section, key) {
            if setting.value.is_empty() {
                list.clear();
            } else {
                list.push(setting);
            }
        }
        list
    }

    /// The words of a list in force, quotes removed, each with its assignment.
    #[must_use]
    pub fn words<'a>(&'a self, section: &'a str, key: &'a str) -> Vec<(String, &'a Setting)> {
        self.list(section, key)
            .into_iter()
            .flat_map(|one| {
                words(&one.value, Rules::QUOTED)
                    .into_iter()
                    .map(move |word| (word, one))
            })
            .collect()
    }

    /// The yes/no value in force and its assignment. What is not a yes/no word, an empty value
    /// included, changes nothing.
    #[must_use]
    pub fn flag<'a>(&'a self, section: &'a str, key: &'a str) -> Option<(bool, &'a Setting)> {
        self.assignments(section, key)
            .filter_map(|one| Some((boolean(&one.value)?, one)))
            .last()
    }

    /// The value with its specifiers replaced.
    ///
    /// # Errors
    /// [`specifier::Error`] when only the running host knows a specifier.
    pub fn expand(&self, value: &str) -> Result<String, specifier::Error> {
        specifier::expand(value, &self.name, Some(&self.path))
    }

    /// The commands in force of `ExecStart=` and its like, each with its assignment; a line that
    /// systemd refuses stands as its error.
    #[must_use]
    pub fn commands<'a>(
        &'a self,
        section: &'a str,
        key: &'a str,
    ) -> Vec<(Result<Command, exec::Error>, &'a Setting)> {
        let mut found = Vec::new();
        for setting in self.list(section, key) {
            match exec::parse(&setting.value, &self.name, Some(&self.path)) {
                Ok(commands) => found.extend(commands.into_iter().map(|one| (Ok(one), setting))),
                Err(error) => found.push((Err(error), setting)),
            }
        }
        found
    }

    /// Whether an entry of `/etc` or `/run` enables the unit.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !self.masked && self.enabled_by.iter().any(Enablement::is_by_configuration)
    }

    /// Whether a file is a drop-in of the unit.
    pub(crate) fn is_drop_in(&self, file: &Path) -> bool {
        self.drop_ins.iter().any(|path| path == file)
    }
}
