//! One systemd unit as systemd puts it together, for the few units of the boot.

use crate::check::{Limit, Skip};
use crate::facts::{Facts, conf_dirs, read_or_limit};
use std::path::{Path, PathBuf};

const HOMES: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// One assignment with its place.
pub(super) struct Line {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) path: PathBuf,
    pub(super) line: u64,
}

/// The unit's assignments: main file, then drop-ins by name. `None` if it is absent or masked.
pub(super) fn lines(facts: &Facts<'_>, name: &str, limits: &mut Vec<Limit>) -> Option<Vec<Line>> {
    let main = path(facts, name)?;
    if conf_dirs::is_masked(facts, &main) {
        return None;
    }
    let folders = HOMES.map(|home| format!("{home}/{name}.d"));
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let drop_ins = conf_dirs::files(facts, &folders, ".conf", limits);
    let mut lines = Vec::new();
    for path in std::iter::once(main).chain(drop_ins) {
        let bytes = read_or_limit(facts, &path, limits).unwrap_or_default();
        for (line, text) in conf_dirs::logical_lines(&String::from_utf8_lossy(&bytes)) {
            let text = text.trim();
            if let Some((key, value)) = text.split_once('=')
                && !text.starts_with(['#', ';'])
            {
                lines.push(Line {
                    key: key.trim().to_owned(),
                    value: value.trim().to_owned(),
                    path: path.clone(),
                    line,
                });
            }
        }
    }
    Some(lines)
}

/// The file of a unit in the folder that wins.
pub(super) fn path(facts: &Facts<'_>, name: &str) -> Option<PathBuf> {
    HOMES
        .iter()
        .map(|home| Path::new(home).join(name))
        .find(|path| facts.tree().link_metadata(path).is_ok())
}

/// Folders `TARGET.wants` and `TARGET.requires` that hold a link to the unit.
pub(super) fn wanted_by(facts: &Facts<'_>, name: &str) -> Result<Vec<PathBuf>, Skip> {
    let mut found = Vec::new();
    for home in ["/etc/systemd/system", "/run/systemd/system"] {
        for folder in facts.list_if_there(home)? {
            let is_list = folder
                .to_str()
                .is_some_and(|name| name.ends_with(".wants") || name.ends_with(".requires"));
            let link = Path::new(home).join(&folder).join(name);
            if is_list && facts.tree().link_metadata(&link).is_ok() {
                found.push(link);
            }
        }
    }
    Ok(found)
}
