//! Files that look like jobs and never run.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Files in `/etc/cron.d` and `/etc/cron.{hourly,daily,weekly,monthly}` that cron passes over: on Debian a name
    /// with a dot, elsewhere a name as editors leave behind, and scripts without the executable bit. What package
    /// managers leave behind (`.dpkg-old`, `.rpmsave`) is not reported.
    ///
    /// # Why it matters
    /// A backup, log rotation or update that silently never runs is noticed when it is needed.
    ///
    /// # Example
    /// `/etc/cron.daily/backup.sh` on Debian.
    ///
    /// # Instead
    /// Rename it (`mv /etc/cron.daily/backup.sh /etc/cron.daily/backup`), make it executable
    /// (`chmod 755 ...`), and see whether it is listed: `run-parts --test /etc/cron.daily`. Remove it if it is not wanted.
    id: "cron-ignored-file",
    surface: Cron,
    title: "Job file is passed over by cron",
    severity: Info,
    references: [Cwe "CWE-1188", Man "run-parts(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = cx.facts.cron()?;
    cx.limits(&cron.limits);
    let nothing = cron.files.is_empty() && cron.ignored.is_empty();
    if nothing && cron.limits.is_empty() {
        return Err(Skip::not_applicable("there are no files of jobs"));
    }
    for (path, why) in &cron.ignored {
        let hit = Hit::new(format!("`{}` never runs", path.display()))
            .path(path)
            .evidence("reason", *why);
        cx.hit(hit);
    }
    Ok(())
}
