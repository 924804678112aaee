//! Jobs whose program is not there.

use super::jobs;
use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::Facts;
use crate::facts::cron::programs::{self, Place};
use crate::facts::trust::{self, Weak};
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// A program or script that a job names by an absolute path must exist. A path that the same command tests
    /// first (`test -x /usr/sbin/x && /usr/sbin/x`) may be missing.
    ///
    /// # Why it matters
    /// The job does nothing, mails an error at best. And if another user may create the missing file, that user
    /// runs commands with the rights of the job.
    ///
    /// # Example
    /// `0 3 * * * root /opt/backup/run.sh` where `/opt/backup` has mode 0777 and holds no `run.sh`.
    ///
    /// # Instead
    /// Remove the job (`crontab -e`, or the file below `/etc/cron.d`), or put the program back, owned by root with mode 0755.
    id: "cron-missing-program",
    surface: Cron,
    title: "Job runs a program that does not exist",
    severity: Low,
    references: [Cwe "CWE-426", Attack "T1053.003", Man "crontab(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = jobs(cx)?;
    let tree = cx.facts.tree();
    for job in &cron.jobs {
        let user = cron.accounts.uid(&job.user);
        let tested: BTreeSet<&str> = tested(job).collect();
        for program in programs::programs(tree, job) {
            let Place::At(path) = &program.place else {
                continue;
            };
            match tree.metadata(path) {
                Err(error) if error.is_not_found() => {}
                Err(error) => {
                    cx.limit(Limit::from_error(&error));
                    continue;
                }
                Ok(_) => continue,
            }
            let weak = trust::weak_or_missing(cx, path, user.as_slice());
            if weak.is_none() && tested.contains(program.name.as_str()) {
                continue;
            }
            cx.hit(hit(cx.facts, cron, job, path, weak));
        }
    }
    Ok(())
}

fn hit(
    facts: &Facts<'_>,
    cron: &crate::facts::cron::Cron,
    job: &crate::facts::cron::Job,
    path: &Path,
    weak: Option<Weak>,
) -> Hit {
    let title = format!(
        "A job of `{}` runs `{}`, which does not exist",
        job.user,
        path.display()
    );
    let Some(weak) = weak else {
        return job.hit(title).subject(path.to_string_lossy());
    };
    let severity = if job.is_root(&cron.accounts) {
        Severity::Critical
    } else {
        Severity::High
    };
    job.hit(format!("{title} and can be created by {}", weak.who))
        .subject(path.to_string_lossy())
        .severity(severity)
        .evidence_at("writable", weak.mode_text(facts), &weak.path, None)
        .instead(format!(
            "Remove the job, and close the folder: {}",
            weak.fix(&job.user)
        ))
}

/// Paths that the command itself looks for: words behind `test` and `[`.
fn tested(job: &crate::facts::cron::Job) -> impl Iterator<Item = &str> {
    let calls = job.pipelines.iter().flatten();
    let tests = calls.filter(|call| {
        call.words
            .first()
            .is_some_and(|word| matches!(word.base(), "test" | "[" | "[["))
    });
    let command_v = job.pipelines.iter().flatten().filter(|call| {
        let mut words = call.words.iter().map(|word| word.text.as_str());
        words.next() == Some("command") && words.next() == Some("-v")
    });
    tests
        .chain(command_v)
        .flat_map(|call| call.words.iter().map(|word| word.text.as_str()))
}
