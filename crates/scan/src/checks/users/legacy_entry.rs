//! Lines of the old NIS in account files.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// No line in `/etc/passwd`, `/etc/shadow` or `/etc/group` begins with `+` or `-`.
    ///
    /// # Why it matters
    /// Such a line brings in accounts from NIS when the name service runs in `compat` mode, and NIS
    /// believes whoever answers first on the network. A bare `+::0:0:::` has been read as an account
    /// named `+` without a password. On a host without NIS the line is of no use.
    ///
    /// # Example
    /// `+::::::` at the end of `/etc/passwd`
    ///
    /// # Instead
    /// Delete the line with `vipw`, `vipw -s` or `vigr`; use LDAP or SSSD for central accounts.
    id: "user-legacy-entry",
    surface: Users,
    title: "Old NIS line in an account file",
    severity: Medium,
    references: [Cwe "CWE-1188", Man "nsswitch.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    cx.limits(&users.limits);
    for odd in &users.odd.legacy {
        let hit = Hit::new(format!("{} has the NIS line `{}`", odd.file, odd.name))
            .path(odd.file)
            .line(odd.line)
            .subject(&odd.name);
        cx.hit(hit);
    }
    Ok(())
}
