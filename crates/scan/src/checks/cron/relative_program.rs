//! Jobs that name a program by a relative path.

use super::jobs;
use crate::check::{Cx, Skip, check};
use crate::facts::cron::programs::{self, Place};

check! {
    /// # What it checks
    /// No job may name a program or script by a path that is not absolute (`./backup.sh`, `scripts/x`, `sh x.sh`)
    /// unless the command itself goes to an absolute folder first (`cd /srv/app && ./x`).
    ///
    /// # Why it matters
    /// Which file runs depends on the folder that the job starts in: the home of its user, or `HOME` of the table. Changed
    /// homes and hand-copied tables make another file run, or none.
    ///
    /// # Example
    /// `0 3 * * * root ./backup.sh`
    ///
    /// # Instead
    /// Write the whole path (`0 3 * * * root /root/backup.sh`), or go there first: `cd /srv/app && ./x`.
    id: "cron-relative-program",
    surface: Cron,
    title: "Job names its program by a relative path",
    severity: Low,
    references: [Cwe "CWE-426", Man "crontab(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for job in &jobs(cx)?.jobs {
        for program in programs::programs(cx.facts.tree(), job) {
            if let Place::Relative(_) = program.place {
                let title = format!(
                    "A job of `{}` runs `{}`, a relative path",
                    job.user, program.name
                );
                cx.hit(job.hit(title).subject(&program.name));
            }
        }
    }
    Ok(())
}
