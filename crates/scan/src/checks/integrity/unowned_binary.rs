//! Programs in the system's folders that no package brought.

use super::dpkg_info::DpkgInfo;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{Facts, inventory};
use crate::packages::{Detail, Manager};
use crate::tree::{Kind, Metadata};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

check! {
    /// # What it checks
    /// Every executable file in `/bin`, `/sbin`, `/usr/bin` and `/usr/sbin` belongs to an installed
    /// package or is where a package's file was diverted to. `/bin/ls` and `/usr/bin/ls` are the same
    /// where `/bin` is a link to `/usr/bin`. Links are not judged, and `/usr/local` is not looked
    /// at: it is the administrator's.
    ///
    /// # Why it matters
    /// Programs put beside the package manager get no updates and no digests, and a name in the
    /// system's path is a good hiding place.
    ///
    /// # Example
    /// `/usr/sbin/httpd-helper`, copied there by hand.
    ///
    /// # Instead
    /// Install it as a package, or move it to `/usr/local/bin`. If nobody knows it, treat it as an
    /// intrusion: keep a copy and find out when it came (`stat`).
    id: "integrity-unowned-binary",
    surface: Integrity,
    title: "Program belongs to no package",
    severity: Low,
    references: [Attack "T1036.005", Attack "T1554", Man "dpkg-query(1)"],
}

const FOLDERS: [&str; 4] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let inventory = cx.facts.inventory()?;
    cx.limits(&inventory.limits);
    let mut owned = BTreeSet::new();
    if inventory.database(Manager::Dpkg).is_some() {
        owned_by_dpkg(cx, &mut owned)?;
    }
    if inventory
        .databases
        .iter()
        .any(|(manager, _)| *manager != Manager::Dpkg)
    {
        inventory::each_record(cx.facts, Detail::Files, &mut |record| {
            if record.package.manager != Manager::Dpkg {
                let files = record.files.iter();
                owned.extend(files.filter_map(|file| plain(&file.path)));
            }
        });
    }
    if owned.is_empty() {
        return Err(Skip::not_assessed(
            "the packages name no programs: their lists are missing",
        ));
    }
    for folder in FOLDERS.map(Path::new) {
        let is_link = |facts: &Facts<'_>| {
            facts
                .tree()
                .link_metadata(folder)
                .is_ok_and(|found| found.kind == Kind::Link)
        };
        if is_link(cx.facts) {
            continue;
        }
        let mut found = Vec::new();
        let mut visit = |name: &OsStr, facts: Metadata| {
            if facts.kind == Kind::File && facts.mode & 0o111 != 0 {
                found.push((folder.join(name), facts));
            }
            true
        };
        match cx.facts.tree().visit(folder, &mut visit) {
            Ok(()) => {}
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error.into()),
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (path, facts) in found {
            if plain(path.as_os_str().as_bytes()).is_some_and(|name| owned.contains(&name)) {
                continue;
            }
            let title = format!("Program `{}` belongs to no package", path.display());
            let hit = Hit::new(title)
                .path(&path)
                .evidence("mode", facts.mode_text())
                .evidence("owner", facts.uid.to_string());
            cx.hit(hit);
        }
    }
    Ok(())
}

/// A path in one of the folders without its leading `/usr`: on merged systems both are the same,
/// and on others no package puts one program in both.
fn plain(path: &[u8]) -> Option<Vec<u8>> {
    let path = path.strip_prefix(b"/usr").unwrap_or(path);
    let is_program = path.starts_with(b"/bin/") || path.starts_with(b"/sbin/");
    is_program.then(|| path.to_vec())
}

fn owned_by_dpkg(cx: &mut Cx<'_>, owned: &mut BTreeSet<Vec<u8>>) -> Result<(), Skip> {
    let info = DpkgInfo::read(cx.facts)?;
    for package in cx.facts.inventory()?.installed() {
        if package.manager != Manager::Dpkg {
            continue;
        }
        match info.file(package, "list") {
            Ok(Some(list)) => owned.extend(list.split(|byte| *byte == b'\n').filter_map(plain)),
            Ok(None) => {}
            Err(limit) => cx.limit(limit),
        }
    }
    owned.extend(
        info.diversions
            .iter()
            .filter_map(|diversion| plain(&diversion.to)),
    );
    Ok(())
}
