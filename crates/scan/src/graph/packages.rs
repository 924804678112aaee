//! Which package does each file of the graph belong to, so that what is known of the package counts?

use super::builder::{At, Builder};
use crate::facts::inventory::each_record;
use crate::packages::{Detail, Manager};
use crate::tree;
use casemate_schema::{EdgeKind, NodeKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Lists of dpkg that are read; a large desktop has 5,000 packages.
const LISTS_MAX: usize = 50_000;
/// Longest list.
const LIST_BYTES_MAX: u64 = 16 << 20;
const DPKG_INFO: &str = "/var/lib/dpkg/info";

pub(super) fn add(builder: &mut Builder<'_>) {
    let Ok(inventory) = builder.facts.inventory() else {
        return;
    };
    let wanted = spellings(builder);
    if wanted.is_empty() {
        return;
    }
    let mut owners: BTreeSet<(String, String)> = BTreeSet::new();
    if inventory.database(Manager::Dpkg).is_some() {
        dpkg(builder, &wanted, &mut owners);
    }
    let others = [Manager::Rpm, Manager::Apk];
    if others
        .iter()
        .any(|manager| inventory.database(*manager).is_some())
    {
        let mut sink = |record: crate::packages::Record| {
            let kind = match record.package.manager {
                Manager::Rpm => "rpm",
                Manager::Apk => "apk",
                Manager::Dpkg => return,
            };
            for file in &record.files {
                if let Some(path) = wanted.get(&*file.path) {
                    owners.insert((format!("{kind}:{}", record.package.name), path.clone()));
                }
            }
        };
        let (_, limits) = each_record(builder.facts, Detail::Files, &mut sink);
        builder.limits(&limits);
    }
    for (package, path) in owners {
        let name = package
            .split_once(':')
            .map_or(package.as_str(), |(_, name)| name)
            .to_owned();
        let id = builder.node(&format!("package:{package}"), NodeKind::Package, &name);
        let file = format!("file:{path}");
        let fact = "the package manager lists the file";
        builder.edge(&id, EdgeKind::Owns, &file, fact, At::path(Path::new(&path)));
    }
}

/// The files of the graph by each way to write them: `/bin/x` is `/usr/bin/x` on merged systems.
fn spellings(builder: &Builder<'_>) -> BTreeMap<Vec<u8>, String> {
    let mut wanted = BTreeMap::new();
    for path in builder.files() {
        let other = match path.strip_prefix("/usr") {
            Some(short) => short.to_owned(),
            None => format!("/usr{path}"),
        };
        wanted
            .entry(other.into_bytes())
            .or_insert_with(|| path.clone());
        wanted.insert(path.clone().into_bytes(), path);
    }
    wanted
}

fn dpkg(
    builder: &mut Builder<'_>,
    wanted: &BTreeMap<Vec<u8>, String>,
    owners: &mut BTreeSet<(String, String)>,
) {
    let tree = builder.facts.tree();
    let names = tree::list(tree, DPKG_INFO).unwrap_or_default();
    if names.len() > LISTS_MAX {
        builder.limit(format!("`{DPKG_INFO}` holds more than {LISTS_MAX} files"));
    }
    for name in names.iter().take(LISTS_MAX) {
        let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(".list")) else {
            continue;
        };
        let package = stem.split(':').next().unwrap_or(stem);
        let path = Path::new(DPKG_INFO).join(name);
        let Ok(bytes) = tree::read_up_to(tree, &path, LIST_BYTES_MAX) else {
            builder.limit(format!("`{}` could not be read", path.display()));
            continue;
        };
        for line in bytes.split(|byte| *byte == b'\n') {
            if let Some(path) = wanted.get(line) {
                owners.insert((format!("deb:{package}"), path.clone()));
            }
        }
    }
}
