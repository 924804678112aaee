//! Accounts besides root that are root.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// No account in `/etc/passwd` but `root` has the uid 0, `root` itself has no other, and no
    /// second line of the name `root` exists.
    ///
    /// # Why it matters
    /// The kernel knows uids, not names: every account with uid 0 is root, with its own password and
    /// its own keys. A second one is the classic back door, and audit logs call both `root`.
    ///
    /// # Example
    /// `toor:x:0:0::/root:/bin/sh`
    ///
    /// # Instead
    /// Find out who made the account, then remove it (`userdel -f toor` after checking that no
    /// process of it runs) or give it a uid of its own (`usermod -u 1500 toor`). For administration
    /// use sudo with accounts of people.
    id: "user-second-uid-0",
    surface: Users,
    title: "Another account has the rights of root",
    severity: High,
    references: [Cwe "CWE-250", Cis "Debian 12 5.4.2.1", Attack "T1136.001", Man "passwd(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    let shadow = users.shadow_by_name();
    for account in users.accounts.iter().filter(|account| account.uid == 0) {
        if account.name == "root" {
            continue;
        }
        let mut hit = Hit::new(format!("Account `{}` has uid 0", account.name))
            .path("/etc/passwd")
            .line(account.line)
            .subject(&account.name)
            .evidence("shell", &account.shell)
            .instead(format!(
                "Find out who made `{name}`, then remove it (`userdel -f {name}`) or give it a uid of its own (`usermod -u 1500 {name}`).",
                name = account.name
            ));
        if let Some(entry) = shadow.get(account.name.as_str()) {
            let usable = !matches!(
                crate::facts::users::hash_kind(&entry.hash),
                crate::facts::users::Hash::Locked
            ) && !entry.hash.starts_with('!');
            hit = hit.evidence("password", if usable { "usable" } else { "locked" });
        }
        cx.hit(hit);
    }
    Ok(())
}
