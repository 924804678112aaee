//! What logrotate makes of log files.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::read_or_limit;
use casemate_schema::Severity;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// `create`, `createolddir` in `/etc/logrotate.conf` and `/etc/logrotate.d` must not make files that everybody may write, and
    /// those files themselves must be writable by root alone. Text between `postrotate` and `endscript` is a script, no setting.
    ///
    /// # Why it matters
    /// logrotate runs as root and runs the scripts in its files: who can change one is root the next night. A log that everybody may write can be forged.
    ///
    /// # Example
    /// `create 0666 root adm` in `/etc/logrotate.d/app`.
    ///
    /// # Instead
    /// `create 0640 root adm`, and `chown root: /etc/logrotate.d/app && chmod 644 /etc/logrotate.d/app`.
    id: "log-logrotate-insecure",
    surface: Logging,
    title: "logrotate opens logs or its settings to others",
    severity: Medium,
    references: [Cwe "CWE-732", Man "logrotate(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut files = vec![PathBuf::from("/etc/logrotate.conf")];
    for name in cx.facts.list_if_there("/etc/logrotate.d")? {
        files.push(Path::new("/etc/logrotate.d").join(name));
    }
    let trusted = cx
        .facts
        .tree()
        .metadata(Path::new("/"))
        .map_or(0, |root| root.uid);
    let mut limits = Vec::new();
    let mut seen = false;
    for file in files {
        let Ok(metadata) = cx.facts.tree().metadata(&file) else {
            continue;
        };
        if metadata.kind != crate::tree::Kind::File {
            continue;
        }
        seen = true;
        let group = metadata.group_writable() && metadata.gid != 0;
        if metadata.world_writable() || group || ![0, trusted].contains(&metadata.uid) {
            let severity = if metadata.world_writable() {
                Severity::Critical
            } else {
                Severity::High
            };
            let hit = Hit::new(format!(
                "Others may change `{}`, whose scripts root runs",
                file.display()
            ))
            .path(&file)
            .severity(severity)
            .evidence("mode", metadata.mode_text())
            .evidence("owner", format!("{}:{}", metadata.uid, metadata.gid));
            cx.hit(hit);
        }
        if let Some(bytes) = read_or_limit(cx.facts, &file, &mut limits) {
            modes(cx, &file, &String::from_utf8_lossy(&bytes));
        }
    }
    cx.limits(&limits);
    if !seen && limits.is_empty() {
        return Err(Skip::not_applicable("logrotate is not configured"));
    }
    Ok(())
}

fn modes(cx: &mut Cx<'_>, file: &Path, text: &str) {
    const SCRIPTS: [&str; 5] = [
        "postrotate",
        "prerotate",
        "firstaction",
        "lastaction",
        "preremove",
    ];
    let mut script = false;
    for (number, line) in (1_u64..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        script = (script || SCRIPTS.contains(&first)) && first != "endscript";
        if script || !matches!(first, "create" | "createolddir") {
            continue;
        }
        let mode = words
            .next()
            .and_then(|mode| u32::from_str_radix(mode, 8).ok());
        if let Some(mode) = mode.filter(|mode| mode & 0o002 != 0) {
            let hit = Hit::new(format!(
                "`{}` makes log files with mode {mode:04o}",
                file.display()
            ))
            .path(file)
            .line(number)
            .subject(first)
            .evidence_at(first, line.trim(), file, Some(number));
            cx.hit(hit);
        }
    }
}
