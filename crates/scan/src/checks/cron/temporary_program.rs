//! Jobs that run programs out of temporary folders.

use super::jobs;
use crate::check::{Cx, Skip, check};
use crate::facts::cron::programs;
use crate::facts::trust;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// No job may run a program or script below `/tmp`, `/var/tmp` or `/dev/shm`.
    ///
    /// # Why it matters
    /// Those folders are open to every user: when the file is gone, as after a restart, anybody may put another one in its place.
    /// It is also where malware is usually dropped.
    ///
    /// # Example
    /// `*/5 * * * * root /tmp/.x/update`
    ///
    /// # Instead
    /// Move the program to `/usr/local/sbin` (owner root, mode 0755) and name it there. If you do not know it, keep a
    /// copy of file and job, then remove both.
    id: "cron-temporary-program",
    surface: Cron,
    title: "Job runs a program of a temporary folder",
    severity: High,
    references: [Cwe "CWE-379", Attack "T1053.003", Attack "T1036.005"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = jobs(cx)?;
    let tree = cx.facts.tree();
    for job in &cron.jobs {
        for program in programs::programs(tree, job) {
            let Some(path) = program.path() else {
                continue;
            };
            let missing = tree.metadata(path).is_err();
            if missing || !trust::in_temporary_folder(path) {
                continue; // a missing one is `cron-missing-program`
            }
            let user = cron.accounts.uid(&job.user);
            let weak = trust::weak(cx, path, user.as_slice());
            let mut hit = job
                .hit(format!("A job of `{}` runs `{}`", job.user, path.display()))
                .subject(path.to_string_lossy());
            if let Some(weak) = weak {
                let severity = if job.is_root(&cron.accounts) {
                    Severity::Critical
                } else {
                    Severity::High
                };
                let who = weak.who;
                hit = hit.severity(severity).evidence("replaceable_by", who);
            }
            cx.hit(hit);
        }
    }
    Ok(())
}
