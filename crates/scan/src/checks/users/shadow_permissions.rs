//! Account files that others may read or change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// `/etc/passwd` and `/etc/group` are writable by root alone; `/etc/shadow` and `/etc/gshadow`
    /// are also unreadable for everybody but root and the group `shadow`; the same holds for the
    /// copies that end in `-`, and for `/etc/security/opasswd`.
    ///
    /// # Why it matters
    /// Who writes to `/etc/passwd` is root a second later; who reads `/etc/shadow`, or its forgotten
    /// copy, guesses all passwords at leisure.
    ///
    /// # Example
    /// `/etc/shadow-` with mode 0644
    ///
    /// # Instead
    /// `chown root:shadow /etc/shadow* /etc/gshadow*`, `chmod 640 /etc/shadow* /etc/gshadow*`,
    /// `chown root: /etc/passwd* /etc/group*`, `chmod 644 /etc/passwd* /etc/group*`.
    id: "user-shadow-permissions",
    surface: Users,
    title: "Account file is open to others",
    severity: High,
    references: [Cwe "CWE-732", Cis "Debian 12 7.1.5", Attack "T1003.008", Man "shadow(5)"],
}

/// Each file, and whether it is secret.
const FILES: [(&str, bool); 10] = [
    ("/etc/passwd", false),
    ("/etc/passwd-", false),
    ("/etc/group", false),
    ("/etc/group-", false),
    ("/etc/shadow", true),
    ("/etc/shadow-", true),
    ("/etc/gshadow", true),
    ("/etc/gshadow-", true),
    ("/etc/security/opasswd", true),
    ("/etc/security/opasswd.old", true),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let accounts = cx.facts.accounts()?;
    accounts.passwd.clone()?;
    for (path, secret) in FILES {
        let Some(file) = trust::stat(cx, Path::new(path)) else {
            continue;
        };
        let writer = trust::writer(cx.facts, &file, &[]);
        let group = accounts.group_name(file.gid).unwrap_or_default();
        let by_group = file.mode & 0o040 != 0 && file.gid != 0 && group != "shadow";
        let (verb, who, severity) = if let Some(who) = writer {
            ("writable", who, Severity::Critical)
        } else if secret && file.world_readable() && file.size > 0 {
            ("readable", "everybody".to_owned(), Severity::High)
        } else if secret && by_group {
            let who = format!("group {}", trust::group_text(cx.facts, file.gid));
            ("readable", who, Severity::Medium)
        } else {
            continue;
        };
        let fix = if secret {
            format!(
                "`chown root:shadow {path}` (root:root without that group) and `chmod 640 {path}`; if passwords were readable, change them."
            )
        } else {
            format!("`chown root: {path}` and `chmod 644 {path}`.")
        };
        let hit = Hit::new(format!("{path} is {verb} by {who}"))
            .path(path)
            .severity(severity)
            .evidence("mode", file.mode_text())
            .evidence("owner", trust::user_text(cx.facts, file.uid))
            .evidence("group", trust::group_text(cx.facts, file.gid))
            .instead(fix);
        cx.hit(hit);
    }
    Ok(())
}
