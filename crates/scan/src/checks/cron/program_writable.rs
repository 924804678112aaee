//! Programs of jobs that others can replace.

use super::{TEMPORARY, jobs};
use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::cron::access::{Trust, Weak, Writer};
use crate::facts::cron::{Cron, Job, SCRIPT_FOLDERS, programs};
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
        let trust = Trust::new(tree, &cron.accounts, cron.accounts.uid(&job.user));
        for program in programs::programs(tree, job) {
            let Some(path) = program.path() else {
                continue;
            };
            let temporary = TEMPORARY.iter().any(|folder| path.starts_with(folder));
            if temporary || tree.metadata(path).is_err_and(|error| error.is_not_found()) {
                continue; // other checks speak of these
            }
            match trust.weak(path, program.folder) {
                // `cron-file-permissions` and `cron-foreign-owner` speak of scripts themselves.
                Ok(Some(weak)) if is_own_file(tree, job, &weak) => {}
                Ok(Some(weak)) => {
                    let place = weak_places.entry(weak.place.clone());
                    let (_, users) = place.or_insert_with(|| (weak, Vec::new()));
                    users.push((job, path.to_string_lossy().into_owned()));
                }
                Ok(None) => {}
                Err(error) => cx.limit(Limit::from_error(&error)),
            }
        }
    }
    for (weak, users) in weak_places.into_values() {
        cx.hit(hit(cron, &weak, &users));
    }
    Ok(())
}

/// Whether the weak place is a folder of run-parts, or a script in it.
fn is_own_file(tree: &dyn crate::tree::Tree, job: &Job, weak: &Weak) -> bool {
    let inside = SCRIPT_FOLDERS
        .iter()
        .any(|folder| weak.place.starts_with(folder));
    let script = job.line.is_none()
        && tree.metadata(&job.file).is_ok_and(|own| {
            (own.device, own.inode) == (weak.metadata.device, weak.metadata.inode)
        });
    inside || script
}

/// One hit a weak place, however many jobs go through it.
fn hit(cron: &Cron, weak: &Weak, users: &[(&Job, String)]) -> Hit {
    const SHOWN: usize = 5;
    let root = users.iter().any(|(job, _)| job.is_root(&cron.accounts));
    let severity = match (weak.writer, root) {
        (Writer::Anyone, true) => Severity::Critical,
        (Writer::Anyone, false) | (_, true) => Severity::High,
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
    let who = weak.writer.text(&cron.accounts);
    let mut hit = Hit::new(format!(
        "{what}, run by cron as `{runner}`, can be replaced by {who}"
    ))
    .path(&weak.place)
    .severity(severity)
    .evidence("mode", weak.mode_text(&cron.accounts))
    .instead(format!(
        "{} Or run the job as the user who owns the file.",
        weak.fix(runner)
    ));
    for (job, _) in users.iter().take(SHOWN) {
        hit = job.evidence(hit);
    }
    hit
}
