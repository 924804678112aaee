//! Programs of jobs that others can replace.

use super::jobs;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::Facts;
use crate::facts::cron::{Cron, Job, SCRIPT_FOLDERS, programs};
use crate::facts::trust::{self, Weak};
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::path::PathBuf;

check! {
    /// # What it checks
    /// Each program and script that a job runs, every folder above it and the target of every link on the way must be
    /// writable by nobody but root and the job's own user. Interpreters' scripts, `cd DIR && ./x`, `sh -c`, `run-parts DIR`
    /// and programs found through the table's `PATH` are followed.
    ///
    /// # Why it matters
    /// Who can replace the file runs commands with the rights of the job, most often as root, and need only wait for the clock.
    ///
    /// # Example
    /// `0 3 * * * root /opt/backup/run.sh` where `/opt/backup` has mode 0777, or `run.sh` belongs to `deploy`.
    ///
    /// # Instead
    /// `chown root:root /opt/backup /opt/backup/run.sh && chmod 755 /opt/backup /opt/backup/run.sh`, or run the job
    /// as the user who owns the file.
    id: "cron-program-writable",
    surface: Cron,
    title: "Program of a job can be replaced by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1053.003", Man "crontab(5)"],
}

/// Jobs that go through a weak place, with the program that each names.
type Users<'a> = Vec<(&'a Job, String)>;

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = jobs(cx)?;
    let tree = cx.facts.tree();
    let mut weak_places: BTreeMap<PathBuf, (Weak, Users<'_>)> = BTreeMap::new();
    for job in &cron.jobs {
        let user = cron.accounts.uid(&job.user);
        for program in programs::programs(tree, job) {
            let Some(path) = program.path() else {
                continue;
            };
            if trust::in_temporary_folder(path)
                || tree.metadata(path).is_err_and(|error| error.is_not_found())
            {
                continue; // other checks speak of these
            }
            let Some(weak) = trust::weak(cx, path, user.as_slice()) else {
                continue;
            };
            // `cron-file-permissions` and `cron-foreign-owner` speak of scripts themselves.
            if !is_own_file(tree, job, &weak) {
                let place = weak_places.entry(weak.path.clone());
                let (_, users) = place.or_insert_with(|| (weak, Vec::new()));
                users.push((job, path.to_string_lossy().into_owned()));
            }
        }
    }
    for (weak, users) in weak_places.into_values() {
        cx.hit(hit(cx.facts, cron, &weak, &users));
    }
    Ok(())
}

/// Whether the weak place is a folder of run-parts, or a script in it.
fn is_own_file(tree: &dyn crate::tree::Tree, job: &Job, weak: &Weak) -> bool {
    let inside = SCRIPT_FOLDERS
        .iter()
        .any(|folder| weak.path.starts_with(folder));
    let script = job.line.is_none()
        && tree.metadata(&job.file).is_ok_and(|own| {
            (own.device, own.inode) == (weak.metadata.device, weak.metadata.inode)
        });
    inside || script
}

/// One hit a weak place, however many jobs go through it.
fn hit(facts: &Facts<'_>, cron: &Cron, weak: &Weak, users: &[(&Job, String)]) -> Hit {
    const SHOWN: usize = 5;
    let root = users.iter().any(|(job, _)| job.is_root(&cron.accounts));
    let severity = match (weak.anybody(), root) {
        (true, true) => Severity::Critical,
        (true, false) | (_, true) => Severity::High,
        (_, false) => Severity::Medium,
    };
    let runner = if root {
        "root"
    } else {
        users.first().map_or("a user", |(job, _)| job.user.as_str())
    };
    let programs: std::collections::BTreeSet<&str> =
        users.iter().map(|(_, path)| path.as_str()).collect();
    let what = match programs.first() {
        Some(only) if programs.len() == 1 => format!("`{only}`"),
        _ => format!("{} programs", programs.len()),
    };
    let mut hit = Hit::new(format!(
        "{what}, run by cron as `{runner}`, can be replaced by {}",
        weak.who
    ))
    .path(&weak.path)
    .severity(severity)
    .evidence("mode", weak.mode_text(facts))
    .instead(format!(
        "{} Or run the job as the user who owns the file.",
        weak.fix(runner)
    ));
    for (job, _) in users.iter().take(SHOWN) {
        hit = job.evidence(hit);
    }
    hit
}
