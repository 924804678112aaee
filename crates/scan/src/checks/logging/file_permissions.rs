//! Permissions of log files.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::tree::{Kind, Metadata};
use casemate_schema::Severity;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// No file or folder below `/var/log` (four levels deep) may be writable by everybody, a sticky folder apart. Logs that hold
    /// names, mistyped passwords or commands (`auth.log`, `secure`, `btmp`, `sudo.log`, `audit/`) must not be readable by everybody.
    ///
    /// # Why it matters
    /// A log that anybody can write proves nothing and may feed lies to those who watch it. `btmp` and `auth.log` hold what people
    /// typed at the name prompt: often a password.
    ///
    /// # Example
    /// `/var/log/auth.log` with mode 0644.
    ///
    /// # Instead
    /// `chmod o-rwx /var/log/auth.log`, and set the mode where the file is made: `$FileCreateMode 0640` in rsyslog, `create 0640 root adm` in logrotate.
    id: "log-file-permissions",
    surface: Logging,
    title: "Log file is open to every user",
    severity: Medium,
    references: [Cwe "CWE-532", Cwe "CWE-732", Attack "T1070.002"],
}

const DEPTH_MAX: usize = 4;
const ENTRIES_MAX: usize = 50_000;

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    if !cx.facts.exists("/var/log") {
        return Err(Skip::not_applicable("there is no /var/log"));
    }
    let mut todo = vec![(PathBuf::from("/var/log"), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = todo.pop() {
        let mut entries: Vec<(PathBuf, Metadata)> = Vec::new();
        let visited = cx.facts.tree().visit(&folder, &mut |name, metadata| {
            entries.push((folder.join(name), metadata));
            seen += 1;
            seen < ENTRIES_MAX
        });
        match visited {
            Err(error) if !error.is_not_found() => cx.limit(Limit::from_error(&error)),
            _ => {}
        }
        if seen >= ENTRIES_MAX {
            let reason = format!("/var/log holds more than {ENTRIES_MAX} entries");
            cx.limit(Limit {
                reason,
                privileges: false,
            });
            break;
        }
        for (path, metadata) in entries {
            judge(cx, &path, metadata);
            if metadata.kind == Kind::Directory && depth + 1 < DEPTH_MAX {
                todo.push((path, depth + 1));
            }
        }
    }
    Ok(())
}

fn judge(cx: &mut Cx<'_>, path: &Path, metadata: Metadata) {
    let file = metadata.kind == Kind::File;
    let folder = metadata.kind == Kind::Directory;
    let (title, severity, fix) =
        if metadata.world_writable() && (file || (folder && !metadata.sticky())) {
            ("write", Severity::High, "o-w")
        } else if file && metadata.world_readable() && metadata.size > 0 && is_private(path) {
            ("read", Severity::Medium, "o-rwx")
        } else {
            return;
        };
    let hit = Hit::new(format!("Every user may {title} `{}`", path.display()))
        .path(path)
        .severity(severity)
        .evidence("mode", metadata.mode_text())
        .evidence("owner", format!("{}:{}", metadata.uid, metadata.gid))
        .instead(format!(
            "`chmod {fix} {}`, and set the mode in the program that makes the file.",
            path.display()
        ));
    cx.hit(hit);
}

/// Names of logs, also rotated ones (`auth.log.1`, `secure-20260101.gz`).
fn is_private(path: &Path) -> bool {
    const NAMES: [&str; 5] = ["auth.log", "secure", "btmp", "sudo.log", "faillog.txt"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = NAMES.iter().any(|private| {
        name.strip_prefix(private)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    });
    named || path.starts_with("/var/log/audit")
}
