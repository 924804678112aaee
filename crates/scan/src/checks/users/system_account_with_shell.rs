//! Accounts of services that people could log in to.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::users::{Hash, hash_kind};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Accounts below `UID_MIN` (1000) other than root have a shell that refuses logins: `nologin`,
    /// `false`, or one of the old `sync`, `halt`, `shutdown`. An empty shell means `/bin/sh`.
    ///
    /// # Why it matters
    /// A service account with a shell is a way to stay on the host: a key in its home or a password
    /// turns a flaw in the service into an interactive session that nobody watches.
    ///
    /// # Example
    /// `backup:x:34:34:backup:/var/backups:/bin/bash`
    ///
    /// # Instead
    /// `usermod -s /usr/sbin/nologin backup`. Services and `runuser -u backup -- COMMAND` still work.
    /// PostgreSQL's own account often keeps its shell, for `su - postgres`: use
    /// `runuser -u postgres -- psql` instead.
    id: "user-system-account-with-shell",
    surface: Users,
    title: "Service account has a login shell",
    severity: Low,
    references: [Cwe "CWE-272", Cis "Debian 12 5.4.2.7", Attack "T1078.003", Man "nologin(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    let shadow = users.shadow_by_name();
    let lowest = users
        .login_def("UID_MIN")
        .and_then(|value| value.text.parse().ok())
        .unwrap_or(1000);
    for account in users.accounts.iter() {
        if account.uid == 0 || account.uid >= lowest || !account.has_login_shell() {
            continue;
        }
        let password = shadow.get(account.name.as_str()).is_some_and(|entry| {
            !entry.hash.starts_with('!') && hash_kind(&entry.hash) != Hash::Locked
        });
        let shell = if account.shell.is_empty() {
            "/bin/sh"
        } else {
            &account.shell
        };
        let severity = if password {
            Severity::Medium
        } else {
            Severity::Low
        };
        let hit = Hit::new(format!("Service account `{}` has the shell {shell}", account.name))
            .path("/etc/passwd")
            .line(account.line)
            .subject(&account.name)
            .severity(severity)
            .evidence("uid", account.uid.to_string())
            .evidence("password", if password { "usable" } else { "locked or unknown" })
            .instead(format!("`usermod -s /usr/sbin/nologin {name}`; `runuser -u {name} -- COMMAND` still works for root.", name = account.name));
        cx.hit(hit);
    }
    Ok(())
}
