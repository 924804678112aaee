//! Files in homes that open accounts: secrets others can read, start files others can write.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use crate::facts::users::Account;
use crate::tree::Kind;
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// In the homes of people and root: `.netrc`, `.pgpass`, `.my.cnf` and `.git-credentials` are
    /// readable by their owner alone; `.rhosts` and `.shosts` do not exist; start files of shells
    /// and `.forward` are writable by nobody else.
    ///
    /// # Why it matters
    /// The first hold passwords in clear text. The second let other hosts in without one. The third
    /// run as the user at the next login (a `.forward` at the next mail), so their writer becomes
    /// that user.
    ///
    /// # Example
    /// `/home/ann/.netrc` with mode 0644, `/home/ann/.bashrc` with mode 0666
    ///
    /// # Instead
    /// `chmod 600 ~/.netrc`, `rm ~/.rhosts`, `chmod go-w ~/.bashrc`.
    id: "user-dotfiles",
    surface: Users,
    title: "File in a home opens the account",
    severity: Medium,
    references: [Cwe "CWE-732", Cis "Debian 12 7.2.10", Attack "T1552.001", Attack "T1546.004"],
}

const SECRETS: [&str; 4] = [".netrc", ".pgpass", ".my.cnf", ".git-credentials"];
const TRUST: [&str; 2] = [".rhosts", ".shosts"];
const STARTED: [&str; 11] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".cshrc",
    ".kshrc",
    ".forward",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    for account in users.with_homes() {
        for name in SECRETS.iter().chain(&TRUST).chain(&STARTED) {
            look(cx, account, &account.home.join(name), name);
        }
    }
    Ok(())
}

fn look(cx: &mut Cx<'_>, account: &Account, path: &Path, name: &str) {
    let Some(file) = trust::stat(cx, path) else {
        return;
    };
    if file.kind != Kind::File {
        return;
    }
    let shown = path.display();
    let others_read = file.mode & 0o004 != 0;
    let writer = trust::writer(cx.facts, &file, &[account.uid]);
    let (title, fix, severity) = if TRUST.contains(&name) {
        let title = format!("{shown} lets other hosts in without a password");
        (
            title,
            format!("`rm {shown}`; use SSH keys."),
            Severity::High,
        )
    } else if let Some(who) = writer {
        let title = format!("{shown} is writable by {who}");
        let severity = if account.uid == 0 {
            Severity::Critical
        } else {
            Severity::High
        };
        (
            title,
            format!(
                "`chown {}: {shown}` and `chmod go-w {shown}`.",
                account.name
            ),
            severity,
        )
    } else if SECRETS.contains(&name) && others_read && file.size > 0 {
        let title = format!("{shown} holds passwords and is readable by everybody");
        (
            title,
            format!("`chmod 600 {shown}`, and change the passwords in it."),
            Severity::Medium,
        )
    } else {
        return;
    };
    let hit = Hit::new(title)
        .path(path)
        .subject(&account.name)
        .severity(severity)
        .evidence("mode", file.mode_text())
        .evidence("owner", trust::user_text(cx.facts, file.uid))
        .instead(fix);
    cx.hit(hit);
}
