//! Owners of crontabs.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::cron::{AT_SPOOLS, SPOOLS};
use std::path::Path;

check! {
    /// # What it checks
    /// Root must own `/etc/crontab`, `/etc/anacrontab` and all files in `/etc/cron.*`. The table of a user
    /// belongs to that user (or to root).
    ///
    /// # Why it matters
    /// The owner of a file can always change it: a system table of another user makes that user root. Debian's
    /// cron refuses such a table, others run it.
    ///
    /// # Example
    /// `/etc/cron.d/backup`, owned by `deploy`.
    ///
    /// # Instead
    /// `chown root:root /etc/cron.d/backup`, after reading what it runs.
    id: "cron-foreign-owner",
    surface: Cron,
    title: "Crontab belongs to another user",
    severity: High,
    references: [Cwe "CWE-282", Attack "T1053.003", Man "cron(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = cx.facts.cron()?;
    cx.limits(&cron.limits);
    if cron.files.is_empty() && cron.limits.is_empty() {
        return Err(Skip::not_applicable("there is no crontab"));
    }
    let trusted = cx
        .facts
        .tree()
        .metadata(Path::new("/"))
        .map_or(0, |root| root.uid);
    for file in &cron.files {
        if AT_SPOOLS.iter().any(|folder| file.starts_with(folder)) {
            continue; // at itself writes these with the owner whose job it is
        }
        let metadata = match cx.facts.tree().metadata(file) {
            Ok(metadata) => metadata,
            Err(error) => {
                cx.limit(Limit::from_error(&error));
                continue;
            }
        };
        let user_table = SPOOLS
            .iter()
            .any(|folder| file.parent() == Some(Path::new(folder)));
        let own = file
            .file_name()
            .and_then(|name| cron.accounts.uid(&name.to_string_lossy()));
        let good = [Some(0), Some(trusted), own.filter(|_| user_table)];
        if good.contains(&Some(metadata.uid)) {
            continue;
        }
        let owner = cron.accounts.user_text(metadata.uid);
        let hit = Hit::new(format!("`{}` belongs to {owner}", file.display()))
            .path(file)
            .evidence("owner", owner)
            .evidence("mode", metadata.mode_text());
        cx.hit(hit);
    }
    Ok(())
}
