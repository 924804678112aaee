//! Passwords and tokens in crontabs.

use super::jobs;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::secret_words::HIDDEN;
use crate::tree::Metadata;
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// No command and no variable of a crontab may hold a password or token in plain: `mysqldump -pSECRET`,
    /// `curl -u user:SECRET`, `PGPASSWORD=SECRET`, `https://user:SECRET@host`. The report never shows the secret.
    ///
    /// # Why it matters
    /// While the job runs, every user sees its command line in the process list; `/etc/crontab` and most of `/etc/cron.d`
    /// are readable by everybody, and cron writes the command into the log.
    ///
    /// # Example
    /// `0 2 * * * root mysqldump -uroot -phunter22 shop > /srv/shop.sql`
    ///
    /// # Instead
    /// Change the secret, since it was readable, and keep the new one in a file of mode 0600: `~/.my.cnf`, `~/.pgpass`, `~/.netrc`
    /// (`curl -n`), or a file that the script reads.
    id: "cron-secret-in-command",
    surface: Cron,
    title: "Crontab holds a secret",
    severity: Medium,
    references: [Cwe "CWE-214", Cwe "CWE-798", Attack "T1552.001"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = jobs(cx)?;
    let tree = cx.facts.tree();
    let severity = |file: &Path| match tree.metadata(file) {
        Ok(metadata) if Metadata::world_readable(&metadata) => Severity::High,
        _ => Severity::Medium,
    };
    for job in cron.jobs.iter().filter(|job| !job.secrets.is_empty()) {
        let mut hit = job
            .hit(format!(
                "A job of `{}` in `{}` holds a secret",
                job.user,
                job.file.display()
            ))
            .severity(severity(&job.file));
        for secret in &job.secrets {
            hit = hit.evidence("secret", secret.kind.clone());
        }
        cx.hit(hit);
    }
    for (file, line, name) in &cron.secret_variables {
        let hit = Hit::new(format!(
            "Variable `{name}` in `{}` holds a secret",
            file.display()
        ))
        .path(file)
        .line(*line)
        .subject(name)
        .severity(severity(file))
        .evidence_at("secret", format!("{name}={HIDDEN}"), file, Some(*line));
        cx.hit(hit);
    }
    Ok(())
}
