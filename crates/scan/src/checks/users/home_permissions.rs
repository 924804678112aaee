//! Homes that others can write to or look into.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use crate::tree::Kind;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The homes of people and of root are writable by nobody else and readable by nobody else: mode
    /// 0750 or stricter. A group right counts only when somebody else is in the group.
    ///
    /// # Why it matters
    /// Who may write to a home replaces `.bashrc` or `.ssh/authorized_keys` and becomes that user.
    /// Who may read it finds keys, histories and tokens that programs leave behind.
    ///
    /// # Example
    /// `/home/ann` with mode 0777
    ///
    /// # Instead
    /// `chmod 750 /home/ann`, and `HOME_MODE 0750` in `/etc/login.defs` (or `DIR_MODE=0750` in
    /// `/etc/adduser.conf`) for the next accounts.
    id: "user-home-permissions",
    surface: Users,
    title: "Home is open to others",
    severity: Low,
    references: [Cwe "CWE-732", Cis "Debian 12 7.2.9", Attack "T1098.004", Url "https://cisofy.com/lynis/controls/HOME-9304/"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    for account in users.with_homes() {
        let Some(home) = trust::stat(cx, &account.home) else {
            continue;
        };
        if home.kind != Kind::Directory {
            continue;
        }
        let writer = if home.uid == account.uid || home.uid == 0 {
            trust::writer(cx.facts, &home, &[account.uid])
        } else {
            // A wrong owner is the business of user-home-owner.
            None
        };
        let readable = home.mode & 0o005 != 0;
        let shown = account.home.display();
        let (title, severity) = match writer {
            Some(who) => (
                format!("Home {shown} of `{}` is writable by {who}", account.name),
                if account.uid == 0 {
                    Severity::Critical
                } else {
                    Severity::High
                },
            ),
            None if readable => (
                format!(
                    "Home {shown} of `{}` is readable by everybody",
                    account.name
                ),
                Severity::Low,
            ),
            None => continue,
        };
        let hit = Hit::new(title)
            .path(&account.home)
            .subject(&account.name)
            .severity(severity)
            .evidence("mode", home.mode_text())
            .instead(format!("`chmod 750 {shown}` (or 700), and `HOME_MODE 0750` in /etc/login.defs for new accounts."));
        cx.hit(hit);
    }
    Ok(())
}
