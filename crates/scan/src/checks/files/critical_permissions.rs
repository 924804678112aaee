//! System file with loose permissions.

use crate::check::{Cx, Hit, Limit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Files of a table (accounts, hosts, resolver, fstab, tables of jobs, profile, PAM and systemd
    /// settings, log in banners, logs of logins) must belong to root and grant no more than the mode
    /// in the table.
    ///
    /// # Why it matters
    /// These files decide who logs in, what starts and which host answers to a name. A right that
    /// goes beyond the table lets an account change that, or read what tells it how.
    ///
    /// # Example
    /// `-rw-rw-r-- root staff /etc/hosts`
    ///
    /// # Instead
    /// `chown root:root FILE && chmod MODE FILE` with the mode of the finding.
    id: "file-critical-permissions",
    surface: Files,
    title: "System file with loose permissions",
    severity: Medium,
    references: [Cwe "CWE-732", Attack "T1222.002", Man "chmod(1)"],
}

/// File, and the bits that it may have at most. Group write is judged by group.
const TABLE: &[(&str, u32)] = &[
    ("/etc/anacrontab", 0o644),
    ("/etc/at.allow", 0o644),
    ("/etc/bash.bashrc", 0o644),
    ("/etc/cron.allow", 0o644),
    ("/etc/cron.deny", 0o644),
    ("/etc/crontab", 0o644),
    ("/etc/environment", 0o644),
    ("/etc/fstab", 0o644),
    ("/etc/hosts", 0o644),
    ("/etc/hosts.allow", 0o644),
    ("/etc/hosts.deny", 0o644),
    ("/etc/inittab", 0o644),
    ("/etc/issue", 0o644),
    ("/etc/ld.so.conf", 0o644),
    ("/etc/ld.so.preload", 0o644),
    ("/etc/login.defs", 0o644),
    ("/etc/motd", 0o644),
    ("/etc/nsswitch.conf", 0o644),
    ("/etc/profile", 0o644),
    ("/etc/securetty", 0o644),
    ("/etc/security/opasswd", 0o600),
    ("/etc/shells", 0o644),
    ("/etc/sysctl.conf", 0o644),
    ("/var/log/btmp", 0o660),
    ("/var/log/wtmp", 0o664),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    let mut there = false;
    for (path, allowed) in TABLE {
        let metadata = match cx.facts.tree().metadata(std::path::Path::new(path)) {
            Ok(metadata) => metadata,
            Err(error) => {
                if !error.is_not_found() {
                    cx.limit(Limit::from_error(&error));
                }
                continue;
            }
        };
        there = true;
        // Bits to execute are odd there, but harmless; root's own group is root.
        let mut beyond = metadata.mode & 0o666 & !allowed;
        if metadata.gid == 0 {
            beyond &= !0o060;
        }
        if beyond == 0 && metadata.uid == 0 {
            continue;
        }
        let severity = match (beyond & 0o022, metadata.uid) {
            (write, uid) if write != 0 || uid != 0 => Severity::High,
            _ if *allowed < 0o644 => Severity::High,
            _ => Severity::Medium,
        };
        let hit = Hit::new(format!("`{path}` has looser permissions than it needs"))
            .path(path)
            .severity(severity)
            .evidence("mode", metadata.mode_text())
            .evidence("mode_at_most", format!("{allowed:04o}"))
            .evidence("owner", survey.accounts.user_text(metadata.uid))
            .evidence("group", survey.accounts.group_text(metadata.gid))
            .instead(format!(
                "chown root '{path}' && chmod {allowed:04o} '{path}'"
            ));
        cx.hit(hit);
    }
    if !there {
        return Err(Skip::not_applicable("the tree holds none of the files"));
    }
    Ok(())
}
