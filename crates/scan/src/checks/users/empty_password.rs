//! Accounts that ask for no password.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::users::Account;
use casemate_schema::Severity;
use std::collections::{BTreeMap, BTreeSet};

check! {
    /// # What it checks
    /// The password field of every account in `/etc/passwd` and `/etc/shadow` is not empty.
    ///
    /// # Why it matters
    /// An empty field means that no password is asked for. With `nullok` in PAM, the default on
    /// Debian, anybody at the console or with `su` becomes that user; with `PermitEmptyPasswords`
    /// anybody on the network.
    ///
    /// # Example
    /// `/etc/shadow`: `guest::19000:0:99999:7:::`
    ///
    /// # Instead
    /// Lock the account (`passwd -l guest`) or give it a password (`passwd guest`).
    id: "user-empty-password",
    surface: Users,
    title: "Account without a password",
    severity: High,
    references: [Cwe "CWE-258", Cis "Debian 12 7.2.2", Attack "T1078.003", Man "shadow(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    let mut empty: Vec<(&str, &str, u64)> = Vec::new();
    for account in users.accounts.iter().filter(|a| a.password.is_empty()) {
        empty.push((&account.name, "/etc/passwd", account.line));
    }
    match users.shadow() {
        Ok(entries) => {
            // The shadow file is asked only for accounts whose passwd field says so.
            let asked: BTreeSet<&str> = users
                .accounts
                .iter()
                .filter(|account| account.password == "x")
                .map(|account| account.name.as_str())
                .collect();
            let empty_in_shadow = entries.iter().filter(|entry| entry.hash.is_empty());
            for entry in empty_in_shadow.filter(|entry| asked.contains(entry.name.as_str())) {
                empty.push((&entry.name, "/etc/shadow", entry.line));
            }
        }
        Err(Skip::NotApplicable(_)) => {}
        Err(Skip::NotAssessed { reason, privileges }) => {
            cx.limit(crate::check::Limit { reason, privileges });
        }
    }
    let accounts: BTreeMap<&str, &Account> = users
        .accounts
        .iter()
        .rev()
        .map(|account| (account.name.as_str(), account))
        .collect();
    for (name, file, line) in empty {
        let account = accounts.get(name);
        let login = account.is_some_and(|account| account.has_login_shell());
        let severity = match account.map(|account| account.uid) {
            Some(0) => Severity::Critical,
            _ if login => Severity::High,
            _ => Severity::Medium,
        };
        let hit = Hit::new(format!("Account `{name}` has no password"))
            .path(file)
            .line(line)
            .subject(name)
            .severity(severity)
            .evidence("login shell", if login { "yes" } else { "no" })
            .instead(format!(
                "Lock the account: `passwd -l {name}`, or give it a password: `passwd {name}`."
            ));
        cx.hit(hit);
    }
    Ok(())
}
