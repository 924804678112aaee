//! Lines that cron cannot read.

use crate::check::{Cx, Hit, Skip, check};
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// Every line of a crontab must be a comment, an assignment or a job with five time fields (or
    /// `@daily` and the like); in `/etc/crontab` and `/etc/cron.d` a user stands before the command.
    ///
    /// # Why it matters
    /// Debian's cron drops a whole table for one bad line, without any word but in its log: backups,
    /// log rotation or updates in it stop.
    ///
    /// # Example
    /// `/etc/cron.d/backup` with the line `0 3 * * root /usr/local/bin/backup` (one time field short).
    ///
    /// # Instead
    /// Write `MINUTE HOUR DAY MONTH WEEKDAY USER COMMAND` in system tables and the same without the user in
    /// those of users (`crontab -e` checks it), and look for `Error` lines: `journalctl -u cron`.
    id: "cron-broken-table",
    surface: Cron,
    title: "Crontab holds a line that cron cannot read",
    severity: Low,
    references: [Cwe "CWE-1286", Man "crontab(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = cx.facts.cron()?;
    cx.limits(&cron.limits);
    if cron.files.is_empty() && cron.limits.is_empty() {
        return Err(Skip::not_applicable("there is no crontab"));
    }
    let mut files: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for (file, line) in &cron.broken {
        files.entry(file).or_default().push(*line);
    }
    for (file, lines) in files {
        let shown: Vec<String> = lines.iter().take(10).map(u64::to_string).collect();
        let first = lines.first().copied().unwrap_or(1);
        let hit = Hit::new(format!(
            "cron cannot read all lines of `{}`",
            file.display()
        ))
        .path(file)
        .line(first)
        .evidence("lines", shown.join(", "));
        cx.hit(hit);
    }
    Ok(())
}
