//! Earlier saved reports of a host, for rules on what changes from report to report.

use crate::reports;
use casemate_schema::Report;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Most saved files that are looked at, newest first.
const FILES_MAX: usize = 200;
/// Most earlier reports that are compared with.
const REPORTS_MAX: usize = 10;

/// The newest saved reports of the host that `report` is about, other than itself. Files that cannot
/// be read are named in the second list: a sequence may then be missed.
#[must_use]
pub fn earlier(data_dir: &Path, report: &Report) -> (Vec<Report>, Vec<String>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for path in newest(&data_dir.join("reports")) {
        if found.len() >= REPORTS_MAX {
            break;
        }
        match reports::read(&path.display().to_string()) {
            Ok(other)
                if other.host.name == report.host.name
                    && other.scan.started_at != report.scan.started_at =>
            {
                found.push(other);
            }
            Ok(_) => {}
            Err(error) => unread.push(format!("{}: {error}", path.display())),
        }
    }
    (found, unread)
}

/// The saved files, newest first; of equally old ones by name.
fn newest(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let changed = entry.metadata().ok()?.modified().ok()?;
            Some((changed, entry.path()))
        })
        .filter(|(_, path)| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    files.truncate(FILES_MAX);
    files.into_iter().map(|(_, path)| path).collect()
}
