//! People without a home.

use crate::check::{Cx, Hit, Skip, check};
use crate::tree::Kind;

check! {
    /// # What it checks
    /// The home of every person with a login shell, and of root, exists and is a folder.
    ///
    /// # Why it matters
    /// A login without a home ends in `/`, with no profile and no umask of its own. Whoever may write
    /// above the missing folder can make it, with the keys of their choice in it.
    ///
    /// # Example
    /// `ann:x:1000:1000::/home/ann:/bin/bash` and no `/home/ann`
    ///
    /// # Instead
    /// `mkhomedir_helper ann`, or remove the account: `userdel ann`. Homes on a network share that is
    /// not mounted are reported too.
    id: "user-home-missing",
    surface: Users,
    title: "Home does not exist",
    severity: Low,
    references: [Cwe "CWE-552", Cis "Debian 12 7.2.9", Man "useradd(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    for account in users
        .with_homes()
        .filter(|account| account.has_login_shell())
    {
        let problem = match cx.facts.tree().metadata(&account.home) {
            Ok(home) if home.kind == Kind::Directory => continue,
            Ok(_) => "is no folder",
            Err(error) if error.is_not_found() => "does not exist",
            Err(error) => {
                cx.limit(crate::check::Limit::from_error(&error));
                continue;
            }
        };
        let hit = Hit::new(format!(
            "Home {} of `{}` {problem}",
            account.home.display(),
            account.name
        ))
        .path("/etc/passwd")
        .line(account.line)
        .subject(&account.name)
        .evidence("home", account.home.display().to_string())
        .instead(format!(
            "`mkhomedir_helper {name}`, or remove the account: `userdel {name}`.",
            name = account.name
        ));
        cx.hit(hit);
    }
    Ok(())
}
