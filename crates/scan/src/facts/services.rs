//! Which services start with the system, and which programs run now, by name.
//!
//! Enabled is what `*.wants` and `*.requires` folders of systemd, start links of System V, run
//! levels of OpenRC or services of runit name; a masked unit is not enabled. Where such a folder
//! cannot be read, a service that was not found counts as unknown, not as absent. Running is taken
//! from `/proc/N/comm` and absent where the tree holds no running system.

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::tree::{self, Kind, TreeError};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const UNIT_FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
const OTHER_FOLDERS: [&str; 9] = [
    "/etc/rc2.d",
    "/etc/rc3.d",
    "/etc/rc4.d",
    "/etc/rc5.d",
    "/etc/runlevels/sysinit",
    "/etc/runlevels/boot",
    "/etc/runlevels/default",
    "/etc/service",
    "/var/service",
];

/// Services of the host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Services {
    enabled: BTreeMap<String, PathBuf>,
    running: Option<BTreeSet<String>>,
    /// Whether this is a container, which leaves logging and time to its host.
    pub(crate) container: bool,
    /// What could not be seen.
    pub(crate) limits: Vec<Limit>,
}

impl Services {
    /// Where the first enabled one of these services is enabled; names without `.service`.
    ///
    /// # Errors
    /// Not assessed when none is found and places that enable services could not be seen.
    pub(crate) fn enabled(&self, names: &[&str]) -> Result<Option<&Path>, Skip> {
        let found = names.iter().find_map(|name| self.enabled.get(*name));
        match (found, self.limits.first()) {
            (None, Some(limit)) => Err(Skip::NotAssessed {
                reason: limit.reason.clone(),
                privileges: limit.privileges,
            }),
            (found, _) => Ok(found.map(PathBuf::as_path)),
        }
    }

    /// Whether one of these programs runs; `None` where that cannot be seen.
    pub(crate) fn running(&self, programs: &[&str]) -> Option<bool> {
        let running = self.running.as_ref()?;
        Some(programs.iter().any(|name| {
            let cut: String = name.chars().take(15).collect(); // as long as the kernel keeps it
            running.contains(&cut)
        }))
    }

    /// Whether a service runs or, where that cannot be seen, would start with the system.
    ///
    /// # Errors
    /// As [`Services::enabled`].
    pub(crate) fn active(&self, names: &[&str], programs: &[&str]) -> Result<bool, Skip> {
        match self.running(programs) {
            Some(runs) => Ok(runs),
            None => Ok(self.enabled(names)?.is_some()),
        }
    }
}

/// Reads units, run levels and processes.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Services> {
    let mut services = Services {
        running: running(facts)?,
        container: container(facts),
        ..Services::default()
    };
    let mut masked = BTreeSet::new();
    for folder in UNIT_FOLDERS {
        units(facts, Path::new(folder), &mut services, &mut masked);
    }
    services.enabled.retain(|name, _| !masked.contains(name));
    if !facts.exists("/usr/lib/systemd/systemd") && !facts.exists("/lib/systemd/systemd") {
        for folder in OTHER_FOLDERS {
            for name in names(facts, Path::new(folder), &mut services.limits) {
                let path = Path::new(folder).join(&name);
                let name = name.to_string_lossy();
                let link = name
                    .strip_prefix('S')
                    .map(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()));
                let name = if folder.starts_with("/etc/rc") {
                    link
                } else {
                    Some(&*name)
                };
                if let Some(name) = name {
                    services.enabled.entry(name.to_owned()).or_insert(path);
                }
            }
        }
    }
    Ok(services)
}

/// Marks of container engines. Images of virtual machines are made of containers too and keep the
/// mark; where the kernel's own threads are seen, the system is no container.
fn container(facts: &Facts<'_>) -> bool {
    let threads = facts.value_if_there("/proc/2/comm").ok().flatten();
    let own_kernel = threads.is_some_and(|name| name == "kthreadd");
    let marks = [
        "/.dockerenv",
        "/run/.containerenv",
        "/run/systemd/container",
    ];
    !own_kernel && marks.iter().any(|mark| facts.exists(mark))
}

/// Units that a folder of systemd wants, links that give a unit another name, and masked units.
fn units(facts: &Facts<'_>, folder: &Path, services: &mut Services, masked: &mut BTreeSet<String>) {
    for name in names(facts, folder, &mut services.limits) {
        let path = folder.join(&name);
        let name = name.to_string_lossy().into_owned();
        if name.ends_with(".wants") || name.ends_with(".requires") {
            for unit in names(facts, &path, &mut services.limits) {
                let place = path.join(&unit);
                let unit = short(&unit.to_string_lossy());
                services.enabled.entry(unit).or_insert(place);
            }
            continue;
        }
        let strong = folder.starts_with("/etc") || folder.starts_with("/run");
        if !strong {
            continue;
        }
        let metadata = match facts.tree().link_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => {
                note(&error, &mut services.limits);
                continue;
            }
        };
        if metadata.kind == Kind::Link {
            let target = facts.tree().read_link(&path).unwrap_or_else(|error| {
                note(&error, &mut services.limits);
                PathBuf::new()
            });
            if target == Path::new("/dev/null") {
                masked.insert(short(&name));
            } else if let Some(target) = target.file_name() {
                // `Alias=`: enabled under another name.
                let target = short(&target.to_string_lossy());
                services.enabled.entry(target).or_insert(path);
            }
        } else if metadata.kind == Kind::File && metadata.size == 0 {
            masked.insert(short(&name));
        }
    }
}

/// Names in a folder; one that cannot be seen is a limit, for it may enable services.
fn names(facts: &Facts<'_>, folder: &Path, limits: &mut Vec<Limit>) -> Vec<OsString> {
    tree::list(facts.tree(), folder).unwrap_or_else(|error| {
        note(&error, limits);
        Vec::new()
    })
}

fn note(error: &TreeError, limits: &mut Vec<Limit>) {
    let limit = Limit::from_error(error);
    // Where /lib leads to /usr/lib the same folder is met twice.
    if !error.is_not_found() && !limits.contains(&limit) {
        limits.push(limit);
    }
}

fn short(unit: &str) -> String {
    unit.strip_suffix(".service").unwrap_or(unit).to_owned()
}

fn running(facts: &Facts<'_>) -> Fact<Option<BTreeSet<String>>> {
    const PROCESSES_MAX: usize = 200_000;
    // Without process 1 others are hidden too (hidepid), or there is no running system.
    if facts
        .value_if_there("/proc/1/comm")
        .ok()
        .flatten()
        .is_none()
    {
        return Ok(None);
    }
    let mut names = BTreeSet::new();
    for pid in facts
        .list_if_there("/proc")?
        .into_iter()
        .take(PROCESSES_MAX)
    {
        let pid = pid.to_string_lossy();
        if pid.chars().all(|letter| letter.is_ascii_digit())
            && let Ok(Some(name)) = facts.value_if_there(format!("/proc/{pid}/comm"))
        {
            names.insert(name);
        }
    }
    Ok(Some(names))
}
