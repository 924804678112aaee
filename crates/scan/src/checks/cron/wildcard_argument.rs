//! Wildcards that take file names for options.

use super::jobs;
use crate::check::{Cx, Skip, check};
use crate::facts::cron::shell::{self, Word};
use crate::facts::trust;
use casemate_schema::Severity;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// No job may give `tar`, `rsync`, `chown`, `chmod`, `zip`, `7z` or `scp` a bare `*` (or `*.txt`) in a folder that other users
    /// may write to. `./*`, `/path/*` and a `*` behind `--` are harmless.
    ///
    /// # Why it matters
    /// The shell replaces `*` by the names in the folder. A file named `--checkpoint-action=exec=sh x` becomes an option of tar
    /// that runs a program with the rights of the job; chown and chmod fall for `--reference=`.
    ///
    /// # Example
    /// `cd /srv/upload && tar czf /root/upload.tgz *` where everybody may write to `/srv/upload`.
    ///
    /// # Instead
    /// `tar czf /root/upload.tgz -C /srv/upload .`, or `./*`, or `--` before the wildcard.
    id: "cron-wildcard-argument",
    surface: Cron,
    title: "File names of others become options of a job's program",
    severity: High,
    references: [Cwe "CWE-88", Attack "T1053.003"],
}

const PROGRAMS: [&str; 8] = ["tar", "rsync", "chown", "chmod", "zip", "7z", "7za", "scp"];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = jobs(cx)?;
    for job in &cron.jobs {
        let user = cron.accounts.uid(&job.user);
        for call in job.pipelines.iter().flatten() {
            let Some(stage) = shell::stages(call)
                .into_iter()
                .find(|stage| stage.is(&PROGRAMS))
            else {
                continue;
            };
            let before = stage.arguments.iter().take_while(|word| word.text != "--");
            let mut before =
                before.filter(|word| word.glob && word.text.starts_with(['*', '?', '[']));
            if before.next().is_none() {
                continue;
            }
            let Some(folder) = folder(call.folder.as_ref(), job.start.as_deref()) else {
                continue;
            };
            let Some(weak) = trust::weak_or_missing(cx, &folder, user.as_slice()) else {
                continue;
            };
            let title = format!(
                "File names in `{}` become options of `{}` of a job of `{}`",
                folder.display(),
                stage.program.base(),
                job.user
            );
            let severity = if job.is_root(&cron.accounts) {
                Severity::Critical
            } else {
                Severity::High
            };
            let hit = job
                .hit(title)
                .subject(folder.to_string_lossy())
                .severity(severity)
                .evidence("writable_by", &weak.who)
                .evidence_at("mode", weak.mode_text(cx.facts), &weak.path, None);
            cx.hit(hit);
        }
    }
    Ok(())
}

/// The folder in which the shell looks for names.
fn folder(target: Option<&Word>, start: Option<&str>) -> Option<PathBuf> {
    match target {
        Some(word) if word.dynamic || word.text.starts_with('~') => None,
        Some(word) if word.text.starts_with('/') => Some(PathBuf::from(&word.text)),
        Some(word) => start.map(|start| Path::new(start).join(&word.text)),
        None => start.map(PathBuf::from),
    }
}
