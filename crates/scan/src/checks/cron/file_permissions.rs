//! Permissions of crontabs and their folders.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::cron::{AT_SPOOLS, SCRIPT_FOLDERS, SPOOLS};
use crate::tree::Kind;
use casemate_schema::Severity;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// `/etc/crontab`, `/etc/anacrontab`, the folders `/etc/cron.*`, the spools of cron and at, and the files in
    /// them must not be writable by group or others. Tables of users must not be readable by others.
    ///
    /// # Why it matters
    /// Who can write there runs commands as root. Tables of users often hold passwords in their commands.
    ///
    /// # Example
    /// `/etc/cron.d` with mode 0777.
    ///
    /// # Instead
    /// `chmod go-w PATH`; to follow CIS also `chmod 600 /etc/crontab` and
    /// `chmod 700 /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly`.
    id: "cron-file-permissions",
    surface: Cron,
    title: "Others may change scheduled jobs",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1053.003", Man "cron(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = cx.facts.cron()?;
    cx.limits(&cron.limits);
    let mut paths: Vec<PathBuf> = vec!["/etc/cron.d".into()];
    for folder in SCRIPT_FOLDERS.iter().chain(&SPOOLS).chain(&AT_SPOOLS) {
        paths.push((*folder).into());
    }
    paths.extend(cron.files.iter().cloned());
    let mut seen = false;
    for path in paths {
        match cx.facts.tree().metadata(&path) {
            Ok(metadata) => {
                seen = true;
                judge(cx, &path, metadata);
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => cx.limit(Limit::from_error(&error)),
        }
    }
    if !seen {
        return Err(Skip::not_applicable("there are no crontabs"));
    }
    Ok(())
}

fn judge(cx: &mut Cx<'_>, path: &Path, metadata: crate::tree::Metadata) {
    let spool = SPOOLS
        .iter()
        .chain(&AT_SPOOLS)
        .any(|folder| path.starts_with(folder));
    let folder = metadata.kind == Kind::Directory;
    // Spools are shared on purpose: 1730 root:crontab, 1770 daemon:daemon.
    let group = metadata.group_writable() && metadata.gid != 0 && !(spool && folder);
    let (title, severity, fix) = if metadata.world_writable() {
        ("Every user may write", Severity::Critical, "go-w")
    } else if group {
        ("A group may write", Severity::High, "go-w")
    } else if spool && !folder && metadata.world_readable() {
        ("Every user may read", Severity::Low, "go-rwx")
    } else {
        return;
    };
    let hit = Hit::new(format!("{title} `{}`", path.display()))
        .path(path)
        .severity(severity)
        .evidence("mode", metadata.mode_text())
        .evidence("owner", format!("{}:{}", metadata.uid, metadata.gid))
        .instead(format!("`chmod {fix} {}`", path.display()));
    cx.hit(hit);
}
