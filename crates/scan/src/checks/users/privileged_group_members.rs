//! People in groups that are worth root.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Which accounts are in groups that open the host below the permissions of files: `disk`,
    /// `kmem`, `shadow`, `root`, `tape`, and, with less power, `adm`, `systemd-journal`, `video`,
    /// `input`. Groups of container engines have a check of their own.
    ///
    /// # Why it matters
    /// `disk` reads and writes raw disks: every file, past every permission. `shadow` reads the
    /// password hashes. `input` sees every key that is pressed. Such a membership is root without
    /// the trace that sudo leaves.
    ///
    /// # Example
    /// `disk:x:6:ann` in `/etc/group`
    ///
    /// # Instead
    /// `gpasswd -d ann disk`; allow the commands that are needed through sudo.
    id: "user-privileged-group-members",
    surface: Users,
    title: "Account is in a group that is worth root",
    severity: Medium,
    references: [Cwe "CWE-269", Cis "Debian 12 7.2.4", Attack "T1078.003", Man "group(5)"],
}

const GROUPS: [(&str, Severity, &str); 9] = [
    ("disk", Severity::High, "reads and writes raw disks"),
    ("kmem", Severity::High, "reads the memory of the kernel"),
    ("shadow", Severity::High, "reads the password hashes"),
    (
        "root",
        Severity::Medium,
        "has the group rights of root's files",
    ),
    ("tape", Severity::Low, "reads backups on tape"),
    ("input", Severity::Medium, "sees every key that is pressed"),
    ("adm", Severity::Info, "reads the system's logs"),
    ("systemd-journal", Severity::Info, "reads the whole journal"),
    ("video", Severity::Info, "sees screens and cameras"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    let accounts = cx.facts.accounts()?;
    cx.limits(&users.limits);
    if users.groups.is_empty() {
        return Err(Skip::not_applicable("there are no groups in /etc/group"));
    }
    for (name, severity, power) in GROUPS {
        for group in users.groups.iter().filter(|group| group.name == name) {
            for uid in accounts
                .people_of(group.gid)
                .into_iter()
                .filter(|uid| *uid != 0)
            {
                // Services are put into such groups by their packages (`_apt`, `syslog` in adm).
                if !users.is_person(uid) && severity < Severity::High {
                    continue;
                }
                let account = accounts.name_of(uid).unwrap_or_default();
                let hit = Hit::new(format!("`{account}` is in group `{name}`, which {power}"))
                    .path("/etc/group")
                    .line(group.line)
                    .subject(account)
                    .key(name)
                    .severity(severity)
                    .instead(format!("`gpasswd -d {account} {name}`, or `usermod -g OTHER {account}` if it is the account's own group; allow the needed commands through sudo."));
                cx.hit(hit);
            }
        }
    }
    Ok(())
}
