//! The units of a tree as systemd would load them.
//!
//! Answers: which units there are, each counted once however many folders, links and names lead
//! to it; which of them are masked; which drop-ins apply and in which order; who enables them.
//!
//! How: the search path is walked from the highest to the lowest rank, and folders that are the
//! same folder by a link (`/lib` -> `/usr/lib`) are walked once. The first entry of a name wins. A
//! link to a name inside the search path makes an alias, a link to the outside a linked unit, an
//! empty file or a link to `/dev/null` a mask. Drop-ins of all folders are merged by file name.
//!
//! Invariants: values are sorted by name; at most [`ENTRIES_MAX`] entries of one folder,
//! [`NAMES_MAX`] aliases and [`DROP_INS_MAX`] drop-ins of one unit are looked at; a file that
//! could not be read and a drop-in beyond the limit is a [`Problem`] of its unit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{UnitFiles, canonical, canonical_parent};
use super::name::{NameClass, UnitKind, UnitName};
use super::parse::{Problem, ProblemKind, parse};
use super::unit::{Enablement, Requirement, Unit};

/// The folders of the system manager, highest rank first (`systemd-analyze unit-paths`).
pub const SEARCH_PATH: [&str; 13] = [
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
];

/// Most entries of one folder that are looked at.
pub const ENTRIES_MAX: usize = 65_536;
/// Most other names of one unit whose drop-ins are looked for.
pub const NAMES_MAX: usize = 256;
/// Most drop-ins of one unit that are read.
pub const DROP_INS_MAX: usize = 1024;
/// Most aliases followed from one name; systemd's own limit.
const ALIASES_MAX: usize = 8;

/// What a name in the search path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    /// A unit file, or a link that leaves the search path.
    Fragment(PathBuf),
    /// A link to another name.
    Alias(String),
}

/// All units of a tree.
#[derive(Debug)]
pub struct Units<F> {
    files: F,
    dirs: Vec<PathBuf>,
    entries: BTreeMap<String, Entry>,
    drop_in_dirs: Vec<BTreeSet<String>>,
    aliases: BTreeMap<String, Vec<UnitName>>,
    enabled: BTreeMap<String, Vec<Enablement>>,
}

impl<F: UnitFiles> Units<F> {
    /// Reads the names, links and enablements of the tree; unit files are read by [`Units::load`].
    pub fn open(files: F) -> Self {
        let mut units = Self {
            dirs: search_dirs(&files),
            files,
            entries: BTreeMap::new(),
            drop_in_dirs: Vec::new(),
            aliases: BTreeMap::new(),
            enabled: BTreeMap::new(),
        };
        let mut wants = Vec::new();
        for dir in units.dirs.clone() {
            units.enter(&dir, &mut wants);
        }
        units.aliases = units.collect_aliases();
        units.enabled = units.collect_enablements(&wants);
        units
    }

    /// The tree that the units come from.
    #[must_use]
    pub fn files(&self) -> &F {
        &self.files
    }

    /// The folders that were walked, highest rank first.
    #[must_use]
    pub fn dirs(&self) -> &[PathBuf] {
        &self.dirs
    }

    /// The names of all units, each unit once: plain units, templates, and the instances that a
    /// file or an enablement names. Aliases are left out.
    #[must_use]
    pub fn names(&self) -> Vec<UnitName> {
        let own = self
            .entries
            .iter()
            .filter(|(_, entry)| matches!(entry, Entry::Fragment(_)))
            .map(|(name, _)| name);
        let names: BTreeSet<&String> = own.chain(self.enabled.keys()).collect();
        names
            .into_iter()
            .filter_map(|name| UnitName::parse(name))
            .collect()
    }

    /// The name under which a unit is loaded: an alias gives the name of its target.
    #[must_use]
    pub fn main_name(&self, name: &str) -> Option<UnitName> {
        self.find(&UnitName::parse(name)?).map(|(name, _)| name)
    }

    /// The unit in force under a name or an alias; `None` when no file defines it.
    #[must_use]
    pub fn load(&self, name: &str) -> Option<Unit> {
        let (name, path) = self.find(&UnitName::parse(name)?)?;
        let aliases = self.aliases_of(&name, &path);
        let masked = self.is_null(&path);
        let mut drop_ins = if masked {
            Vec::new()
        } else {
            self.drop_ins(&name, &aliases)
        };
        let left_out = drop_ins.get(DROP_INS_MAX).map(|path| Problem {
            kind: ProblemKind::TooManyDropIns,
            file: Arc::from(path.as_path()),
            line: 0,
        });
        drop_ins.truncate(DROP_INS_MAX);
        let mut unit = Unit {
            kind: name.kind(),
            enabled_by: self.enabled.get(name.as_str()).cloned().unwrap_or_default(),
            name,
            aliases,
            masked,
            settings: Vec::new(),
            problems: left_out.into_iter().collect(),
            complete: true,
            path,
            drop_ins,
        };
        if !masked {
            unit.complete = self.read_into(&mut unit, None);
            for index in 0..unit.drop_ins.len() {
                self.read_into(&mut unit, Some(index));
            }
        }
        Some(unit)
    }

