//! Kernel modules: those that are loaded, and the files of the running release.
//!
//! `/proc/modules` is what the kernel tells programs, `/lib/modules/RELEASE/modules.dep` (made by
//! depmod(8)) what stands on disk. Names are written with underscores, as the kernel does.

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::tree::{self, Kind, TreeError};
use casemate_base::decompress::{self, Limits};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where the kernel lists loaded modules.
pub(crate) const LOADED: &str = "/proc/modules";
const MODULES_MAX: usize = 50_000;
const MODULE_BYTES_MAX: u64 = 256 << 20;
const DEPTH_MAX: usize = 16;

/// Module files of the running kernel's release.
#[derive(Clone, Debug, Default)]
pub(crate) struct Modules {
    /// `/lib/modules/RELEASE`.
    pub(crate) folder: PathBuf,
    /// Path of each module's file by name; empty when there is no `modules.dep`.
    pub(crate) files: BTreeMap<String, PathBuf>,
    /// Names of modules that are part of the kernel itself.
    pub(crate) builtin: BTreeSet<String>,
    /// What could not be read.
    pub(crate) limits: Vec<Limit>,
}

/// Reads which module files the running kernel can load.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Modules> {
    facts.need_proc()?;
    let Some(release) = facts.value_if_there("/proc/sys/kernel/osrelease")? else {
        return Err(Skip::not_assessed("the kernel's release is not in /proc"));
    };
    if release.is_empty() || release.contains('/') || release.starts_with('.') {
        return Err(Skip::not_assessed("the kernel's release is no file name"));
    }
    let folder = Path::new("/lib/modules").join(release);
    let mut limits = Vec::new();
    let mut text = |name: &str| {
        super::read_or_limit(facts, folder.join(name), &mut limits)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    };
    let dep = text("modules.dep");
    let builtin = text("modules.builtin");
    let files = dep
        .lines()
        .take(MODULES_MAX)
        .filter_map(|line| line.split_once(':'))
        .map(|(path, _)| (name_of(path), folder.join(path)))
        .collect();
    let builtin = builtin.lines().take(MODULES_MAX).map(name_of).collect();
    Ok(Modules {
        folder,
        files,
        builtin,
        limits,
    })
}

/// Loaded modules with their taint letters (`OE`, empty for none), by name.
pub(crate) fn loaded(facts: &Facts<'_>) -> Result<BTreeMap<String, String>, Skip> {
    facts.need_proc()?;
    let Some(bytes) = facts.read_if_there(LOADED)? else {
        return Err(Skip::not_applicable("this kernel has no loadable modules"));
    };
    let text = String::from_utf8_lossy(&bytes);
    Ok(text
        .lines()
        .take(MODULES_MAX)
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let name = fields.next()?.to_owned();
            let last = fields.last().unwrap_or_default();
            let taint = last.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
            Some((name, taint.unwrap_or_default().to_owned()))
        })
        .collect())
}

/// The module's name of a path or of a name as people write it: no folder, no `.ko*`, underscores.
pub(crate) fn name_of(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path).trim();
    let name = file.split(".ko").next().unwrap_or(file);
    name.replace('-', "_")
}

/// Looks through the folder for files of modules that `modules.dep` does not list; what could not
/// be looked through is a limit.
pub(crate) fn search(
    facts: &Facts<'_>,
    folder: &Path,
    wanted: &BTreeSet<String>,
) -> (BTreeSet<String>, Vec<Limit>) {
    let mut found = BTreeSet::new();
    let mut limits = Vec::new();
    let mut todo = vec![(folder.to_path_buf(), 0)];
    let mut seen = 0_usize;
    while let Some((folder, depth)) = todo.pop() {
        let result = facts.tree().visit(&folder, &mut |name, metadata| {
            seen += 1;
            if metadata.kind == Kind::Directory && depth < DEPTH_MAX {
                todo.push((folder.join(name), depth + 1));
            } else if name.as_bytes().windows(3).any(|part| part == b".ko") {
                let name = name_of(&name.to_string_lossy());
                if wanted.contains(&name) {
                    found.insert(name);
                }
            }
            seen < tree::LIST_ENTRIES_MAX
        });
        if let Err(error) = result
            && !error.is_not_found()
        {
            limits.push(Limit::from_error(&error));
        }
        if seen >= tree::LIST_ENTRIES_MAX {
            limits.push(Limit {
                reason: format!("`{}` holds too many files", folder.display()),
                privileges: false,
            });
            break;
        }
    }
    (found, limits)
}

/// The bytes of a module's file, unpacked where the distribution compressed it. Unpacking hundreds
/// of modules takes longer than all else together, so the quick scan leaves those to the deep one.
pub(crate) fn module_bytes(facts: &Facts<'_>, path: &Path) -> Result<Vec<u8>, Limit> {
    let failed = |reason: String| Limit {
        reason,
        privileges: false,
    };
    let name = path.as_os_str().as_bytes();
    let packed = [".xz", ".zst", ".gz"]
        .iter()
        .any(|end| name.ends_with(end.as_bytes()));
    if packed && !facts.options().is_deep() {
        return Err(failed(
            "compressed modules are compared in the deep scan alone".to_owned(),
        ));
    }
    let bytes = tree::read_up_to(facts.tree(), path, MODULE_BYTES_MAX)
        .map_err(|error: TreeError| Limit::from_error(&error))?;
    if !packed {
        return Ok(bytes);
    }
    let limits = Limits {
        bytes_max: MODULE_BYTES_MAX,
        ..Limits::default()
    };
    let mut plain = Vec::new();
    decompress::peel(bytes.as_slice(), &limits)
        .map_err(|error| error.to_string())
        .and_then(|mut peeled| {
            peeled
                .reader
                .read_to_end(&mut plain)
                .map_err(|error| error.to_string())
        })
        .map_err(|reason| failed(format!("`{}`: {reason}", path.display())))?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;

    #[test]
    fn names_lose_folder_suffix_and_dashes() {
        assert_eq!(
            name_of("kernel/drivers/usb/storage/usb-storage.ko.xz"),
            "usb_storage"
        );
        assert_eq!(name_of("snd-hda-intel"), "snd_hda_intel");
    }

    #[test]
    fn loaded_modules_and_their_taint() {
        let mut tree = MemoryTree::new();
        tree.file(
            LOADED,
            "nf_tables 1 0 - Live 0x0\nevil 2 1 a,b, Live 0x0 (OE)\n\n",
        );
        let options = crate::Options::at(0);
        let facts = Facts::new(&tree, &options);
        assert!(loaded(&facts).is_err(), "no /proc of a running system");
        let mut tree = tree.clone();
        tree.file("/proc/sys/kernel/osrelease", "6.1\n");
        let facts = Facts::new(&tree, &options);
        let found = loaded(&facts).expect("modules");
        assert_eq!(found["evil"], "OE");
        assert_eq!(found["nf_tables"], "");
    }
}
