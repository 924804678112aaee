//! Accounts in a group that does not exist.

use crate::check::{Cx, Hit, Skip, check};
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// The gid of every account in `/etc/passwd` is in `/etc/group`, and every member named in
    /// `/etc/group` is an account.
    ///
    /// # Why it matters
    /// The next group or account that is made takes the free number or name, and with it rights that
    /// nobody meant to give: a new user `olga` is in every group that still lists an old `olga`.
    ///
    /// # Example
    /// `ann:x:1000:1234::/home/ann:/bin/bash` with no group 1234.
    ///
    /// # Instead
    /// Make the group (`groupadd -g 1234 ann`), or set another (`usermod -g users ann`); take names
    /// that are gone out of groups with `gpasswd -d NAME GROUP`.
    id: "user-unknown-group",
    surface: Users,
    title: "Account and groups do not fit",
    severity: Low,
    references: [Cwe "CWE-286", Cis "Debian 12 7.2.3", Man "group(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    cx.limits(&users.limits);
    if users.groups.is_empty() {
        return Err(Skip::not_applicable("there are no groups in /etc/group"));
    }
    let gids: BTreeSet<u32> = users.groups.iter().map(|group| group.gid).collect();
    let names: BTreeSet<&str> = users.accounts.iter().map(|a| a.name.as_str()).collect();
    for account in users.accounts.iter() {
        if !gids.contains(&account.gid) {
            let hit = Hit::new(format!(
                "Group {} of account `{}` does not exist",
                account.gid, account.name
            ))
            .path("/etc/passwd")
            .line(account.line)
            .subject(&account.name);
            cx.hit(hit);
        }
    }
    // With NIS or a directory service, members need no line in passwd.
    let elsewhere = !users.odd.legacy.is_empty();
    for group in users.groups.iter().filter(|_| !elsewhere) {
        for member in &group.members {
            if !names.contains(member.as_str()) {
                let hit = Hit::new(format!(
                    "Group `{}` lists `{member}`, who has no account",
                    group.name
                ))
                .path("/etc/group")
                .line(group.line)
                .subject(member)
                .key(&group.name)
                .instead(format!(
                    "`gpasswd -d {member} {}`, unless the account comes from a directory service.",
                    group.name
                ));
                cx.hit(hit);
            }
        }
    }
    Ok(())
}