    /// Every unit, in the order of names.
    pub fn all(&self) -> impl Iterator<Item = Unit> + '_ {
        self.names()
            .into_iter()
            .filter_map(|name| self.load(name.as_str()))
    }

    /// Reads the unit file or one drop-in; false when it could not be read to its end.
    fn read_into(&self, unit: &mut Unit, drop_in: Option<usize>) -> bool {
        let path = match drop_in {
            Some(index) => unit.drop_ins.get(index).unwrap_or(&unit.path),
            None => &unit.path,
        };
        if let Some(bytes) = self.files.read(path) {
            let parsed = parse(path, &bytes);
            unit.settings.extend(parsed.settings);
            unit.problems.extend(parsed.problems);
            return parsed.complete;
        }
        if drop_in.is_some() && self.is_null(path) {
            return true;
        }
        let file: Arc<Path> = Arc::from(path.as_path());
        unit.problems.push(Problem {
            kind: ProblemKind::Unreadable,
            file,
            line: 0,
        });
        false
    }

    /// Takes the entries of one folder of the search path.
    fn enter(&mut self, dir: &Path, wants: &mut Vec<(PathBuf, String, Requirement)>) {
        let mut drop_in_dirs = BTreeSet::new();
        for name in sorted_names(&self.files, dir) {
            if let Some((stem, suffix)) = name.rsplit_once('.') {
                if suffix == "d" {
                    drop_in_dirs.insert(stem.to_owned());
                    continue;
                }
                if let Some(requirement) = Requirement::of_suffix(suffix) {
                    wants.push((dir.join(&name), stem.to_owned(), requirement));
                    continue;
                }
            }
            if self.entries.contains_key(&name) {
                continue;
            }
            let Some(unit) = UnitName::parse(&name) else {
                continue;
            };
            if let Some(entry) = self.entry(dir, &unit) {
                self.entries.insert(name, entry);
            }
        }
        self.drop_in_dirs.push(drop_in_dirs);
    }

    /// What one file or link of the search path stands for; `None` when systemd ignores it.
    fn entry(&self, dir: &Path, name: &UnitName) -> Option<Entry> {
        let path = dir.join(name.as_str());
        let Some(target) = self.files.link(&path) else {
            return (!self.files.is_dir(&path)).then_some(Entry::Fragment(path));
        };
        let target = canonical_parent(&self.files, &dir.join(target))?;
        if !self.dirs.iter().any(|dir| target.starts_with(dir)) {
            return Some(Entry::Fragment(path));
        }
        let target = UnitName::parse(target.file_name()?.to_str()?)?;
        may_alias(name, &target).then(|| Entry::Alias(target.as_str().to_owned()))
    }

    /// The main name and the unit file of a name.
    fn find(&self, name: &UnitName) -> Option<(UnitName, PathBuf)> {
        self.follow(name, name.as_str())
            .or_else(|| self.follow(name, name.template()?.as_str()))
    }

    fn follow(&self, name: &UnitName, first: &str) -> Option<(UnitName, PathBuf)> {
        let mut id = first.to_owned();
        for hop in 0..ALIASES_MAX {
            let entry = match self.entries.get(&id) {
                Some(entry) => entry,
                None if hop == 0 => return None,
                None => {
                    id = UnitName::parse(&id)?.template()?.as_str().to_owned();
                    self.entries.get(&id)?
                }
            };
            match entry {
                Entry::Alias(next) => next.clone_into(&mut id),
                Entry::Fragment(path) => {
                    let found = UnitName::parse(&id)?;
                    let instance = name.instance().filter(|instance| !instance.is_empty());
                    let main = match (found.class(), instance) {
                        (NameClass::Template, Some(instance)) => found.with_instance(instance)?,
                        _ => found,
                    };
                    return Some((main, path.clone()));
                }
            }
        }
        None
    }

    /// Empty files and links to `/dev/null` mask.
    fn is_null(&self, path: &Path) -> bool {
        canonical(&self.files, path).is_some_and(|path| path == Path::new("/dev/null"))
            || self.files.read(path).is_some_and(|bytes| bytes.is_empty())
    }

    fn collect_aliases(&self) -> BTreeMap<String, Vec<UnitName>> {
        let mut aliases: BTreeMap<String, Vec<UnitName>> = BTreeMap::new();
        for (name, entry) in &self.entries {
            let Some(name) = UnitName::parse(name) else {
                continue;
            };
            if matches!(entry, Entry::Fragment(_)) {
                continue;
            }
            if let Some((main, _)) = self.find(&name) {
                aliases
                    .entry(main.as_str().to_owned())
                    .or_default()
                    .push(name);
            }
        }
        aliases
    }

    /// The other names of a unit; those of its template count for an instance.
    fn aliases_of(&self, name: &UnitName, path: &Path) -> Vec<UnitName> {
        let direct = self
            .aliases
            .get(name.as_str())
            .into_iter()
            .flatten()
            .cloned();
        let mut found: BTreeSet<UnitName> = direct.collect();
        let template = name
            .template()
            .and_then(|template| self.aliases.get(template.as_str()));
        for alias in template.into_iter().flatten() {
            let instance = name
                .instance()
                .and_then(|instance| alias.with_instance(instance));
            let same = |alias: &UnitName| self.find(alias).is_some_and(|(_, other)| other == path);
            found.extend(instance.filter(same));
        }
        found.remove(name);
        found.into_iter().take(NAMES_MAX).collect()
    }

    /// The drop-ins of a unit, in the order in which they are read.
    fn drop_ins(&self, name: &UnitName, aliases: &[UnitName]) -> Vec<PathBuf> {
        let mut names: Vec<Vec<String>> = std::iter::once(name)
            .chain(aliases)
            .map(UnitName::drop_in_names)
            .collect();
        names.push(vec![name.kind().suffix().to_owned()]);
        let mut merged: BTreeMap<String, PathBuf> = BTreeMap::new();
        for names in names {
            for (dir, present) in self.dirs.iter().zip(&self.drop_in_dirs) {
                for name in names.iter().filter(|name| present.contains(*name)) {
                    let folder = dir.join(format!("{name}.d"));
                    for file in sorted_names(&self.files, &folder) {
                        let path = folder.join(&file);
                        let counts = file.ends_with(".conf") && !file.starts_with('.');
                        if counts && !self.files.is_dir(&path) {
                            merged.entry(file).or_insert(path);
                        }
                    }
                }
            }
        }
        merged.into_values().collect()
    }

    /// Who pulls in which unit. The highest folder decides per pair; a null link undoes it.
    fn collect_enablements(
        &self,
        wants: &[(PathBuf, String, Requirement)],
    ) -> BTreeMap<String, Vec<Enablement>> {
        let mut seen = BTreeSet::new();
        let mut enabled: BTreeMap<String, Vec<Enablement>> = BTreeMap::new();
        for (folder, by, requirement) in wants {
            if UnitName::parse(by).is_none() {
                continue;
            }
            for entry in sorted_names(&self.files, folder) {
                let path = folder.join(&entry);
                if !seen.insert((by.clone(), *requirement, entry.clone())) || self.is_null(&path) {
                    continue;
                }
                let Some(name) = UnitName::parse(&entry) else {
                    continue;
                };
                let Some((main, _)) = self.find(&name) else {
                    continue;
                };
                if main.class() != NameClass::Template {
                    enabled
                        .entry(main.as_str().to_owned())
                        .or_default()
                        .push(Enablement {
                            by: by.clone(),
                            requirement: *requirement,
                            path,
                        });
                }
            }
        }
        for list in enabled.values_mut() {
            list.sort();
        }
        enabled
    }
}

/// The folders that exist, without those that are another one by a link.
fn search_dirs(files: &dyn UnitFiles) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    for dir in SEARCH_PATH {
        let Some(real) = canonical(files, Path::new(dir)) else {
            continue;
        };
        if files.is_dir(&real) && !dirs.contains(&real) {
            dirs.push(real);
        }
    }
    dirs
}

/// The entries of a folder that are text, sorted.
fn sorted_names(files: &dyn UnitFiles, dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = files
        .list(dir)
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .collect();
    names.sort();
    names.truncate(ENTRIES_MAX);
    names
}

/// Whether a link from one name to the other is an alias that systemd accepts.
fn may_alias(name: &UnitName, target: &UnitName) -> bool {
    let kind: UnitKind = name.kind();
    let classes_fit = match (name.class(), target.class()) {
        (NameClass::Instance, NameClass::Instance) => name.instance() == target.instance(),
        (NameClass::Instance, NameClass::Template) => true,
        (from, to) => from == to,
    };
    kind == target.kind()
        && kind.may_alias()
        && (name.class() == NameClass::Plain || kind.may_template())
        && classes_fit
        && name != target
}

#[cfg(test)]
mod tests;
