//! Accounts of people that are locked or expired and still there.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use crate::facts::users::{Hash, hash_kind};
use casemate_schema::Severity;

const DAY_S: i64 = 86_400;

check! {
    /// # What it checks
    /// People with a login shell whose password is locked (`usermod -L`, `passwd -l`), or whose
    /// account has passed its end date. When `authorized_keys` lies in the home of a locked account
    /// that has not ended, its severity is higher. An account that never had a password is reported
    /// when it has no keys either: nobody can log in, so nobody needs it. With keys it is fine.
    ///
    /// # Why it matters
    /// Somebody meant to shut the account, but a locked password does not stop a login by key, nor
    /// jobs and processes of the account. What is no longer needed should be gone.
    ///
    /// # Example
    /// `old:!$6$...:18000:0:99999:7:::` with `/home/old/.ssh/authorized_keys`
    ///
    /// # Instead
    /// `usermod -e 1 -s /usr/sbin/nologin old` shuts it for keys too; `userdel -r old` removes it
    /// after a look at what it owns (`find / -xdev -user old`).
    id: "user-locked-account",
    surface: Users,
    title: "Locked or expired account is still there",
    severity: Info,
    references: [Cwe "CWE-1188", Attack "T1078.003", Url "https://cisofy.com/lynis/controls/AUTH-9284/", Man "usermod(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let today = cx.facts.options().now_s.div_euclid(DAY_S);
    let users = cx.facts.users()?;
    users.shadow()?;
    let shadow = users.shadow_by_name();
    for account in users.accounts.iter().filter(|a| users.is_person(a.uid)) {
        let Some(entry) = shadow.get(account.name.as_str()) else {
            continue;
        };
        let expired = entry.expire_day.is_some_and(|day| day >= 0 && day <= today);
        let closed = entry.hash.starts_with(['!', '*']);
        let had_password = hash_kind(&entry.hash) != Hash::Locked;
        let keys = account.home.join(".ssh/authorized_keys");
        let with_keys = trust::stat(cx, &keys).is_some();
        let by_key = closed && had_password && with_keys && !expired;
        let title = if !account.has_login_shell() {
            continue;
        } else if expired {
            format!(
                "Account `{}` has passed its end date and is still there",
                account.name
            )
        } else if by_key {
            format!("Locked account `{}` can still log in by key", account.name)
        } else if closed && had_password {
            format!("Account `{}` is locked and still there", account.name)
        } else if closed && !with_keys {
            format!("Account `{}` has neither a password nor keys", account.name)
        } else {
            continue;
        };
        let mut hit = Hit::new(title)
        .path("/etc/shadow")
        .line(entry.line)
        .subject(&account.name)
        .severity(if by_key { Severity::Low } else { Severity::Info })
        .instead(format!("`usermod -e 1 -s /usr/sbin/nologin {name}` shuts it for keys too; `userdel -r {name}` removes it.", name = account.name));
        if by_key {
            hit = hit.evidence("keys", keys.display().to_string());
        }
        cx.hit(hit);
    }
    Ok(())
}
