//! Jobs of users that do not exist.

use super::jobs;
use crate::check::{Cx, Skip, check};
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// The user that a system table names, or whose table it is, must exist. Where accounts come from elsewhere too
    /// (LDAP, SSSD in nsswitch.conf), a name that the files lack is not assessed.
    ///
    /// # Why it matters
    /// Such a job does not run; most often the user field was forgotten and the first word of the command is taken for it. And the
    /// next account that gets the name inherits the job.
    ///
    /// # Example
    /// `0 3 * * * /usr/local/bin/backup --all` in `/etc/cron.d/backup`: cron takes the path for a user.
    ///
    /// # Instead
    /// Write the user before the command (`0 3 * * * root /usr/local/bin/backup --all`), or remove the table of a
    /// deleted user: `rm /var/spool/cron/crontabs/NAME`.
    id: "cron-unknown-user",
    surface: Cron,
    title: "Job belongs to a user that does not exist",
    severity: Low,
    references: [Cwe "CWE-708", Man "crontab(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = jobs(cx)?;
    if cron.accounts.passwd.is_err() {
        return Err(Skip::not_assessed("`/etc/passwd` is not there"));
    }
    let mut seen = BTreeSet::new();
    for job in &cron.jobs {
        if cron.accounts.uid(&job.user).is_some() || !seen.insert((&job.file, &job.user)) {
            continue;
        }
        if cron.accounts.users_elsewhere.is_some() {
            cx.limit(crate::check::Limit {
                reason: format!("user `{}` may come from a name service", job.user),
                privileges: false,
            });
            continue;
        }
        let title = format!(
            "`{}` has a job of `{}`, who does not exist",
            job.file.display(),
            job.user
        );
        cx.hit(job.hit(title).subject(&job.user));
    }
    Ok(())
}
