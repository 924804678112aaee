//! Which packages does the tree hold, according to dpkg, rpm and apk?
//!
//! Source: the databases that `packages` reads. Records of every dpkg state are kept: a package
//! that was removed and left its configuration is one, and ask [`Inventory::installed`] for those
//! whose files are in place.

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::packages::{Detail, Manager, Package, Problem, Record};
use crate::packages::{apk, dpkg, rpm, rpm_bdb, rpm_ndb};
use crate::tree;
use casemate_schema::{InstalledPackage, PackageManager};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// dpkg's database.
pub(crate) const DPKG_STATUS: &str = "/var/lib/dpkg/status";
const DPKG_FRAGMENTS: &str = "/var/lib/dpkg/status.d";
const APK: [&str; 2] = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];
/// The newer place first: the older one is often a link to it.
const RPM: [&str; 2] = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
/// Largest database that is read: ten times that of a large desktop.
const DATABASE_BYTES_MAX: u64 = 512 << 20;

/// The packages of a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    /// Packages in every state, sorted by manager, name, architecture and version.
    pub(crate) packages: Vec<Package>,
    /// The databases that were read.
    pub(crate) databases: Vec<(Manager, PathBuf)>,
    /// What could not be read.
    pub(crate) limits: Vec<Limit>,
}

impl Inventory {
    /// Packages whose files are in place.
    pub(crate) fn installed(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| package.status.is_installed())
    }

    /// Whether a package of this name is in place.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.installed().any(|package| package.name == name)
    }

    /// The database of this manager, if the tree has one.
    pub(crate) fn database(&self, manager: Manager) -> Option<&Path> {
        self.databases
            .iter()
            .find(|(found, _)| *found == manager)
            .map(|(_, path)| path.as_path())
    }

    /// The packages in place as reports list them, sorted.
    pub(crate) fn listed(&self) -> Vec<InstalledPackage> {
        let listed: BTreeSet<InstalledPackage> = self
            .installed()
            .map(|package| InstalledPackage {
                name: package.name.clone(),
                manager: match package.manager {
                    Manager::Apk => PackageManager::Apk,
                    Manager::Dpkg => PackageManager::Dpkg,
                    Manager::Rpm => PackageManager::Rpm,
                },
                version: package.version.clone(),
                arch: package.arch.clone(),
                source_name: package.source_name.clone(),
                source_version: package.source_version.clone(),
                module: package.modularity_label.clone(),
            })
            .collect();
        listed.into_iter().collect()
    }
}

/// Reads the packages, without their files.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Inventory> {
    let mut packages = Vec::new();
    let (databases, limits) = each_record(facts, Detail::Packages, &mut |record| {
        packages.push(record.package);
    });
    if databases.is_empty() {
        return Err(match limits.into_iter().next() {
            Some(limit) => Skip::NotAssessed {
                reason: limit.reason,
                privileges: limit.privileges,
            },
            None => Skip::not_applicable("there is no package database of dpkg, rpm or apk"),
        });
    }
    packages.sort_by(|a: &Package, b| {
        let key = |p: &Package| (p.manager, p.name.clone(), p.arch.clone(), p.version.clone());
        key(a).cmp(&key(b))
    });
    Ok(Inventory {
        packages,
        databases,
        limits,
    })
}

/// Hands over every record of every database, and says which databases there are.
pub(crate) fn each_record(
    facts: &Facts<'_>,
    detail: Detail,
    sink: &mut dyn FnMut(Record),
) -> (Vec<(Manager, PathBuf)>, Vec<Limit>) {
    let mut reader = Reader {
        facts,
        databases: Vec::new(),
        limits: Vec::new(),
    };
    reader.dpkg(sink);
    reader.apk(detail, sink);
    reader.rpm(detail, sink);
    (reader.databases, reader.limits)
}

struct Reader<'f, 'a> {
    facts: &'f Facts<'a>,
    databases: Vec<(Manager, PathBuf)>,
    limits: Vec<Limit>,
}

impl Reader<'_, '_> {
    fn bytes(&mut self, path: &Path) -> Option<Vec<u8>> {
        match tree::read_up_to(self.facts.tree(), path, DATABASE_BYTES_MAX) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                if !error.is_not_found() {
                    self.limits.push(Limit::from_error(&error));
                }
                None
            }
        }
    }

    fn found(&mut self, manager: Manager, path: &Path, problems: &[Problem]) {
        self.databases.push((manager, path.to_path_buf()));
        if let Some(problem) = problems.first() {
            self.limits.push(Limit {
                reason: format!("`{}`: {problem}", path.display()),
                privileges: false,
            });
        }
    }

    fn dpkg(&mut self, sink: &mut dyn FnMut(Record)) {
        if let Some(bytes) = self.bytes(Path::new(DPKG_STATUS)) {
            let (records, problems) = dpkg::parse_status(&bytes);
            self.found(Manager::Dpkg, Path::new(DPKG_STATUS), &problems);
            records.into_iter().for_each(&mut *sink);
        }
        let Ok(names) = self.facts.list_if_there(DPKG_FRAGMENTS) else {
            return self.unseen_folder(DPKG_FRAGMENTS);
        };
        for name in names {
            // The digests of a fragment stand beside it under its name and `.md5sums`.
            if name.as_encoded_bytes().ends_with(b".md5sums") {
                continue;
            }
            let path = Path::new(DPKG_FRAGMENTS).join(name);
            if let Some(bytes) = self.bytes(&path) {
                let (records, problems) = dpkg::parse_fragment(&bytes);
                self.found(Manager::Dpkg, &path, &problems);
                records.into_iter().for_each(&mut *sink);
            }
        }
    }

    fn apk(&mut self, detail: Detail, sink: &mut dyn FnMut(Record)) {
        for path in APK.map(Path::new) {
            if let Some(bytes) = self.bytes(path) {
                let (records, problems) = apk::parse(&bytes, detail);
                self.found(Manager::Apk, path, &problems);
                records.into_iter().for_each(&mut *sink);
                return;
            }
        }
    }

    fn rpm(&mut self, detail: Detail, sink: &mut dyn FnMut(Record)) {
        for folder in RPM.map(Path::new) {
            for name in ["rpmdb.sqlite", "Packages.db", "Packages"] {
                let path = folder.join(name);
                let Some(bytes) = self.bytes(&path) else {
                    continue;
                };
                let read = match name {
                    "rpmdb.sqlite" => {
                        let log = self.bytes(&folder.join("rpmdb.sqlite-wal"));
                        let log = log.as_ref().filter(|log| !log.is_empty());
                        rpm::read_sqlite(&bytes, log.map(|log| log as _), detail, sink)
                    }
                    "Packages.db" => rpm_ndb::read_packages(&bytes, detail, sink),
                    _ => rpm_bdb::read_packages(&bytes, detail, sink),
                };
                match read {
                    Ok(problems) => self.found(Manager::Rpm, &path, &problems),
                    Err(error) => self.limits.push(Limit {
                        reason: format!("cannot read `{}`: {error}", path.display()),
                        privileges: false,
                    }),
                }
                return;
            }
        }
    }

    fn unseen_folder(&mut self, path: &str) {
        self.limits.push(Limit {
            reason: format!("cannot list `{path}`"),
            privileges: true,
        });
    }
}
