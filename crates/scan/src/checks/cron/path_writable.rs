//! Search paths of crontabs.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// Each folder of a `PATH` that a crontab sets must be absolute and writable by nobody but root and the
    /// table's own user. An empty part of `PATH` is the folder in which the job happens to start.
    ///
    /// # Why it matters
    /// Programs named without a folder are looked for there: who can write into one of them puts a file named `tar`
    /// or `date` there and runs commands with the rights of the job.
    ///
    /// # Example
    /// `PATH=/opt/tools:/usr/bin:/bin` in `/etc/crontab` where `/opt/tools` has mode 0777.
    ///
    /// # Instead
    /// `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, and name other programs by their whole path.
    id: "cron-path-writable",
    surface: Cron,
    title: "Search path of jobs leads through a folder of others",
    severity: High,
    references: [Cwe "CWE-427", Attack "T1574.007", Man "crontab(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = cx.facts.cron()?;
    cx.limits(&cron.limits);
    if cron.paths.is_empty() && cron.limits.is_empty() {
        return Err(Skip::not_applicable("no crontab sets PATH"));
    }
    for path in &cron.paths {
        let user = path
            .user
            .as_deref()
            .and_then(|user| cron.accounts.uid(user));
        let root = path.user.is_none() || user == Some(0);
        for folder in path.value.split(':') {
            let base = |title: String| {
                Hit::new(title)
                    .path(&path.file)
                    .line(path.line)
                    .subject(if folder.is_empty() { "(empty)" } else { folder })
                    .evidence_at("PATH", &path.value, &path.file, Some(path.line))
            };
            if folder.starts_with(['$', '~']) {
                // cron expands nothing: such a part is a folder name of its own.
                let title = format!(
                    "PATH in `{}` holds `{folder}`, which cron does not expand",
                    path.file.display()
                );
                cx.hit(base(title).severity(Severity::Low));
                continue;
            }
            if !folder.starts_with('/') {
                let title = format!(
                    "PATH in `{}` holds a part that is not absolute",
                    path.file.display()
                );
                cx.hit(base(title).severity(Severity::Medium));
                continue;
            }
            let Some(weak) = trust::weak_or_missing(cx, Path::new(folder), user.as_slice()) else {
                continue;
            };
            let title = format!(
                "PATH in `{}` leads through `{folder}`, writable by {}",
                path.file.display(),
                weak.who
            );
            let severity = if root {
                Severity::High
            } else {
                Severity::Medium
            };
            let mode = weak.mode_text(cx.facts);
            let hit = base(title).severity(severity);
            cx.hit(hit.evidence_at("writable", mode, &weak.path, None));
        }
    }
    Ok(())
}
