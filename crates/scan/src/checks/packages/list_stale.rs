//! How long ago the host last asked its package sources what is new.

use crate::check::{Cx, Hit, Skip, check};
use crate::tree::Kind;
use casemate_base::Timestamp;
use std::path::Path;

check! {
    /// # What it checks
    /// The newest trace of a refresh of the package lists is at most 30 days old: for apt the
    /// folder `/var/lib/apt/lists` and the files in it, and the stamp of the periodic job; for dnf
    /// the folders under `/var/cache/dnf`.
    ///
    /// # Why it matters
    /// A host that does not know of an update does not install it, and "0 packages to upgrade"
    /// then means nothing.
    ///
    /// # Example
    /// The newest file under `/var/lib/apt/lists` is of last summer.
    ///
    /// # Instead
    /// `apt-get update && apt-get upgrade` (or `dnf upgrade --refresh`), and find out why the
    /// regular job does not run: `systemctl list-timers apt-daily.timer`.
    ///
    /// # Parameters
    /// The age is measured against the time of the scan; 30 days is fixed.
    id: "pkg-list-stale",
    surface: Packages,
    title: "Package lists are older than 30 days",
    severity: Medium,
    references: [Cwe "CWE-1104", Man "apt-get(8)"],
}

const AGE_DAYS_MAX: i64 = 30;
const APT: &str = "/var/lib/apt/lists";
/// Folder, and whether files in it are lists (apt's own are told from `lock` and `partial`).
const FOLDERS: [&str; 3] = [APT, "/var/cache/dnf", "/var/cache/libdnf5"];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let tree = cx.facts.tree();
    let modified = |path: &Path| tree.metadata(path).ok().map(|facts| facts.modified_s);
    let mut seen = false;
    for folder in FOLDERS.map(Path::new) {
        let mut newest: Option<i64> = None;
        let mut visit = |name: &std::ffi::OsStr, facts: crate::tree::Metadata| {
            let is_list = match facts.kind {
                Kind::File => name != "lock",
                _ => folder != Path::new(APT) && facts.kind == Kind::Directory,
            };
            if is_list {
                newest = newest.max(Some(facts.modified_s));
            }
            true
        };
        match tree.visit(folder, &mut visit) {
            Ok(()) => {}
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error.into()),
        }
        let Some(mut newest) = newest else {
            continue;
        };
        seen = true;
        if folder == Path::new(APT) {
            // Files carry the mirror's time; these are touched by every refresh.
            for stamp in [
                APT,
                "/var/lib/apt/lists/partial",
                "/var/lib/apt/periodic/update-success-stamp",
            ] {
                newest = newest.max(modified(Path::new(stamp)).unwrap_or(newest));
            }
        }
        if cx.facts.options().now_s.saturating_sub(newest) > AGE_DAYS_MAX * 86_400 {
            let date = Timestamp::from_unix_seconds(newest)
                .map_or_else(|_| "unknown".to_owned(), Timestamp::date);
            let hit = Hit::new("Package lists are older than 30 days")
                .path(folder)
                .evidence("last_refresh", date);
            cx.hit(hit);
        }
    }
    if seen {
        return Ok(());
    }
    match cx.facts.inventory() {
        Ok(_) => Err(Skip::not_assessed(
            "no package lists of apt or dnf are kept here",
        )),
        Err(skip) => Err(skip),
    }
}
